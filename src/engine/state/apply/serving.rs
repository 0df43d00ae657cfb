//! What events do to contacts while they are served.

use crate::domain::{ContactId, Millis, Text, Timestamp};
use crate::engine::Engine;
use crate::engine::event::HeldBy;
use crate::engine::state::attention::{Attention, Reading};
use crate::engine::state::contact::{Consult, Consulting, Held, Parked, Service, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::deadline::Reason;
use crate::engine::state::registry::AgentKey;

impl Engine {
    pub(super) fn held(&mut self, contact: ContactId, by: HeldBy, at: Timestamp) {
        let slot = self.known(contact);
        let effort = self.effort_of(&self.served(slot), at);
        self.alter_service(slot, |service| {
            let held = service.held.get_or_insert(Held {
                since: at,
                by_agent: false,
                interrupted: false,
                effort: None,
            });
            *reason(held, by) = true;
            // It takes none of its agent's attention until it goes on.
            if by == HeldBy::Interruption {
                held.effort = Some(effort);
            }
        });
    }

    pub(super) fn unheld(&mut self, contact: ContactId, by: HeldBy, at: Timestamp) {
        let slot = self.known(contact);
        let goes_on = self.goes_on(self.served(slot), at);
        self.alter_service(slot, |service| {
            if by == HeldBy::Interruption {
                *service = goes_on;
            }
            if let Some(held) = &mut service.held {
                *reason(held, by) = false;
            }
            service.held = service
                .held
                .filter(|held| held.by_agent || held.interrupted);
        });
    }

    pub(super) fn parked(&mut self, contact: ContactId, until: Timestamp, at: Timestamp) {
        let slot = self.known(contact);
        let mut service = self.served(slot);
        let effort = self.effort_of(&service, at);
        count_hold(&mut service, at, |service| service.held = None);
        let parked = Parked {
            service,
            since: at,
            until,
            woken_at: None,
            woken_by_customer: false,
            effort,
        };
        self.place(slot, Stage::Parked(parked));
        self.idle_from(parked.service.agent, at);
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
            woken_at: Some(at),
            woken_by_customer: by_customer,
            ..self.set_aside(slot)
        };
        self.place(slot, Stage::Parked(woken));
    }

    pub(super) fn unparked(&mut self, contact: ContactId, at: Timestamp) {
        let slot = self.known(contact);
        let parked = self.set_aside(slot);
        let attention = self.attention_of(parked.service.agent, at);
        let service = Service {
            attention: attention.reading_after(parked.effort),
            parked: parked.service.parked + (at - parked.since),
            ..parked.service
        };
        self.place(slot, Stage::Active(service));
    }

    pub(super) fn consult_offered(
        &mut self,
        contact: ContactId,
        consult: Consult,
        note: Option<&Text>,
    ) {
        let slot = self.known(contact);
        self.contacts[slot].offers = consult.number;
        self.contacts[slot].consult_note = note.cloned();
        self.alter_service(slot, |service| service.consult = Some(consult));
    }

    /// The same offer with another deadline: what its agent holds does not change.
    pub(super) fn consult_delivered(&mut self, contact: ContactId, answer_by: Timestamp) {
        let slot = self.known(contact);
        self.alter_service(slot, |service| {
            if let Some(consult) = &mut service.consult
                && let Consulting::Offered {
                    delivered, until, ..
                } = &mut consult.stage
            {
                *delivered = true;
                *until = answer_by;
            }
        });
    }

    pub(super) fn consult_stage(&mut self, contact: ContactId, stage: Consulting) {
        let slot = self.known(contact);
        self.alter_service(slot, |service| {
            if let Some(consult) = &mut service.consult {
                consult.stage = stage;
            }
        });
    }

    pub(super) fn consult_ended(&mut self, contact: ContactId, at: Timestamp) {
        let slot = self.known(contact);
        self.contacts[slot].consult_note = None;
        let consult = self.contacts[slot]
            .service()
            .and_then(|service| service.consult);
        self.alter_service(slot, |service| service.consult = None);
        // An agent who was only asked has not worked.
        if let Some(consult) = consult.filter(|consult| !consult.is_offered()) {
            self.idle_from(consult.agent, at);
        }
    }

    /// The consulted agent serves from here on.
    pub(super) fn handed_over(&mut self, slot: Slot, agent: AgentKey, at: Timestamp) {
        let attention = self.attention_of(agent, at).reading();
        self.contacts[slot].consult_note = None;
        self.contacts[slot].handed_over_to = Some(agent);
        let before = self.served(slot);
        let service = Service {
            agent,
            since: at,
            offer_number: before.consult.map_or(0, |consult| consult.number),
            attention,
            held: None,
            parked: Millis::ZERO,
            consult: None,
            owed: before.owed,
            on_hold: None,
        };
        self.place(slot, Stage::Active(service));
    }

    /// Alters the service of a contact that is being served.
    fn alter_service(&mut self, slot: Slot, alter: impl FnOnce(&mut Service)) {
        let mut service = self.served(slot);
        count_hold(&mut service, self.last_at, alter);
        self.place(slot, Stage::Active(service));
    }

    fn served(&self, slot: Slot) -> Service {
        let Stage::Active(service) = self.contacts[slot].stage else {
            unreachable!("only a contact that is being served has a second agent");
        };
        service
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
        let before = service.held.and_then(|held| held.effort);
        before.unwrap_or_else(|| attention.spent_since(service.attention))
    }

    /// It takes its agent's attention again from then on.
    pub(super) fn goes_on(&mut self, service: Service, at: Timestamp) -> Service {
        let effort = self.effort_of(&service, at);
        let attention = self.attention_of(service.agent, at).reading_after(effort);
        let held = service.held.map(|held| Held {
            effort: None,
            ..held
        });
        Service {
            attention,
            held,
            ..service
        }
    }

    fn set_aside(&self, slot: Slot) -> Parked {
        let Stage::Parked(parked) = self.contacts[slot].stage else {
            unreachable!("only a parked contact wakes");
        };
        parked
    }
}

/// Applies a change that may begin a hold or end one.
fn count_hold(service: &mut Service, at: Timestamp, alter: impl FnOnce(&mut Service)) {
    let before = service.on_hold_since();
    alter(service);
    if let Some(before) = before {
        let goes_on_since = service.on_hold_since().unwrap_or(at);
        let span = goes_on_since - before;
        service.on_hold = Some(service.on_hold.unwrap_or(Millis::ZERO) + span);
    }
}

fn reason(held: &mut Held, by: HeldBy) -> &mut bool {
    match by {
        HeldBy::Agent => &mut held.by_agent,
        HeldBy::Interruption => &mut held.interrupted,
    }
}
