//! The promise of the next answer: a customer who is being served and writes is answered
//! in time, too.
//!
//! The clock runs from the first message that was not answered until an agent writes. It
//! runs on while the contact is parked or handed over to the agent who was consulted: the
//! customer waits all the same. It stops where the contact leaves its agent: back in line
//! the promise of the queue holds, and whatever is over needs no answer. What the customer
//! has written before the contact was accepted is part of the first answer.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::event::Event;
use crate::engine::state::contact::{Contact, Owed};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::AgentKey;

impl Engine {
    /// When it is too late for the answer that the customer waits for; none once that was said.
    pub(in crate::engine) fn respond_by(&self, contact: &Contact) -> Option<Timestamp> {
        let owed = owed(contact).filter(|owed| !owed.is_late)?;
        self.promised_response(contact, owed)
    }

    /// Until when the answer was promised; none where the queue promises nothing.
    pub(in crate::engine) fn promised_response(
        &self,
        contact: &Contact,
        owed: Owed,
    ) -> Option<Timestamp> {
        let rules = &self.rules[contact.labels.queue.index()];
        let span = rules.options.target.respond_within?;
        Some(rules.after(owed.since, span))
    }

    /// The deadline of an answer has come.
    pub(in crate::engine) fn miss_response(&mut self, slot: Slot, now: Timestamp) {
        let contact = self.contact_at(slot);
        let Some((owed, agent)) = owed(contact).zip(contact.agent()) else {
            unreachable!("an answer is owed only by an agent who serves");
        };
        let event = Event::ResponseLate {
            contact: contact.id,
            agent,
            labels: contact.labels,
            since: owed.since,
        };
        self.emit(now, event);
    }

    /// What an agent's message is to a customer who waits for one, told once it is sent.
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
        Some(Event::ResponseGiven {
            contact: contact.id,
            agent,
            labels: contact.labels,
            waited: now - owed.since,
            within_target: !owed.is_late,
        })
    }
}

fn owed(contact: &Contact) -> Option<Owed> {
    contact.service()?.owed
}
