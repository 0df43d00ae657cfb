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
//! until something is measured anew, averages that are written down below stand in.

use std::collections::BTreeMap;

use crate::domain::{Channel, Millis, PerChannel, Timestamp};
use crate::engine::Engine;
use crate::engine::contact::{Contact, Stage};
use crate::engine::learn::EFFORT_PRIOR_MS;
use crate::engine::line::{LineKey, Place};
use crate::engine::needs::NeedLine;
use crate::engine::place::place_of;
use crate::engine::pool::GroupKey;
use crate::engine::registry::{QueueKey, TierKey};

/// Arrivals of the last minutes count most.
const ARRIVALS_OVER_S: f64 = 600.0;
/// Handling times and estimates fade with this weight.
const FADE: f64 = 0.995;
/// As long as nobody gave up: once in so many seconds of waiting.
const PATIENCE_PRIOR_S: f64 = 900.0;
/// How much waiting the prior is worth.
const PATIENCE_PRIOR_WEIGHT: f64 = 5.0;
/// The groups, lines and queues that one estimate looks at, so that its cost is bounded.
const GROUPS_MAX: usize = 4;
const LINES_MAX: usize = 32;
const QUEUES_MAX: usize = 32;
const MEMBERS_MAX: usize = 32;
/// Estimates that are being compared at a time.
const ASKED_MAX: usize = 1_000;
const ASK_EVERY: Millis = Millis::from_s(1);
/// The longest wait that is foreseen.
const WAIT_MAX_S: f64 = 24.0 * 3_600.0;
/// The 90 % quantile of the normal distribution, to begin with.
const Z_BEGIN: f64 = 1.28;
const Z_STEP: f64 = 0.05;
const COVERS: f64 = 0.9;

/// How often something happens.
#[derive(Clone, Copy, Debug, Default)]
struct Rate {
    weight: f64,
    at: Timestamp,
}

impl Rate {
    fn count(&mut self, at: Timestamp) {
        self.weight = self.weight_at(at) + 1.0;
        self.at = at;
    }

    fn weight_at(self, at: Timestamp) -> f64 {
        self.weight * (-(at - self.at).as_s_f64().max(0.0) / ARRIVALS_OVER_S).exp()
    }

    fn per_s(self, at: Timestamp) -> f64 {
        self.weight_at(at) / ARRIVALS_OVER_S
    }
}

/// What estimates of one channel came to.
#[derive(Clone, Copy, Debug)]
struct Calibration {
    waited_s: f64,
    foreseen_s: f64,
    z: f64,
}

impl Default for Calibration {
    fn default() -> Self {
        // A few estimates that were right.
        Self {
            waited_s: 300.0,
            foreseen_s: 300.0,
            z: Z_BEGIN,
        }
    }
}

/// An estimate that waits for what comes of it.
#[derive(Clone, Copy, Debug)]
struct Asked {
    at: Timestamp,
    /// Before any correction.
    plain_s: f64,
    p50_s: f64,
    spread: f64,
}

/// Everything that is measured to foresee waits.
#[derive(Clone, Debug, Default)]
pub(super) struct Forecast {
    /// By queue.
    arrivals: Vec<PerChannel<Rate>>,
    /// By tier.
    tiers: Vec<Rate>,
    waited_s: f64,
    gave_up: f64,
    handled: PerChannel<Handled>,
    calibrations: PerChannel<Calibration>,
    asked: BTreeMap<u32, Asked>,
    asked_at: Timestamp,
}

#[derive(Clone, Copy, Debug, Default)]
struct Handled {
    weight: f64,
    sum_ms: f64,
}

impl Forecast {
    pub(super) fn note_arrival(
        &mut self,
        queue: QueueKey,
        channel: Channel,
        tier: TierKey,
        at: Timestamp,
    ) {
        if self.arrivals.len() <= queue.index() {
            self.arrivals
                .resize_with(queue.index() + 1, PerChannel::default);
        }
        self.arrivals[queue.index()].get_mut(channel).count(at);
        if self.tiers.len() <= tier.index() {
            self.tiers.resize_with(tier.index() + 1, Rate::default);
        }
        self.tiers[tier.index()].count(at);
    }

    pub(super) fn note_handled(&mut self, channel: Channel, handled: Millis) {
        let held = self.handled.get_mut(channel);
        held.weight = held.weight * FADE + 1.0;
        held.sum_ms = held.sum_ms * FADE + handled.as_s_f64() * 1_000.0;
    }

