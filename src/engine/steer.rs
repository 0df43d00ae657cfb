//! Commands that steer the site: configuration, restart, pausing a queue, and
//! a supervisor's hand on one contact.

use std::sync::Arc;

use crate::domain::{ContactId, Hours, Name, Text, Timestamp};
use crate::engine::agent::{Agent, Intent};
use crate::engine::capacity::Classes;
use crate::engine::command::{RequestKey, SiteCommand};
use crate::engine::contact::{Contact, Parked, Stage};
use crate::engine::event::{ConsultEnd, Event, Return, Withdrawal};
use crate::engine::options::{Options, Select};
use crate::engine::place::holds;
use crate::engine::pool::{Pool, Signature};
use crate::engine::queue::{Queue, QueueRules, head_starts, skill_keys};
use crate::engine::refusal::Refusal;
use crate::engine::registry::{AgentKey, QueueKey};
use crate::engine::{Done, Engine, foresee};

impl Engine {
    pub(super) fn handle_site(
        &mut self,
        now: Timestamp,
        command: SiteCommand,
    ) -> Result<Done, Refusal> {
        match command {
            SiteCommand::Configure(options) => self.reconfigure(now, options),
            SiteCommand::Restart => Ok(self.restart(now)),
            SiteCommand::Pause { queue, by, key } => self.pause(now, &queue, by, key),
            SiteCommand::Resume { queue, by, key } => self.resume(now, &queue, by, key),
            SiteCommand::FileHistory { closed_upto } => {
                if closed_upto > self.filed_upto && closed_upto <= self.closed_number {
                    self.emit(now, Event::HistoryFiled { closed_upto });
                }
                Ok(Done::Nothing)
            }
        }
    }

    /// Offers the contact to a named agent, past queue and skills but not past
    /// capacity; what another agent was offered is taken back.
    pub(super) fn assign(
        &mut self,
        now: Timestamp,
        id: ContactId,
        name: &Name,
        by: Text,
    ) -> Result<(), Refusal> {
        let slot = self.slot(id)?;
        let agent = self.agent_key(name)?;
        let contact = self.contact_at(slot);
        let other = match &contact.stage {
            Stage::Offered(offer) if offer.agent == agent => return Ok(()),
            Stage::Offered(offer) => Some(offer.agent),
            Stage::Scheduled { .. } if self.dialled_for(slot).is_some() => {
                return Err(Refusal::WrongState(contact.state_name()));
            }
            Stage::Queued { .. } | Stage::Scheduled { .. } => None,
            Stage::Moving
            | Stage::Active(_)
            | Stage::Parked(_)
            | Stage::WrapUp { .. }
            | Stage::Closed(_) => {
                return Err(Refusal::WrongState(contact.state_name()));
            }
        };
        if !self.agent_at(agent).is_staffed() {
            return Err(Refusal::AgentNotReady(name.clone()));
        }
        if !self.fits(slot, agent) {
            return Err(Refusal::AgentFull(name.clone()));
        }
        if let Some(other) = other {
            self.take_from(slot, other, now, by.clone());
            self.offer_by(slot, agent, now, by);
            self.serve(other, now);
        } else {
            self.offer_by(slot, agent, now, by);
        }
        Ok(())
    }

    /// Back into the line, in the contact's old place.
    pub(super) fn requeue(
        &mut self,
        now: Timestamp,
        id: ContactId,
        by: Text,
    ) -> Result<(), Refusal> {
        let slot = self.slot(id)?;
        let contact = self.contact_at(slot);
        let mut helper = None;
        let agent = match &contact.stage {
            Stage::Offered(offer) => {
                let agent = offer.agent;
                self.take_from(slot, agent, now, by);
                agent
            }
            Stage::Active(service) | Stage::Parked(Parked { service, .. }) => {
                let agent = service.agent;
                helper = self.stop_consult(slot, ConsultEnd::Left, now);
                self.give_back(slot, now, Return::Requeued { by });
                agent
            }
            Stage::Queued { .. } => {
                if contact.direct.is_some() {
                    self.release_to_anyone(slot, now);
                }
                return Ok(());
            }
            Stage::Moving | Stage::Scheduled { .. } | Stage::WrapUp { .. } | Stage::Closed(_) => {
                return Err(Refusal::WrongState(contact.state_name()));
            }
        };
        if self.contact_at(slot).direct.is_some() {
            self.release_to_anyone(slot, now);
        } else {
            self.enter_line_beside(slot, helper, now);
        }
        for agent in [agent].into_iter().chain(helper) {
            self.go_on(agent, now);
        }
        Ok(())
    }

