//! Messages between customers and agents: sent to the serving agent, and kept until that agent's
//! desktop has acknowledged them, so that they can be sent again to a desktop that reconnects
//! without them, or to the next agent. Acknowledged messages are not kept: that is the channel's
//! job.

use crate::domain::{ContactId, Name, Text, Timestamp};
use crate::engine::event::{AgentEvent, Event, MessageEvent};
use crate::engine::lifecycle::parking::WokenBy;
use crate::engine::refusal::Refusal;
use crate::engine::state::contact::{Contact, Unheard, has_room};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::AgentKey;
use crate::engine::{Done, Engine};

impl Engine {
    /// Sent to the serving agent, behind earlier ones that the desktop lacks; kept for the next one
    /// while there is none.
    pub(in crate::engine) fn message_from_customer(
        &mut self,
        now: Timestamp,
        id: ContactId,
        text: Text,
    ) -> Result<(), Refusal> {
        let slot = self.slot(id)?;
        let contact = self.contact_at(slot);
        if contact.is_closed() {
            return Err(Refusal::WrongState(contact.state()));
        }
        if !has_room(&contact.unheard, &text) {
            return Err(Refusal::MessagesFull);
        }
        let serving = contact.service().map(|service| service.agent);
        let lacking = serving.filter(|agent| self.lacks_earlier(contact, *agent));
        // Whoever is in grace has perhaps left behind what was withheld.
        let is_withheld = lacking.is_some_and(|agent| {
            let desk = self.agent_at(agent);
            desk.may_resume(now) || !desk.is_connected()
        });
        if let Some(agent) = lacking.filter(|_| !is_withheld) {
            self.catch_up(slot, agent, now);
        }
        let told = serving.filter(|_| !is_withheld);
        let event = MessageEvent::Sent {
            from: None,
            told,
            text: text.clone(),
        };
        self.emit(now, Event::Message(id, event));
        self.relay(slot, None, &text, now);
        self.wake(slot, WokenBy::Customer, now);
        Ok(())
    }

    /// Whether the agent's desktop has not been sent an earlier message, or will not have been once
    /// it resumes.
    fn lacks_earlier(&self, contact: &Contact, agent: AgentKey) -> bool {
        let desk = self.agent_at(agent);
        let mut unheard = contact.unheard.iter();
        if desk.is_connected() {
            unheard.any(|kept| kept.is_owed(desk))
        } else {
            unheard.any(|kept| kept.told.is_none())
        }
    }

    pub(in crate::engine) fn message_from_agent(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
        text: Text,
    ) -> Result<Done, Refusal> {
        let (slot, service) = self.talks_in(agent, id)?;
        let is_conference = service.is_conference();
        let response = self.response_of(slot, agent, now);
        let event = MessageEvent::Sent {
            from: Some(agent),
            told: None,
            text: text.clone(),
        };
        self.emit(now, Event::Message(id, event));
        if let Some(response) = response {
            self.emit(now, response);
        }
        if is_conference {
            self.relay(slot, Some(agent), &text, now);
        }
        Ok(Done::contact(id))
    }

    /// Shows a message to the others who work on the contact.
    pub(in crate::engine) fn relay(
        &mut self,
        slot: Slot,
        from: Option<AgentKey>,
        text: &Text,
        now: Timestamp,
    ) {
        let Some(service) = self.service_at(slot) else {
            return;
        };
        let Some(consult) = service.joined() else {
            return;
        };
        let agent = if from == Some(consult.agent) {
            service.agent
        } else {
            consult.agent
        };
        let event = MessageEvent::Relayed {
            from,
            agent,
            text: text.clone(),
        };
        self.emit(now, Event::Message(self.contact_at(slot).id, event));
    }

    /// Sends the serving agent what this desktop has not been sent yet.
    pub(in crate::engine) fn catch_up(&mut self, slot: Slot, agent: AgentKey, now: Timestamp) {
        let (contact, desk) = (self.contact_at(slot), self.agent_at(agent));
        let owed = contact.unheard.iter().filter(|kept| kept.is_owed(desk));
        let owed: Vec<Text> = owed.map(|kept| kept.text.clone()).collect();
        let contact = contact.id;
        for text in owed {
            let event = MessageEvent::Relayed {
                from: None,
                agent,
                text,
            };
            self.emit(now, Event::Message(contact, event));
        }
    }

    /// Sends a returning agent what was written meanwhile, or may have been lost before.
    pub(in crate::engine) fn catch_up_with_all(&mut self, agent: AgentKey, now: Timestamp) {
        for slot in self.unheard_by(agent) {
            self.catch_up(slot, agent, now);
        }
    }

    /// The desktop has not resumed in time: what was withheld meanwhile is sent, behind what it lacks.
    pub(in crate::engine) fn release(&mut self, agent: AgentKey, now: Timestamp) {
        for slot in self.unheard_by(agent) {
            let mut unheard = self.contact_at(slot).unheard.iter();
            if unheard.any(|kept| kept.told.is_none()) {
                self.catch_up(slot, agent, now);
            }
        }
    }

    /// The desktop acknowledges all frames up to this one; a number that no frame has is ignored.
    pub(in crate::engine) fn hear(&mut self, now: Timestamp, agent: AgentKey, upto: u64) {
        if self.has_unheard(agent, upto, |kept| kept.is_heard_with(upto)) {
            self.emit(now, Event::Agent(agent, AgentEvent::Heard { upto }));
        }
    }

    /// The desktop comes back with all frames up to this one, and is sent the rest.
    pub(in crate::engine) fn resume_desk(&mut self, now: Timestamp, agent: AgentKey, upto: u64) {
        // Without such messages, nothing depends on what the desktop lacks.
        let lacks = self.has_unheard(agent, upto, |kept| kept.told.is_some());
        let desk = self.agent_at(agent);
        let repeats = upto <= desk.frames_sent && desk.carried_out.may_come_back();
        if lacks || repeats {
            self.emit(now, Event::Agent(agent, AgentEvent::Resumed { upto }));
        }
        // What was withheld since it has connected.
        self.catch_up_with_all(agent, now);
    }

    /// Whether the agent may not have received such a message, and has been sent this frame.
    fn has_unheard(&self, agent: AgentKey, upto: u64, is_such: impl Fn(&Unheard) -> bool) -> bool {
        let is_sent = upto <= self.agent_at(agent).frames_sent;
        let mut unheard = self.unheard_by(agent).into_iter();
        is_sent && unheard.any(|slot| self.contact_at(slot).unheard.iter().any(&is_such))
    }

    /// Whether this agent has the contact, other than as a helper.
    pub fn is_served_by(&self, contact: ContactId, agent: &Name) -> bool {
        let slot = self.contacts.slot(contact);
        let service = slot.and_then(|slot| self.contact_at(slot).service());
        service.is_some_and(|service| self.registry.agents.name(service.agent) == agent)
    }

    /// The contacts whose serving agent may not have received everything, in order.
    pub(in crate::engine) fn unheard_by(&self, agent: AgentKey) -> Vec<Slot> {
        let load = &self.agent_at(agent).load;
        let parked = load.parked.iter().map(|(_, slot)| *slot);
        let held = load.held.iter().copied().chain(parked);
        let unheard = held.filter(|slot| {
            let contact = self.contact_at(*slot);
            let service = contact.service();
            let is_theirs = service.is_some_and(|service| service.agent == agent);
            is_theirs && !contact.unheard.is_empty()
        });
        let mut unheard: Vec<Slot> = unheard.collect();
        unheard.sort_unstable_by_key(|slot| self.contact_at(*slot).arrival);
        unheard
    }
}
