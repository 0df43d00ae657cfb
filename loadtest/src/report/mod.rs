//! The results of a run: a fold over its book, as text for people and JSON for programs.

mod text;

use std::collections::BTreeMap;
use std::fmt;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::generator::book::{Book, Life, Posting};
use crate::generator::span::overlap;
use crate::generator::tally::Tally;
use crate::proc::CpuTime;

const NS_PER_S: f64 = 1e9;
/// One hour in microseconds; longer counts as an hour.
const LATENCY_US_MAX: u64 = 3_600_000_000;

/// The measured part of a run, in nanoseconds since its start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) from_ns: u64,
    pub(crate) until_ns: u64,
}

impl Window {
    pub(crate) fn contains(self, ns: u64) -> bool {
        (self.from_ns..self.until_ns).contains(&ns)
    }

    fn seconds(self) -> f64 {
        (self.until_ns - self.from_ns) as f64 / NS_PER_S
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) setting: Setting,
    /// Lives due per second, within the window.
    pub(crate) offered_per_s: f64,
    /// Full lives that ended per second, within the window.
    pub(crate) achieved_per_s: f64,
    pub(crate) contacts: Contacts,
    pub(crate) post_to_created: Latency,
    pub(crate) post_to_offer: Latency,
    pub(crate) post_to_end: Latency,
    /// How late the generator itself was; included in all the above.
    pub(crate) schedule_to_send: Latency,
    pub(crate) broken: Broken,
    pub(crate) refusals: Refusals,
    pub(crate) sockets: Sockets,
    pub(crate) server: Option<ServerUse>,
    pub(crate) generator_cpu: CpuTime,
    /// Of one processor.
    pub(crate) generator_cpu_share: f64,
    /// The share of one processor that other processes took; known only if the server's is.
    pub(crate) others_cpu_share: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Setting {
    pub(crate) url: String,
    pub(crate) agents: u32,
    pub(crate) connections: usize,
    /// Lives kept in flight, in a saturating run.
    pub(crate) closed: Option<u32>,
    pub(crate) window_s: f64,
    pub(crate) seed: u64,
}

/// Counts of the whole run, including the warm-up.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Contacts {
    pub(crate) begun: u64,
    pub(crate) created: u64,
    pub(crate) refused: u64,
    /// The connection broke before the answer, or the sending queue was full.
    pub(crate) failed: u64,
    pub(crate) offered: u64,
    pub(crate) accepted: u64,
    pub(crate) ended: u64,
    /// Created and not seen to end, by the state that the server reports.
    pub(crate) stragglers: BTreeMap<String, u64>,
}

/// Guarantees that the server broke. Anything above zero fails the run.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Broken {
    /// Sent or to be sent, and without an answer until the end of the drain.
    pub(crate) unanswered: u64,
    /// Created, and unknown to the server, still open after the drain, or over without an offer.
    pub(crate) lost: u64,
    /// Of these, never offered to any agent.
    pub(crate) never_offered: u64,
    pub(crate) offered_twice_at_once: u64,
    pub(crate) accepted_twice: u64,
    pub(crate) sequence_gaps: u64,
    pub(crate) unreadable_frames: u64,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Refusals {
    pub(crate) contacts: BTreeMap<String, u64>,
    pub(crate) commands: BTreeMap<String, u64>,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sockets {
    pub(crate) dropped: u64,
    pub(crate) lost: u64,
    pub(crate) resyncs: u64,
    pub(crate) repeated_frames: u64,
    pub(crate) http_lost: u64,
    pub(crate) unsent: u64,
    pub(crate) foreign_offers: u64,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ServerUse {
    /// Within the window.
    pub(crate) cpu: CpuTime,
    pub(crate) cpu_us_per_life: f64,
    pub(crate) rss_start_kib: u64,
    pub(crate) rss_connected_kib: u64,
    pub(crate) rss_end_kib: u64,
    pub(crate) rss_kib_per_agent: f64,
}

/// Microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Latency {
    pub(crate) count: u64,
    pub(crate) p50_us: u64,
    pub(crate) p99_us: u64,
    pub(crate) p999_us: u64,
    pub(crate) max_us: u64,
}

/// Figures read from `/proc` during the run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Readings {
    pub(crate) server: Option<ServerReadings>,
    pub(crate) generator_cpu: CpuTime,
    pub(crate) machine_busy_ms: u64,
}

