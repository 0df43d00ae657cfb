//! What must hold for a second agent, who is asked, helps, joins or takes over.

use switchboard::domain::{ContactId, OfferId, Timestamp};
use switchboard::engine::event::{ConsultEnd, OfferEnd, Return};
use switchboard::engine::state::contact::CustomerFirst;
use switchboard::engine::state::registry::AgentKey;

use super::{Consult, Oracle, Place};

impl Oracle {
    pub(super) fn consult_of(&mut self, contact: ContactId) -> &mut Consult {
        let consult = &mut self.known(contact).consult;
        consult.as_mut().expect("somebody was asked for help")
    }

    pub(super) fn help_asked(
        &mut self,
        contact: ContactId,
        number: u32,
        (by, agent): (AgentKey, AgentKey),
        until: Timestamp,
    ) {
        let known = &self.contacts[&contact];
        assert_eq!(known.place, Place::Served(by), "whoever serves asks");
        assert_eq!(known.consult, None, "one other at a time");
        assert_eq!(number, known.offers + 1, "offers are numbered");
        assert_ne!(by, agent);
        let desk = &self.desks[&agent];
        assert!(desk.takes_offers());
        let options = self.agent(agent).expect("helpers are configured");
        assert!(self.has_room(options, agent, known), "helpers have room");
        let known = self.known(contact);
        known.offers = number;
        known.consult = Some(Consult {
            agent,
            number,
            until: Some(until),
            conference: false,
        });
    }

    pub(super) fn help_accepted(&mut self, offer: OfferId, agent: AgentKey) {
        let consult = self.consult_of(offer.contact);
        assert_eq!((consult.agent, consult.number), (agent, offer.number));
        assert!(consult.until.take().is_some(), "an offer is accepted once");
    }

    pub(super) fn conference(&mut self, contact: ContactId, agent: AgentKey) {
        let consult = self.consult_of(contact);
        assert_eq!((consult.agent, consult.until), (agent, None));
        consult.conference = true;
    }

    pub(super) fn help_ended(
        &mut self,
        offer: OfferId,
        agent: AgentKey,
        how: &ConsultEnd,
        cools: bool,
    ) {
        let at = self.at;
        let consult = *self.consult_of(offer.contact);
        assert_eq!((consult.agent, consult.number), (agent, offer.number));
        let offered = matches!(how, ConsultEnd::Unanswered(_));
        assert_eq!(consult.until.is_some(), offered);
        if let ConsultEnd::Unanswered(OfferEnd::Expired | OfferEnd::Undelivered) = how {
            assert!(consult.until.is_some_and(|until| until <= at), "early");
        }
        let known = self.known(offer.contact);
        known.consult = None;
        if cools {
            known.cooling.insert(agent);
        }
        // An agent who was only asked has not worked.
        if !offered {
            self.is_idle_from(agent, at);
        }
    }

    /// The other agent continues alone.
    pub(super) fn handed_over(
        &mut self,
        contact: ContactId,
        from: AgentKey,
        agent: AgentKey,
        why: &Return,
    ) {
        if matches!(why, Return::Transferred { .. }) {
            self.learn(contact, from, false);
        }
        let consult = *self.consult_of(contact);
        assert_eq!((consult.agent, consult.until), (agent, None));
        let lost = *why == Return::AgentLost;
        assert!(
            !lost || consult.conference,
            "only a conference outlives its agent"
        );
        self.is_idle_from(from, self.at);
        let known = self.known(contact);
        assert_eq!(known.place, Place::Served(from));
        known.consult = None;
        known.was_served = true;
        known.is_reached |= why.is_transfer();
        if why.is_transfer() {
            known.first = known.first.map(|_| CustomerFirst::Answered);
        }
        known.effort_permille = 0;
        self.let_go_to_helper(contact, agent);
        self.go(contact, Place::Served(agent));
    }
}
