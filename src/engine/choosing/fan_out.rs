//! Several live offers of one contact, where a rule lets it have them: whoever accepts first
//! has it, and the others are told that it is taken.
//!
//! They come after everything else that a command does, and so after every contact that
//! waits: whoever is found for them has nothing to take first.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::event::Withdrawal;
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::AgentKey;

/// The most contacts that are looked at for further offers, the earliest to arrive; of these,
/// the earliest due looks for an agent first. Each of them is offered to somebody.
const LOOKED_AT_MAX: usize = 1_024;

impl Engine {
    /// Makes the further offers that contacts may have, if somebody could take one now.
    pub(in crate::engine) fn fan_out(&mut self, now: Timestamp) {
        if !std::mem::take(&mut self.may_fan_out) || self.wide.is_empty() {
            return;
        }
        let wide = self.wide.iter().take(LOOKED_AT_MAX);
        let mut slots: Vec<Slot> = wide.map(|(_, slot)| *slot).collect();
        self.sort_by_turn(&mut slots);
        for slot in slots {
            // Only whoever a supervisor has named is offered a customer who is yet to be called.
            if self.contact_at(slot).is_to_be_dialled() {
                continue;
            }
            while self.contact_at(slot).wants_more_offers()
                && let Some(agent) = self.find_agent(slot, now)
            {
                self.offer_beside(slot, agent, now);
            }
        }
        // Whatever these offers have changed was looked at.
        self.may_fan_out = false;
    }

    /// The other agents it is offered to beside the first; none if it is not offered.
    pub(in crate::engine) fn offered_beside(&self, slot: Slot) -> Vec<AgentKey> {
        let live = self.contact_at(slot).live_offers();
        live.skip(1).map(|offer| offer.agent).collect()
    }

    /// Takes back what the others were offered, for one has accepted it.
    pub(in crate::engine) fn take_from_others(
        &mut self,
        slot: Slot,
        accepted: AgentKey,
        now: Timestamp,
    ) -> Vec<AgentKey> {
        let live = self.contact_at(slot).live_offers();
        let others = live.map(|offer| offer.agent);
        let others: Vec<AgentKey> = others.filter(|agent| *agent != accepted).collect();
        for agent in &others {
            self.withdraw_from(slot, *agent, now, Withdrawal::Taken);
        }
        others
    }
}
