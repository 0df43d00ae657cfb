//! What the oracle judges by: who may serve whom, whose turn it is, what a queue may do.

use std::collections::BTreeMap;

use switchboard::domain::{Channel, ContactId, Hours, Millis, Name, Requirements, Timestamp};
use switchboard::engine::options::{AgentOptions, QueueOptions};
use switchboard::engine::registry::AgentKey;

use super::lore::{Grade, Subject, share};
use super::oracle::{Known, Oracle, Place};

impl Oracle {
    /// Nobody whom this agent could take is due before.
    pub(super) fn judge(&self, contact: ContactId, agent: AgentKey) {
        let turn = |id: ContactId| {
            let known = &self.contacts[&id];
            (self.due(id) - self.fit(known, agent), known.arrival)
        };
        let own = turn(contact);
        for (id, known) in &self.contacts {
            let rival =
                *id != contact && known.place == Place::Waiting && self.may_serve(known, agent);
            assert!(
                !rival || turn(*id) > own,
                "{id} is due before {contact} for {agent:?}"
            );
        }
    }

    pub(super) fn due(&self, contact: ContactId) -> Timestamp {
        let known = &self.contacts[&contact];
        let options = self.options.as_ref().unwrap();
        let head_start = options
            .tiers
            .iter()
            .find(|tier| tier.name == known.tier)
            .map_or(Millis::ZERO, |tier| tier.head_start);
        self.promised(known) - head_start - known.boost
    }

    /// The target of a queue runs while it is open.
    pub(super) fn promised(&self, known: &Known) -> Timestamp {
        let target = self.queues[&known.queue].target.answer_within;
        self.hours(&known.queue).map_or_else(
            || known.first_queued_at + target,
            |hours| hours.add_working(known.first_queued_at, target).unwrap(),
        )
    }

    /// Of a queue that is in the configuration.
    pub(super) fn hours(&self, queue: &Name) -> Option<&Hours> {
        let options = self.options.as_ref().unwrap();
        options.hours(options.queue(queue)?.hours.as_ref()?)
    }

    /// The queue that a contact has come to and that may not take it.
    pub(super) fn diverted(&self, contact: ContactId) -> Option<&QueueOptions> {
        let known = &self.contacts[&contact];
        let is_new = known.place == Place::Nowhere && !known.has_stood;
        is_new.then_some(&self.queues[&known.queue])
    }

    /// More wait in a queue than may, at all or of a channel.
    pub(super) fn is_full(&self, queue: &QueueOptions, channel: Channel) -> bool {
        let waiting = self
            .contacts
            .values()
            .filter(|known| known.place == Place::Waiting && known.queue == queue.id);
        let (mut all, mut same) = (0, 0);
        for known in waiting {
            all += 1;
            same += u32::from(known.channel == channel);
        }
        let most = *queue.overflow.waiting_max.get(channel);
        all >= queue.waiting_max || most.is_some_and(|most| same >= most)
    }

    pub(super) fn agent(&self, agent: AgentKey) -> Option<&AgentOptions> {
        let name = self.registry.agents.name(agent);
        self.options
            .as_ref()
            .unwrap()
            .agents
            .iter()
            .find(|options| options.id == *name)
    }

    pub(super) fn level(agent: &AgentOptions, skill: &Name) -> i64 {
        agent
            .skills
            .iter()
            .find(|(name, _)| *name == skill)
            .map_or(0, |(_, level)| i64::from(level.get()))
    }

    /// Time passes for whoever is served.
    pub(super) fn work(&mut self, span: Millis) {
        let mut hands: BTreeMap<AgentKey, usize> = BTreeMap::new();
        let at_work = |place: &Place| match place {
            Place::Served(agent) | Place::WrapUp(agent, _) => Some(*agent),
            Place::Nowhere
            | Place::Scheduled(_)
            | Place::Waiting
            | Place::Offered { .. }
            | Place::Closed(_) => None,
        };
        for known in self.contacts.values() {
            if let Some(agent) = at_work(&known.place) {
                *hands.entry(agent).or_default() += 1;
            }
        }
        for known in self.contacts.values_mut() {
            if let Some(agent) = at_work(&known.place) {
                known.effort_permille += share(hands[&agent], span);
            }
        }
    }

    pub(super) fn learn(&mut self, contact: ContactId, agent: AgentKey, resolved: bool) {
        let known = self.contacts[&contact].clone();
        let Some(agent) = self.agent(agent) else {
            return;
        };
        let grade = self.grade(&known, agent);
        let subject = (self.subject(&known), known.channel);
        self.lore
            .learn(subject, grade, known.effort_permille, resolved);
    }

    pub(super) fn subject(&self, known: &Known) -> Subject {
        let topic = known.topic.as_ref();
        let topic = topic.filter(|topic| self.registry.topics.key(topic.as_str()).is_some());
        topic.map_or_else(
            || Subject::Queue(known.queue.clone()),
            |topic| Subject::Topic(topic.clone()),
        )
    }

