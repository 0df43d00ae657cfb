//! Planned steps, and what happens when one is due.

use std::cmp::Reverse;

use super::{World, offer_id};
use crate::domain::{ContactId, Millis, Name, OfferId, Timestamp};
use crate::engine::command::DeskAct;
use crate::sim::crowd::Crowd;

/// A planned step. Steps due at the same time are taken in the order of their creation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    GiveUp {
        slot: usize,
        life: u64,
        episode: u32,
    },
    Finish {
        agent: usize,
        generation: u64,
    },
    Reply {
        agent: usize,
        offer: (u128, u32),
        says: Says,
    },
    Return {
        number: u64,
    },
    /// The agent becomes ready again after missed offers.
    ComeBack {
        agent: usize,
    },
    /// The break of an agent is over.
    GoOn {
        agent: usize,
    },
    /// The agent extends a wrap-up.
    Extend {
        agent: usize,
        contact: u128,
    },
    TidyUp {
        agent: usize,
        contact: u128,
    },
    Call {
        agent: usize,
        queue: Name,
        until: Timestamp,
    },
    Learn {
        slot: usize,
        life: u64,
        at: usize,
    },
}

/// An agent's answer to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Says {
    Yes,
    No { retry_after: Option<Millis> },
}

impl Says {
    pub(super) fn of(self, offer: OfferId) -> DeskAct {
        match self {
            Self::Yes => DeskAct::Accept { offer },
            Self::No { retry_after } => DeskAct::Decline {
                offer,
                reason: None,
                retry_after,
            },
        }
    }
}

impl<C: Crowd> World<C> {
    pub(super) fn later(&mut self, at: Timestamp, step: Step) {
        self.steps_made += 1;
        self.steps.push(Reverse((at, self.steps_made, step)));
    }

    pub(super) fn take_step(&mut self) {
        let Some(Reverse((_, _, step))) = self.steps.pop() else {
            return;
        };
        match step {
            Step::GiveUp {
                slot,
                life,
                episode,
            } => self.give_up(slot, life, episode),
            Step::Finish { agent, generation } => self.finish(agent, generation),
            Step::Reply { agent, offer, says } => self.reply(agent, offer_id(offer), says),
            Step::ComeBack { agent } => self.come_back(agent),
            Step::GoOn { agent } => self.go_on(agent),
            Step::Return { number } => {
                if let Some(arrival) = self.returning.remove(&number) {
                    self.arrive(arrival);
                }
            }
            Step::Extend { agent, contact } => self.extend(agent, ContactId(contact)),
            Step::TidyUp { agent, contact } => self.tidy_up(agent, ContactId(contact)),
            Step::Call {
                agent,
                queue,
                until,
            } => self.call(agent, queue, until),
            Step::Learn { slot, life, at } => self.learn(slot, life, at),
        }
    }
}
