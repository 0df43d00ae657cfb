//! Rules for the length of a queue: as soon as more wait than a rule looks out for, it is looked
//! at for all who wait, and not for the newest alone.
//!
//! That is once for each time that a queue grows beyond a bound, the first who is due first, and
//! only for as long as it is too long. Those who come later are looked at as they come.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::event::Event;
use crate::engine::options::{EscalationRule, Trigger};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::QueueKey;

impl Engine {
    /// Looks at the rules for the length of queues that have grown beyond one's bound: when all
    /// else is done, for somebody may be free for those who wait without any rule.
    pub(in crate::engine) fn look_at_lengths(&mut self, now: Timestamp) {
        while let Some(queue) = self.grown.first().copied() {
            let waiting = self.queues[queue.index()].counts.waiting();
            self.emit(now, Event::QueueGrew { queue, waiting });
            for slot in self.waiting_by_due(queue, |_| true) {
                if self.is_too_long_for(slot, now) {
                    self.escalate_in_line(slot, now);
                }
            }
        }
    }

    /// After an event by which a queue may have become longer or shorter.
    pub(in crate::engine) fn note_length(&mut self, queue: QueueKey) {
        let known = &mut self.queues[queue.index()];
        let waiting = known.counts.waiting();
        known.length_seen = known.length_seen.min(waiting);
        let between = known.length_seen..waiting;
        let mut rules = self.rules[queue.index()].options.escalations.iter();
        if rules.any(|rule| bound(rule).is_some_and(|bound| between.contains(&bound))) {
            self.grown.insert(queue);
        } else {
            self.grown.remove(&queue);
        }
    }

    /// A rule for the length of its queue may fire for this contact: those before it may have
    /// left the queue no longer than it may be.
    fn is_too_long_for(&self, slot: Slot, now: Timestamp) -> bool {
        let Some(contact) = self.contacts.get(slot) else {
            return false;
        };
        let queue = contact.labels.queue.index();
        let waiting = self.queues[queue].counts.waiting();
        let mut rules = self.rules[queue].options.escalations.iter();
        rules.any(|rule| {
            let is_over = bound(rule).is_some_and(|bound| waiting > bound);
            let fired = contact.fired(&rule.name).filter(|_| is_over);
            is_over && fired.is_none_or(|fired| fired.is_open(now))
        })
    }
}

/// The most who may wait, by a rule for the length of its queue.
fn bound(rule: &EscalationRule) -> Option<u64> {
    match rule.when? {
        Trigger::WaitingOver(count) => Some(count.into()),
        Trigger::TargetPercent(_)
        | Trigger::After(_)
        | Trigger::PredictedBreach
        | Trigger::OffersEnded(_)
        | Trigger::NobodyStaffed
        | Trigger::SentimentBelow(_) => None,
    }
}