impl Readings {
    fn others_ms(&self) -> Option<u64> {
        let ours_ms = self.server?.cpu.total_ms() + self.generator_cpu.total_ms();
        Some(self.machine_busy_ms.saturating_sub(ours_ms))
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ServerReadings {
    pub(crate) cpu: CpuTime,
    pub(crate) rss_start_kib: u64,
    pub(crate) rss_connected_kib: u64,
    pub(crate) rss_end_kib: u64,
}

impl Report {
    /// Whoever was not answered until `over_ns` has waited until then.
    pub(crate) fn fold(
        setting: Setting,
        window: Window,
        book: &Book,
        tally: &Tally,
        stragglers: BTreeMap<String, u64>,
        readings: Readings,
        over_ns: u64,
    ) -> Self {
        let mut sums = Sums::default();
        book.for_each(|_, life| sums.add(life, window, over_ns));
        sums.contacts.stragglers = stragglers;
        sums.broken.lost = lost(&sums.contacts.stragglers);
        sums.broken.never_offered = sums.broken.never_offered.min(sums.broken.lost);
        sums.broken.sequence_gaps = tally.seq_gaps.get();
        sums.broken.unreadable_frames = tally.unreadable.get();
        let seconds = window.seconds();
        Self {
            offered_per_s: sums.due_in_window as f64 / seconds,
            achieved_per_s: sums.ended_in_window as f64 / seconds,
            contacts: sums.contacts,
            post_to_created: sums.created.latency(),
            post_to_offer: sums.offered.latency(),
            post_to_end: sums.ended.latency(),
            schedule_to_send: sums.sent.latency(),
            broken: sums.broken,
            refusals: Refusals {
                contacts: tally.contacts_refused.get(),
                commands: tally.commands_refused.get(),
            },
            sockets: Sockets::of(tally),
            server: readings
                .server
                .map(|server| server.per(sums.ended_in_window, setting.agents)),
            generator_cpu: readings.generator_cpu,
            generator_cpu_share: readings.generator_cpu.total_ms() as f64 / 1_000.0 / seconds,
            others_cpu_share: readings.others_ms().map(|ms| ms as f64 / 1_000.0 / seconds),
            setting,
        }
    }

    pub(crate) fn kept_every_promise(&self) -> bool {
        self.broken == Broken::default()
    }
}

/// Whether this state is final.
pub(crate) fn is_final(state: &str) -> bool {
    matches!(state, "abandoned" | "cancelled" | "completed" | "deflected")
}

fn lost(stragglers: &BTreeMap<String, u64>) -> u64 {
    stragglers
        .iter()
        .filter(|(state, _)| !is_final(state))
        .map(|(_, count)| count)
        .sum()
}

impl Sockets {
    fn of(tally: &Tally) -> Self {
        Self {
            dropped: tally.sockets_dropped.get(),
            lost: tally.sockets_lost.get(),
            resyncs: tally.resyncs.get(),
            repeated_frames: tally.seq_repeats.get(),
            http_lost: tally.connections_lost.get(),
            unsent: tally.unsent.get(),
            foreign_offers: tally.foreign_offers.get(),
        }
    }
}

impl ServerReadings {
    fn per(self, lives: u64, agents: u32) -> ServerUse {
        let grown_kib = self.rss_connected_kib.saturating_sub(self.rss_start_kib);
        ServerUse {
            cpu: self.cpu,
            cpu_us_per_life: self.cpu.total_ms() as f64 * 1_000.0 / lives.max(1) as f64,
            rss_start_kib: self.rss_start_kib,
            rss_connected_kib: self.rss_connected_kib,
            rss_end_kib: self.rss_end_kib,
            rss_kib_per_agent: grown_kib as f64 / f64::from(agents.max(1)),
        }
    }
}

#[derive(Default)]
struct Sums {
    due_in_window: u64,
    ended_in_window: u64,
    contacts: Contacts,
    broken: Broken,
    created: Recorder,
    offered: Recorder,
    ended: Recorder,
    sent: Recorder,
}

impl Sums {
    fn add(&mut self, life: &Life, window: Window, over_ns: u64) {
        self.contacts.begun += 1;
        match life.posting {
            Posting::Created { .. } => self.contacts.created += 1,
            Posting::Refused { .. } => self.contacts.refused += 1,
            Posting::Failed => self.contacts.failed += 1,
            Posting::Pending => self.broken.unanswered += 1,
        }
        self.contacts.offered += u64::from(life.offered_ns.is_some());
        self.contacts.accepted += u64::from(life.accepted_by.is_some());
        self.contacts.ended += u64::from(life.ended_ns.is_some());
        let created = matches!(life.posting, Posting::Created { .. });
        self.broken.never_offered +=
            u64::from(created && life.offered_ns.is_none() && life.ended_ns.is_none());
        self.broken.offered_twice_at_once += u64::from(overlap(&life.offers));
        self.broken.accepted_twice += u64::from(life.accepted_twice);
        let ended_in_window = life.ended_ns.is_some_and(|ns| window.contains(ns));
        self.ended_in_window += u64::from(ended_in_window);
        if window.contains(life.scheduled_ns) {
            self.measure(life, over_ns);
        }
    }

    /// All times are measured from the scheduled time, never from the moment of sending.
    fn measure(&mut self, life: &Life, over_ns: u64) {
        self.due_in_window += 1;
        let due_ns = life.scheduled_ns;
        if life.sent_ns > 0 {
            self.sent.record(due_ns, life.sent_ns);
        }
        match life.posting {
            Posting::Created { at_ns } => self.created.record(due_ns, at_ns),
            Posting::Refused { .. } | Posting::Failed => {}
            Posting::Pending => {
                self.created.record(due_ns, over_ns);
                if life.offered_ns.is_none() {
                    self.offered.record(due_ns, over_ns);
                }
                if life.ended_ns.is_none() {
                    self.ended.record(due_ns, over_ns);
                }
            }
        }
        if let Some(at_ns) = life.offered_ns {
            self.offered.record(due_ns, at_ns);
        }
        if let Some(at_ns) = life.ended_ns {
            self.ended.record(due_ns, at_ns);
        }
    }
}

struct Recorder(Histogram<u64>);

impl Default for Recorder {
    fn default() -> Self {
        Self(
            Histogram::new_with_bounds(1, LATENCY_US_MAX, 3)
                .expect("the bounds are constants that fit together"),
        )
    }
}

impl Recorder {
    fn record(&mut self, from_ns: u64, until_ns: u64) {
        self.0
            .saturating_record(until_ns.saturating_sub(from_ns) / 1_000);
    }

    fn latency(&self) -> Latency {
        Latency {
            count: self.0.len(),
            p50_us: self.0.value_at_quantile(0.5),
            p99_us: self.0.value_at_quantile(0.99),
            p999_us: self.0.value_at_quantile(0.999),
            max_us: self.0.max(),
        }
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |us: u64| us as f64 / 1_000.0;
        write!(
            f,
            "p50 {:>9.3} ms   p99 {:>9.3} ms   p99.9 {:>9.3} ms   max {:>9.3} ms",
            ms(self.p50_us),
            ms(self.p99_us),
            ms(self.p999_us),
            ms(self.max_us)
        )
    }
}

#[cfg(test)]
mod tests;