    fn pause(
        &mut self,
        now: Timestamp,
        name: &Name,
        by: Text,
        key: Option<RequestKey>,
    ) -> Result<Done, Refusal> {
        let queue = self.queue_key(name)?;
        if !self.queues[queue.index()].paused {
            self.emit(now, Event::QueuePaused { queue, by });
            self.keep_request(now, key, None);
        }
        Ok(Done::Nothing)
    }

    fn resume(
        &mut self,
        now: Timestamp,
        name: &Name,
        by: Text,
        key: Option<RequestKey>,
    ) -> Result<Done, Refusal> {
        let queue = self.queue_key(name)?;
        if self.queues[queue.index()].paused {
            self.emit(now, Event::QueueResumed { queue, by });
            self.keep_request(now, key, None);
            self.serve_all(now);
        }
        Ok(Done::Nothing)
    }

    /// No socket of before the restart exists: open offers are taken back, and
    /// every agent who was connected has the grace period to come back.
    fn restart(&mut self, now: Timestamp) -> Done {
        let until = now + self.configuration_or_default_grace();
        let mut moving = Vec::new();
        for index in 0..self.agents.len() {
            let agent = AgentKey::from(index);
            if !self.agent_at(agent).is_connected() {
                continue;
            }
            moving.extend(self.withdraw_all(agent, now, Withdrawal::SessionLost));
            self.emit(now, Event::AgentLost { agent, until });
        }
        moving.sort_unstable_by_key(|slot| self.turn_of(*slot));
        for slot in moving {
            self.enter_line(slot, now);
        }
        Done::Nothing
    }

    fn configuration_or_default_grace(&self) -> crate::domain::Millis {
        let limits = self.options.as_ref().map(|options| options.limits);
        limits
            .unwrap_or(crate::engine::options::Limits::DEFAULT)
            .grace
    }

    /// A new configuration for whatever is under way: contacts of queues that
    /// vanished go to the default queue, agents who vanished finish what they
    /// have and are offered nothing.
    fn reconfigure(&mut self, now: Timestamp, options: Arc<Options>) -> Result<Done, Refusal> {
        // The figures are those of before: what is foreseen is what is done.
        let foreseen = match &self.options {
            Some(_) => Some(Box::new(self.foresee_reload(&options)?)),
            None => {
                foresee::check(&options)?;
                None
            }
        };
        self.emit(now, Event::Configured { options });
        self.open_by_hours(now);
        self.dismiss_removed(now);
        let moved = self.rehome(now);
        let queues: Vec<QueueKey> = (0..self.queues.len()).map(QueueKey::from).collect();
        self.hurry(&queues, now);
        self.recheck_routable(now);
        for index in 0..self.agents.len() {
            let agent = AgentKey::from(index);
            self.resume_interrupted(agent, now);
            self.take_up_again(agent, now);
        }
        for slot in moved {
            self.escalate(slot, now);
        }
        self.serve_all(now);
        self.reloaded = foreseen;
        Ok(Done::Nothing)
    }

    /// Agents who are no longer configured lose their offers, and nobody waits for them.
    fn dismiss_removed(&mut self, now: Timestamp) {
        for index in 0..self.agents.len() {
            let agent = AgentKey::from(index);
            if self.agent_at(agent).configured {
                continue;
            }
            for slot in self.withdraw_all(agent, now, Withdrawal::Reconfigured) {
                self.line_up(slot, now);
            }
            if self.agent_at(agent).intent == Intent::Ready {
                let intent = Intent::NotReady {
                    reason: Text::from("removed"),
                };
                self.emit(
                    now,
                    Event::AgentIntended {
                        agent,
                        intent,
                        by: Text::from("system"),
                    },
                );
            }
            for slot in self.give_back_woken(agent, now) {
                self.line_up(slot, now);
            }
            let lines = self.needs.direct_lines(agent).iter();
            let places = lines.flat_map(|line| self.needs.get(*line).line.iter());
            let meant: Vec<u32> = places.map(|place| place.slot).collect();
            for slot in meant {
                self.line_up(slot, now);
            }
        }
    }

    /// Into line, for whoever is still there; nobody is looked for until all stand right.
    fn line_up(&mut self, slot: u32, now: Timestamp) {
        let contact = self.contact_at(slot);
        let is_there = |agent: &AgentKey| self.agent_at(*agent).configured;
        let event = Event::ContactQueued {
            contact: contact.id,
            queue: contact.labels.queue,
            step: contact.step,
            due: self.due_of(contact),
            direct: contact.direct.filter(is_there),
            direct_until: contact.direct_until,
        };
        self.emit(now, event);
    }

