//! Reads offers and agents' reactions from a journal.

use super::{PendingOffer, Recording};
use crate::domain::{Millis, OfferId, Timestamp};
use crate::engine::event::{Cooling, OfferEnd};
use crate::engine::state::registry::AgentKey;
use crate::sim::recorded::{Fate, Reaction};

impl Recording {
    pub(super) fn is_offered(&mut self, offer: OfferId, agent: AgentKey, at: Timestamp) {
        let leg = self.last_leg(offer.contact);
        let Some(leg) = leg.filter(|leg| leg.fate == Fate::Open) else {
            return;
        };
        let number = leg.reactions.len();
        let later_than = Millis::ZERO;
        leg.reactions.push(Reaction::Unknown { later_than });
        if let Some(open) = self.open.get_mut(&offer.contact) {
            open.offered
                .insert(offer.number, PendingOffer { agent, at, number });
        }
    }

    pub(super) fn offer_ended(
        &mut self,
        offer: OfferId,
        how: &OfferEnd,
        cooldown: Option<Cooling>,
        at: Timestamp,
    ) {
        let retry_after = cooldown.and_then(|cooldown| self.asked_for(offer, cooldown, at));
        self.reacts(offer, at, |after| match how {
            OfferEnd::Declined { .. } => Reaction::Declines { after, retry_after },
            OfferEnd::Expired => Reaction::Ignores,
            OfferEnd::Undelivered => Reaction::Unseen,
            OfferEnd::Withdrawn(_) => Reaction::Unknown { later_than: after },
        });
    }

    /// The cooldown if the agent asked for it: one that did not count as another refusal and will
    /// not be lifted early.
    fn asked_for(&mut self, offer: OfferId, cooldown: Cooling, at: Timestamp) -> Option<Millis> {
        let open = self.open.get_mut(&offer.contact)?;
        let agent = open.offered.get(&offer.number)?.agent;
        let before = open.refused.insert(agent, cooldown.times).unwrap_or(0);
        let asked = cooldown.times == before && cooldown.lift_at.is_none();
        asked.then(|| cooldown.until - at)
    }

    pub(super) fn reacts(
        &mut self,
        offer: OfferId,
        at: Timestamp,
        reaction: impl FnOnce(Millis) -> Reaction,
    ) {
        let open = self.open.get_mut(&offer.contact);
        let Some(asked) = open.and_then(|open| open.offered.remove(&offer.number)) else {
            return;
        };
        let reaction = reaction(at - asked.at);
        if let Reaction::Accepts { after } = reaction {
            self.hands[asked.agent.index()].accepted_after.push(after);
        }
        if let Some(leg) = self.last_leg(offer.contact)
            && leg.fate == Fate::Open
            && let Some(known) = leg.reactions.get_mut(asked.number)
        {
            *known = reaction;
        }
    }
}
