//! What must be true of offers: to whom they are made, who takes them, and how they end.

use switchboard::domain::{ContactId, Millis, OfferId, Timestamp};
use switchboard::engine::event::OfferEnd;
use switchboard::engine::registry::AgentKey;

use super::{Oracle, Place};

impl Oracle {
    pub(super) fn offered(
        &mut self,
        contact: ContactId,
        number: u32,
        agent: AgentKey,
        until: Timestamp,
    ) {
        let desk = &self.desks[&agent];
        assert!(
            desk.takes_offers(),
            "offers go to those who are connected and ready"
        );
        let known = &self.contacts[&contact];
        let free = matches!(
            known.place,
            Place::Nowhere | Place::Waiting | Place::Scheduled(_)
        );
        assert!(free, "at most one live offer: {:?}", known.place);
        assert_eq!(number, known.offers + 1, "offers are numbered");
        if self.judge_order {
            assert!(
                self.may_serve(known, agent),
                "{contact} is offered to {agent:?}, who may not take it"
            );
            self.judge(contact, agent);
            self.judge_overtaking(contact, agent);
            if self.sought_agent {
                self.judge_agent(contact, agent);
            }
        }
        self.turns += 1;
        self.desks.get_mut(&agent).unwrap().last_turn = self.turns;
        let known = self.known(contact);
        known.offers = number;
        known.has_stood = true;
        known.place = Place::Offered {
            agent,
            number,
            until,
        };
    }

    pub(super) fn delivered(&mut self, contact: ContactId, answer_by: Timestamp) {
        let Place::Offered { until, .. } = &mut self.known(contact).place else {
            panic!("only a live offer is delivered");
        };
        *until = answer_by;
    }

    pub(super) fn accepted(
        &mut self,
        offer: OfferId,
        agent: AgentKey,
        waited: Millis,
        within_target: bool,
    ) {
        let known = &self.contacts[&offer.contact];
        let promised = self.promised(known);
        assert_eq!(
            within_target,
            self.at <= promised,
            "a promise is kept or not"
        );
        let live = matches!(known.place, Place::Offered { agent: to, number, .. } if to == agent && number == offer.number);
        assert!(live, "only the live offer is accepted, by its agent");
        assert_eq!(waited, self.at - known.first_queued_at);
        self.answered_by(offer.contact, agent);
    }

    pub(super) fn pulled(&mut self, contact: ContactId, agent: AgentKey) {
        assert_eq!(
            self.contacts[&contact].place,
            Place::Waiting,
            "only a waiting contact is called"
        );
        self.answered_by(contact, agent);
    }

    fn answered_by(&mut self, contact: ContactId, agent: AgentKey) {
        let known = self.known(contact);
        known.cooling.clear();
        known.effort_permille = 0;
        (known.direct, known.owner_before) = (None, None);
        self.go(contact, Place::Served(agent));
    }

    pub(super) fn offer_ended(
        &mut self,
        offer: OfferId,
        agent: AgentKey,
        how: &OfferEnd,
        cools: bool,
    ) {
        let at = self.at;
        let known = self.known(offer.contact);
        let Place::Offered {
            agent: to,
            number,
            until,
        } = known.place
        else {
            panic!("only a live offer ends");
        };
        assert_eq!((to, number), (agent, offer.number));
        if matches!(how, OfferEnd::Expired | OfferEnd::Undelivered) {
            assert!(until <= at, "no offer ends before its time");
        }
        if !matches!(how, OfferEnd::Withdrawn(_)) && !known.is_meant_alone {
            known.direct = None;
        }
        if cools {
            known.cooling.insert(agent);
        }
        self.go(offer.contact, Place::Nowhere);
    }
}
