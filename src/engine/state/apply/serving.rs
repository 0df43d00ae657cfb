//! What events do to contacts while they are served.

use crate::domain::{ContactId, Timestamp};
use crate::engine::Engine;
use crate::engine::event::{HeldBy, ServiceEvent};
use crate::engine::state::attention::{Attention, Reading};
use crate::engine::state::contact::{Aside, Ending, Held, Parked, Service, Stage, Woken};
use crate::engine::state::contacts::Slot;
use crate::engine::state::deadline::Reason;
use crate::engine::state::registry::AgentKey;

impl Engine {
    pub(super) fn fold_service(
        &mut self,
        contact: ContactId,
        agent: AgentKey,
        event: &ServiceEvent,
        at: Timestamp,
    ) {
        match event {
            ServiceEvent::Pulled { .. } => self.taken(contact, agent, 0, at),
            ServiceEvent::Shown { .. } => {}
            ServiceEvent::Returned {
                why,
                handled,
                cooldown,
                to_front,
                ..
            } => {
                let slot = self.left_agent(contact, agent, why, *handled, at);
                self.came_back(slot, agent, why, *cooldown, at);
                self.contacts[slot].has_lost_agent = *to_front;
            }
            ServiceEvent::Recalled { times, .. } => {
                let slot = self.known(contact);
                let past = &mut self.contacts[slot].past;
                past.alter(|past| past.recalls = *times);
            }
            ServiceEvent::WrapUpStarted {
                until,
                outcome,
                notes,
                ended_by,
            } => {
                let ending = Ending {
                    outcome: outcome.clone(),
                    notes: notes.clone(),
                    ended_by: *ended_by,
                };
                self.wrap_up_started(contact, *until, ending);
            }
            ServiceEvent::WrapUpExtended { until } => {
                self.wrap_up_extended(contact, *until);
            }
            ServiceEvent::Held { by } => self.held(contact, *by, at),
            ServiceEvent::Unheld { by } => self.unheld(contact, *by, at),
            ServiceEvent::Parked { until } => self.parked(contact, *until, at),
            ServiceEvent::Woken { until, by_customer } => {
                self.woken(contact, *until, *by_customer, at);
            }
            ServiceEvent::Unparked { rest_until } => {
                self.unparked(contact, at);
                if rest_until.is_some() {
                    self.rest_until(agent, *rest_until);
                }
            }
            ServiceEvent::HandedOver {
                from, why, handled, ..
            } => {
                let slot = self.left_agent(contact, *from, why, *handled, at);
                self.contacts[slot].was_served = true;
                self.handed_over(slot, agent, at);
                self.untell_helper(slot, agent);
                self.hand_on(slot, *from, why);
            }
        }
    }

    pub(super) fn held(&mut self, contact: ContactId, by: HeldBy, at: Timestamp) {
        let slot = self.known(contact);
        let service = self.served(slot);
        let effort = self.effort_of(&service, at);
        self.alter_aside(slot, service, |aside| {
            let held = aside.held.get_or_insert(Held {
                since: at,
                by_agent: false,
                interrupted: None,
            });
            match by {
                HeldBy::Agent => held.by_agent = true,
                HeldBy::Interruption => held.interrupted = Some(effort),
            }
        });
    }

    pub(super) fn unheld(&mut self, contact: ContactId, by: HeldBy, at: Timestamp) {
        let slot = self.known(contact);
        let mut service = self.served(slot);
        if by == HeldBy::Interruption {
            service = self.goes_on(service, at);
        }
        self.alter_aside(slot, service, |aside| {
            if let Some(held) = &mut aside.held {
                held.by_agent &= by != HeldBy::Agent;
            }
            let held = aside
                .held
                .filter(|held| held.by_agent || held.interrupted.is_some());
            aside.held = held;
        });
    }

    pub(super) fn parked(&mut self, contact: ContactId, until: Timestamp, at: Timestamp) {
        let slot = self.known(contact);
        let mut service = self.served(slot);
        let effort = self.effort_of(&service, at);
        let agent = service.agent;
        (service.aside).alter(|aside| aside.count_hold(at, |aside| aside.held = None));
        let parked = Parked {
            service,
            since: at,
            until,
            woken: None,
            effort,
        };
        self.place(slot, Stage::Parked(parked));
        if let Some(callback) = &mut self.contacts[slot].callback {
            callback.hang_up();
        }
        self.idle_from(agent, at);
    }

    pub(super) fn woken(
        &mut self,
        contact: ContactId,
        until: Timestamp,
        by_customer: bool,
        at: Timestamp,
    ) {
        let slot = self.known(contact);
        let woken = Parked {
            until,
            woken: Some(Woken { at, by_customer }),
            ..self.set_aside(slot)
        };
        self.place(slot, Stage::Parked(woken));
    }

