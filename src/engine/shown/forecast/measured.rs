//! Measurements for estimates of waits: arrivals, patience, handling times, and how good earlier
//! estimates were.

use std::collections::BTreeMap;

use crate::domain::{Channel, Millis, PerChannel, Timestamp};
use crate::engine::state::contact::Contact;
use crate::engine::state::contacts::Slot;
use crate::engine::state::handle_time::Z90;
use crate::engine::state::learn::EFFORT_PRIOR_MS;
use crate::engine::state::registry::{QueueKey, TierKey};

/// Arrivals of the last minutes count most.
const ARRIVALS_OVER_S: f64 = 600.0;
const FADES_EVERY: Millis = Millis::from_s(1);
/// Handling times and estimates fade with this weight.
const FADE: f64 = 0.995;
/// Before anyone has given up: one in this many seconds of waiting.
const PATIENCE_PRIOR_S: f64 = 900.0;
/// How much waiting the prior is worth.
const PATIENCE_PRIOR_WEIGHT: f64 = 5.0;
/// How many estimates are compared with the actual wait at a time.
const ASKED_MAX: usize = 1_000;
const ASK_EVERY: Millis = Millis::from_s(1);
const Z_STEP: f64 = 0.05;
const COVERS: f64 = 0.9;

/// The rate of something.
#[derive(Clone, Copy, Debug, Default)]
struct Rate {
    weight: f64,
    at: Timestamp,
}

impl Rate {
    fn count(&mut self, at: Timestamp) {
        // Decay within a second does not matter.
        if at - self.at >= FADES_EVERY {
            self.weight = self.weight_at(at);
            self.at = at;
        }
        self.weight += 1.0;
    }

    fn weight_at(self, at: Timestamp) -> f64 {
        self.weight * (-(at - self.at).as_s_f64().max(0.0) / ARRIVALS_OVER_S).exp()
    }

    fn per_s(self, at: Timestamp) -> f64 {
        self.weight_at(at) / ARRIVALS_OVER_S
    }
}

/// How good the estimates of one channel were.
#[derive(Clone, Copy, Debug)]
struct Calibration {
    waited_s: f64,
    foreseen_s: f64,
    z: f64,
}

impl Default for Calibration {
    fn default() -> Self {
        // As if a few estimates had been right.
        Self {
            waited_s: 300.0,
            foreseen_s: 300.0,
            z: Z90,
        }
    }
}

/// An estimate that is yet to be compared with the actual wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    pub at: Timestamp,
    /// Before any correction.
    pub plain_s: f64,
    pub p50_s: f64,
    pub p90_s: f64,
    pub spread: f64,
}

/// All measurements for estimates of waits.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Forecast {
    /// By queue.
    arrivals: Vec<PerChannel<Rate>>,
    /// Contacts that agents hand on with their age, by the queue that they come to.
    handed_on: Vec<PerChannel<Rate>>,
    /// The ages of these contacts as they come.
    handed_on_ages: PerChannel<Handled>,
    /// One that has just been handed on and has not come anywhere yet, and whether it keeps its
    /// age.
    on_its_way: Option<(Slot, bool)>,
    /// By tier.
    tiers: Vec<Rate>,
    waited_s: f64,
    gave_up: f64,
    handled: PerChannel<Handled>,
    /// By queue.
    wrapped: Vec<Handled>,
    calibrations: PerChannel<Calibration>,
    asked: BTreeMap<Slot, Asked>,
    asked_at: Timestamp,
}

#[derive(Clone, Copy, Debug, Default)]
struct Handled {
    weight: f64,
    sum_ms: f64,
}

impl Handled {
    fn note(&mut self, span: Millis) {
        self.weight = self.weight * FADE + 1.0;
        self.sum_ms = self.sum_ms * FADE + span.as_s_f64() * 1_000.0;
    }

    fn mean_s(self, prior_ms: f64) -> f64 {
        const PRIOR: f64 = 5.0;
        (self.sum_ms + PRIOR * prior_ms) / (self.weight + PRIOR) / 1_000.0
    }
}

impl Forecast {
    pub(in crate::engine) fn note_arrival(
        &mut self,
        queue: QueueKey,
        channel: Channel,
        tier: TierKey,
        at: Timestamp,
    ) {
        count_in(&mut self.arrivals, queue, channel, at);
        if self.tiers.len() <= tier.index() {
            self.tiers.resize_with(tier.index() + 1, Rate::default);
        }
        self.tiers[tier.index()].count(at);
    }

    /// An agent hands a contact on.
    pub(in crate::engine) fn note_handing_on(&mut self, slot: Slot, keeps_age: bool) {
        self.on_its_way = Some((slot, keeps_age));
    }

    /// Counts a contact that has come to its queue, if it was handed on just now.
    pub(in crate::engine) fn note_coming(&mut self, slot: Slot, contact: &Contact, at: Timestamp) {
        let Some((_, keeps_age)) = self.on_its_way.take_if(|(held, _)| *held == slot) else {
            return;
        };
        let (queue, channel) = (contact.labels.queue, contact.labels.channel);
        let rates = if keeps_age {
            let age = at - contact.wait.first_queued_at;
            self.handed_on_ages.get_mut(channel).note(age);
            &mut self.handed_on
        } else {
            &mut self.arrivals
        };
        count_in(rates, queue, channel, at);
    }

    pub(in crate::engine) fn note_handled(&mut self, channel: Channel, handled: Millis) {
        self.handled.get_mut(channel).note(handled);
    }

    /// Records the length of the wrap-up of a contact of this queue that had one.
    pub(in crate::engine) fn note_wrap_up(&mut self, queue: QueueKey, wrapped: Millis) {
        if self.wrapped.len() <= queue.index() {
            self.wrapped
                .resize_with(queue.index() + 1, Handled::default);
        }
        self.wrapped[queue.index()].note(wrapped);
    }

