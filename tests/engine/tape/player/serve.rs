//! Agents who answer what they are offered, and serve.

use switchboard::domain::{ContactId, Millis, OfferId};
use switchboard::engine::command::{Act, Destination, Manner};
use switchboard::engine::registry::AgentKey;

use super::{Place, Player};

impl Player {
    /// Mostly a live offer and its agent; sometimes anything.
    pub(super) fn answer_an_offer(&mut self) {
        let live: Vec<(ContactId, AgentKey, u32)> = self
            .oracle
            .contacts
            .iter()
            .flat_map(|(id, known)| {
                let asked = known.consult.filter(|consult| consult.until.is_some());
                let asked = asked.map(|consult| (*id, consult.agent, consult.number));
                let live = known.live().iter();
                let live = live.map(|live| (*id, live.agent, live.number));
                asked.into_iter().chain(live)
            })
            .collect();
        let chosen = self.dice.pick(&live).copied();
        let (contact, agent, number) = match chosen {
            Some(chosen) if !self.dice.once_in(12) => chosen,
            _ => (
                self.any_contact(),
                self.any_agent(),
                1 + u32::try_from(self.dice.roll(3)).unwrap(),
            ),
        };
        let (session, offer) = (self.session_of(agent), OfferId { contact, number });
        let act = match self.dice.roll(10) {
            0..=2 => Act::Deliver { session, offer },
            3..=8 if self.is_calm => Act::Accept { session, offer },
            3..=7 => Act::Accept { session, offer },
            _ => Act::Decline {
                session,
                offer,
                reason: None,
                retry_after: self
                    .dice
                    .once_in(4)
                    .then(|| Millis::from_s(self.dice.roll(60).cast_signed())),
            },
        };
        self.agent_does(agent, act);
    }

    pub(super) fn work(&mut self) {
        let held: Vec<(ContactId, AgentKey)> = self
            .oracle
            .contacts
            .iter()
            .filter_map(|(id, known)| match known.place {
                Place::Served(agent) | Place::WrapUp(agent, _) | Place::Parked { agent, .. } => {
                    Some((*id, agent))
                }
                Place::Nowhere
                | Place::Scheduled(_)
                | Place::Waiting
                | Place::Offered(_)
                | Place::Closed(_) => None,
            })
            .collect();
        let (contact, agent) = self
            .dice
            .pick(&held)
            .copied()
            .unwrap_or_else(|| (self.any_contact(), self.any_agent()));
        let session = self.session_of(agent);
        let act = if self.is_calm || self.dice.once_in(2) {
            self.draw_work(session, contact)
        } else {
            self.draw_aside(session, contact)
        };
        self.agent_does(agent, act);
    }

    fn draw_work(&mut self, session: u64, contact: ContactId) -> Act {
        let sides = if self.is_calm { 7 } else { 17 };
        match self.dice.roll(sides) {
            0..=4 => Act::Complete {
                session,
                contact,
                outcome: "resolved".into(),
                notes: None,
            },
            5..=6 => Act::FinishWrapUp { session, contact },
            7 => Act::ExtendWrapUp { session, contact },
            8 => Act::Message {
                session,
                contact,
                text: "hello".into(),
            },
            9 => {
                let to = Destination::Queue(self.any_queue());
                self.draw_transfer(session, contact, to)
            }
            10 => {
                let agent = self.any_agent();
                let to = self.destination(agent);
                self.draw_transfer(session, contact, to)
            }
            11 => Act::Recall { session, contact },
            12 => Act::NoShow { session, contact },
            13 => Act::FailCallback {
                session,
                contact,
                outcome: None,
            },
            _ => Act::Pull {
                session,
                queue: self.any_queue(),
                contact: self.dice.once_in(2).then(|| self.any_contact()),
            },
        }
    }

    /// What an agent does with a contact meanwhile.
    fn draw_aside(&mut self, session: u64, contact: ContactId) -> Act {
        let known = self.oracle.contacts.get(&contact);
        let is_helped = known.is_some_and(|known| known.consult.is_some());
        let sides = if is_helped && !self.dice.once_in(4) {
            10 + self.dice.roll(4)
        } else {
            self.dice.roll(14)
        };
        match sides {
            0 => Act::Hold { session, contact },
            1 => Act::Unhold { session, contact },
            2..=4 => Act::Park { session, contact },
            5..=6 => Act::Unpark { session, contact },
            7..=9 => self.draw_consult(session, contact),
            10 => Act::Conference { session, contact },
            11 => Act::EndConsult { session, contact },
            _ => {
                let consult = self.oracle.contacts.get(&contact);
                let consult = consult.and_then(|known| known.consult);
                let agent = consult.map_or_else(|| self.any_agent(), |consult| consult.agent);
                let to = self.destination(agent);
                self.draw_transfer(session, contact, to)
            }
        }
    }

    fn destination(&self, agent: AgentKey) -> Destination {
        Destination::Agent(self.oracle.registry.agents.name(agent).clone())
    }

    fn draw_transfer(&mut self, session: u64, contact: ContactId, to: Destination) -> Act {
        Act::Transfer {
            session,
            contact,
            to,
            note: None,
            manner: Manner {
                keep_age: !self.dice.once_in(4),
                or_queue: self.dice.once_in(4),
            },
        }
    }

    fn draw_consult(&mut self, session: u64, contact: ContactId) -> Act {
        let to = if self.dice.once_in(2) {
            Destination::Queue(self.any_queue())
        } else {
            let desks = self.oracle.desks.iter();
            let ready = desks.filter(|(_, desk)| desk.takes_offers());
            let ready: Vec<AgentKey> = ready.map(|(agent, _)| *agent).collect();
            let agent = self.dice.pick(&ready).copied();
            let agent = agent.unwrap_or_else(|| self.any_agent());
            self.destination(agent)
        };
        Act::Consult {
            session,
            contact,
            to,
            note: None,
        }
    }
}
