//! Keeping the promise: by when a contact should be answered, when it is due, and its one armed
//! deadline: the next relaxation step (in `steps`) or escalation (in `escalation`).
//!
//! Times count from first queued. A waiting contact has one deadline armed, for whichever of its
//! steps and rules comes next, and costs nothing until then.

use crate::domain::{Millis, Timestamp};
use crate::engine::Engine;
use crate::engine::event::Labels;
use crate::engine::state::contact::{Contact, Promise};
use crate::engine::state::contacts::Slot;
use crate::engine::state::due::due;
use crate::engine::state::registry::{QueueKey, TierKey};

impl Engine {
    /// When the next step or escalation of a contact is due by the clock.
    pub(in crate::engine) fn next_sla(&self, contact: &Contact) -> Option<Timestamp> {
        let rules = &self.rules[contact.labels.queue.index()];
        let step = rules
            .rings
            .get(contact.wait.step as usize + 1)
            .filter(|_| contact.takes_steps())
            .map(|ring| contact.wait.first_queued_at + ring.after);
        let let_go = self.lets_go_at(contact).filter(|_| contact.takes_steps());
        let escalation = self.next_escalation(contact);
        step.into_iter().chain(let_go).chain(escalation).min()
    }

    /// The deadline of a step or an escalation has passed.
    pub(in crate::engine) fn keep_promise(&mut self, slot: Slot, now: Timestamp) {
        self.take_steps(slot, now);
        self.escalate(slot, now);
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
    }

    pub(in crate::engine) fn due_of(&self, contact: &Contact) -> Timestamp {
        self.due_with(contact, contact.labels)
    }

    pub(in crate::engine) fn due_with(&self, contact: &Contact, labels: Labels) -> Timestamp {
        let promised = self.promised_in(labels.queue, contact);
        let head_start = self.head_starts[labels.tier.index()];
        due(
            contact,
            promised,
            head_start + self.sooner(contact, labels.tier),
        )
    }

    /// By how much a contact whose agent was lost is due sooner than others of this tier.
    pub(in crate::engine) fn sooner(&self, contact: &Contact, tier: TierKey) -> Millis {
        let own = self.head_starts[tier.index()];
        let greatest = self.configuration().greatest_head_start();
        let is_sooner = contact.has_lost_agent && greatest > own;
        if is_sooner {
            greatest - own
        } else {
            Millis::ZERO
        }
    }

    /// By when the contact should be answered.
    pub(in crate::engine) fn promised(&self, contact: &Contact) -> Timestamp {
        self.promised_in(contact.labels.queue, contact)
    }

    fn promised_in(&self, queue: QueueKey, contact: &Contact) -> Timestamp {
        let (known, since) = (contact.index.promise, contact.wait.first_queued_at);
        let is_known = known.queue == queue
            && known.first_queued_at == since
            && known.configurations == self.configurations;
        if is_known {
            known.at
        } else {
            self.rules[queue.index()].promised(since)
        }
    }

    /// Caches by when the contact should be answered, if computing that means a walk through the
    /// timetable of its queue.
    pub(in crate::engine) fn note_promise(&mut self, slot: Slot) {
        let contact = &self.contacts[slot];
        let queue = contact.labels.queue;
        if self.rules[queue.index()].hours.is_none() {
            return;
        }
        let promise = Promise {
            queue,
            first_queued_at: contact.wait.first_queued_at,
            configurations: self.configurations,
            at: self.promised(contact),
        };
        if contact.index.promise != promise {
            self.contacts[slot].index.promise = promise;
        }
    }
}
