//! What events do to the messages that no agent has heard yet.

use crate::domain::{ContactId, Text};
use crate::engine::Engine;
use crate::engine::messages::has_room;
use crate::engine::registry::AgentKey;

impl Engine {
    /// Who is told but away may not come back: the next agent is told then, too, of the
    /// last that there is room for.
    pub(super) fn keep_unheard(&mut self, contact: ContactId, told: Option<AgentKey>, text: &Text) {
        let is_heard = told.is_some_and(|agent| self.agents[agent.index()].is_connected());
        if !is_heard {
            let slot = self.known(contact);
            let unheard = &mut self.contacts[slot].unheard;
            while !unheard.is_empty() && !has_room(unheard, text) {
                unheard.remove(0);
            }
            unheard.push(text.clone());
        }
    }

    pub(super) fn hear(&mut self, contact: ContactId, text: &Text) {
        let slot = self.known(contact);
        let unheard = &mut self.contacts[slot].unheard;
        if let Some(first) = unheard.iter().position(|kept| kept == text) {
            unheard.remove(first);
        }
    }

    /// Who is back has heard what was said meanwhile.
    pub(super) fn hear_all_of(&mut self, agent: AgentKey) {
        for slot in self.unheard_by(agent) {
            self.contacts[slot].unheard = Vec::new();
        }
    }
}
