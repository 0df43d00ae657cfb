//! A contact enters or re-enters a line; if an agent is free, it goes there at once.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::choosing::shortlist::Looking;
use crate::engine::event::{Event, Labels, LineEvent};
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
    /// Puts a moving contact where it belongs: to a free agent, or into its line.
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
        // A supervisor may have had it offered before it ever waited for its named agent.
        if self.contact_at(slot).meant.direct.is_none()
            && let Some(alone) = self.meant_alone(slot)
        {
            self.direct_until(slot, alone, None, now);
            return self.escalate_in_line(slot, now);
        }
        self.take_steps(slot, now);
        // Where idle agents are reserved, others may wait that are due earlier and have just been
        // allowed to take them.
        let at_once = (!self.keeps_back)
            .then(|| self.find_agent(slot, now))
            .flatten();
        if let Some(agent) = at_once {
            self.make_offer(slot, agent, Looking::Contact, now);
            self.escalate(slot, now);
            return;
        }
        let is_for_one = self.contact_at(slot).meant.direct.is_some();
        self.queue_up(slot, now);
        if is_for_one && self.contact_at(slot).meant.direct.is_none() {
            // Any free agent may take it, before a rule takes it elsewhere.
            self.seek(slot, now);
        }
        self.escalate(slot, now);
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
    }

    /// Into line, together with an agent who has just got room: that agent takes the contact due
    /// first, this one included.
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

    /// Contacts that come back together with an agent who may have become free enter their lines
    /// before that agent looks for the one due first.
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

    /// Into line, each where it belongs; no agent is looked for yet.
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

    /// Those still in line look for agents, in this order.
    pub(in crate::engine) fn seek_for_each(&mut self, slots: &[Slot], now: Timestamp) {
        for slot in slots {
            self.seek_in_turn(*slot, now);
            self.escalate(*slot, now);
            self.seek_in_turn(*slot, now);
        }
    }

    /// Enters the line of its need, by its `due`: for one agent only if it still waits for that
    /// one, who may have left while it was in no line.
    pub(in crate::engine) fn queue_up(&mut self, slot: Slot, now: Timestamp) {
        let contact = self.contact_at(slot);
        let has_time = contact.meant.direct_until.is_none_or(|until| until > now);
        let direct = self.still_waits_for(slot).filter(|_| has_time);
        let is_let_go = contact.meant.direct.is_some() && direct.is_none();
        let direct = direct.map(|agent| (agent, contact.meant.direct_until));
        self.put_in_line(slot, direct, now);
        self.tell_routable(slot, now);
        if is_let_go {
            self.take_steps(slot, now);
        }
    }

    /// Into line, for anyone or for one agent alone, perhaps only until some time.
    pub(in crate::engine) fn put_in_line(
        &mut self,
        slot: Slot,
        direct: Option<(AgentKey, Option<Timestamp>)>,
        now: Timestamp,
    ) {
        let contact = self.contact_at(slot);
        let event = LineEvent::Queued {
            queue: contact.labels.queue,
            step: contact.wait.step,
            due: self.due_of(contact),
            direct: direct.map(|(agent, _)| agent),
            direct_until: direct.and_then(|(_, until)| until),
            stays_for_now: self.belongs_elsewhere(contact),
        };
        self.emit(now, Event::Line(contact.id, event));
    }

    /// Reports that no agent could ever take a waiting contact, and when that is over.
    pub(in crate::engine) fn tell_routable(&mut self, slot: Slot, now: Timestamp) {
        let is_routable = self.is_routable(slot);
        let contact = self.contact_at(slot);
        if is_routable != contact.is_unroutable {
            return;
        }
        let event = if is_routable {
            LineEvent::Routable
        } else {
            LineEvent::Unroutable {
                labels: contact.labels,
            }
        };
        self.emit(now, Event::Line(contact.id, event));
    }

    fn is_routable(&mut self, slot: Slot) -> bool {
        // An agent was just found for a customer who is being called.
        if self.contact_at(slot).is_dialled() {
            return true;
        }
        let contact = self.contact_at(slot);
        if self.is_queued(slot) {
            return self.is_routable_by(self.needs.get(contact.index.line), contact);
        }
        let line = self.line_of(slot);
        let is_routable = self.is_routable_by(self.needs.get(line), self.contact_at(slot));
        self.needs.release(line);
        is_routable
    }

    /// It has neither ended nor been forgotten since.
    fn is_open(&self, slot: Slot) -> bool {
        let contact = self.contacts.get(slot);
        contact.is_some_and(|contact| !contact.is_closed())
    }

    /// Moves a contact that nobody serves to another queue; boosts by the rules of this one are
    /// lost. It still waits for its named agent or the one it was transferred to, but not for one
    /// who is only preferred.
    pub(in crate::engine) fn change_queue(&mut self, slot: Slot, queue: QueueKey, now: Timestamp) {
        self.move_contact(slot, queue, MovedBy::Other, now);
    }

    /// The same by a rule, so that the contact is served: it keeps its boosts and still waits for
    /// its named agent, but not for one it was transferred to.
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
            MovedBy::Other => (!contact.meant.allows_others(), true),
        };
        let event = LineEvent::Moved {
            from: contact.labels.queue,
            labels: Labels {
                queue,
                ..contact.labels
            },
            keeps_agent,
            loses_boost,
        };
        self.emit(now, Event::Line(contact.id, event));
    }

    pub(in crate::engine) fn is_queued(&self, slot: Slot) -> bool {
        let contact = self.contacts.get(slot);
        contact.is_some_and(|contact| matches!(contact.stage, Stage::Queued { .. }))
    }

    pub(in crate::engine) fn is_offered_to_someone(&self, slot: Slot) -> bool {
        matches!(self.contact_at(slot).stage, Stage::Offered { .. })
    }
}
