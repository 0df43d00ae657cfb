//! A contact as shown outside the engine.

use crate::domain::{ContactId, Name, OfferId, Text, Timestamp};
use crate::engine::Engine;
use crate::engine::state::contact::{Consult, Consulting, Contact, Offer, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::AgentKey;
use crate::engine::view::{ConsultView, ContactView, OfferView, OwedView, WaitEstimate};

impl Engine {
    pub fn contact(&self, id: ContactId) -> Option<ContactView> {
        self.contact_as_of(id, self.last_at)
    }

    /// The same, with the remaining wait at this instant instead of at the last event.
    pub fn contact_as_of(&self, id: ContactId, now: Timestamp) -> Option<ContactView> {
        let slot = self.contacts.slot(id)?;
        let wait = self.estimate(slot, now);
        Some(self.contact_with(slot, wait))
    }

    /// The contact as this agent sees it.
    pub fn contact_for(&self, id: ContactId, agent: &str) -> Option<ContactView> {
        let slot = self.contacts.slot(id)?;
        let agent = self.registry.agents.key(agent)?;
        Some(self.contact_view_for(slot, agent))
    }

    pub(super) fn contact_view(&self, slot: Slot) -> ContactView {
        self.contact_with(slot, self.estimate(slot, self.last_at))
    }

    fn contact_with(&self, slot: Slot, wait: WaitEstimate) -> ContactView {
        let contact = self.contact_at(slot);
        let waiting = matches!(contact.stage, Stage::Queued { .. });
        let mut view = ContactView {
            id: contact.id,
            state: contact.state(),
            queue: self.registry.queues.name(contact.labels.queue).clone(),
            tier: self.registry.tiers.name(contact.labels.tier).clone(),
            intake: contact.intake.clone(),
            recognition: contact.recognition.clone(),
            created_at: contact.created_at,
            queued_at: contact.wait.first_queued_at,
            waits_since: contact.wait.since(),
            due_at: self.due_of(contact),
            sooner: self.sooner(contact, contact.labels.tier),
            promised_at: self.promised(contact),
            position: waiting.then(|| self.ahead(contact, slot) + 1),
            is_reserved: contact.escalated.is_reserved,
            wait,
            callback: contact.callback.clone(),
            recalls: contact.past.recalls,
            no_shows: contact.past.no_shows,
            step: contact.wait.step,
            sentiment: contact.sentiment,
            callback_offered: contact.past.callback_offered,
            message: contact.past.message.clone(),
            agent: contact
                .agent()
                .map(|agent| self.registry.agents.name(agent).clone()),
            offers: contact.offers_made(),
            offer: None,
            offered_beside: self.names_beside(slot),
            answered_at: None,
            held_since: None,
            is_interrupted: false,
            owed: None,
            consulted: None,
            transferred: self.transfer_view(contact).map(Box::new),
            parked_until: None,
            woken_at: None,
            woken_by_customer: false,
            closed_at: None,
            wrap_up_until: None,
            outcome: None,
            notes: None,
            ended_by: None,
        };
        show_stage(&mut view, contact);
        let owed = contact.service().and_then(|service| service.owed);
        view.owed = owed.map(|owed| OwedView {
            since: owed.since,
            by: self.promised_response(contact, owed),
            is_late: owed.is_late,
        });
        view.consulted = self.consult_view(slot).map(Box::new);
        view
    }

    fn names_beside(&self, slot: Slot) -> Vec<Name> {
        let beside = self.offered_beside(slot).into_iter();
        beside.map(|agent| self.agent_name(agent)).collect()
    }

    fn transfer_view(&self, contact: &Contact) -> Option<(Name, Option<Text>)> {
        let transferred = contact.past.transferred.as_ref()?;
        let by = self.registry.agents.name(transferred.by).clone();
        Some((by, transferred.note.clone()))
    }

    /// As this agent sees it: if several have an offer, with the agent's own.
    pub(super) fn contact_view_for(&self, slot: Slot, agent: AgentKey) -> ContactView {
        let mut view = self.contact_view(slot);
        let contact = self.contact_at(slot);
        if let Some(own) = contact.offer_to(agent) {
            let others = contact.live_offers().map(|offer| offer.agent);
            let others = others.filter(|other| *other != agent);
            view.offered_beside = others.map(|other| self.agent_name(other)).collect();
            view.agent = Some(self.agent_name(agent));
            view.offer = Some(offer_view(contact, own));
        }
        if let Some(consult) = self.consult_at(slot).filter(|asked| asked.agent == agent)
            && let Some(shown) = &mut view.consulted
        {
            shown.offer = request_view(contact, consult);
        }
        view
    }

    fn consult_view(&self, slot: Slot) -> Option<ConsultView> {
        let aside = &self.service_at(slot)?.aside;
        let consult = aside.consult?;
        Some(ConsultView {
            agent: self.registry.agents.name(consult.agent).clone(),
            since: consult.since,
            accepted: !consult.is_offered(),
            conference: consult.is_conference(),
            note: aside.consult_note.clone(),
            offer: None,
        })
    }
}

fn offer_view(contact: &Contact, offer: &Offer) -> OfferView {
    OfferView {
        id: contact.offer_id(offer),
        delivered: offer.delivered,
        until: offer.until,
        answer_within: offer.answer_within,
    }
}

/// An offer to help, as long as it is open.
fn request_view(contact: &Contact, consult: Consult) -> Option<OfferView> {
    let Consulting::Offered {
        delivered,
        until,
        answer_within,
    } = consult.stage
    else {
        return None;
    };
    let id = OfferId {
        contact: contact.id,
        number: consult.number,
    };
    Some(OfferView {
        id,
        delivered,
        until,
        answer_within,
    })
}

/// What holds for a contact only in its stage.
fn show_stage(view: &mut ContactView, contact: &Contact) {
    match &contact.stage {
        Stage::Moving | Stage::Scheduled { .. } | Stage::Queued { .. } => {}
        Stage::Offered { offer, .. } => view.offer = Some(offer_view(contact, offer)),
        Stage::Active(service) => {
            view.answered_at = Some(service.since);
            view.held_since = service.on_hold_since();
            view.is_interrupted = service.is_interrupted();
        }
        Stage::Parked(parked) => {
            view.answered_at = Some(parked.service.since);
            view.parked_until = Some(parked.until);
            view.woken_at = parked.woken_at();
            view.woken_by_customer = parked.woken.is_some_and(|woken| woken.by_customer);
        }
        Stage::WrapUp {
            service,
            until,
            outcome,
            notes,
            ended_by,
            ..
        } => {
            view.answered_at = Some(service.since);
            view.wrap_up_until = Some(*until);
            view.outcome = Some(outcome.clone());
            view.notes.clone_from(notes);
            view.ended_by = Some(*ended_by);
        }
        Stage::Closed(closing) => {
            view.answered_at = closing.answered_at;
            view.closed_at = Some(closing.at);
            view.outcome.clone_from(&closing.outcome);
            view.notes.clone_from(&closing.notes);
            view.ended_by = Some(closing.ended_by);
        }
    }
}