    /// Waiting contacts to the queue and the place that they have now; those who had to go to
    /// another queue are returned.
    fn rehome(&mut self, now: Timestamp) -> Vec<u32> {
        let options = Arc::clone(self.configuration());
        let default = self.registry.queues.key(options.default_queue.as_str());
        let default = default.expect("the default queue is configured");
        let mut waiting: Vec<_> = self
            .needs
            .iter()
            .flat_map(|(_, need)| need.line.iter())
            .collect();
        waiting.sort_unstable();
        self.reschedule(default, now);
        let mut moved = Vec::new();
        for place in waiting {
            let contact = self.contact_at(place.slot);
            let vanished = !self.rules[contact.labels.queue.index()].configured;
            if vanished {
                self.change_queue(place.slot, default, now);
                self.line_up(place.slot, now);
                moved.push(place.slot);
            } else if self.due_of(contact) != place.due {
                self.line_up(place.slot, now);
            }
        }
        moved
    }

    /// Contacts that were ordered for later from a queue that has vanished.
    fn reschedule(&mut self, default: QueueKey, now: Timestamp) {
        let open = self.contacts.open_after(0);
        let vanished = |contact: &Contact| !self.rules[contact.labels.queue.index()].configured;
        let scheduled: Vec<_> = open
            .filter_map(|(slot, contact)| match contact.stage {
                Stage::Scheduled { until } if vanished(contact) => Some((slot, until)),
                Stage::Scheduled { .. }
                | Stage::Moving
                | Stage::Queued { .. }
                | Stage::Offered(_)
                | Stage::Active(_)
                | Stage::Parked(_)
                | Stage::WrapUp { .. }
                | Stage::Closed(_) => None,
            })
            .collect();
        for (slot, until) in scheduled {
            self.change_queue(slot, default, now);
            let contact = self.contact_at(slot).id;
            self.emit(now, Event::ContactScheduled { contact, until });
        }
    }

    /// Whom nobody could ever take any more, and who can be taken again.
    fn recheck_routable(&mut self, now: Timestamp) {
        let open = self.contacts.open_after(0);
        let waiting: Vec<u32> = open
            .filter(|(_, contact)| {
                matches!(
                    contact.stage,
                    Stage::Queued { .. } | Stage::Scheduled { .. }
                )
            })
            .map(|(slot, _)| slot)
            .collect();
        for slot in waiting {
            self.tell_routable(slot, now);
        }
    }

    /// The fold of a configuration: every index that depends on it is made anew.
    pub(super) fn configure(&mut self, options: &Arc<Options>) {
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
        self.reindex_waiting();
    }

    fn compile_rules(&mut self, options: &Options) {
        for rules in &mut self.rules {
            rules.configured = false;
            // What drains needs no hours.
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
            queue.staffed = 0;
        }
        for agent in &mut self.agents {
            agent.configured = false;
        }
        // A relaxation step may bring any agent into any queue, also into one that drains.
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
            self.agent_labels
                .resize_with(self.agents.len(), || Text::from(""));
            self.agent_labels[key.index()] = agent.label.clone();
            self.agents[key.index()].configured = true;
            self.agents[key.index()].load.capacity = agent.capacity;
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
                self.queues[queue.index()]
                    .groups
                    .push(crate::engine::pool::GroupKey(index));
            }
        }
        for queue in self.queues.iter().filter(|queue| queue.is_exclusive) {
            for group in &queue.groups {
                self.pool.group_mut(*group).is_exclusive = true;
            }
        }
    }

    /// Loads by the new costs, and everyone to where they stand in the pool.
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
                for (holder, hold) in holds(&contact.stage).into_iter().flatten() {
                    if holder == agent {
                        load.add(class, hold, &options);
                    }
                }
            }
            if self.agent_at(agent).is_staffed() {
                self.count_staffed(agent, true);
            }
            if self.agent_at(agent).is_away() {
                self.count_away(agent, true);
            }
            self.stand(agent);
        }
    }

    /// The lines were cleared: waiting contacts stand in them again.
    fn reindex_waiting(&mut self) {
        let open: Vec<u32> = self.contacts.open_after(0).map(|(slot, _)| slot).collect();
        for slot in open {
            let contact = &mut self.contacts[slot];
            let last_step = self.rules[contact.labels.queue.index()].last_step();
            contact.step = contact.step.min(last_step);
            if matches!(contact.stage, Stage::Queued { .. } | Stage::Offered(_)) {
                self.reenter(slot);
            }
            self.arm_response(slot);
        }
    }
}
