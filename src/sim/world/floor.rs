//! What agents do: reply to offers, share their attention among what they have in hand, finish
//! it or hand it on.

use super::{Step, World, id_of};
use crate::domain::OfferId;
use crate::engine::command::{Act, Destination, Manner};
use crate::sim::crowd::{Crowd, Then};

impl<C: Crowd> World<C> {
    pub(super) fn reply(&mut self, agent: usize, offer: OfferId, accepts: bool) {
        let session = self.desks[agent].session;
        let act = if accepts {
            Act::Accept { session, offer }
        } else {
            Act::Decline {
                session,
                offer,
                reason: None,
                retry_after: None,
            }
        };
        self.act(agent, act);
    }

    /// The total speed of an agent, with the contacts in hand.
    pub(super) fn speed(&self, agent: usize) -> f64 {
        self.crowd.speed(self.desks[agent].count().max(1))
    }

    pub(super) fn work(&mut self, agent: usize) {
        let speed = self.speed(agent);
        self.desks[agent].work(self.now, speed);
    }

    pub(super) fn plan(&mut self, agent: usize) {
        let speed = self.speed(agent);
        if let Some(at) = self.desks[agent].plan(speed) {
            let generation = self.desks[agent].generation;
            self.later(at, Step::Finish { agent, generation });
        }
    }

    pub(super) fn finish(&mut self, agent: usize, generation: u64) {
        if self.desks[agent].generation != generation {
            return;
        }
        self.work(agent);
        let Some(done) = self.desks[agent].take_first_done() else {
            return;
        };
        self.gauges.in_hand -= 1;
        self.gauges.busy -= usize::from(self.desks[agent].in_hand.is_empty());
        self.plan(agent);
        let Some(life) = &mut self.lives[done.slot] else {
            return;
        };
        let (session, contact) = (self.desks[agent].session, id_of(done.slot, life.number));
        match done.then {
            Then::Complete { outcome } => {
                self.act(
                    agent,
                    Act::Complete {
                        session,
                        contact,
                        outcome,
                        notes: None,
                    },
                );
            }
            Then::Transfer { queue, patience } => {
                life.episode += 1;
                life.queued_at = self.now;
                life.is_waiting = true;
                self.crowd.handed_on(&mut life.case, self.now);
                let (number, episode) = (life.number, life.episode);
                self.gauges.waiting += 1;
                if let Some(patience) = patience {
                    let step = Step::GiveUp {
                        slot: done.slot,
                        life: number,
                        episode,
                    };
                    self.later(self.now + patience, step);
                }
                let to = Destination::Queue(queue);
                self.act(
                    agent,
                    Act::Transfer {
                        session,
                        contact,
                        to,
                        note: None,
                        manner: Manner::ORDINARY,
                    },
                );
                self.ask_estimate(done.slot, number);
            }
        }
    }
}
