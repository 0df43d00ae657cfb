//! What a desktop is told of an offer: the contact, and why it is offered to this agent.

use super::Scene;
use crate::customer::HistoryEntry;
use crate::customer::history::HISTORY_OFFERED;
use crate::domain::{ContactId, Millis, OfferId};
use crate::engine::Engine;
use crate::engine::choosing::choice::Brief;
use crate::engine::state::due;
use crate::engine::state::registry::QueueKey;
use crate::engine::view::ContactView;
use crate::node::filing;
use crate::node::notice::{HelpRequest, Tells, Why};

impl Scene<'_> {
    pub(super) fn offer(
        &self,
        offer: OfferId,
        queue: QueueKey,
        answer_within: Millis,
        asked: Option<HelpRequest>,
    ) -> Tells {
        self.of(offer.contact, |contact| Tells::Offer {
            offer,
            answer_within,
            why: Box::new(self.why(offer, queue, &contact, asked)),
            unfiled: self.unfiled(&contact),
            open_contacts: self.open_contacts(&contact),
            contact,
        })
    }

    fn unfiled(&self, contact: &ContactView) -> Vec<HistoryEntry> {
        let customer = contact.recognition.customer.as_ref();
        let unfiled = customer.map(|id| self.engine.unfiled_of(id, HISTORY_OFFERED));
        unfiled.iter().flatten().map(filing::entry).collect()
    }

    fn open_contacts(&self, contact: &ContactView) -> Vec<ContactId> {
        let customer = contact.recognition.customer.as_ref();
        let open = customer.map(|id| self.engine.open_contacts_of_customer(id));
        open.unwrap_or_default()
    }

    fn why(
        &self,
        offer: OfferId,
        queue: QueueKey,
        contact: &ContactView,
        consult: Option<HelpRequest>,
    ) -> Why {
        let facts = self.teller.queues[queue.index()];
        let tier = self.engine.registry().tiers.key(contact.tier.as_str());
        let head_start = tier.map_or(Millis::ZERO, |tier| self.teller.head_starts[tier.index()]);
        let target = facts.answer_within;
        let closed = contact.promised_at - contact.queued_at - target;
        let sooner = contact.sooner;
        let boost = contact.promised_at - head_start - sooner - contact.due_at;
        // A contact for which help is asked was already answered.
        let waited = contact.answered_at.unwrap_or(self.at) - contact.waits_since;
        Why {
            select: facts.select,
            // A contact assigned before its scheduled time has not waited at all.
            waited: waited.max(Millis::ZERO),
            step: contact.step,
            due_terms: due::terms_of(target, closed, head_start, sooner, boost),
            queue: contact.queue.clone(),
            choice: brief(self.engine, offer),
            consult,
        }
    }
}

fn brief(engine: &Engine, offer: OfferId) -> Option<Box<Brief>> {
    let choice = engine.choice_of_offer(offer)?;
    Some(Box::new(choice.brief()))
}
