//! What offers do to contacts: made, delivered, ended, accepted.

use crate::domain::{ContactId, OfferId, Timestamp};
use crate::engine::Engine;
use crate::engine::event::{OfferEnd, OfferEvent};
use crate::engine::state::contact::{Escalated, Meant, Moment, Offer, Rare, Service, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::deadline::{ContactRef, Reason};
use crate::engine::state::registry::AgentKey;

impl Engine {
    pub(super) fn fold_offer(&mut self, offer: OfferId, event: &OfferEvent, at: Timestamp) {
        match event {
            OfferEvent::Made {
                agent,
                deliver_by,
                answer_within,
                by,
                ..
            } => {
                let made = Offer {
                    number: offer.number,
                    agent: *agent,
                    delivered: false,
                    until: *deliver_by,
                    answer_within: *answer_within,
                    is_assigned: by.is_some(),
                };
                self.offer_made(offer.contact, made);
            }
            OfferEvent::Delivered { answer_by } => {
                self.offer_delivered(offer, *answer_by);
            }
            OfferEvent::Accepted { agent, .. } => {
                self.taken(offer.contact, *agent, offer.number, at);
            }
            OfferEvent::Ended {
                agent,
                how,
                cooldown,
                ..
            } => {
                let slot = self.offer_ended(offer);
                if !matches!(how, OfferEnd::Withdrawn(_)) {
                    self.offer_not_taken(slot, *agent);
                }
                self.cool_after_offer(slot, *agent, *cooldown, how);
            }
        }
    }

    /// An offer that was not taken by the agent it went to.
    pub(super) fn offer_not_taken(&mut self, slot: Slot, agent: AgentKey) {
        let contact = &mut self.contacts[slot];
        contact.missed.alter(|missed| missed.offers += 1);
        // The agent it was meant for does not take it: anyone may.
        if contact.meant.direct == Some(agent) && !contact.is_meant_alone() {
            contact.meant.alter(Meant::anyone);
        }
    }

    pub(super) fn offer_made(&mut self, contact: ContactId, offer: Offer) {
        self.turns += 1;
        self.agents[offer.agent.index()].last_turn = self.turns;
        let slot = self.known(contact);
        self.lift(slot);
        let contact = &mut self.contacts[slot];
        contact.newest_offer = offer.number;
        contact.offered_at = Moment::at(self.last_at);
        contact.past.reset(|past| past.handed_over_to = None);
        self.forecast.note_coming(slot, contact, self.last_at);
        match &mut contact.stage {
            Stage::Offered { beside, .. } => {
                beside.push(offer);
                self.index(slot);
            }
            Stage::Moving
            | Stage::Scheduled { .. }
            | Stage::Queued { .. }
            | Stage::Active(_)
            | Stage::Parked(_)
            | Stage::WrapUp { .. }
            | Stage::Closed(_) => {
                let beside = Vec::new();
                self.set(slot, Stage::Offered { offer, beside });
            }
        }
    }

    /// The same offer with another deadline: what its agent holds does not change.
    pub(super) fn offer_delivered(&mut self, id: OfferId, answer_by: Timestamp) {
        let slot = self.known(id.contact);
        let contact = &mut self.contacts[slot];
        let who = ContactRef::of(contact, slot);
        let before = contact.stage.offers_until();
        if let Some(offer) = contact.stage.offer_mut(id.number) {
            offer.delivered = true;
            offer.until = answer_by;
        }
        let after = contact.stage.offers_until();
        if let Some((before, after)) = before.zip(after) {
            self.deadlines.disarm(before, Reason::Offer(who));
            self.deadlines.arm(after, Reason::Offer(who));
        }
    }

    /// One of its offers has ended; if it was the last one, the contact is moving.
    pub(super) fn offer_ended(&mut self, id: OfferId) -> Slot {
        let slot = self.known(id.contact);
        self.lift(slot);
        let stage = std::mem::replace(&mut self.contacts[slot].stage, Stage::Moving);
        self.set(slot, stage.without_offer(id.number));
        slot
    }

    pub(super) fn taken(
        &mut self,
        contact: ContactId,
        agent: AgentKey,
        offer_number: u32,
        at: Timestamp,
    ) {
        let slot = self.known(contact);
        self.forget_cooldowns(slot);
        if let Some(waited) = self.patience_shown(slot, at) {
            self.forecast.note_wait(waited, false);
        }
        let channel = self.contacts[slot].labels.channel;
        self.forecast.note_answer(slot, channel, at);
        self.lift(slot);
        let held = &mut self.agents[agent.index()];
        held.attention.advance(held.works_on(), at);
        let service = Service::begun(agent, offer_number, at, held.attention.reading());
        self.free_reserved(slot);
        let contact = &mut self.contacts[slot];
        contact.wait.answered(at);
        contact.meant = Rare::default();
        contact.escalated.reset(Escalated::answered);
        contact.past.reset(|past| past.handed_over_to = None);
        contact.has_lost_agent = false;
        // Who asks again has been answered once.
        contact.missed.reset(|missed| missed.offers = 0);
        self.set(slot, Stage::Active(service));
    }
}