    pub(super) fn unparked(&mut self, contact: ContactId, at: Timestamp) {
        let slot = self.known(contact);
        let parked = self.set_aside(slot);
        let attention = self.attention_of(parked.service.agent, at);
        let mut service = parked.service;
        service.attention = attention.reading_after(parked.effort);
        let span = at - parked.since;
        service
            .aside
            .alter(|aside| aside.parked = aside.parked + span);
        self.place(slot, Stage::Active(service));
    }

    fn wrap_up_started(&mut self, contact: ContactId, until: Timestamp, ending: Ending) {
        let slot = self.known(contact);
        let Stage::Active(service) = &self.contacts[slot].stage else {
            unreachable!("only an active contact is wrapped up");
        };
        let (service, on_hold) = (service.clone(), service.held_for(self.last_at));
        let mut service = Service {
            owed: None,
            ..self.goes_on(service, self.last_at)
        };
        service.aside.alter(|aside| {
            aside.held = None;
            aside.on_hold = on_hold;
        });
        let wrap_up = Stage::WrapUp {
            service,
            until,
            extended: false,
            outcome: ending.outcome,
            notes: ending.notes,
            ended_by: ending.ended_by,
        };
        self.place(slot, wrap_up);
    }

    fn wrap_up_extended(&mut self, contact: ContactId, longer: Timestamp) {
        let slot = self.known(contact);
        let mut stage = self.contacts[slot].stage.clone();
        if let Stage::WrapUp {
            until, extended, ..
        } = &mut stage
        {
            *until = longer;
            *extended = true;
        }
        self.place(slot, stage);
    }

    /// The consulted agent serves from here on.
    pub(super) fn handed_over(&mut self, slot: Slot, agent: AgentKey, at: Timestamp) {
        let attention = self.attention_of(agent, at).reading();
        let past = &mut self.contacts[slot].past;
        past.alter(|past| past.handed_over_to = Some(agent));
        let before = self.served(slot);
        let consult = before.aside.consult;
        let number = consult.map_or(0, |consult| consult.number);
        let service = Service {
            owed: before.owed,
            ..Service::begun(agent, number, at, attention)
        };
        self.place(slot, Stage::Active(service));
    }

    pub(super) fn alter_aside(
        &mut self,
        slot: Slot,
        mut service: Service,
        alter: impl FnOnce(&mut Aside),
    ) {
        let now = self.last_at;
        service.aside.alter(|aside| aside.count_hold(now, alter));
        self.place(slot, Stage::Active(service));
    }

    pub(super) fn served(&self, slot: Slot) -> Service {
        let Stage::Active(service) = &self.contacts[slot].stage else {
            unreachable!("only a contact that is being served has a second agent");
        };
        service.clone()
    }

    /// Lets parked contacts come back to the agent from then on, or at any time.
    pub(super) fn rest_until(&mut self, agent: AgentKey, until: Option<Timestamp>) {
        let before = std::mem::replace(&mut self.agents[agent.index()].rest_until, until);
        if let Some(before) = before {
            self.deadlines.disarm(before, Reason::Rest(agent));
        }
        if let Some(until) = until {
            self.deadlines.arm(until, Reason::Rest(agent));
        }
    }

    fn attention_of(&mut self, agent: AgentKey, at: Timestamp) -> Attention {
        let held = &mut self.agents[agent.index()];
        held.attention.advance(held.works_on(), at);
        held.attention
    }

    /// The attention that a contact in its agent's hands has taken.
    pub(super) fn effort_of(&mut self, service: &Service, at: Timestamp) -> Reading {
        let attention = self.attention_of(service.agent, at);
        let before = service.aside.held.and_then(|held| held.interrupted);
        before.unwrap_or_else(|| attention.spent_since(service.attention))
    }

    /// It takes its agent's attention again from then on.
    pub(super) fn goes_on(&mut self, service: Service, at: Timestamp) -> Service {
        let effort = self.effort_of(&service, at);
        let attention = self.attention_of(service.agent, at).reading_after(effort);
        let mut service = Service {
            attention,
            ..service
        };
        service.aside.reset(|aside| {
            if let Some(held) = &mut aside.held {
                held.interrupted = None;
            }
        });
        service
    }

    fn set_aside(&self, slot: Slot) -> Parked {
        let Stage::Parked(parked) = &self.contacts[slot].stage else {
            unreachable!("only a parked contact wakes");
        };
        parked.clone()
    }
}
