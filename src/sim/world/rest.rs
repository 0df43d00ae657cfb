//! Breaks: an agent drains, finishes the contacts in hand, rests, and becomes ready again.
//!
//! The engine reports that nothing is left in hand, wrap-up included, by making the agent not
//! ready; the length of the break counts from then.

use super::{Step, World};
use crate::domain::{Millis, Text};
use crate::engine::command::Intention;
use crate::sim::crowd::Crowd;
use crate::sim::desk::Rest;

/// The reason an agent gives.
const BREAK: &str = "break";

impl<C: Crowd> World<C> {
    /// Overlapping breaks are merged.
    pub(super) fn rest(&mut self, agent: usize, length: Millis) {
        let desk = &mut self.desks[agent];
        if !desk.on_duty {
            return;
        }
        match &mut desk.rest {
            Rest::Due { length: due } => *due = *due + length,
            Rest::Taken { until, .. } => {
                *until = *until + length;
                let until = *until;
                self.later(until, Step::GoOn { agent });
            }
            Rest::None => {
                desk.rest = Rest::Due { length };
                let reason = Text::from(BREAK);
                self.intend(agent, Intention::Draining { reason });
            }
        }
    }

    /// Starts a due break of an agent who has become not ready; false if none is due.
    pub(super) fn begins_rest(&mut self, agent: usize) -> bool {
        let Rest::Due { length } = self.desks[agent].rest else {
            return false;
        };
        let (since, until) = (self.now, self.now + length);
        self.desks[agent].rest = Rest::Taken { since, until };
        self.tally(agent);
        self.later(until, Step::GoOn { agent });
        true
    }

    pub(super) fn go_on(&mut self, agent: usize) {
        if let Rest::Taken { until, .. } = self.desks[agent].rest
            && until == self.now
        {
            self.end_rest(agent);
            self.intend(agent, Intention::Ready);
        }
    }

    /// Ends a break, whether it was taken yet or not.
    pub(super) fn end_rest(&mut self, agent: usize) {
        let rest = std::mem::take(&mut self.desks[agent].rest);
        self.tally(agent);
        if let Rest::Taken { since, .. } = rest {
            self.crowd.rested(agent, since, self.now);
        }
    }

    /// An agent who was away, but not on a break, becomes ready again.
    pub(super) fn come_back(&mut self, agent: usize) {
        let desk = &self.desks[agent];
        if desk.on_duty && desk.rest == Rest::None {
            self.intend(agent, Intention::Ready);
            self.callers.is_free(agent);
        }
    }
}
