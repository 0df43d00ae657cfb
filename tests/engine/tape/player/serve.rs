//! Agents who answer offers, and serve.

use switchboard::domain::{ContactId, Millis, OfferId};
use switchboard::engine::command::{DeskAct, Destination, Manner};
use switchboard::engine::state::registry::AgentKey;

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
            0..=2 => DeskAct::Deliver { offer },
            3..=8 if self.is_calm => DeskAct::Accept { offer },
            3..=7 => DeskAct::Accept { offer },
            _ => DeskAct::Decline {
                offer,
                reason: None,
                retry_after: self
                    .dice
                    .once_in(4)
                    .then(|| Millis::from_s(self.dice.roll(60).cast_signed())),
            },
        };
        self.agent_does(agent, act.of(session));
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
            self.draw_work(contact)
        } else {
            self.draw_aside(contact)
        };
        self.agent_does(agent, act.of(session));
    }

    fn draw_work(&mut self, contact: ContactId) -> DeskAct {
        let sides = if self.is_calm { 7 } else { 17 };
        match self.dice.roll(sides) {
            0..=4 => DeskAct::Complete {
                contact,
                outcome: "resolved".into(),
                notes: None,
            },
            5..=6 => DeskAct::FinishWrapUp { contact },
            7 => DeskAct::ExtendWrapUp { contact },
            8 => DeskAct::Message {
                contact,
                text: "hello".into(),
            },
            9 => {
                let to = Destination::Queue(self.any_queue());
                self.draw_transfer(contact, to)
            }
            10 => {
                let agent = self.any_agent();
                let to = self.destination(agent);
                self.draw_transfer(contact, to)
            }
            11 => DeskAct::Recall { contact },
            12 => DeskAct::NoShow { contact },
            13 => DeskAct::FailCallback {
                contact,
                outcome: None,
            },
            _ => DeskAct::Pull {
                queue: self.any_queue(),
                contact: self.dice.once_in(2).then(|| self.any_contact()),
            },
        }
    }

    /// What an agent does with a contact meanwhile.
    fn draw_aside(&mut self, contact: ContactId) -> DeskAct {
        let known = self.oracle.contacts.get(&contact);
        let is_helped = known.is_some_and(|known| known.consult.is_some());
        let sides = if is_helped && !self.dice.once_in(4) {
            10 + self.dice.roll(4)
        } else {
            self.dice.roll(14)
        };
        match sides {
            0 => DeskAct::Hold { contact },
            1 => DeskAct::Unhold { contact },
            2..=4 => DeskAct::Park { contact },
            5..=6 => DeskAct::Unpark { contact },
            7..=9 => self.draw_consult(contact),
            10 => DeskAct::Conference { contact },
            11 => DeskAct::EndConsult { contact },
            _ => {
                let consult = self.oracle.contacts.get(&contact);
                let consult = consult.and_then(|known| known.consult);
                let agent = consult.map_or_else(|| self.any_agent(), |consult| consult.agent);
                let to = self.destination(agent);
                self.draw_transfer(contact, to)
            }
        }
    }

    fn destination(&self, agent: AgentKey) -> Destination {
        Destination::Agent(self.oracle.registry.agents.name(agent).clone())
    }

    fn draw_transfer(&mut self, contact: ContactId, to: Destination) -> DeskAct {
        DeskAct::Transfer {
            contact,
            to,
            note: None,
            manner: Manner {
                keep_age: !self.dice.once_in(4),
                or_queue: self.dice.once_in(4),
            },
        }
    }

    fn draw_consult(&mut self, contact: ContactId) -> DeskAct {
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
        DeskAct::Consult {
            contact,
            to,
            note: None,
        }
    }
}