    /// Levels in the skills that the queue, at any step, or the contact asks for.
    pub(super) fn grade(&self, known: &Known, agent: &AgentOptions) -> Grade {
        let queue = &self.queues[&known.queue];
        let steps = queue.steps.iter().filter_map(|step| step.requires.as_ref());
        let asked = steps.chain([&queue.requires, &known.requires]);
        let skills = asked.flat_map(|requires| requires.iter().map(|(skill, _)| skill));
        skills
            .filter_map(|skill| {
                let level = u8::try_from(Self::level(agent, skill)).unwrap();
                (level > 0).then(|| (skill.clone(), level))
            })
            .collect()
    }

    pub(super) fn fit(&self, known: &Known, key: AgentKey) -> Millis {
        let (Some(agent), None) = (self.agent(key), known.direct) else {
            return Millis::ZERO;
        };
        let mut required: BTreeMap<Name, i64> = BTreeMap::new();
        for (skill, level) in self.queues[&known.queue]
            .requires
            .iter()
            .chain(known.requires.iter())
        {
            let entry = required.entry(skill.clone()).or_default();
            *entry = (*entry).max(i64::from(level.get()));
        }
        let count = i64::try_from(required.len().max(1)).unwrap();
        let permille: i64 = required
            .iter()
            .map(|(skill, level)| {
                ((Self::level(agent, skill) - level) * 1_000 / level).clamp(0, 1_000)
            })
            .sum();
        let specialist = self.options.as_ref().unwrap().specialist;
        let grade = self.grade(known, agent);
        let fit = self
            .lore
            .fit(self.subject(known), grade, permille / count, specialist);
        let knows = |name: &Option<Name>| name.as_ref() == Some(self.registry.agents.name(key));
        let affinity =
            if knows(&known.recognition.account_manager) || knows(&known.recognition.last_agent) {
                Millis::from_s(25)
            } else {
                Millis::ZERO
            };
        (fit + affinity).min(specialist)
    }

    /// Whether this agent could be offered this contact now.
    pub(super) fn may_serve(&self, known: &Known, key: AgentKey) -> bool {
        let Some(agent) = self.agent(key) else {
            return false;
        };
        let (desk, queue) = (&self.desks[&key], &self.queues[&known.queue]);
        let shut = self.paused.contains(&known.queue) || self.closed.contains(&known.queue);
        let offered = !queue.pull && !shut;
        let there =
            desk.session.is_some() && desk.ready && !desk.unhealthy.contains(&known.channel);
        let cooling = known.cooling.contains(&key);
        offered
            && there
            && !cooling
            && self.has_room(agent, key, known.channel)
            && self.is_eligible(known, agent, key)
    }

    pub(super) fn is_eligible(&self, known: &Known, agent: &AgentOptions, key: AgentKey) -> bool {
        if let Some(direct) = known.direct {
            return direct == key;
        }
        let queue = &self.queues[&known.queue];
        let has = |required: &Requirements| {
            required
                .iter()
                .all(|(skill, level)| Self::level(agent, skill) >= i64::from(level.get()))
        };
        let mut queues = vec![known.queue.clone()];
        let mut requires = queue.requires.clone();
        let mut rings = vec![(queues.clone(), requires.clone())];
        for step in &queue.steps[..known.step] {
            queues.extend(step.also_agents_of.iter().cloned());
            requires = step.requires.clone().unwrap_or(requires);
            rings.push((queues.clone(), requires.clone()));
        }
        has(&known.requires)
            && rings.iter().any(|(queues, requires)| {
                has(requires) && agent.queues.iter().any(|queue| queues.contains(queue))
            })
    }

    pub(super) fn held(&self, agent: AgentKey) -> impl Iterator<Item = &Known> {
        self.contacts
            .values()
            .filter(move |known| match known.place {
                Place::Offered { agent: to, .. } | Place::Served(to) | Place::WrapUp(to, _) => {
                    to == agent
                }
                Place::Nowhere | Place::Scheduled(_) | Place::Waiting | Place::Closed(_) => false,
            })
    }

    pub(super) fn has_room(&self, agent: &AgentOptions, key: AgentKey, channel: Channel) -> bool {
        let options = self.options.as_ref().unwrap();
        let used: u32 = self
            .held(key)
            .map(|known| options.cost(known.channel))
            .sum();
        let same = self
            .held(key)
            .filter(|known| known.channel == channel)
            .count();
        let offers = self
            .held(key)
            .filter(|known| matches!(known.place, Place::Offered { .. }))
            .count();
        used + options.cost(channel) <= agent.capacity
            && same < options.channels.get(channel).max as usize
            && offers < 2
    }

    /// What must hold when a step is over.
    pub(super) fn judge_state(&self) {
        let options = self.options.as_ref().unwrap();
        for (id, known) in &self.contacts {
            assert_ne!(known.place, Place::Nowhere, "{id} stands somewhere");
            if known.place != Place::Waiting {
                continue;
            }
            let is_held = known.direct.is_some();
            assert!(
                !is_held || known.direct_until.is_none_or(|until| until > self.at),
                "{id} is held for longer than it may be"
            );
            for key in self.desks.keys() {
                assert!(
                    !self.may_serve(known, *key),
                    "{id} waits beside {key:?} who could take it"
                );
            }
        }
        for key in self.desks.keys() {
            let Some(agent) = self.agent(*key) else {
                continue;
            };
            let used: u32 = self
                .held(*key)
                .map(|known| options.cost(known.channel))
                .sum();
            assert!(used <= agent.capacity, "{key:?} has more than fits");
        }
    }
}
