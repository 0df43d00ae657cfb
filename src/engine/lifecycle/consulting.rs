//! A second agent: asked for help while the customer waits, in conference with the customer, and
//! taking over without a new offer.
//!
//! The contact stays `active` with the agent who asked; the consulted agent is recorded beside. The
//! offer to help takes capacity like any other offer, and an agent who has joined works on the
//! contact as on one of their own.

use crate::domain::{ContactId, OfferId, Text, Timestamp};
use crate::engine::command::Destination;
use crate::engine::event::{
    Because, ConsultEnd, ConsultEvent, Cooling, Event, Labels, OfferEnd, Return, ServiceEvent,
    Withdrawal,
};
use crate::engine::refusal::Refusal;
use crate::engine::state::agent::OPEN_OFFERS_MAX;
use crate::engine::state::contact::{Consult, Consulting, EndedBy, Service, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::AgentKey;
use crate::engine::{Done, Engine};

impl Engine {
    pub(in crate::engine) fn consult(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
        to: Destination,
        note: Option<Text>,
    ) -> Result<Done, Refusal> {
        let (slot, service) = self.active_with(agent, id)?;
        if service.aside.consult.is_some() {
            return Err(Refusal::Consulting);
        }
        if service.is_interrupted() {
            return Err(Refusal::Interrupted);
        }
        if self.is_stopping {
            return Err(Refusal::Stopping);
        }
        let asked = match to {
            Destination::Queue(name) => {
                let queue = self.queue_key(&name)?;
                let found = self.find_helper(slot, queue, agent, now);
                found.ok_or(Refusal::NobodyFree(name))?
            }
            Destination::Agent(name) => {
                let asked = self.agent_key(&name)?;
                let held = self.agent_at(asked);
                if asked == agent {
                    return Err(Refusal::AlreadyYours);
                }
                if !held.is_staffed() {
                    return Err(Refusal::AgentNotReady(name));
                }
                if held.load.offers >= OPEN_OFFERS_MAX || !self.fits(slot, asked) {
                    return Err(Refusal::AgentFull(name));
                }
                asked
            }
        };
        let contact = self.contact_at(slot);
        let queue = contact.labels.queue;
        let timing = self.rules[queue.index()].options.offer;
        let offer = OfferId {
            contact: id,
            number: contact.newest_offer + 1,
        };
        let event = ConsultEvent::Offered {
            agent: asked,
            by: agent,
            queue,
            deliver_by: now + timing.undelivered_after,
            answer_within: timing.answer_within,
            note,
        };
        self.emit(now, Event::Consult(offer, event));
        self.show(slot, Because::ConsultOffered, now);
        Ok(Done::contact(id))
    }

    pub(in crate::engine) fn consult_at(&self, slot: Slot) -> Option<Consult> {
        self.service_at(slot)?.aside.consult
    }

    /// The service of a contact that is being served.
    pub(in crate::engine) fn service_at(&self, slot: Slot) -> Option<&Service> {
        match &self.contact_at(slot).stage {
            Stage::Active(service) => Some(service),
            Stage::Moving
            | Stage::Scheduled { .. }
            | Stage::Queued { .. }
            | Stage::Offered { .. }
            | Stage::Parked(_)
            | Stage::WrapUp { .. }
            | Stage::Closed(_) => None,
        }
    }

    pub(in crate::engine) fn deliver_consult(
        &mut self,
        slot: Slot,
        offer: OfferId,
        now: Timestamp,
    ) {
        if let Some(Consulting::Offered {
            delivered: false,
            answer_within,
            ..
        }) = self.consult_at(slot).map(|consult| consult.stage)
        {
            let answer_by = now + answer_within;
            let event = ConsultEvent::Delivered { answer_by };
            self.emit(now, Event::Consult(offer, event));
        }
    }

    pub(in crate::engine) fn accept_consult(&mut self, slot: Slot, offer: OfferId, now: Timestamp) {
        let Some(Consult { agent, .. }) = self.consult_at(slot) else {
            unreachable!("only a live offer is accepted");
        };
        let Labels { queue, channel, .. } = self.contact_at(slot).labels;
        let event = ConsultEvent::Accepted { agent, queue };
        self.emit(now, Event::Consult(offer, event));
        self.clear_strikes(now, agent, channel);
        self.show(slot, Because::ConsultAccepted, now);
        self.interrupt_for(slot, agent, now);
        self.serve(agent, now);
    }

    pub(in crate::engine) fn decline_consult(
        &mut self,
        slot: Slot,
        reason: Option<Text>,
        cooling: Cooling,
        now: Timestamp,
    ) {
        let how = ConsultEnd::Unanswered(OfferEnd::Declined { reason });
        let asked = self.end_consult_as(slot, how, Some(cooling), now);
        self.show(slot, Because::ConsultDeclined, now);
        self.go_on(asked, now);
    }

    /// The deadline of an offer to help has passed.
    pub(in crate::engine) fn consult_offer_is_over(&mut self, slot: Slot, now: Timestamp) {
        let channel = self.contact_at(slot).labels.channel;
        let (asked, because) = self.end_unanswered_consult(slot, now);
        if because == Because::ConsultExpired {
            self.strike(now, asked, channel, None);
        }
        self.show(slot, because, now);
        self.wait_no_more_for_suspended(asked, now);
        self.go_on(asked, now);
    }

    /// The same, together with others: the strike for it is left to the caller. Returns the agent
    /// who was asked, and whether the request was delivered.
    pub(in crate::engine) fn end_consult_offer(
        &mut self,
        slot: Slot,
        now: Timestamp,
    ) -> (AgentKey, bool) {
        let (asked, because) = self.end_unanswered_consult(slot, now);
        self.show(slot, because, now);
        (asked, because == Because::ConsultExpired)
    }

    /// Returns the agent who was asked, and what the desktop of the other one is shown.
    fn end_unanswered_consult(&mut self, slot: Slot, now: Timestamp) -> (AgentKey, Because) {
        let Some(Consult {
            agent,
            stage: Consulting::Offered { delivered, .. },
            ..
        }) = self.consult_at(slot)
        else {
            unreachable!("the deadline of an offer is armed only while it lives");
        };
        let cooling = self.unanswered(slot, agent, delivered, now);
        let (how, because) = if delivered {
            (OfferEnd::Expired, Because::ConsultExpired)
        } else {
            (OfferEnd::Undelivered, Because::ConsultUndelivered)
        };
        let how = ConsultEnd::Unanswered(how);
        let asked = self.end_consult_as(slot, how, Some(cooling), now);
        if !delivered {
            self.rest(now, asked);
        }
        (asked, because)
    }

    /// Takes back every open offer to help from this agent.
    pub(in crate::engine) fn withdraw_consults(
        &mut self,
        agent: AgentKey,
        now: Timestamp,
        why: Withdrawal,
    ) {
        let held = self.agent_at(agent).load.held.clone();
        let mut asked: Vec<Slot> = held
            .into_iter()
            .filter(|slot| {
                let consult = self.consult_at(*slot);
                consult.is_some_and(|consult| consult.agent == agent && consult.is_offered())
            })
            .collect();
        self.sort_by_turn(&mut asked);
        for slot in asked {
            let how = ConsultEnd::Unanswered(OfferEnd::Withdrawn(why));
            self.end_consult_as(slot, how, None, now);
            self.show(slot, Because::ConsultWithdrawn, now);
        }
    }

    /// Ends a consultation, in whatever state, because its contact moves on; returns the agent who
    /// is freed by that.
    pub(in crate::engine) fn stop_consult(
        &mut self,
        slot: Slot,
        why: ConsultEnd,
        now: Timestamp,
    ) -> Option<AgentKey> {
        let consult = self.consult_at(slot)?;
        let how = if consult.is_offered() {
            let gone = if why == ConsultEnd::Over(EndedBy::Customer) {
                Withdrawal::CustomerLeft
            } else {
                Withdrawal::ConsultEnded
            };
            ConsultEnd::Unanswered(OfferEnd::Withdrawn(gone))
        } else {
            why
        };
        Some(self.end_consult_as(slot, how, None, now))
    }

    fn end_consult_as(
        &mut self,
        slot: Slot,
        how: ConsultEnd,
        cooldown: Option<Cooling>,
        now: Timestamp,
    ) -> AgentKey {
        let Some(consult) = self.consult_at(slot) else {
            unreachable!("only a consultation ends as one");
        };
        let offer = OfferId {
            contact: self.contact_at(slot).id,
            number: consult.number,
        };
        let agent = consult.agent;
        let event = ConsultEvent::Ended {
            agent,
            how,
            queue: self.contact_at(slot).labels.queue,
            cooldown: cooldown.map(|cooling| Cooling {
                lift_at: None,
                ..cooling
            }),
        };
        self.emit(now, Event::Consult(offer, event));
        agent
    }

    /// On behalf of either of the two.
    pub(in crate::engine) fn end_consult(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
    ) -> Result<Done, Refusal> {
        let (slot, _) = self.shared_with(agent, id)?;
        let asked = self.stop_consult(slot, ConsultEnd::Ended, now);
        let asked = asked.ok_or(Refusal::NotConsulting)?;
        self.show(slot, Because::ConsultEnded, now);
        self.go_on(asked, now);
        Ok(Done::contact(id))
    }

    pub(in crate::engine) fn conference(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
    ) -> Result<Done, Refusal> {
        let (slot, service) = self.active_with(agent, id)?;
        let joined = service.joined();
        let consult = joined.ok_or(Refusal::NotConsulting)?;
        if !consult.is_conference() {
            // The customer is to join.
            if service.is_interrupted() {
                return Err(Refusal::Interrupted);
            }
            self.lift_hold(slot, now);
            let offer = OfferId {
                contact: id,
                number: consult.number,
            };
            let event = ConsultEvent::ConferenceBegun {
                agent: consult.agent,
            };
            self.emit(now, Event::Consult(offer, event));
            self.show(slot, Because::Conference, now);
        }
        Ok(Done::contact(id))
    }

    /// Hands over to the consulted agent, who has joined, at once; returns that agent.
    pub(in crate::engine) fn hand_over(
        &mut self,
        slot: Slot,
        why: Return,
        now: Timestamp,
    ) -> Option<AgentKey> {
        let service = self.service_at(slot)?;
        let (from, consult) = (service.agent, service.joined()?);
        let contact = self.contact_at(slot);
        let event = ServiceEvent::HandedOver {
            from,
            why,
            handled: service.handled(now),
            on_hold: service.held_for(now),
            labels: contact.labels,
        };
        self.emit(now, Event::Service(contact.id, consult.agent, event));
        self.show_to([from], slot, Because::HandedOver, now);
        self.catch_up(slot, consult.agent, now);
        Some(consult.agent)
    }

    /// The consulted agent did not come back: the one who asked goes on alone.
    pub(in crate::engine) fn lose_helper(&mut self, slot: Slot, now: Timestamp) {
        self.end_consult_as(slot, ConsultEnd::Lost, None, now);
        self.show(slot, Because::ConsultLost, now);
    }

    /// A contact that this agent serves or helps with.
    fn shared_with(&self, agent: AgentKey, id: ContactId) -> Result<(Slot, &Service), Refusal> {
        let slot = self.slot(id)?;
        let service = self.service_at(slot);
        let is_joined = |consult: Consult| consult.agent == agent;
        let helps = service.filter(|service| service.joined().is_some_and(is_joined));
        helps.map_or_else(
            || self.active_with(agent, id),
            |service| Ok((slot, service)),
        )
    }

    /// A contact whose customer this agent talks to.
    pub(in crate::engine) fn talks_in(
        &self,
        agent: AgentKey,
        id: ContactId,
    ) -> Result<(Slot, &Service), Refusal> {
        let (slot, service) = self.shared_with(agent, id)?;
        let conference = service.is_conference();
        if service.agent == agent || conference {
            Ok((slot, service))
        } else {
            Err(Refusal::NotYours)
        }
    }
}
