//! Breaches that are predicted, and when it is looked for them again.

use crate::domain::{Millis, Timestamp};
use crate::engine::Engine;
use crate::engine::contact::Stage;
use crate::engine::contacts::Slot;
use crate::engine::event::Event;
use crate::engine::options::Trigger;
use crate::engine::registry::QueueKey;
use crate::engine::view::WaitEstimate;

/// A predicted breach is looked at again no sooner than this.
const REVIEW_MIN: Millis = Millis::from_s(1);
/// And so soon, while whoever could take the contact may be back in a moment.
const REVIEW_AWAY: Millis = Millis::from_s(5);
/// Of a queue in which something has changed for all who wait, so many are looked at at once,
/// and as many in each `REVIEW_MIN` after that.
const REVIEWED_AT_ONCE: usize = 256;

impl Engine {
    /// When a breach has to be looked for again: now, if one is predicted.
    pub(super) fn breach_check(&self, slot: Slot, now: Timestamp) -> Option<Timestamp> {
        let contact = self.contact_at(slot);
        let Stage::Queued { .. } = contact.stage else {
            return None;
        };
        let rules = &self.rules[contact.labels.queue.index()];
        let promised = rules.promised(contact.waits_since());
        match self.expected(slot, now) {
            WaitEstimate::Within { p90, .. } if now + p90 > promised => Some(now),
            WaitEstimate::Within { p90, .. } => Some((promised - p90).max(now + REVIEW_MIN)),
            WaitEstimate::NobodyStaffed if self.is_awaited(contact, now) => {
                Some(promised.min(now + REVIEW_AWAY).max(now))
            }
            WaitEstimate::NobodyStaffed => Some(now),
            WaitEstimate::NotWaiting | WaitEstimate::NotOffered | WaitEstimate::Closed => {
                Some(promised.max(now))
            }
        }
    }

    /// Says when a predicted breach is looked at again.
    pub(super) fn review_wait(&mut self, slot: Slot, now: Timestamp) {
        if self.may_foresee(slot)
            && let Some(check_at) = self.breach_check(slot, now)
        {
            self.look_for_breach_at(slot, check_at, now);
        }
    }

    /// A rule is yet to fire when a breach is predicted.
    fn may_foresee(&self, slot: Slot) -> bool {
        let contact = self.contact_at(slot);
        let rules = &self.rules[contact.labels.queue.index()].options.escalations;
        rules.iter().any(|rule| {
            let fired = contact.fired(&rule.name);
            rule.when == Some(Trigger::PredictedBreach)
                && fired.is_none_or(|fired| fired.is_pending && !fired.waits_for_change)
        })
    }

    /// Sooner than was thought, if it looks worse now; not later.
    fn look_for_breach_at(&mut self, slot: Slot, check_at: Timestamp, now: Timestamp) {
        let contact = self.contact_at(slot);
        let known = contact.breach_check_at.filter(|known| *known > now);
        if known.is_none_or(|known| check_at < known) {
            let contact = contact.id;
            self.emit(now, Event::WaitReviewed { contact, check_at });
        }
    }

    /// What is expected may be otherwise for all who wait in these queues.
    pub(in crate::engine) fn review_waits(&mut self, queues: &[QueueKey], now: Timestamp) {
        for queue in queues {
            if !self.has_rule(*queue, |when| when == Trigger::PredictedBreach) {
                continue;
            }
            let waiting = self.waiting_by_due(*queue, |_| true);
            for (turn, group) in (0..).zip(waiting.chunks(REVIEWED_AT_ONCE)) {
                for slot in group {
                    if turn == 0 {
                        self.escalate_in_line(*slot, now);
                    } else if self.is_queued(*slot) && self.may_foresee(*slot) {
                        let check_at = now + Millis(REVIEW_MIN.0 * turn);
                        self.look_for_breach_at(*slot, check_at, now);
                    }
                }
            }
        }
    }
}
