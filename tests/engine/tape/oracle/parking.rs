//! What must hold for parked contacts: which may be parked, when they wake, and who resumes them.

use switchboard::domain::{Channel, ContactId, Millis, Timestamp};
use switchboard::engine::state::contact::CustomerFirst;
use switchboard::engine::state::registry::AgentKey;

use super::{Known, Oracle, Place};

impl Oracle {
    pub(super) fn parked(&mut self, contact: ContactId, agent: AgentKey, until: Timestamp) {
        let known = self.known(contact);
        assert!(matches!(known.channel, Channel::App | Channel::Wechat));
        assert_eq!(known.place, Place::Served(agent));
        self.is_idle_from(agent, self.at);
        // A customer who was called has hung up.
        let known = self.known(contact);
        known.hung_up += u32::from(known.first == Some(CustomerFirst::Answered));
        known.first = known.first.map(|_| CustomerFirst::Waits);
        known.is_reached = false;
        let woken = false;
        self.go(
            contact,
            Place::Parked {
                agent,
                until,
                woken,
            },
        );
    }

    pub(super) fn woken(&mut self, contact: ContactId, agent: AgentKey, until: Timestamp) {
        let known = self.known(contact);
        let asleep =
            matches!(known.place, Place::Parked { agent: of, woken: false, .. } if of == agent);
        assert!(asleep, "only what is parked wakes, and once");
        let woken = true;
        self.go(
            contact,
            Place::Parked {
                agent,
                until,
                woken,
            },
        );
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
            assert!(woken && desk.takes_offers());
            assert_eq!(desk.rest_until, None, "no more than one in five seconds");
            desk.rest_until = rest;
            assert_eq!(rest, Some(at + Millis::from_s(5)));
        }
        self.go(contact, Place::Served(agent));
    }

    pub(super) fn rested(&mut self, agent: AgentKey) {
        let at = self.at;
        let desk = self.desks.entry(agent).or_default();
        assert!(desk.rest_until.take().is_some_and(|until| until <= at));
    }

    pub(in super::super) fn could_take_up(&self, known: &Known, key: AgentKey) -> bool {
        let desk = &self.desks[&key];
        self.agent(key).is_some_and(|agent| {
            self.is_there(key, known.channel)
                && desk.rest_until.is_none()
                && !self.keeps_room_from(key, known)
                && self.has_capacity(agent, key, known)
        })
    }
}
