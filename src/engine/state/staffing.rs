//! Counts of agents in the groups and queues that they serve, kept as they come, go, lose their
//! connection and rest.

use crate::domain::{Channel, PerChannel};
use crate::engine::Engine;
use crate::engine::state::agent::{Agent, Health};
use crate::engine::state::pool::Group;
use crate::engine::state::queue::Queue;
use crate::engine::state::registry::AgentKey;

impl Engine {
    /// Changes what the agent wants or whether a desktop is connected, and updates the staff
    /// counts.
    pub(in crate::engine) fn alter_agent(
        &mut self,
        agent: AgentKey,
        alter: impl FnOnce(&mut Agent),
    ) {
        let held = &mut self.agents[agent.index()];
        let before = (held.is_staffed(), held.is_away());
        let ailed = held.ails();
        alter(held);
        let after = (held.is_staffed(), held.is_away());
        let ails = held.ails();
        if before.0 != after.0 {
            self.count_staffed(agent, after.0);
        }
        self.count_ailing(agent, ailed, ails);
        if before.1 != after.1 {
            self.count_away(agent, after.1);
        }
        self.stand(agent);
    }

    pub(in crate::engine) fn count_away(&mut self, agent: AgentKey, away: bool) {
        self.count_one(
            agent,
            away,
            |group| &mut group.away,
            |queue| &mut queue.away,
        );
    }

    pub(in crate::engine) fn count_staffed(&mut self, agent: AgentKey, staffed: bool) {
        self.count_one(
            agent,
            staffed,
            |group| &mut group.staffed,
            |queue| &mut queue.staffed,
        );
    }

    /// Adds an agent to the counts of the group and the queues served, or removes it.
    fn count_one(
        &mut self,
        agent: AgentKey,
        is_more: bool,
        of_group: fn(&mut Group) -> &mut u32,
        of_queue: fn(&mut Queue) -> &mut u32,
    ) {
        let Some(group) = self.pool.group_of(agent) else {
            return;
        };
        let group = self.pool.group_mut(group);
        let add = |count: &mut u32| *count = if is_more { *count + 1 } else { *count - 1 };
        add(of_group(group));
        for queue in &group.signature.queues {
            add(of_queue(&mut self.queues[queue.index()]));
        }
    }

    /// Updates the group's counts of agents who are resting or suspended.
    pub(in crate::engine) fn count_ailing(
        &mut self,
        agent: AgentKey,
        before: PerChannel<Health>,
        after: PerChannel<Health>,
    ) {
        let Some(group) = self.pool.group_of(agent) else {
            return;
        };
        let group = self.pool.group_mut(group);
        for channel in Channel::ALL {
            let (before, after) = (*before.get(channel), *after.get(channel));
            let ailing = group.ailing.get_mut(channel);
            *ailing += u32::from(after != Health::Ok);
            *ailing -= u32::from(before != Health::Ok);
            let resting = group.resting.get_mut(channel);
            if let Health::CoolingDown { until, .. } = before {
                resting.remove(&(until, agent));
            }
            if let Health::CoolingDown { until, .. } = after {
                resting.insert((until, agent));
            }
        }
    }
}