    /// A contact that waited was answered, or given up.
    pub(super) fn note_wait(&mut self, waited: Millis, gave_up: bool) {
        self.waited_s = self.waited_s * FADE + waited.as_s_f64();
        self.gave_up = self.gave_up * FADE + f64::from(u8::from(gave_up));
    }

    /// An agent has taken the contact: what did the estimate come to?
    pub(super) fn note_answer(&mut self, slot: u32, channel: Channel, at: Timestamp) {
        let Some(asked) = self.asked.remove(&slot) else {
            return;
        };
        let waited_s = (at - asked.at).as_s_f64();
        let calibration = self.calibrations.get_mut(channel);
        calibration.waited_s = calibration.waited_s * FADE + waited_s;
        calibration.foreseen_s = calibration.foreseen_s * FADE + asked.plain_s;
        let covered = waited_s <= asked.p50_s * (1.0 + calibration.z * asked.spread);
        // Moves up on a miss by as much more as misses should be rarer (Robbins and Monro 1951).
        calibration.z += Z_STEP * (COVERS - f64::from(u8::from(covered)));
        calibration.z = calibration.z.clamp(0.0, 10.0);
    }

    pub(super) fn forget(&mut self, slot: u32) {
        self.asked.remove(&slot);
    }

    /// Of how many a second one gives up, per contact that waits.
    fn gives_up_per_s(&self) -> f64 {
        (self.gave_up + PATIENCE_PRIOR_WEIGHT)
            / (self.waited_s + PATIENCE_PRIOR_WEIGHT * PATIENCE_PRIOR_S)
    }

    fn handled_s(&self, channel: Channel) -> f64 {
        const PRIOR: f64 = 5.0;
        let held = self.handled.get(channel);
        let prior_ms = *EFFORT_PRIOR_MS.get(channel);
        (held.sum_ms + PRIOR * prior_ms) / (held.weight + PRIOR) / 1_000.0
    }

    fn arrivals_per_s(&self, queue: QueueKey, channel: Channel, at: Timestamp) -> f64 {
        let rates = self.arrivals.get(queue.index());
        rates.map_or(0.0, |rates| rates.get(channel).per_s(at))
    }
}

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
        let forecast = &self.forecast;
        if at - forecast.asked_at < ASK_EVERY || forecast.asked.len() >= ASKED_MAX {
            return;
        }
        let contact = self.contact_at(slot);
        if contact.direct.is_some() || forecast.asked.contains_key(&slot) {
            return;
        }
        if let Some(foreseen) = self.foreseen(contact, slot) {
            let asked = Asked {
                at,
                plain_s: foreseen.plain_s,
                p50_s: foreseen.p50_s,
                spread: foreseen.spread,
            };
            self.forecast.asked.insert(slot, asked);
            self.forecast.asked_at = at;
        }
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
        let calibration = self.forecast.calibrations.get(contact.labels.channel);
        let bias = (calibration.waited_s / calibration.foreseen_s.max(1.0)).clamp(0.25, 4.0);
        let (p50_s, spread) = (plain_s * bias, (1.0 / places + 0.01).sqrt());
        Some(Foreseen {
            plain_s,
            p50_s,
            spread,
            p90_s: p50_s * (1.0 + calibration.z * spread),
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
        let tiers: Vec<f64> = self
            .forecast
            .tiers
            .iter()
            .map(|tier| tier.weight_at(now))
            .collect();
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

    #[test]
    fn arrivals_are_forgotten() {
        let mut rate = Rate::default();
        for s in 0..6_000 {
            rate.count(Timestamp(s * 1_000));
        }
        let now = Timestamp(6_000_000);
        assert!((rate.per_s(now) - 1.0).abs() < 0.01);
        assert!(rate.per_s(now + Millis::from_s(6_000)) < 0.001);
    }

    #[test]
    fn the_upper_bound_follows_the_share_that_it_covers() {
        let mut forecast = Forecast::default();
        // Waits of 1 to 100 s, all foreseen as 50 s.
        for round in 0..40_000_u32 {
            let asked = Asked {
                at: Timestamp(0),
                plain_s: 50.0,
                p50_s: 50.0,
                spread: 1.0,
            };
            forecast.asked.insert(1, asked);
            let waited = i64::from(round * 37 % 100 + 1);
            forecast.note_answer(1, Channel::App, Timestamp(waited * 1_000));
        }
        let bound = 50.0 * (1.0 + forecast.calibrations.get(Channel::App).z);
        assert!((bound - 90.0).abs() < 8.0, "{bound}");
    }
}
