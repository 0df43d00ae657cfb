//! Pull queues: an idle agent calls the next contact at once, and a contact that arrives while
//! agents are idle is called by the one idle for longest.
//!
//! Absent on purpose: which contact is called. The engine chooses it.

use std::collections::BTreeMap;

use super::World;
use crate::domain::Name;
use crate::engine::command::DeskAct;
use crate::engine::options::{Options, QueueOptions};
use crate::engine::state::registry::QueueKey;
use crate::sim::crowd::Crowd;
use crate::sim::desk::Rest;

/// Which agents call from which queues, and what to check.
#[derive(Clone, Default)]
pub(super) struct Callers {
    /// By pull queue.
    agents: BTreeMap<Name, Vec<usize>>,
    /// By agent, in the order of the agent's queues, and then those that a step or a rule opens to
    /// the agent: until it has, the engine refuses the call.
    queues: Vec<Vec<Name>>,
    /// Agents who have become idle.
    freed: Vec<usize>,
    /// Queues in which a contact may have begun to wait.
    filled: Vec<Name>,
}

impl Callers {
    /// `agents_call` says from which pull queues.
    pub(super) fn of(options: &Options, agents_call: impl Fn(&Name) -> bool) -> Self {
        let queues = options.queues.iter();
        let pulled = queues.filter(|queue| queue.pull && agents_call(&queue.id));
        let pulled: Vec<&QueueOptions> = pulled.collect();
        let is_pulled = |queue: &&Name| pulled.iter().any(|pulled| pulled.id == **queue);
        let mut callers = Self::default();
        for (agent, found) in options.agents.iter().enumerate() {
            let mut queues: Vec<Name> = found.queues.iter().filter(is_pulled).cloned().collect();
            for queue in &pulled {
                if opens_to(queue).any(|other| found.queues.contains(other))
                    && !queues.contains(&queue.id)
                {
                    queues.push(queue.id.clone());
                }
            }
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

    /// Deadlines of the engine have expired: more agents may be eligible, or a queue has opened.
    pub(super) fn look_again(&mut self) {
        self.filled.extend(self.agents.keys().cloned());
    }
}

/// The other queues whose agents a step or a rule of this one admits.
fn opens_to(queue: &QueueOptions) -> impl Iterator<Item = &Name> {
    let by_step = queue.steps.iter().flat_map(|step| &step.also_agents_of);
    by_step.chain(queue.added_queues())
}

impl<C: Crowd> World<C> {
    pub(super) fn waits_in(&mut self, queue: QueueKey) {
        let queue = self.engine.registry().queues.name(queue);
        self.callers.fills(queue);
    }

    /// Lets agents call as long as anyone is called.
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

    /// Whether the agent was idle and has called a contact.
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
