//! Queues that are pulled from: an agent with empty hands calls the next contact at once, and who
//! comes while somebody has empty hands is called by whoever has had them for longest.
//!
//! Absent on purpose: who is called. The engine says who is next.

use std::collections::BTreeMap;

use super::World;
use crate::domain::Name;
use crate::engine::command::DeskAct;
use crate::engine::options::Options;
use crate::engine::state::registry::QueueKey;
use crate::sim::crowd::Crowd;
use crate::sim::desk::Rest;

/// Who calls from where, and what has to be looked at.
#[derive(Clone, Default)]
pub(super) struct Callers {
    /// By queue that is pulled from.
    agents: BTreeMap<Name, Vec<usize>>,
    /// By agent, in the agent's order.
    queues: Vec<Vec<Name>>,
    /// Agents whose hands have become empty.
    freed: Vec<usize>,
    /// Queues in which somebody may have come to wait.
    filled: Vec<Name>,
}

impl Callers {
    pub(super) fn of(options: &Options) -> Self {
        let is_pulled = |queue: &&Name| options.queue(queue).is_some_and(|queue| queue.pull);
        let mut callers = Self::default();
        for (agent, found) in options.agents.iter().enumerate() {
            let queues: Vec<Name> = found.queues.iter().filter(is_pulled).cloned().collect();
            for queue in &queues {
                callers.agents.entry(queue.clone()).or_default().push(agent);
            }
            callers.queues.push(queues);
        }
        callers
    }

    pub(super) fn is_free(&mut self, agent: usize) {
        if self
            .queues
            .get(agent)
            .is_some_and(|queues| !queues.is_empty())
        {
            self.freed.push(agent);
        }
    }

    fn fills(&mut self, queue: &Name) {
        if self.agents.contains_key(queue) {
            self.filled.push(queue.clone());
        }
    }

    /// Time has passed for the engine: more agents may serve who waits, or a queue has opened.
    pub(super) fn look_again(&mut self) {
        self.filled.extend(self.agents.keys().cloned());
    }
}

impl<C: Crowd> World<C> {
    pub(super) fn waits_in(&mut self, queue: QueueKey) {
        let queue = self.engine.registry().queues.name(queue);
        self.callers.fills(queue);
    }

    /// Lets agents call for as long as somebody is called.
    pub(super) fn call_next(&mut self) {
        loop {
            if let Some(agent) = self.callers.freed.pop() {
                let queues = self.callers.queues[agent].clone();
                let _ = queues.iter().any(|queue| self.calls(agent, queue));
            } else if let Some(queue) = self.callers.filled.pop() {
                let mut agents = self.callers.agents.get(&queue).cloned().unwrap_or_default();
                agents.sort_by_key(|agent| (self.desks[*agent].idle_since, *agent));
                let _ = agents.into_iter().any(|agent| self.calls(agent, &queue));
            } else {
                return;
            }
        }
    }

    /// Whether the agent, with empty hands, has called somebody.
    fn calls(&mut self, agent: usize, queue: &Name) -> bool {
        let desk = &self.desks[agent];
        if desk.stands() != (false, true) || desk.rest != Rest::None {
            return false;
        }
        let act = DeskAct::Pull {
            contact: None,
            queue: queue.clone(),
        };
        self.desk_act(agent, act).is_some()
    }
}
