//! Parked contacts: set aside by their agent, woken, taken back.
//!
//! A parked contact stays with its agent and takes none of the agent's capacity. The customer wakes
//! it by writing, the agent by asking for it, the clock at the latest. An agent who is there and
//! has room takes it back at once, but no more than one per [`REST`] unasked; otherwise it waits
//! for the agent for [`HOLD_FOR`] and then returns to its queue, in the place of its age, where
//! that agent is preferred.

use crate::domain::{ContactId, Millis, Timestamp};
use crate::engine::event::{Event, Return, ServiceEvent};
use crate::engine::refusal::Refusal;
use crate::engine::state::agent::Session;
use crate::engine::state::capacity::has_room;
use crate::engine::state::contact::Stage;
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::AgentKey;
use crate::engine::{Done, Engine};

/// How long a woken contact waits for its agent.
const HOLD_FOR: Millis = Millis::from_s(120);
/// The least time between two contacts that come back to an agent unasked.
const REST: Millis = Millis::from_s(5);

/// Why a parked contact wakes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum WokenBy {
    /// The customer has written.
    Customer,
    /// Its time is over.
    Time,
}

impl Engine {
    pub(in crate::engine) fn park(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
    ) -> Result<Done, Refusal> {
        let (slot, service) = self.active_with(agent, id)?;
        if service.aside.consult.is_some() {
            return Err(Refusal::Consulting);
        }
        let labels = self.contact_at(slot).labels;
        if labels.channel.is_synchronous() {
            return Err(Refusal::NotParkable(labels.channel));
        }
        let park_max = self.rules[labels.queue.index()].options.park_max;
        let event = ServiceEvent::Parked {
            until: now + park_max,
        };
        self.emit(now, Event::Service(id, agent, event));
        self.go_on(agent, now);
        Ok(Done::contact(id))
    }

    /// An agent who asks for a contact gets it at once, ready or not, if there is room.
    pub(in crate::engine) fn unpark(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
    ) -> Result<Done, Refusal> {
        let slot = self.slot(id)?;
        let contact = self.contact_at(slot);
        if contact.agent() != Some(agent) {
            return Err(Refusal::NotYours);
        }
        if !matches!(contact.stage, Stage::Parked(_)) {
            return Err(Refusal::WrongState(contact.state()));
        }
        if !self.fits(slot, agent) {
            let name = self.registry.agents.name(agent).clone();
            return Err(Refusal::AgentFull(name));
        }
        self.take_up(slot, agent, None, now);
        Ok(Done::contact(id))
    }

    /// A parked contact asks for its agent; any other contact is awake already.
    pub(in crate::engine) fn wake(&mut self, slot: Slot, by: WokenBy, now: Timestamp) {
        let contact = self.contact_at(slot);
        let Stage::Parked(parked) = &contact.stage else {
            return;
        };
        if parked.woken.is_some() {
            return;
        }
        let agent = parked.service.agent;
        let owner = self.agent_at(agent);
        if owner.session == Session::Gone || !owner.configured {
            self.give_back(slot, now, Return::Woken);
            self.enter_line(slot, now);
            return;
        }
        let event = ServiceEvent::Woken {
            until: now + HOLD_FOR,
            by_customer: by == WokenBy::Customer,
        };
        self.emit(now, Event::Service(contact.id, agent, event));
        self.serve(agent, now);
    }

    /// The deadline of a parked contact has passed.
    pub(in crate::engine) fn parking_is_over(&mut self, slot: Slot, now: Timestamp) {
        let Stage::Parked(parked) = &self.contact_at(slot).stage else {
            unreachable!("the deadline of a parked contact is armed only while it is parked");
        };
        if parked.woken.is_none() {
            self.wake(slot, WokenBy::Time, now);
            return;
        }
        self.give_back(slot, now, Return::Woken);
        self.enter_line(slot, now);
    }

    /// Returns awake contacts to the agent, as far as there is room and the agent has rested.
    pub(in crate::engine) fn take_up_again(&mut self, agent: AgentKey, now: Timestamp) {
        if let Some(slot) = self.next_to_take_up(agent) {
            self.take_up(slot, agent, Some(now + REST), now);
        }
    }

    /// The first contact to wake that the agent could take back now.
    pub(in crate::engine) fn next_to_take_up(&self, agent: AgentKey) -> Option<Slot> {
        let owner = self.agent_at(agent);
        if owner.load.woken.is_empty() || owner.rest_until.is_some() || !owner.is_staffed() {
            return None;
        }
        let woken = owner.load.woken.iter().map(|(_, _, slot)| *slot);
        let mut healthy =
            woken.filter(|slot| owner.is_healthy(self.contact_at(*slot).labels.channel));
        healthy.find(|slot| {
            self.fits(*slot, agent) && !self.keeps_room_from(owner, self.class_of(*slot))
        })
    }

    fn take_up(
        &mut self,
        slot: Slot,
        agent: AgentKey,
        rest_until: Option<Timestamp>,
        now: Timestamp,
    ) {
        let event = ServiceEvent::Unparked { rest_until };
        self.emit(now, Event::Service(self.contact_at(slot).id, agent, event));
        self.interrupt_for(slot, agent, now);
    }

    /// Whether the agent has room for this contact.
    pub(in crate::engine) fn fits(&self, slot: Slot, agent: AgentKey) -> bool {
        let class = self.class_of(slot);
        has_room(self.agent_at(agent), class, self.configuration())
    }

    /// Contacts that wait for an agent who will not come leave that agent; they are then moving.
    pub(in crate::engine) fn give_back_woken(
        &mut self,
        agent: AgentKey,
        now: Timestamp,
    ) -> Vec<Slot> {
        let woken = self.agent_at(agent).load.woken.iter();
        let woken: Vec<Slot> = woken.map(|(_, _, slot)| *slot).collect();
        for slot in &woken {
            self.give_back(*slot, now, Return::Woken);
        }
        woken
    }
}
