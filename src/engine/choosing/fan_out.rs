//! Several live offers of one contact, where a rule allows them: the first agent to accept gets it,
//! and the others see that it is taken.
//!
//! They are made after everything else of a command, and so after every waiting contact: any agent
//! found for them has nothing else to take.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::event::Withdrawal;
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::AgentKey;

/// How many contacts are considered for further offers, the earliest to arrive; of these, the one
/// due first looks for an agent first. Each of them already has an offer.
const LOOKED_AT_MAX: usize = 1_024;

impl Engine {
    /// Makes the further offers that contacts may have, if an agent could take one now.
    pub(in crate::engine) fn fan_out(&mut self, now: Timestamp) {
        if !std::mem::take(&mut self.may_fan_out) || self.wide.is_empty() {
            return;
        }
        let wide = self.wide.iter().take(LOOKED_AT_MAX);
        let mut slots: Vec<Slot> = wide.map(|(_, slot)| *slot).collect();
        self.sort_by_turn(&mut slots);
        for slot in slots {
            // A customer who is yet to be called is offered only to an agent named by a supervisor.
            if self.contact_at(slot).is_to_be_dialled() {
                continue;
            }
            while self.contact_at(slot).wants_more_offers()
                && let Some(agent) = self.find_agent(slot, now)
            {
                self.offer_beside(slot, agent, now);
            }
        }
        // The effects of these offers themselves have been considered.
        self.may_fan_out = false;
    }

    /// The agents with a further offer of it; none if it is not offered.
    pub(in crate::engine) fn offered_beside(&self, slot: Slot) -> Vec<AgentKey> {
        let live = self.contact_at(slot).live_offers();
        live.skip(1).map(|offer| offer.agent).collect()
    }

    /// Takes back the further offers, because one was accepted.
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
