//! What a reload changes on desktops, and shows there.

use crate::domain::{ContactId, Text, Timestamp};
use crate::engine::Engine;
use crate::engine::event::{AgentEvent, Because, Event, ServiceEvent};
use crate::engine::state::agent::{Agent, Session};
use crate::engine::state::contacts::Slot;
use crate::engine::state::pool::Signature;
use crate::engine::state::registry::AgentKey;

/// What a desktop shows of the configuration.
pub(super) struct OnDesktop {
    agent: AgentKey,
    label: Option<Text>,
    /// None if the agent is not in the configuration.
    serves: Option<Signature>,
    contacts: Vec<InHand>,
}

/// What the desktop shows of the configuration of a contact that its agent has.
struct InHand {
    slot: Slot,
    contact: ContactId,
    due: Timestamp,
    /// When the reply is due that the customer waits for.
    owed_by: Option<Timestamp>,
}

impl Engine {
    /// What is on the desktops that are connected, or may come back.
    pub(super) fn on_desktops(&self) -> Vec<OnDesktop> {
        let there = |agent: &&Agent| agent.session != Session::Gone;
        let agents = self.agents.iter().filter(there);
        agents.map(|agent| self.on_desktop(agent)).collect()
    }

    fn on_desktop(&self, agent: &Agent) -> OnDesktop {
        let group = self.pool.group_of(agent.key);
        let serves = group.map(|group| self.pool.group(group).signature.clone());
        let parked = agent.load.parked.iter().map(|(_, slot)| *slot);
        let contacts = agent.load.held.iter().copied().chain(parked);
        OnDesktop {
            agent: agent.key,
            label: agent.label.clone(),
            serves: serves.filter(|_| agent.configured),
            contacts: contacts.map(|slot| self.in_hand(slot)).collect(),
        }
    }

    fn in_hand(&self, slot: Slot) -> InHand {
        let contact = self.contact_at(slot);
        let owed = contact.service().and_then(|service| service.owed);
        InHand {
            slot,
            contact: contact.id,
            due: self.due_of(contact),
            owed_by: owed.and_then(|owed| self.promised_response(contact, owed)),
        }
    }

    /// Desktops must not go on showing what has changed. Called directly after the change, while
    /// every contact is still where it was.
    pub(super) fn tell_reconfigured(&mut self, before: &[OnDesktop], now: Timestamp) {
        for before in before {
            let agent = before.agent;
            let after = self.on_desktop(self.agent_at(agent));
            if (&before.label, &before.serves) != (&after.label, &after.serves) {
                self.emit(now, Event::Agent(agent, AgentEvent::Reconfigured));
            }
            for before in &before.contacts {
                let after = self.in_hand(before.slot);
                if (before.due, before.owed_by) == (after.due, after.owed_by) {
                    continue;
                }
                let event = ServiceEvent::Shown {
                    because: Because::Updated,
                };
                self.emit(now, Event::Service(before.contact, agent, event));
            }
        }
    }
}
