//! The promise of the next reply: a customer who is being served and writes gets a reply in time.
//!
//! The clock runs from the first message without a reply until an agent writes. It continues while
//! the contact is parked or handed over to the consulted agent: the customer waits all the same. It
//! stops when the contact leaves its agent: in line the target of the queue applies, and a finished
//! contact needs no reply. Messages from before the contact was accepted belong to the first
//! answer.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::event::{Event, MessageEvent};
use crate::engine::state::contact::{Contact, Owed};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::AgentKey;

impl Engine {
    /// When the reply that the customer waits for becomes late; none once that was reported.
    pub(in crate::engine) fn respond_by(&self, contact: &Contact) -> Option<Timestamp> {
        let owed = owed(contact).filter(|owed| !owed.is_late)?;
        self.promised_response(contact, owed)
    }

    /// When the reply is due; none if the queue has no such target.
    pub(in crate::engine) fn promised_response(
        &self,
        contact: &Contact,
        owed: Owed,
    ) -> Option<Timestamp> {
        let rules = &self.rules[contact.labels.queue.index()];
        let span = rules.options.target.respond_within?;
        Some(rules.after(owed.since, span))
    }

    /// The deadline of a reply has passed.
    pub(in crate::engine) fn miss_response(&mut self, slot: Slot, now: Timestamp) {
        let contact = self.contact_at(slot);
        let Some((owed, agent)) = owed(contact).zip(contact.agent()) else {
            unreachable!("an answer is owed only by an agent who serves");
        };
        let event = MessageEvent::ResponseLate {
            agent,
            labels: contact.labels,
            since: owed.since,
        };
        self.emit(now, Event::Message(contact.id, event));
    }

    /// The event by which an agent's message counts as the awaited reply, to be emitted after it.
    pub(in crate::engine) fn response_of(
        &mut self,
        slot: Slot,
        agent: AgentKey,
        now: Timestamp,
    ) -> Option<Event> {
        // Its deadline may be carried out after this.
        if self
            .respond_by(self.contact_at(slot))
            .is_some_and(|by| by < now)
        {
            self.miss_response(slot, now);
        }
        let contact = self.contact_at(slot);
        let owed = owed(contact)?;
        self.promised_response(contact, owed)?;
        Some(Event::Message(
            contact.id,
            MessageEvent::ResponseGiven {
                agent,
                labels: contact.labels,
                waited: now - owed.since,
                within_target: !owed.is_late,
            },
        ))
    }
}

fn owed(contact: &Contact) -> Option<Owed> {
    contact.service()?.owed
}
