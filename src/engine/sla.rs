//! Keeping the promise: relaxation steps widen who may serve as time passes,
//! escalations (in `escalation`) act before the promise is broken.
//!
//! Times count from first queued. A contact that waits has one deadline armed,
//! for whichever of its steps and rules comes next, and costs nothing until
//! then.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::contact::{Contact, Stage};
use crate::engine::event::{Event, Labels};
use crate::engine::registry::{AgentKey, QueueKey};

impl Engine {
    /// When the next step or escalation of a contact is due by the clock.
    pub(super) fn next_sla(&self, contact: &Contact) -> Option<Timestamp> {
        let rules = &self.rules[contact.labels.queue.index()];
        let queued = matches!(contact.stage, Stage::Queued { .. });
        let step = rules
            .rings
            .get(contact.step as usize + 1)
            .filter(|_| queued)
            .map(|ring| contact.first_queued_at + ring.after);
        let escalation = self.next_escalation(contact);
        step.into_iter().chain(escalation).min()
    }

    /// The deadline of a step or an escalation has come.
    pub(super) fn keep_promise(&mut self, slot: u32, now: Timestamp) {
        self.take_steps(slot, now);
        self.escalate(slot, now);
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
    }

    /// Puts a contact that stands nowhere to where it belongs: to an agent who
    /// is free, or into its line.
    pub(super) fn enter_line(&mut self, slot: u32, now: Timestamp) {
        self.take_steps(slot, now);
        if let Some(agent) = self.find_agent(slot, now) {
            self.make_offer(slot, agent, now);
            self.escalate(slot, now);
            return;
        }
        self.queue_up(slot, now);
        self.escalate(slot, now);
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
    }

    /// Contacts that come back together with an agent who may have become free
    /// stand in line before that agent looks for the one who is due first.
    pub(super) fn return_to_line(&mut self, slots: &[u32], freed: AgentKey, now: Timestamp) {
        for slot in slots {
            self.take_steps(*slot, now);
            self.queue_up(*slot, now);
        }
        self.serve(freed, now);
        for slot in slots {
            if self.is_queued(*slot) {
                self.seek(*slot, now);
            }
            self.escalate(*slot, now);
            if self.is_queued(*slot) {
                self.seek(*slot, now);
            }
        }
    }

    /// Into the line of its need, by its `due`.
    pub(super) fn queue_up(&mut self, slot: u32, now: Timestamp) {
        let contact = self.contact_at(slot);
        let event = Event::ContactQueued {
            contact: contact.id,
            queue: contact.labels.queue,
            step: contact.step,
            due: self.due_of(contact),
            direct: contact.direct,
        };
        self.emit(now, event);
    }

    pub(super) fn due_of(&self, contact: &Contact) -> Timestamp {
        self.due_with(contact, contact.labels)
    }

    pub(super) fn due_with(&self, contact: &Contact, labels: Labels) -> Timestamp {
        let target = self.rules[labels.queue.index()]
            .options
            .target
            .answer_within;
        super::due::due(contact, target, self.head_starts[labels.tier.index()])
    }

    pub(super) fn is_queued(&self, slot: u32) -> bool {
        let contact = self.contacts.get(slot);
        contact.is_some_and(|contact| matches!(contact.stage, Stage::Queued { .. }))
    }

    /// Goes on to the step that the contact's age has reached.
    fn take_steps(&mut self, slot: u32, now: Timestamp) {
        let contact = self.contact_at(slot);
        let rules = &self.rules[contact.labels.queue.index()];
        let step = rules.step_at(now - contact.first_queued_at);
        if step > contact.step && !matches!(contact.stage, Stage::Offered(_)) {
            let contact = contact.id;
            self.emit(now, Event::StepTaken { contact, step });
        }
    }

    /// Takes a contact that nobody serves over to another queue.
    pub(super) fn change_queue(&mut self, slot: u32, queue: QueueKey, now: Timestamp) {
        let contact = self.contact_at(slot);
        let event = Event::ContactMoved {
            contact: contact.id,
            from: contact.labels.queue,
            labels: Labels {
                queue,
                ..contact.labels
            },
        };
        self.emit(now, event);
    }

    pub(super) fn is_full(&self, queue: QueueKey) -> bool {
        let most = self.rules[queue.index()].options.waiting_max;
        self.queues[queue.index()].counts.waiting() >= u64::from(most)
    }
}
