//! How long a contact will wait on, and whether that can be said: what `forecast` says, or, where
//! it has nothing to go by (the contact waits for one agent, or nobody who may serve it at
//! its step is there), what follows.
//!
//! With `ahead` contacts before it, `slots` contacts served at a time by the
//! staffed agents, and a mean handling time `m`, the next one leaves after
//! `m / slots`; so p50 = (ahead + 1) · m / slots. The p90 takes the spread of
//! a sum of so many services, and a tenth for what is not modelled:
//! p90 = p50 · (1 + 1.28 · √(1 / (ahead + 1) + 0.01)).

use crate::domain::{Channel, Millis};
use crate::engine::Engine;
use crate::engine::contact::{Contact, Stage};
use crate::engine::place::place_of;
use crate::engine::queue::Queue;
use crate::engine::view::WaitEstimate;

/// What is assumed before anything was measured.
const PRIOR_MS: f64 = 270_000.0;
/// How many contacts the prior is worth, and the window of the mean.
const WINDOW: f64 = 50.0;

/// The mean time from accepted to finished, weighted towards the newest.
#[derive(Clone, Copy, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct HandleTime {
    #[n(0)]
    mean_ms: f64,
}

impl Default for HandleTime {
    fn default() -> Self {
        Self { mean_ms: PRIOR_MS }
    }
}

impl HandleTime {
    pub fn measure(&mut self, handled: Millis) {
        #[expect(clippy::cast_precision_loss, reason = "spans stay far below 2^53 ms")]
        let handled_ms = handled.0 as f64;
        self.mean_ms += (handled_ms - self.mean_ms) / WINDOW;
    }

    /// p50 and p90 of the remaining wait.
    pub fn wait(&self, ahead: u64, slots: u64) -> (Millis, Millis) {
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
        let (turns, slots) = ((ahead + 1) as f64, slots.max(1) as f64);
        let p50 = turns * self.mean_ms / slots;
        let p90 = p50 * (1.0 + 1.28 * (1.0 / turns + 0.01).sqrt());
        (millis(p50), millis(p90))
    }
}

fn millis(ms: f64) -> Millis {
    #[expect(clippy::cast_possible_truncation, reason = "a float saturates")]
    let whole = ms as i64;
    Millis(whole)
}

impl Engine {
    /// Contacts of the same queue that stand before this one.
    pub(super) fn ahead(&self, contact: &Contact, slot: u32) -> u64 {
        let Stage::Queued { due } = contact.stage else {
            return 0;
        };
        let place = place_of(contact, slot, due);
        let queue = contact.labels.queue;
        let own = contact
            .direct
            .map_or(&[][..], |agent| self.needs.direct_lines(agent));
        let lines = self.queues[queue.index()].active_lines.iter().chain(own);
        lines
            .map(|line| self.needs.get(*line))
            .filter(|need| need.need.queue == queue)
            .map(|need| match (need.need.is_reserved, contact.is_reserved) {
                (true, false) => need.line.len() as u64,
                (false, true) => 0,
                (true, true) | (false, false) => need.line.rank(place) as u64,
            })
            .sum()
    }

    pub(super) fn estimate(&self, slot: u32) -> WaitEstimate {
        let contact = self.contact_at(slot);
        if !matches!(contact.stage, Stage::Queued { .. }) {
            return WaitEstimate::NotWaiting;
        }
        let key = contact.labels.queue;
        let queue = &self.queues[key.index()];
        if queue.closed && !contact.is_on_the_line() {
            return WaitEstimate::Closed;
        }
        if queue.paused {
            return WaitEstimate::NotOffered;
        }
        if queue.staffed == 0 || self.is_alone(contact) {
            return WaitEstimate::NobodyStaffed;
        }
        let foreseen = if contact.direct.is_none() {
            self.foresee(contact, slot)
        } else {
            None
        };
        let (p50, p90) = foreseen.unwrap_or_else(|| {
            let slots = self.slots(queue, contact.labels.channel);
            queue.handle_time.wait(self.ahead(contact, slot), slots)
        });
        WaitEstimate::Within { p50, p90 }
    }

    /// Nobody is there who may serve it now, or by a later step.
    fn is_alone(&self, contact: &Contact) -> bool {
        if let (Some(agent), None) = (contact.direct, contact.direct_until) {
            return !self.agent_at(agent).is_staffed();
        }
        let rules = &self.rules[contact.labels.queue.index()];
        let widens = (contact.step as usize) < rules.options.steps.len();
        if contact.direct.is_some() || (widens && !contact.is_unroutable) {
            return false;
        }
        let need = self.needs.get(contact.index.line);
        let mut groups = need.eligible.iter();
        groups.all(|eligible| self.pool.group(eligible.group).staffed == 0)
    }

    /// How many contacts of a channel the staffed agents of a queue serve at a
    /// time, each agent as the first of them could.
    fn slots(&self, queue: &Queue, channel: Channel) -> u64 {
        let limits = *self.configuration().channels.get(channel);
        let capacity = queue.groups.first().map_or(limits.cost, |group| {
            self.pool.group(*group).signature.capacity
        });
        let each = (capacity / limits.cost.max(1)).min(limits.max).max(1);
        u64::from(queue.staffed) * u64::from(each)
    }
}
