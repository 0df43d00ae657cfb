//! Reads agents' presence and health from a journal.

use super::Recording;
use crate::domain::{Channel, Millis, Timestamp};
use crate::engine::state::agent::{Health, Intent};
use crate::engine::state::registry::AgentKey;
use crate::sim::recorded::{Did, Span};

/// A server that was down for less is not worth telling.
const OUTAGE_FROM: Millis = Millis::from_s(1);

impl Recording {
    pub(super) fn intends(&mut self, agent: AgentKey, intent: Intent, at: Timestamp) {
        let hand = &mut self.hands[agent.index()];
        hand.ready = intent == Intent::Ready;
        hand.stand(at);
    }

    /// An agent who was suspended and is trusted again while on duty has become ready again.
    pub(super) fn is_trusted(
        &mut self,
        agent: AgentKey,
        channel: Channel,
        health: Health,
        at: Timestamp,
    ) {
        let hand = &mut self.hands[agent.index()];
        let is_suspended = health == Health::Suspended;
        let was_suspended = hand.is_suspended(channel, is_suspended, at);
        if was_suspended && !is_suspended && hand.is_there() {
            let agent = agent.index();
            self.did(at, Did::Ready { agent });
        }
    }

    pub(super) fn came(&mut self, agent: AgentKey, at: Timestamp) {
        let hand = &mut self.hands[agent.index()];
        hand.connected = true;
        hand.stand(at);
    }

    pub(super) fn is_lost(&mut self, agent: AgentKey, at: Timestamp) {
        self.left(agent, at);
        self.lost.push(agent);
    }

    /// Several agents lost at once, and nobody else there: the server has restarted, and found
    /// their connections gone. They were on duty until its last event before that. A single agent
    /// may just have lost the connection.
    pub(super) fn is_down(&mut self) {
        let lost = std::mem::take(&mut self.lost);
        let down = Span {
            from: self.before_that,
            until: self.ends_at,
        };
        let is_one = lost.len() > 1 && self.hands.iter().all(|hand| !hand.connected);
        if !is_one || Millis(down.ms()) < OUTAGE_FROM {
            return;
        }
        for agent in lost {
            self.hands[agent.index()].was_out(down);
        }
        // None has been taken at its end yet.
        let taken_since = self.samples.iter_mut().filter(|(at, _)| *at > down.from);
        for (_, gauges) in taken_since {
            (gauges.on_duty, gauges.busy) = (0, 0);
        }
        self.outages.push(down);
    }

    pub(super) fn left(&mut self, agent: AgentKey, at: Timestamp) {
        let hand = &mut self.hands[agent.index()];
        hand.connected = false;
        hand.stand(at);
    }
}
