//! How long a waiting contact will wait on.
//!
//! Those who stand before it (`A`, itself included), those who will come and be due before it,
//! those who will give up (`θ`, per second of waiting), and how often the agents who may serve
//! it come to an end of something (`R`, per second) give the wait as the solution of
//!
//! ```text
//! d = ln(1 + θ · A(d) / R) / θ          A(d) = A + Σ λ · (part of d in which arrivals overtake)
//! ```
//!
//! A tier that has a head start overtakes for as long as its arrivals are due earlier: from now
//! until `due − target + head start`. Contacts of other queues count by the share of their
//! agents who may serve this one, too; so do those agents' ends of work. Agents of whom a
//! contact needs the whole become free by ending such a contact; of others every end counts.
//!
//! Everything is measured while it happens: arrivals by queue, channel and tier, patience,
//! handling times, and the estimates' own error, which corrects the next ones. Once a second
//! one estimate is compared with what came of it. `p90 = p50 · (1 + z · √(1/A + 0.01))`, where
//! `z` follows the share of waits that it covers.
//!
//! Source: the delay of the `A`-th customer of a queue with abandonment (Whitt 1999), with
//! overtaking by head starts. Nothing here is part of the state: a snapshot does not hold it, and
//! until something is measured anew, assumed averages stand in.

mod measured;

use crate::domain::{Channel, Millis, Timestamp};
use crate::engine::Engine;
use crate::engine::contact::{Contact, Stage};
use crate::engine::event::Foretold;
use crate::engine::forecast::measured::Asked;
use crate::engine::line::{LineKey, Place};
use crate::engine::needs::NeedLine;
use crate::engine::place::place_of;
use crate::engine::pool::GroupKey;
use crate::engine::registry::QueueKey;

pub(super) use measured::Forecast;

/// The groups, lines and queues that one estimate looks at, so that its cost is bounded.
const GROUPS_MAX: usize = 4;
const LINES_MAX: usize = 32;
const QUEUES_MAX: usize = 32;
const MEMBERS_MAX: usize = 32;
/// The longest wait that is foreseen.
const WAIT_MAX_S: f64 = 24.0 * 3_600.0;
/// What an estimate is made of.
#[derive(Clone, Copy, Debug)]
struct Foreseen {
    plain_s: f64,
    p50_s: f64,
    /// Of the wait around the estimate, in shares of it.
    spread: f64,
    p90_s: f64,
}

/// What happens around a contact, as far as its agents are concerned.
#[derive(Clone, Copy, Debug, Default)]
struct Around {
    /// Ends of work a second of contacts that take a whole agent, and of others.
    ends_whole: f64,
    ends_shared: f64,
    ahead_whole: f64,
    ahead_shared: f64,
}

impl Engine {
    /// p50 and p90 of how long a contact in line will wait on.
    pub(super) fn foresee(&self, contact: &Contact, slot: u32) -> Option<(Millis, Millis)> {
        let foreseen = self.foreseen(contact, slot)?;
        Some((millis(foreseen.p50_s), millis(foreseen.p90_s)))
    }

    /// Once a second an estimate is kept, to see what comes of it.
    pub(super) fn ask_oneself(&mut self, slot: u32, at: Timestamp) {
        let contact = self.contact_at(slot);
        if contact.direct.is_some() || !self.forecast.is_time_to_ask(slot, at) {
            return;
        }
        if let Some(foreseen) = self.foreseen(contact, slot) {
            let asked = Asked {
                at,
                plain_s: foreseen.plain_s,
                p50_s: foreseen.p50_s,
                p90_s: foreseen.p90_s,
                spread: foreseen.spread,
            };
            self.forecast.ask(slot, asked);
        }
    }

    /// What was kept of the wait that ends now, and how it compares.
    pub(super) fn foretold(&self, slot: u32, now: Timestamp) -> Option<Foretold> {
        let asked = self.forecast.asked(slot)?;
        Some(Foretold {
            waited: now - asked.at,
            p50: millis(asked.p50_s),
            p90: millis(asked.p90_s),
        })
    }

