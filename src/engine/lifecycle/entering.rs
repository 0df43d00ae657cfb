//! A contact enters a line, or comes back to one: to an agent who is free at once, if there is one.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::choosing::shortlist::Looking;
use crate::engine::event::{Event, Labels};
use crate::engine::state::contact::Stage;
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::{AgentKey, QueueKey};

#[derive(Clone, Copy)]
enum MovedBy {
    Rule,
    /// An adapter, an agent, hours, a limit, or a configuration.
    Other,
}

impl Engine {
    /// Puts a contact that stands nowhere to where it belongs: to an agent who
    /// is free, or into its line.
    pub(in crate::engine) fn enter_line(&mut self, slot: Slot, now: Timestamp) {
        // Another agent still has an offer of it.
        if self.is_offered_to_someone(slot) {
            return self.escalate(slot, now);
        }
        if self.put_off(slot, now) {
            return;
        }
        self.leave_vanished(slot, now);
        self.pay_owed(slot, now);
        if !self.is_open(slot) {
            return;
        }
        // A supervisor may have had it offered before it ever waited for the one it asks for.
        if self.contact_at(slot).direct.is_none()
            && let Some(alone) = self.meant_alone(slot)
        {
            self.direct_until(slot, alone, None, now);
            return self.escalate_in_line(slot, now);
        }
        self.take_steps(slot, now);
        // Where agents are kept back, others may wait who are due first and just now let go.
        let at_once = (!self.keeps_back)
            .then(|| self.find_agent(slot, now))
            .flatten();
        if let Some(agent) = at_once {
            self.make_offer(slot, agent, Looking::Contact, now);
            self.escalate(slot, now);
            return;
        }
        let is_for_one = self.contact_at(slot).direct.is_some();
        self.queue_up(slot, now);
        if is_for_one && self.contact_at(slot).direct.is_none() {
            // Anyone who is free may take it, before a rule takes it further.
            self.seek(slot, now);
        }
        self.escalate(slot, now);
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
    }

    /// Into line, together with an agent who has just got room: that agent takes whoever is due
    /// first, this contact included.
    pub(in crate::engine) fn enter_line_beside(
        &mut self,
        slot: Slot,
        freed: Option<AgentKey>,
        now: Timestamp,
    ) {
        let Some(agent) = freed else {
            return self.enter_line(slot, now);
        };
        self.leave_vanished(slot, now);
        self.take_steps(slot, now);
        self.queue_up(slot, now);
        self.go_on(agent, now);
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
        self.escalate(slot, now);
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
    }

    /// Contacts that come back together with an agent who may have become free
    /// stand in line before that agent looks for the one who is due first.
    pub(in crate::engine) fn return_to_line(
        &mut self,
        slots: &[Slot],
        freed: AgentKey,
        now: Timestamp,
    ) {
        self.stand_again(slots, now);
        self.serve(freed, now);
        self.seek_for_each(slots, now);
    }

    /// Into line, each where it belongs; nobody is looked for yet.
    pub(in crate::engine) fn stand_again(&mut self, slots: &[Slot], now: Timestamp) {
        for slot in slots {
            if !self.is_offered_to_someone(*slot) && !self.put_off(*slot, now) {
                self.leave_vanished(*slot, now);
                self.pay_owed(*slot, now);
                if self.is_open(*slot) {
                    self.take_steps(*slot, now);
                    self.queue_up(*slot, now);
                }
            }
        }
    }

    /// Those who still stand in line look for agents, in this order.
    pub(in crate::engine) fn seek_for_each(&mut self, slots: &[Slot], now: Timestamp) {
        for slot in slots {
            self.seek_in_turn(*slot, now);
            self.escalate(*slot, now);
            self.seek_in_turn(*slot, now);
        }
    }

