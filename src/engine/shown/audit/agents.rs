//! Agents: their loads, and what they hold and have parked.

use std::collections::BTreeMap;

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::state::agent::Agent;
use crate::engine::state::contact::{Contact, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::deadline::Reason;
use crate::engine::state::place::{self, standing};
use crate::engine::state::registry::AgentKey;

impl Engine {
    pub(super) fn audit_agents(&self, faults: &mut Vec<String>) {
        let mut hands: BTreeMap<AgentKey, Vec<Slot>> = BTreeMap::new();
        for (slot, contact) in self.contacts.open_after(0) {
            if let (Some(agent), false) = (contact.agent(), is_parked(contact)) {
                hands.entry(agent).or_default().push(slot);
            }
            for agent in self.offered_beside(slot) {
                hands.entry(agent).or_default().push(slot);
            }
            if let Some(consult) = self.consult_at(slot) {
                hands.entry(consult.agent).or_default().push(slot);
            }
        }
        self.audit_parked(faults);
        let keeping = self.agents.iter();
        let keeping = keeping.filter(|agent| agent.load.keeps_room_for.is_some());
        if !keeping.map(|agent| &agent.key).eq(&self.keeping_room) {
            faults.push("other agents keep room than listed".to_owned());
        }
        let leaving = self.agents.iter();
        let leaving = leaving.filter(|agent| !agent.is_staffed() && !agent.load.held.is_empty());
        if !leaving.map(|agent| &agent.key).eq(&self.leaving) {
            faults.push("the list of leaving agents is wrong".to_owned());
        }
        for agent in &self.agents {
            let mut holds = hands.remove(&agent.key).unwrap_or_default();
            holds.sort_unstable();
            self.audit_load(agent, &holds, faults);
        }
    }

    /// An agent's load against the contacts in the agent's hands.
    fn audit_load(&self, agent: &Agent, holds: &[Slot], faults: &mut Vec<String>) {
        let (id, options) = (self.registry.agents.name(agent.key), self.configuration());
        let mut held = agent.load.held.to_vec();
        held.sort_unstable();
        if held != holds {
            faults.push(format!("{id} holds {holds:?}, the load says {held:?}"));
        }
        let mut counted = agent.load.clone();
        counted.clear_counts();
        for slot in holds {
            let stage = &self.contact_at(*slot).stage;
            for (holder, involvement) in place::involved(stage) {
                if holder == agent.key {
                    counted.add(self.class_of(*slot), involvement, options);
                }
            }
            let until = self.served_until(self.contact_at(*slot));
            let is_checked = |until| agent.ends_checked_at.is_some_and(|at| at <= until);
            let service = self.service_at(*slot);
            let own = service.filter(|service| service.agent == agent.key);
            if own.is_some() && until.is_some_and(|until| !is_checked(until)) {
                faults.push(format!("{id}: no timer checks for missed ends"));
            }
            if own.is_some_and(|own| own.is_interrupted()) && !self.is_held_up(*slot, agent.key) {
                let contact = self.contact_at(*slot).id;
                faults.push(format!(
                    "{id}: nothing interrupts {contact}, which is on hold"
                ));
            }
        }
        if counted != agent.load {
            faults.push(format!("{id}: the load differs from what is held"));
        }
        let offers = agent.load.offers;
        if offers > 0 && !agent.is_staffed() {
            faults.push(format!("{id} has an offer without being there"));
        }
        if self.pool.standing(agent.key) != standing(agent, options)
            && self.pool.group_of(agent.key).is_some()
        {
            faults.push(format!("{id} is in the wrong place of the pool"));
        }
    }

    fn audit_parked(&self, faults: &mut Vec<String>) {
        let mut parked: BTreeMap<AgentKey, Vec<(u64, Slot)>> = BTreeMap::new();
        let mut woken: BTreeMap<AgentKey, Vec<(Timestamp, u64, Slot)>> = BTreeMap::new();
        for (slot, contact) in self.contacts.open_after(0) {
            let Stage::Parked(stage) = &contact.stage else {
                continue;
            };
            let agent = stage.service.agent;
            parked
                .entry(agent)
                .or_default()
                .push((contact.arrival, slot));
            if let Some(at) = stage.woken_at() {
                let woken = woken.entry(agent).or_default();
                woken.push((at, contact.arrival, slot));
                woken.sort_unstable();
            }
        }
        for agent in &self.agents {
            let id = self.registry.agents.name(agent.key);
            let parked = parked.remove(&agent.key).unwrap_or_default();
            let woken = woken.remove(&agent.key).unwrap_or_default();
            let listed = agent.load.parked.iter().copied().eq(parked);
            if !listed || !agent.load.woken.iter().copied().eq(woken) {
                faults.push(format!("{id} has parked other contacts than listed"));
            }
            if let Some(slot) = self.next_to_take_up(agent.key) {
                let contact = self.contact_at(slot).id;
                faults.push(format!(
                    "{contact} is parked with {id}, who could take it back"
                ));
            }
            if let Some(until) = agent.rest_until
                && !self.deadlines.contains(until, Reason::Rest(agent.key))
            {
                faults.push(format!("{id}: the end of the rest is not armed"));
            }
        }
    }
}

const fn is_parked(contact: &Contact) -> bool {
    matches!(contact.stage, Stage::Parked(_))
}
