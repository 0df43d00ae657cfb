//! Messages between customers and agents: told to whoever serves the contact, and kept for
//! the next one while nobody is there to be told. What has been said is nowhere kept: that
//! is the channel's.

use crate::domain::{ContactId, Text, Timestamp};
use crate::engine::event::Event;
use crate::engine::refusal::Refusal;
use crate::engine::registry::AgentKey;
use crate::engine::{Done, Engine};

/// The most messages of one contact that wait for an agent.
const UNHEARD_MAX: usize = 50;
/// And the most bytes of them.
const UNHEARD_BYTES_MAX: usize = 64 << 10;

impl Engine {
    /// Told to whoever serves the contact; kept for the next who does while nobody is there.
    pub(super) fn message_from_customer(
        &mut self,
        now: Timestamp,
        id: ContactId,
        text: Text,
    ) -> Result<(), Refusal> {
        let slot = self.slot(id)?;
        let contact = self.contact_at(slot);
        if contact.is_closed() {
            return Err(Refusal::WrongState(contact.state_name()));
        }
        let told = contact.service().map(|service| service.agent);
        if told.is_none() && !has_room(&contact.unheard, &text) {
            return Err(Refusal::MessagesFull);
        }
        let event = Event::MessageSent {
            contact: id,
            from: None,
            told,
            text: text.clone(),
        };
        self.emit(now, event);
        self.relay(slot, None, &text, now);
        self.wake(slot, true, now);
        Ok(())
    }

    pub(super) fn message_from_agent(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
        text: Text,
    ) -> Result<Done, Refusal> {
        let (slot, service) = self.talks_in(agent, id)?;
        let response = self.response_of(slot, agent, now);
        let event = Event::MessageSent {
            contact: id,
            from: Some(agent),
            told: None,
            text: text.clone(),
        };
        self.emit(now, event);
        if let Some(response) = response {
            self.emit(now, response);
        }
        if service
            .consult
            .is_some_and(|consult| consult.is_conference())
        {
            self.relay(slot, Some(agent), &text, now);
        }
        Ok(Done::Contact {
            contact: id,
            fresh: true,
        })
    }

    /// Shows a message to the others who work on the contact.
    pub(super) fn relay(&mut self, slot: u32, from: Option<AgentKey>, text: &Text, now: Timestamp) {
        let Some(service) = self.service_at(slot) else {
            return;
        };
        let joined = service.consult.filter(|consult| !consult.is_offered());
        let Some(consult) = joined else {
            return;
        };
        let agent = if from == Some(consult.agent) {
            service.agent
        } else {
            consult.agent
        };
        let event = Event::MessageRelayed {
            contact: self.contact_at(slot).id,
            from,
            agent,
            text: text.clone(),
        };
        self.emit(now, event);
    }

    /// Tells the agent who has just taken the contact what nobody has heard yet.
    pub(super) fn catch_up(&mut self, slot: u32, agent: AgentKey, now: Timestamp) {
        let contact = self.contact_at(slot);
        let (contact, unheard) = (contact.id, contact.unheard.clone());
        for text in unheard {
            let event = Event::MessageRelayed {
                contact,
                from: None,
                agent,
                text,
            };
            self.emit(now, event);
        }
    }

    /// Tells an agent who is back what was written meanwhile.
    pub(super) fn catch_up_with_all(&mut self, agent: AgentKey, now: Timestamp) {
        for slot in self.unheard_by(agent) {
            self.catch_up(slot, agent, now);
        }
    }

    /// The contacts of which the agent who serves them has not heard everything.
    pub(super) fn unheard_by(&self, agent: AgentKey) -> Vec<u32> {
        let load = &self.agent_at(agent).load;
        let parked = load.parked.iter().map(|(_, slot)| *slot);
        let held = load.held.iter().copied().chain(parked);
        let unheard = held.filter(|slot| {
            let contact = self.contact_at(*slot);
            let service = contact.service();
            let is_theirs = service.is_some_and(|service| service.agent == agent);
            is_theirs && !contact.unheard.is_empty()
        });
        unheard.collect()
    }
}

pub(super) fn has_room(unheard: &[Text], text: &Text) -> bool {
    let bytes: usize = unheard.iter().map(|text| text.len()).sum();
    unheard.len() < UNHEARD_MAX && bytes + text.len() <= UNHEARD_BYTES_MAX
}
