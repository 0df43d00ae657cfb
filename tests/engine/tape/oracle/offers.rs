//! What must hold for offers: to whom they are made, who accepts them, and how they end.

use switchboard::domain::{ContactId, Millis, OfferId, Timestamp};
use switchboard::engine::event::OfferEnd;
use switchboard::engine::state::registry::AgentKey;

use super::{Known, Live, Oracle, Place};

impl Oracle {
    pub(super) fn offered(
        &mut self,
        contact: ContactId,
        number: u32,
        agent: AgentKey,
        until: Timestamp,
        is_assigned: bool,
    ) {
        let desk = &self.desks[&agent];
        assert!(
            desk.takes_offers(),
            "offers go to those who are connected and ready"
        );
        let known = &self.contacts[&contact];
        let live = known.live();
        let may_have_more =
            live.len() < known.live_max && live.iter().all(|live| !live.is_assigned);
        assert!(
            live.is_empty() || may_have_more,
            "no more live offers than a rule lets it have: {:?}",
            known.place
        );
        assert_eq!(number, known.offers + 1, "offers are numbered");
        assert!(
            is_assigned || known.ordered_for.is_none_or(|at| at <= self.at),
            "nothing is offered before the time that it was ordered for"
        );
        let is_first = live.is_empty();
        if self.judge_order {
            assert!(
                self.may_serve(known, agent),
                "{contact} is offered to {agent:?}, who may not take it"
            );
            if is_first {
                self.judge(contact, agent);
                self.judge_overtaking(contact, agent);
                self.judge_room(contact, agent);
            } else {
                self.judge_idle(contact, agent);
            }
            if self.sought_agent || !is_first {
                self.judge_agent(contact, agent);
            }
        }
        self.give_up_rooms(|_, kept_for, _| kept_for == contact);
        self.turns += 1;
        self.desks.get_mut(&agent).unwrap().last_turn = self.turns;
        let known = self.known(contact);
        known.offers = number;
        known.has_stood = true;
        let made = Live {
            agent,
            number,
            until,
            is_assigned,
        };
        match &mut known.place {
            Place::Offered(live) => live.push(made),
            place @ (Place::Nowhere | Place::Waiting | Place::Scheduled(_)) => {
                *place = Place::Offered(vec![made]);
            }
            place @ (Place::Served(_)
            | Place::Parked { .. }
            | Place::WrapUp(..)
            | Place::Closed(_)) => panic!("nothing is offered that is {place:?}"),
        }
    }

    /// An agent with room kept for a contact is offered no others.
    fn judge_idle(&self, contact: ContactId, agent: AgentKey) {
        for (id, known) in &self.contacts {
            assert!(
                known.place != Place::Waiting || !self.may_serve(known, agent),
                "{id} waits, and {agent:?} is offered {contact} beside others"
            );
        }
    }

    pub(super) fn delivered(&mut self, offer: OfferId, answer_by: Timestamp) {
        let Place::Offered(live) = &mut self.known(offer.contact).place else {
            panic!("only a live offer is delivered");
        };
        let mut live = live.iter_mut();
        let live = live.find(|live| live.number == offer.number);
        live.expect("a live offer").until = answer_by;
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
        let [live] = known.live() else {
            panic!(
                "one offer is accepted, the others are over: {:?}",
                known.place
            );
        };
        assert_eq!(
            (live.agent, live.number),
            (agent, offer.number),
            "only a live offer is accepted, by its agent"
        );
        assert_eq!(waited, (self.at - known.first_queued_at).max(Millis::ZERO));
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
        let at = self.at;
        let known = self.known(contact);
        known.has_lost_agent = false;
        known.first_queued_at = known.first_queued_at.min(at);
        known.ordered_for = None;
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
        let Place::Offered(live) = &mut known.place else {
            panic!("only a live offer ends");
        };
        let ended = live.iter().position(|live| live.number == offer.number);
        let ended = live.remove(ended.expect("a live offer"));
        let is_last = live.is_empty();
        assert_eq!(ended.agent, agent);
        if matches!(how, OfferEnd::Expired | OfferEnd::Undelivered) {
            assert!(ended.until <= at, "no offer ends before its time");
        }
        let is_meant = known.direct == Some(agent) && !known.is_meant_alone();
        if !matches!(how, OfferEnd::Withdrawn(_)) && is_meant {
            known.direct = None;
        }
        if cools {
            known.cooling.insert(agent);
        }
        if is_last {
            self.go(offer.contact, Place::Nowhere);
        }
    }
}

impl Known {
    /// Its live offers, oldest first.
    pub(in super::super) fn live(&self) -> &[Live] {
        match &self.place {
            Place::Offered(live) => live,
            Place::Nowhere
            | Place::Scheduled(_)
            | Place::Waiting
            | Place::Served(_)
            | Place::Parked { .. }
            | Place::WrapUp(..)
            | Place::Closed(_) => &[],
        }
    }

    pub(in super::super) fn is_offered_to(&self, agent: AgentKey) -> bool {
        self.live().iter().any(|live| live.agent == agent)
    }
}
