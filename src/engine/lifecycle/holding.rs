//! A customer on hold: by the agent's wish, or because another contact has interrupted.
//!
//! A held contact stays `active` and keeps its place in the agent's hands; the time on
//! hold is handling time.

use crate::domain::{ContactId, Timestamp};
use crate::engine::event::{Event, HeldBy, ServiceEvent};
use crate::engine::options::Interrupt;
use crate::engine::refusal::Refusal;
use crate::engine::state::contact::Service;
use crate::engine::state::contacts::Slot;
use crate::engine::state::place::involved;
use crate::engine::state::registry::AgentKey;
use crate::engine::{Done, Engine};

impl Engine {
    /// Repeating it changes nothing.
    pub(in crate::engine) fn hold_customer(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
    ) -> Result<Done, Refusal> {
        let (slot, service) = self.active_with(agent, id)?;
        if !service.is_held_by_agent() {
            let event = ServiceEvent::Held { by: HeldBy::Agent };
            self.emit(now, Event::Service(id, agent, event));
            self.show_helper(slot, now);
        }
        Ok(Done::contact(id))
    }

    pub(in crate::engine) fn unhold_customer(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
    ) -> Result<Done, Refusal> {
        let (slot, service) = self.active_with(agent, id)?;
        if service.is_interrupted() {
            return Err(Refusal::Interrupted);
        }
        if service.is_aside() {
            return Err(Refusal::Consulting);
        }
        self.lift_hold(slot, now);
        Ok(Done::contact(id))
    }

    /// Ends the agent's own hold, if there is one.
    pub(in crate::engine) fn lift_hold(&mut self, slot: Slot, now: Timestamp) {
        let service = self.service_at(slot);
        if let Some(service) = service.filter(|service| service.is_held_by_agent()) {
            let (id, agent) = (self.contact_at(slot).id, service.agent);
            let event = ServiceEvent::Unheld { by: HeldBy::Agent };
            self.emit(now, Event::Service(id, agent, event));
            self.show_helper(slot, now);
        }
    }

    /// Puts on hold what is interrupted by a contact that the agent has just taken.
    pub(in crate::engine) fn interrupt_for(&mut self, slot: Slot, agent: AgentKey, now: Timestamp) {
        let Some(interrupts) = self.configuration().capacity.interrupts else {
            return;
        };
        let new = self.contact_at(slot).labels.channel;
        let served = self.served_by(agent).filter(|(other, service)| {
            let current = self.contact_at(*other).labels.channel;
            *other != slot
                && !service.is_interrupted()
                && interrupts.of(new, current) == Interrupt::Hold
        });
        let served = served.map(|(other, service)| {
            let arrival = self.contact_at(other).arrival;
            (service.since, arrival, other)
        });
        let mut served: Vec<_> = served.collect();
        served.sort_unstable();
        for (_, _, other) in served {
            let event = ServiceEvent::Held {
                by: HeldBy::Interruption,
            };
            self.emit(now, Event::Service(self.contact_at(other).id, agent, event));
            self.show_helper(other, now);
        }
    }

    /// Resumes interrupted contacts, in order, as far as nothing still interrupts them.
    pub(in crate::engine) fn resume_interrupted(&mut self, agent: AgentKey, now: Timestamp) {
        let served = self.served_by(agent);
        let mut waiting: Vec<_> = served
            .filter_map(|(slot, service)| {
                Some((
                    slot,
                    service
                        .aside
                        .held
                        .filter(|held| held.interrupted.is_some())?,
                ))
            })
            .collect();
        waiting.sort_unstable_by_key(|(slot, held)| (held.since, self.contact_at(*slot).arrival));
        for (slot, _) in waiting {
            if !self.is_held_up(slot, agent) {
                let event = ServiceEvent::Unheld {
                    by: HeldBy::Interruption,
                };
                self.emit(now, Event::Service(self.contact_at(slot).id, agent, event));
                self.show_helper(slot, now);
            }
        }
    }

    /// Whether the agent has something that interrupts this contact, even if itself interrupted.
    pub(in crate::engine) fn is_held_up(&self, slot: Slot, agent: AgentKey) -> bool {
        let Some(interrupts) = self.configuration().capacity.interrupts else {
            return false;
        };
        let current = self.contact_at(slot).labels.channel;
        let held = self.agent_at(agent).load.held.iter();
        let mut others = held
            .filter(|other| **other != slot)
            .map(|other| self.contact_at(*other));
        others.any(|other| {
            let holds = involved(&other.stage);
            let mut holds = holds.iter();
            let is_own =
                holds.any(|(holder, involvement)| *holder == agent && !involvement.is_offer());
            is_own && interrupts.of(other.labels.channel, current) == Interrupt::Hold
        })
    }

    /// What an agent serves as its own.
    fn served_by(&self, agent: AgentKey) -> impl Iterator<Item = (Slot, &Service)> {
        let held = self.agent_at(agent).load.held.iter();
        let served = held.filter_map(|slot| Some((*slot, self.service_at(*slot)?)));
        served.filter(move |(_, service)| service.agent == agent)
    }
}