    /// Into the line of its need, by its `due`: for one agent only if it still waits for that one,
    /// who may have left while it stood in no line.
    pub(in crate::engine) fn queue_up(&mut self, slot: Slot, now: Timestamp) {
        let contact = self.contact_at(slot);
        let has_time = contact.direct_until.is_none_or(|until| until > now);
        let direct = self.still_waits_for(slot).filter(|_| has_time);
        let is_let_go = contact.direct.is_some() && direct.is_none();
        let event = Event::ContactQueued {
            contact: contact.id,
            queue: contact.labels.queue,
            step: contact.step,
            due: self.due_of(contact),
            direct,
            direct_until: contact.direct_until.filter(|_| direct.is_some()),
            stays_for_now: self.belongs_elsewhere(contact),
        };
        self.emit(now, event);
        self.tell_routable(slot, now);
        if is_let_go {
            self.take_steps(slot, now);
        }
    }

    /// Says so when nobody could ever take a contact that waits, and when that is over.
    pub(in crate::engine) fn tell_routable(&mut self, slot: Slot, now: Timestamp) {
        let is_routable = self.is_routable(slot);
        let contact = self.contact_at(slot);
        if is_routable != contact.is_unroutable {
            return;
        }
        let (contact, labels) = (contact.id, contact.labels);
        self.emit(
            now,
            if is_routable {
                Event::ContactRoutable { contact }
            } else {
                Event::ContactUnroutable { contact, labels }
            },
        );
    }

    fn is_routable(&mut self, slot: Slot) -> bool {
        // Somebody was just found for whoever is being called.
        if self.contact_at(slot).is_dialled() {
            return true;
        }
        let contact = self.contact_at(slot);
        if self.is_queued(slot) {
            return self.needs.get(contact.index.line).is_routable(contact);
        }
        let line = self.line_of(slot);
        let is_routable = self.needs.get(line).is_routable(self.contact_at(slot));
        self.needs.release(line);
        is_routable
    }

    /// It has not ended, or been forgotten since.
    fn is_open(&self, slot: Slot) -> bool {
        let contact = self.contacts.get(slot);
        contact.is_some_and(|contact| !contact.is_closed())
    }

    /// Takes a contact that nobody serves over to another queue, where what the rules of this
    /// one have moved it forward counts for nothing. It still waits for the agent whom it asks for
    /// alone, or was handed on to; for one who is only preferred it does not.
    pub(in crate::engine) fn change_queue(&mut self, slot: Slot, queue: QueueKey, now: Timestamp) {
        self.move_contact(slot, queue, MovedBy::Other, now);
    }

    /// By a rule, so that it is served: it keeps what rules have moved it forward, and waits for
    /// nobody to whom it was handed on, but still for the agent whom it asks for alone.
    pub(in crate::engine) fn change_queue_by_rule(
        &mut self,
        slot: Slot,
        queue: QueueKey,
        now: Timestamp,
    ) {
        self.move_contact(slot, queue, MovedBy::Rule, now);
    }

    fn move_contact(&mut self, slot: Slot, queue: QueueKey, by: MovedBy, now: Timestamp) {
        let contact = self.contact_at(slot);
        let (keeps_agent, loses_boost) = match by {
            MovedBy::Rule => (contact.is_meant_alone(), false),
            MovedBy::Other => (
                contact.direct.is_some() && contact.direct_until.is_none(),
                true,
            ),
        };
        let event = Event::ContactMoved {
            contact: contact.id,
            from: contact.labels.queue,
            labels: Labels {
                queue,
                ..contact.labels
            },
            keeps_agent,
            loses_boost,
            leaves_all: true,
        };
        self.emit(now, event);
    }

    pub(in crate::engine) fn is_queued(&self, slot: Slot) -> bool {
        let contact = self.contacts.get(slot);
        contact.is_some_and(|contact| matches!(contact.stage, Stage::Queued { .. }))
    }

    pub(in crate::engine) fn is_offered_to_someone(&self, slot: Slot) -> bool {
        matches!(self.contact_at(slot).stage, Stage::Offered { .. })
    }
}
