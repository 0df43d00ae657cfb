//! What events do to messages that no agent is known to have received.

use crate::domain::{ContactId, Text, Timestamp};
use crate::engine::Engine;
use crate::engine::event::MessageEvent;
use crate::engine::state::contact::{Unheard, fits};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::AgentKey;

impl Engine {
    pub(super) fn fold_message(&mut self, contact: ContactId, event: &MessageEvent, at: Timestamp) {
        match event {
            MessageEvent::Sent { from, told, text } => {
                if from.is_none() {
                    self.keep_unheard(contact, *told, text);
                }
                self.message_sent(contact, *from, at);
            }
            MessageEvent::Relayed {
                from: None,
                agent,
                text,
            } => self.told_again(contact, *agent, text),
            MessageEvent::ResponseLate { .. } => self.response_late(contact),
            MessageEvent::Relayed { from: Some(_), .. } | MessageEvent::ResponseGiven { .. } => {}
        }
    }

    /// A customer has written; messages that were probably received make room first.
    pub(super) fn keep_unheard(&mut self, contact: ContactId, told: Option<AgentKey>, text: &Text) {
        let told = told.map(|agent| &self.agents[agent.index()]);
        let message = Unheard {
            text: text.clone(),
            told: told.map(|agent| agent.frames_sent),
            likely_heard: told.is_some_and(|agent| agent.is_connected()),
            shown: None,
        };
        let slot = self.known(contact);
        let unheard = &mut self.contacts[slot].unheard;
        while !unheard.is_empty() && !fits(unheard, text) {
            let likely = unheard.iter().position(|kept| kept.likely_heard);
            unheard.remove(likely.unwrap_or(0));
        }
        unheard.push(message);
    }

    /// An agent was shown a message of the customer: the serving agent an earlier one, a helper
    /// the one that has just come.
    pub(super) fn told_again(&mut self, contact: ContactId, agent: AgentKey, text: &Text) {
        let slot = self.known(contact);
        let contact = &mut self.contacts[slot];
        let serves = contact.service().map(|service| service.agent);
        let agent = &self.agents[agent.index()];
        if serves != Some(agent.key) {
            let last = contact.unheard.last_mut();
            if let Some(last) = last.filter(|kept| kept.text == *text) {
                last.shown = Some((agent.key, agent.frames_sent));
            }
            return;
        }
        let mut unheard = contact.unheard.iter_mut();
        if let Some(first) = unheard.find(|kept| kept.is_owed(agent) && kept.text == *text) {
            first.told = Some(agent.frames_sent);
            first.likely_heard = agent.is_connected();
        }
    }

    /// The desktop has received everything up to a frame.
    pub(super) fn heard(&mut self, agent: AgentKey, upto: u64) {
        for slot in self.unheard_by(agent) {
            let unheard = &mut self.contacts[slot].unheard;
            unheard.retain(|kept| !kept.is_heard_with(upto));
        }
    }

    /// The desktop has resumed: what it has missed is on its way.
    pub(super) fn sent_again(&mut self, agent: AgentKey) {
        self.agents[agent.index()].lacks_upto = 0;
        for slot in self.unheard_by(agent) {
            for kept in &mut self.contacts[slot].unheard {
                kept.likely_heard = kept.told.is_some();
            }
        }
    }

    /// The contact leaves its agent, who has received what the connected desktop was sent.
    pub(super) fn untell(&mut self, slot: Slot, agent: AgentKey) {
        let agent = &self.agents[agent.index()];
        let unheard = &mut self.contacts[slot].unheard;
        unheard.retain(|kept| !kept.is_likely_heard_by(agent));
        for kept in unheard {
            // None of these gives way to what is written from now on.
            (kept.told, kept.likely_heard, kept.shown) = (None, false, None);
        }
    }

    /// The contact goes to the agent who was asked for help. What the one before was sent was
    /// received; of the rest, the helper has been shown what was written meanwhile.
    pub(super) fn untell_helper(&mut self, slot: Slot, helper: AgentKey) {
        let is_connected = self.agents[helper.index()].is_connected();
        let unheard = &mut self.contacts[slot].unheard;
        unheard.retain(|kept| !kept.likely_heard);
        for kept in unheard {
            let shown = kept.shown.take().filter(|(agent, _)| *agent == helper);
            kept.told = shown.map(|(_, frame)| frame);
            kept.likely_heard = kept.told.is_some() && is_connected;
        }
    }
}