    fn foreseen(&self, contact: &Contact, slot: u32) -> Option<Foreseen> {
        let Stage::Queued { due } = contact.stage else {
            return None;
        };
        let need = self.needs.get(contact.index.line);
        let staffed = self.staffed_for(need);
        let sampled = self.sampled(need);
        if sampled.is_empty() {
            return None;
        }
        let queues = self.queues_of(&sampled);
        let shares: Vec<(QueueKey, f64)> = queues
            .into_iter()
            .map(|queue| (queue, self.share_of(queue, &sampled, staffed)))
            .collect();
        let place = place_of(contact, slot, due);
        let around = self.around(need, place, &sampled, staffed, &shares);
        let is_whole = self.is_whole(contact.labels.channel);
        let (ahead, rate) = standing(around, is_whole);
        let mean_s = self.forecast.handled_s(contact.labels.channel);
        // With nothing in hand, the agents who are there could begin at once.
        let rate = if rate > 0.0 { rate } else { staffed / mean_s };
        let overtaking = self.overtaking(is_whole, due, &shares);
        let (plain_s, places) = solve(ahead, rate, self.forecast.gives_up_per_s(), &overtaking);
        let (bias, z) = self.forecast.correction(contact.labels.channel);
        let (p50_s, spread) = (plain_s * bias, (1.0 / places + 0.01).sqrt());
        Some(Foreseen {
            plain_s,
            p50_s,
            spread,
            p90_s: p50_s * (1.0 + z * spread),
        })
    }

    fn is_whole(&self, channel: Channel) -> bool {
        self.configuration().channels.get(channel).is_exclusive()
    }

    /// Agents on duty who may serve a need.
    fn staffed_for(&self, need: &NeedLine) -> f64 {
        let step = need.eligible.len().div_ceil(MEMBERS_MAX).max(1);
        let groups = need.eligible.iter().step_by(step);
        let staffed = groups.map(|eligible| self.pool.group(eligible.group).staffed);
        f64::from(staffed.sum::<u32>()) * number(step)
    }

    /// Some of the groups that may serve a need, those on duty, with how many they are.
    fn sampled(&self, need: &NeedLine) -> Vec<(GroupKey, f64)> {
        let step = need.eligible.len().div_ceil(MEMBERS_MAX).max(1);
        let groups = need.eligible.iter().step_by(step);
        let staffed = groups.map(|eligible| {
            let staffed = self.pool.group(eligible.group).staffed;
            (eligible.group, f64::from(staffed))
        });
        let mut staffed: Vec<_> = staffed.filter(|(_, staffed)| *staffed > 0.0).collect();
        let step = staffed.len().div_ceil(GROUPS_MAX).max(1);
        let mut at = 0;
        staffed.retain(|_| {
            at += 1;
            (at - 1) % step == 0
        });
        staffed
    }

    fn queues_of(&self, sampled: &[(GroupKey, f64)]) -> Vec<QueueKey> {
        let mut queues: Vec<QueueKey> = sampled
            .iter()
            .flat_map(|(group, _)| self.pool.group(*group).signature.queues.iter().copied())
            .collect();
        queues.sort_unstable();
        queues.dedup();
        let step = queues.len().div_ceil(QUEUES_MAX).max(1);
        queues.into_iter().step_by(step).collect()
    }

    /// The share of a queue's agents who may serve the contact, too.
    fn share_of(&self, queue: QueueKey, sampled: &[(GroupKey, f64)], staffed: f64) -> f64 {
        let serves = |group| {
            let signature = &self.pool.group(group).signature;
            signature.queues.binary_search(&queue).is_ok()
        };
        let all: f64 = sampled.iter().map(|(_, staffed)| staffed).sum();
        let theirs = sampled.iter().filter(|(group, _)| serves(*group));
        let theirs: f64 = theirs.map(|(_, staffed)| staffed).sum();
        let of_queue = f64::from(self.queues[queue.index()].staffed);
        (theirs / all * staffed / of_queue.max(1.0)).min(1.0)
    }

    fn around(
        &self,
        own: &NeedLine,
        place: Place,
        sampled: &[(GroupKey, f64)],
        staffed: f64,
        shares: &[(QueueKey, f64)],
    ) -> Around {
        let mut around = Around::default();
        let mut lines: Vec<&LineKey> = Vec::new();
        for (queue, share) in shares {
            let held = &self.queues[queue.index()];
            for channel in Channel::ALL {
                let in_hand = held.counts.active.get(channel) + held.counts.offered.get(channel);
                let ends = share * count(in_hand) / self.forecast.handled_s(channel);
                if self.is_whole(channel) {
                    around.ends_whole += ends;
                } else {
                    around.ends_shared += ends;
                }
            }
            let theirs = held.active_lines.iter();
            lines.extend(theirs.filter(|line| self.needs.get(**line).need.queue == *queue));
        }
        let step = lines.len().div_ceil(LINES_MAX).max(1);
        let all: f64 = sampled.iter().map(|(_, staffed)| staffed).sum();
        for line in lines.into_iter().step_by(step) {
            let need = self.needs.get(*line);
            let before = need.line.rank(place);
            if before == 0 {
                continue;
            }
            let weight = if std::ptr::eq(need, own) {
                1.0
            } else {
                let both = sampled
                    .iter()
                    .filter(|(group, _)| need.eligible(*group).is_some());
                let both: f64 = both.map(|(_, staffed)| staffed).sum();
                (both / all * staffed / self.staffed_for(need).max(1.0)).min(1.0) * number(step)
            };
            let ahead = weight * number(before);
            if self.is_whole(need.need.class.channel) {
                around.ahead_whole += ahead;
            } else {
                around.ahead_shared += ahead;
            }
        }
        around
    }

