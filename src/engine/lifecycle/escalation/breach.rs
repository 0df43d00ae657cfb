//! Predicted breaches, and when they are checked again.

use crate::domain::{Millis, Name, Timestamp};
use crate::engine::Engine;
use crate::engine::condition::Verdict;
use crate::engine::event::{Event, RuleEvent};
use crate::engine::options::Trigger;
use crate::engine::state::contact::{Fired, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::QueueKey;
use crate::engine::view::WaitEstimate;

/// A predicted breach is not checked again sooner than this.
const REVIEW_MIN: Millis = Millis::from_s(1);
/// And this soon, while an agent who could take the contact may return.
const REVIEW_AWAY: Millis = Millis::from_s(5);
/// If something has changed for all waiting contacts of a queue, this many are checked at once, and
/// as many in each `REVIEW_MIN` after that.
const REVIEWED_AT_ONCE: usize = 256;

impl Engine {
    /// When a breach has to be checked for again: now, if one is predicted.
    pub(super) fn breach_check(&self, slot: Slot, now: Timestamp) -> Option<Timestamp> {
        let contact = self.contact_at(slot);
        let Stage::Queued { .. } = contact.stage else {
            return None;
        };
        let rules = &self.rules[contact.labels.queue.index()];
        let promised = rules.promised(contact.wait.since());
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

    /// Records when a predicted breach is checked again.
    pub(super) fn review_wait(&mut self, slot: Slot, now: Timestamp) {
        let lets_go = self.held_in_vain(slot, now);
        if (!lets_go.is_empty() || self.may_foresee(slot))
            && let Some(check_at) = self.breach_check(slot, now)
        {
            self.look_for_breach_at(slot, check_at, lets_go, now);
        }
    }

    /// A rule has yet to fire, or fire again, on a predicted breach.
    fn may_foresee(&self, slot: Slot) -> bool {
        let contact = self.contact_at(slot);
        let rules = &self.rules[contact.labels.queue.index()].options.escalations;
        rules.iter().any(|rule| {
            let fired = contact.fired(&rule.name);
            let is_to_come = |fired: &Fired| {
                !fired.waits_for_change && (fired.is_pending || fired.again_at.is_some())
            };
            rule.when == Some(Trigger::PredictedBreach) && fired.is_none_or(is_to_come)
        })
    }

    /// Rules that waited for a change of the contact, and now apply.
    fn held_in_vain(&self, slot: Slot, now: Timestamp) -> Vec<Name> {
        let contact = self.contact_at(slot);
        let rules = &self.rules[contact.labels.queue.index()];
        let of_each = rules.options.escalations.iter().zip(&rules.conditions);
        let held = of_each.filter(|(rule, condition)| {
            let fired = contact.fired(&rule.name);
            rule.when == Some(Trigger::PredictedBreach)
                && fired.is_some_and(|fired| fired.waits_for_change)
                && self.applies(contact, rule, condition.as_ref(), now) == Verdict::Holds
        });
        held.map(|(rule, _)| rule.name.clone()).collect()
    }

    /// Moves the next check forward if the prospects are worse now; never back.
    fn look_for_breach_at(
        &mut self,
        slot: Slot,
        check_at: Timestamp,
        lets_go: Vec<Name>,
        now: Timestamp,
    ) {
        let contact = self.contact_at(slot);
        // If the check is due, the clock makes it, when a rule may fire again.
        let known = contact.escalated.breach_check_at;
        let is_due = check_at <= now && known.is_some_and(|known| known <= now);
        let known = known.filter(|known| *known > now);
        if !lets_go.is_empty() || (!is_due && known.is_none_or(|known| check_at < known)) {
            let event = RuleEvent::WaitReviewed {
                check_at: known.map_or(check_at, |known| known.min(check_at)),
                lets_go,
            };
            self.emit(now, Event::Rule(contact.id, event));
        }
    }

    /// The expected waits may have changed for all who wait in these queues.
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
                    } else if self.is_queued(*slot) {
                        let lets_go = self.held_in_vain(*slot, now);
                        if !lets_go.is_empty() || self.may_foresee(*slot) {
                            let check_at = now + Millis(REVIEW_MIN.0 * turn);
                            self.look_for_breach_at(*slot, check_at, lets_go, now);
                        }
                    }
                }
            }
        }
    }
}
