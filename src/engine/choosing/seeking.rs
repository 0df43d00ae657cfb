//! Agents with room look for contacts, and contacts in line for agents, for as long as there is a
//! match.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::choosing::shortlist::Looking;
use crate::engine::state::contacts::Slot;
use crate::engine::state::line::LineKey;
use crate::engine::state::registry::AgentKey;

impl Engine {
    /// Gives the agent what is due, as long as there is room.
    pub(in crate::engine) fn serve(&mut self, agent: AgentKey, now: Timestamp) {
        self.take_up_again(agent, now);
        while let Some(slot) = self.find_contact(agent, now) {
            self.make_offer(slot, agent, Looking::Agent, now);
        }
        if self.keeps_back {
            self.serve_kept_back(agent, now);
        }
    }

    /// If there is now one agent more than are reserved, another agent may take what was held back.
    fn serve_kept_back(&mut self, agent: AgentKey, now: Timestamp) {
        while let Some(other) = self.no_longer_kept(agent, now) {
            let Some(slot) = self.find_contact(other, now) else {
                return;
            };
            self.make_offer(slot, other, Looking::Agent, now);
        }
    }

    fn no_longer_kept(&mut self, agent: AgentKey, now: Timestamp) -> Option<AgentKey> {
        let group = self.pool.group_of(agent)?;
        let queues = &self.pool.group(group).signature.queues;
        let lines = queues
            .iter()
            .flat_map(|queue| &self.queues[queue.index()].active_lines);
        let is_open = |key: &&LineKey| {
            let need = self.needs.get(**key);
            need.kept > 0 && self.is_offered(need)
        };
        let open: Vec<LineKey> = lines.filter(is_open).copied().collect();
        let mut open = open.into_iter();
        open.find_map(|key| {
            let mut waiting = self.needs.get(key).line.head();
            while let Some(place) = waiting {
                let found = self.find_agent(place.slot, now);
                if found.is_some() {
                    return found;
                }
                waiting = self.needs.get(key).line.next_after(place);
            }
            None
        })
    }

    /// Finds an agent for a contact in line, if there is one now.
    pub(in crate::engine) fn seek(&mut self, slot: Slot, now: Timestamp) {
        if self.keeps_back {
            self.seek_in_turn(slot, now);
        } else if let Some(agent) = self.find_agent(slot, now) {
            self.make_offer(slot, agent, Looking::Contact, now);
        }
    }

    /// If agents are reserved, or several contacts came at once, the agent that is found may have
    /// another contact to take first.
    pub(in crate::engine) fn seek_in_turn(&mut self, slot: Slot, now: Timestamp) {
        while self.is_queued(slot)
            && let Some(agent) = self.find_agent(slot, now)
        {
            match self.find_contact(agent, now) {
                Some(first) if first != slot => {
                    self.make_offer(first, agent, Looking::Agent, now);
                }
                Some(_) => self.make_offer(slot, agent, Looking::Contact, now),
                // The agent keeps room from now on.
                None => {}
            }
        }
    }

    /// Looks for agents for all waiting contacts, in the order of due: after changes that concern
    /// more than one contact and one agent.
    pub(in crate::engine) fn serve_all(&mut self, now: Timestamp) {
        let mut waiting: Vec<_> = self
            .needs
            .iter()
            .flat_map(|(_, need)| {
                let places = need.line.iter();
                places.map(|place| (!need.need.is_reserved, place))
            })
            .collect();
        waiting.sort_unstable();
        for (_, place) in waiting {
            self.seek(place.slot, now);
        }
    }
}