    /// A waiting contact was answered, or abandoned.
    pub(in crate::engine) fn note_wait(&mut self, waited: Millis, gave_up: bool) {
        self.waited_s = self.waited_s * FADE + waited.as_s_f64();
        self.gave_up = self.gave_up * FADE + f64::from(u8::from(gave_up));
    }

    /// An agent has taken the contact: compares its estimate with the actual wait.
    pub(in crate::engine) fn note_answer(&mut self, slot: Slot, channel: Channel, at: Timestamp) {
        let Some(asked) = self.asked.remove(&slot) else {
            return;
        };
        let waited_s = (at - asked.at).as_s_f64();
        let calibration = self.calibrations.get_mut(channel);
        calibration.waited_s = calibration.waited_s * FADE + waited_s;
        calibration.foreseen_s = calibration.foreseen_s * FADE + asked.plain_s;
        let covered = waited_s <= asked.p50_s * (1.0 + calibration.z * asked.spread);
        // Moves up on a miss, by as much more as misses should be rarer (Robbins and Monro 1951).
        calibration.z += Z_STEP * (COVERS - f64::from(u8::from(covered)));
        calibration.z = calibration.z.clamp(0.0, 10.0);
    }

    /// The estimate of a contact, if one was kept.
    pub(super) fn asked(&self, slot: Slot) -> Option<Asked> {
        self.asked.get(&slot).copied()
    }

    pub(in crate::engine) fn forget(&mut self, slot: Slot) {
        self.asked.remove(&slot);
    }

    /// Forgets the estimates of all other contacts.
    pub(super) fn retain(&mut self, stays: impl Fn(Slot) -> bool) {
        self.asked.retain(|slot, _| stays(*slot));
    }

    /// The abandonment rate, per waiting contact and second.
    pub(super) fn gives_up_per_s(&self) -> f64 {
        (self.gave_up + PATIENCE_PRIOR_WEIGHT)
            / (self.waited_s + PATIENCE_PRIOR_WEIGHT * PATIENCE_PRIOR_S)
    }

    /// From accepted to finished, wrap-up included.
    pub(super) fn handled_s(&self, channel: Channel) -> f64 {
        self.handled
            .get(channel)
            .mean_s(*EFFORT_PRIOR_MS.get(channel))
    }

    /// The wrap-up of a contact of this queue, which lasts at most this long.
    pub(super) fn wrapped_s(&self, queue: QueueKey, at_most: Option<Millis>) -> f64 {
        let Some(at_most) = at_most else {
            return 0.0;
        };
        let held = self.wrapped.get(queue.index()).copied();
        held.unwrap_or_default()
            .mean_s(at_most.as_s_f64() * 1_000.0)
    }

    pub(super) fn arrivals_per_s(&self, queue: QueueKey, channel: Channel, at: Timestamp) -> f64 {
        let rates = self.arrivals.get(queue.index());
        rates.map_or(0.0, |rates| rates.get(channel).per_s(at))
    }

    /// The rate at which contacts that agents have transferred come to a queue, per second.
    pub(super) fn come_back_per_s(&self, queue: QueueKey, channel: Channel, at: Timestamp) -> f64 {
        let rates = self.handed_on.get(queue.index());
        rates.map_or(0.0, |rates| rates.get(channel).per_s(at))
    }

    /// How old contacts are on average as they come from other agents, in seconds.
    pub(super) fn come_back_age_s(&self, channel: Channel) -> f64 {
        self.handed_on_ages.get(channel).mean_s(0.0)
    }

    /// Whether to keep another estimate, for a contact that has none yet.
    pub(super) fn is_time_to_ask(&self, slot: Slot, at: Timestamp) -> bool {
        at - self.asked_at >= ASK_EVERY
            && self.asked.len() < ASKED_MAX
            && !self.asked.contains_key(&slot)
    }

    pub(super) fn ask(&mut self, slot: Slot, asked: Asked) {
        self.asked_at = asked.at;
        self.asked.insert(slot, asked);
    }

    /// The factor by which estimates of a channel are multiplied, and the quantile by which their
    /// p90 lies above the p50.
    pub(super) fn correction(&self, channel: Channel) -> (f64, f64) {
        let calibration = self.calibrations.get(channel);
        let bias = calibration.waited_s / calibration.foreseen_s.max(1.0);
        (bias.clamp(0.25, 4.0), calibration.z)
    }

    /// The recent arrivals, by tier.
    pub(super) fn tier_weights(&self, at: Timestamp) -> Vec<f64> {
        self.tiers.iter().map(|tier| tier.weight_at(at)).collect()
    }
}

fn count_in(rates: &mut Vec<PerChannel<Rate>>, queue: QueueKey, channel: Channel, at: Timestamp) {
    if rates.len() <= queue.index() {
        rates.resize_with(queue.index() + 1, PerChannel::default);
    }
    rates[queue.index()].get_mut(channel).count(at);
}

#[cfg(test)]
mod tests {
    use super::*;

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
        // Waits of 1 to 100 s, all estimated at 50 s.
        for round in 0..40_000_u32 {
            let asked = Asked {
                at: Timestamp(0),
                plain_s: 50.0,
                p50_s: 50.0,
                p90_s: 90.0,
                spread: 1.0,
            };
            forecast.asked.insert(Slot(1), asked);
            let waited = i64::from(round * 37 % 100 + 1);
            forecast.note_answer(Slot(1), Channel::App, Timestamp(waited * 1_000));
        }
        let bound = 50.0 * (1.0 + forecast.calibrations.get(Channel::App).z);
        assert!((bound - 90.0).abs() < 8.0, "{bound}");
    }
}
