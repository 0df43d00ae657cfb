//! Queue-length rules (`waiting_over`). When a queue grows past a rule's bound, the rule is
//! evaluated once for every waiting contact, earliest due first, for as long as the queue is too
//! long; contacts that arrive later are evaluated on arrival.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::event::{Event, QueueEvent};
use crate::engine::options::{EscalationRule, Trigger};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::QueueKey;

impl Engine {
    /// Evaluates the rules of queues that have grown past a bound. This comes after all else,
    /// because an agent may be free for the waiting contacts without any rule.
    pub(in crate::engine) fn look_at_lengths(&mut self, now: Timestamp) {
        while let Some(queue) = self.grown.first().copied() {
            let waiting = self.queues[queue.index()].counts.waiting();
            self.emit(now, Event::Queue(queue, QueueEvent::Grew { waiting }));
            for slot in self.waiting_by_due(queue, |_| true) {
                if self.is_too_long_for(slot, now) {
                    self.escalate_in_line(slot, now);
                }
            }
        }
    }

    /// Called after an event by which a queue may have become longer or shorter.
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

    /// A queue-length rule may fire for this contact: moving those before it may have made the
    /// queue short enough.
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

/// The bound of a queue-length rule: how many contacts may wait.
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
