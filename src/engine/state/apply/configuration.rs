//! The fold of a configuration: every index that depends on it is rebuilt.

use std::sync::Arc;

use crate::domain::{Hours, Name, PerChannel};
use crate::engine::Engine;
use crate::engine::options::{Options, Select};
use crate::engine::state::agent::Agent;
use crate::engine::state::capacity::Classes;
use crate::engine::state::contact::Stage;
use crate::engine::state::contacts::Slot;
use crate::engine::state::place::involved;
use crate::engine::state::pool::{GroupKey, Pool, Signature};
use crate::engine::state::queue::{Queue, QueueRules, head_starts, skill_keys};
use crate::engine::state::registry::{AgentKey, QueueKey};
use crate::engine::state::untold::calls_webhook;

impl Engine {
    pub(super) fn configured(&mut self, options: &Arc<Options>) {
        // Targets may have changed: predicted breaches are checked again.
        let open: Vec<Slot> = self.contacts.open_after(0).map(|(slot, _)| slot).collect();
        for slot in open {
            let contact = &mut self.contacts[slot];
            contact.escalated.reset(|made| {
                made.breach_check_at = None;
                // Rules that did not apply when their time came are evaluated again.
                for fired in &mut made.fired {
                    fired.waits_for_change = false;
                }
            });
        }
        self.configure(options);
        if !calls_webhook(options) {
            self.untold.clear();
        }
        // Queue-length rules start afresh.
        for queue in &mut self.queues {
            queue.length_seen = 0;
        }
    }

    pub(in crate::engine) fn configure(&mut self, options: &Arc<Options>) {
        self.registry.learn(options);
        self.head_starts = head_starts(options, &self.registry);
        self.topics = options
            .queues
            .iter()
            .flat_map(|queue| queue.topics.iter().map(move |topic| (topic, &queue.id)))
            .filter_map(|(topic, queue)| {
                Some((topic.clone(), self.registry.queues.key(queue.as_str())?))
            })
            .collect();
        self.classes = Classes::new(options, &self.registry);
        self.compile_rules(options);
        self.options = Some(Arc::clone(options));
        self.regroup(options);
        self.needs.clear(&mut self.queues);
        self.restand();
        self.owed.clear();
        self.claims.clear();
        self.reindex_waiting();
        self.resized = (0..self.queues.len()).map(QueueKey::from).collect();
    }

    fn compile_rules(&mut self, options: &Options) {
        self.configurations += 1;
        for rules in &mut self.rules {
            rules.configured = false;
            // A draining queue needs no hours.
            rules.hours = None;
        }
        let hours: Vec<(&Name, Arc<Hours>)> = options
            .hours
            .iter()
            .map(|hours| (&hours.id, Arc::new(hours.hours.clone())))
            .collect();
        for queue in &options.queues {
            let key = self.registry.queues.key(queue.id.as_str());
            let key = key.expect("every configured queue is registered");
            let named = hours
                .iter()
                .find(|(id, _)| Some(*id) == queue.hours.as_ref());
            let named = named.map(|(_, hours)| Arc::clone(hours));
            let rules = QueueRules::new(queue, key, &self.registry).with_hours(named);
            if key.index() == self.rules.len() {
                self.rules.push(rules);
            } else {
                self.rules[key.index()] = rules;
            }
        }
        self.queues.resize_with(self.rules.len(), Queue::default);
        let mut rules = self.rules.iter();
        self.keeps_back = rules.any(|rules| rules.options.reserve.is_some());
        for queue in &mut self.queues {
            queue.widens.clear();
        }
        for (index, rules) in self.rules.iter().enumerate() {
            let skips = rules.options.steps.iter().any(|step| step.skip_unstaffed);
            let widest = rules.rings.last().filter(|_| skips);
            for queue in widest.iter().flat_map(|ring| &ring.queues) {
                self.queues[queue.index()].widens.push(index.into());
            }
        }
    }

    /// Puts every agent into the group of its queues, skills and capacity.
    fn regroup(&mut self, options: &Options) {
        self.pool = Pool::default();
        for queue in &mut self.queues {
            queue.groups.clear();
            (queue.staffed, queue.away) = (0, 0);
        }
        self.keeping_room.clear();
        for agent in &mut self.agents {
            agent.configured = false;
            // A removed agent keeps its old capacity until the work in hand is done.
            agent.load.capacity = agent.capacity;
            agent.load.keeps_room_for = None;
        }
        // A relaxation step may bring any agent into any queue, even a draining one.
        let by_turn = self
            .rules
            .iter()
            .any(|rules| rules.options.select == Select::RoundRobin);
        for agent in &options.agents {
            let key = self.registry.agents.key(agent.id.as_str());
            let key = key.expect("every configured agent is registered");
            if key.index() == self.agents.len() {
                self.agents.push(Agent::new(key));
            }
            let known = &mut self.agents[key.index()];
            known.configured = true;
            known.label = Some(agent.label.clone());
            known.capacity = agent.capacity;
            known.load.capacity = agent.capacity;
            let mut queues: Vec<QueueKey> = agent
                .queues
                .iter()
                .filter_map(|queue| self.registry.queues.key(queue.as_str()))
                .collect();
            queues.sort_unstable();
            queues.dedup();
            let signature = Signature {
                queues,
                skills: skill_keys(&agent.skills, &self.registry),
                capacity: agent.capacity,
            };
            let group = self.pool.group_for(signature, by_turn);
            self.pool.join(key, group);
        }
        for (index, group) in (0..).zip(self.pool.groups()) {
            for queue in &group.signature.queues {
                self.queues[queue.index()].groups.push(GroupKey(index));
            }
        }
        for queue in self.queues.iter().filter(|queue| queue.is_exclusive) {
            for group in &queue.groups {
                self.pool.group_mut(*group).is_exclusive = true;
            }
        }
    }

    /// Recomputes loads by the new costs, and every agent's place in the pool.
    fn restand(&mut self) {
        let options = Arc::clone(self.configuration());
        for index in 0..self.agents.len() {
            let agent = AgentKey::from(index);
            let held = self.agents[index].load.held.clone();
            let load = &mut self.agents[index].load;
            load.clear_counts();
            for slot in held {
                let contact = &self.contacts[slot];
                let class = self.classes.of(contact);
                for (holder, involvement) in involved(&contact.stage) {
                    if holder == agent {
                        load.add(class, involvement, &options);
                    }
                }
            }
            if self.agent_at(agent).is_staffed() {
                self.count_staffed(agent, true);
            }
            if self.agent_at(agent).is_away() {
                self.count_away(agent, true);
            }
            let ails = self.agent_at(agent).ails();
            self.count_ailing(agent, PerChannel::default(), ails);
            self.stand(agent);
        }
    }

    /// The lines were cleared: waiting contacts are entered again.
    fn reindex_waiting(&mut self) {
        let open: Vec<Slot> = self.contacts.open_after(0).map(|(slot, _)| slot).collect();
        for slot in open {
            let contact = &mut self.contacts[slot];
            let last_step = self.rules[contact.labels.queue.index()].last_step();
            contact.wait.step = contact.wait.step.min(last_step);
            contact.meant.reset(|meant| meant.room_kept_by = None);
            if matches!(contact.stage, Stage::Queued { .. } | Stage::Offered { .. }) {
                self.reenter(slot);
            }
            self.arm_response(slot);
            self.watch_end(slot);
        }
    }
}