    /// For each tier how many come a second who are due earlier, and for how long from now on.
    fn overtaking(
        &self,
        is_whole: bool,
        due: Timestamp,
        shares: &[(QueueKey, f64)],
    ) -> Vec<(f64, f64)> {
        let now = self.last_at;
        let tiers = self.forecast.tier_weights(now);
        let all: f64 = tiers.iter().sum();
        let mut overtaking = Vec::new();
        for (queue, share) in shares {
            let channels = Channel::ALL.into_iter();
            let alike = channels.filter(|channel| self.is_whole(*channel) == is_whole);
            let rate: f64 = alike
                .map(|channel| self.forecast.arrivals_per_s(*queue, channel, now))
                .sum();
            if rate <= 0.0 {
                continue;
            }
            let target = self.rules[queue.index()].options.target.answer_within;
            for (tier, weight) in tiers.iter().enumerate() {
                let head_start = self.head_starts.get(tier).copied().unwrap_or(Millis::ZERO);
                let span_s = (due - (now + target - head_start)).as_s_f64();
                if span_s > 0.0 {
                    overtaking.push((share * rate * weight / all.max(1e-9), span_s));
                }
            }
        }
        overtaking
    }
}

/// How many stand before a contact, itself included, and how often somebody becomes free.
fn standing(around: Around, is_whole: bool) -> (f64, f64) {
    let Around {
        ends_whole,
        ends_shared,
        ahead_whole,
        ahead_shared,
    } = around;
    if is_whole {
        let by_whole = ends_whole / (ends_whole + ends_shared).max(1e-9);
        (1.0 + ahead_whole + by_whole * ahead_shared, ends_whole)
    } else if ahead_whole > 0.0 {
        (1.0 + ahead_shared, ends_shared)
    } else {
        (1.0 + ahead_shared, ends_shared + ends_whole)
    }
}

/// The wait, and how many places it takes.
fn solve(ahead: f64, rate: f64, gives_up: f64, overtaking: &[(f64, f64)]) -> (f64, f64) {
    let places = |wait_s: f64| {
        let more = overtaking
            .iter()
            .map(|(rate, span_s)| rate * span_s.min(wait_s));
        ahead + more.sum::<f64>()
    };
    let mut wait_s = 0.0;
    for _ in 0..16 {
        let next = (1.0 + gives_up * places(wait_s) / rate).ln() / gives_up;
        let next = next.min(WAIT_MAX_S);
        let is_close = (next - wait_s).abs() < 0.01 * next;
        wait_s = next;
        if is_close {
            break;
        }
    }
    (wait_s, places(wait_s))
}

fn count(number: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    let count = number as f64;
    count
}

fn number(number: usize) -> f64 {
    count(number as u64)
}

fn millis(seconds: f64) -> Millis {
    #[expect(clippy::cast_possible_truncation, reason = "a float saturates")]
    let ms = (seconds * 1_000.0) as i64;
    Millis(ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_next_waits_for_one_end_of_work_and_the_tenth_for_ten() {
        let patient = 1e-6;
        let (next, _) = solve(1.0, 0.1, patient, &[]);
        let (tenth, _) = solve(10.0, 0.1, patient, &[]);
        assert!(
            (next - 10.0).abs() < 0.1 && (tenth - 100.0).abs() < 0.5,
            "{next} {tenth}"
        );
    }

    #[test]
    fn those_who_give_up_make_the_line_shorter_and_those_who_overtake_make_it_longer() {
        let (plain, _) = solve(20.0, 0.1, 1e-6, &[]);
        let (impatient, _) = solve(20.0, 0.1, 1.0 / 200.0, &[]);
        assert!(
            (impatient - 200.0 * 2.0_f64.ln()).abs() < 1.0,
            "{impatient}"
        );
        let (overtaken, places) = solve(20.0, 0.1, 1e-6, &[(0.05, 100.0)]);
        assert!((overtaken - (plain + 50.0)).abs() < 3.0, "{overtaken}");
        assert!((places - 25.0).abs() < 0.3, "{places}");
    }
}
