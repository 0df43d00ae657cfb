//! What must be true of contacts while they are served.

use switchboard::domain::{ContactId, Millis, Timestamp};
use switchboard::engine::event::HeldBy;
use switchboard::engine::registry::AgentKey;

use super::{Consult, Known, Oracle, Place};

impl Oracle {
    pub(super) fn held_or_not(
        &mut self,
        contact: ContactId,
        agent: AgentKey,
        by: HeldBy,
        held: bool,
    ) {
        let known = self.known(contact);
        let served = known.place == Place::Served(agent);
        assert!(served, "only a contact that is being served is held");
        if by == HeldBy::Interruption {
            assert_ne!(known.interrupted, held);
            known.interrupted = held;
        }
    }

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
        assert!(desk.session.is_some() && desk.ready);
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

    pub(super) fn taken_up(
        &mut self,
        contact: ContactId,
        agent: AgentKey,
        rest: Option<Timestamp>,
    ) {
        let known = &self.contacts[&contact];
        let Place::Parked {
            agent: of, woken, ..
        } = known.place
        else {
            panic!("only what is parked is taken up");
        };
        assert_eq!(of, agent, "by the agent whose it is");
        if let Some(options) = self.agent(agent) {
            assert!(self.has_capacity(options, agent, known), "if there is room");
        }
        let at = self.at;
        if rest.is_some() {
            let desk = self.desks.get_mut(&agent).unwrap();
            assert!(woken && desk.session.is_some() && desk.ready);
            assert_eq!(desk.rest_until, None, "no more than one in five seconds");
            desk.rest_until = rest;
            assert_eq!(rest, Some(at + Millis::from_s(5)));
        }
        self.go(contact, Place::Served(agent));
    }

    pub(in super::super) fn could_take_up(&self, known: &Known, key: AgentKey) -> bool {
        let (desk, agent) = (&self.desks[&key], self.agent(key));
        agent.is_some_and(|agent| {
            desk.session.is_some()
                && desk.ready
                && desk.rest_until.is_none()
                && !desk.unhealthy.contains(&known.channel)
                && self.has_capacity(agent, key, known)
        })
    }
}
