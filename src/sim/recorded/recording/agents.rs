//! Reads agents' presence and health from a journal.

use super::Recording;
use crate::domain::{Channel, Timestamp};
use crate::engine::state::agent::{Health, Intent};
use crate::engine::state::registry::AgentKey;
use crate::sim::recorded::Did;

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

    pub(super) fn left(&mut self, agent: AgentKey, at: Timestamp) {
        let hand = &mut self.hands[agent.index()];
        hand.connected = false;
        hand.stand(at);
    }
}
