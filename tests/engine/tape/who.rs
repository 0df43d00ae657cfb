//! Which agents may serve which contacts, and how well, checking every agent and every requirement.

use std::collections::BTreeMap;

use switchboard::domain::{Channel, Millis, Name, Requirements};
use switchboard::engine::options::{Action, AgentOptions, Trigger};
use switchboard::engine::state::contact::CustomerFirst;
use switchboard::engine::state::registry::AgentKey;

use super::lore::{Grade, Subject};
use super::oracle::{Known, Oracle};

impl Known {
    /// Only for the requested agent, until it has been served.
    pub(super) fn is_meant_alone(&self) -> bool {
        self.asks_for_one && !self.was_served
    }

    /// Transferred to one agent by another: it goes to that agent whatever its queue does.
    pub(super) fn is_handed_on(&self) -> bool {
        self.was_served && self.direct.is_some() && self.direct_until.is_none()
    }

    /// Its customer was called first, or has been served and is still there.
    fn is_on_the_line(&self) -> bool {
        let is_there = matches!(self.channel, Channel::Hotline | Channel::Storefront);
        self.first == Some(CustomerFirst::Answered)
            || self.was_served && is_there && self.callback.is_none()
            || self.callback.is_some() && self.is_reached
    }
}

impl Oracle {
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

    pub(super) fn subject(&self, known: &Known) -> Subject {
        let topic = known.topic.as_ref();
        let topic = topic.filter(|topic| self.registry.topics.key(topic.as_str()).is_some());
        topic.map_or_else(
            || Subject::Queue(known.queue.clone()),
            |topic| Subject::Topic(topic.clone()),
        )
    }

    /// Levels in the skills that the queue, at any step, or the contact requires.
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
        let affinity = if knows(&known.recognition.account_manager)
            || knows(&known.recognition.last_agent)
            || known.owner_before == Some(key)
        {
            Millis::from_s(25)
        } else {
            Millis::ZERO
        };
        (fit + affinity).min(specialist)
    }

    /// Whether this agent could be offered this contact now.
    pub(super) fn may_serve(&self, known: &Known, key: AgentKey) -> bool {
        let agent = self.agent(key);
        self.may_serve_if_empty(known, key)
            && !self.keeps_room_from(key, known)
            && agent.is_some_and(|agent| self.has_room(agent, key, known))
    }

    /// Whether it could if this agent had nothing in hand.
    pub(super) fn may_serve_if_empty(&self, known: &Known, key: AgentKey) -> bool {
        let Some(agent) = self.agent(key) else {
            return false;
        };
        let queue = &self.queues[&known.queue];
        let is_closed = self.closed.contains(&known.queue) && !known.is_on_the_line();
        let shut = self.paused.contains(&known.queue) || is_closed || queue.pull;
        let offered = !shut || known.is_handed_on();
        let cooling = known.cooling.contains(&key);
        offered
            && self.is_there(key, known.channel)
            && !cooling
            && !known.is_offered_to(key)
            && !self.waits_for_a_call(known, key)
            && !self.is_kept_back(known)
            && self.options.as_ref().unwrap().cost(known.channel) <= agent.capacity
            && self.is_eligible(known, agent, key)
    }

    pub(super) fn is_there(&self, key: AgentKey, channel: Channel) -> bool {
        let desk = &self.desks[&key];
        desk.takes_offers() && !desk.unhealthy.contains(&channel)
    }

    pub(super) fn is_eligible(&self, known: &Known, agent: &AgentOptions, key: AgentKey) -> bool {
        match known.direct {
            Some(direct) => direct == key,
            None => self.ring_of(known, agent).is_some(),
        }
    }

    /// The first ring that lets an agent take a contact.
    pub(super) fn ring_of(&self, known: &Known, agent: &AgentOptions) -> Option<usize> {
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
        rings.push((known.also.clone(), requires));
        let admits = |(queues, requires): &(Vec<Name>, Requirements)| {
            has(requires) && agent.queues.iter().any(|queue| queues.contains(queue))
        };
        rings
            .iter()
            .position(admits)
            .filter(|_| has(&known.requires))
    }

    /// Whether any registered agent could take it at the last step of its queue, unless it only
    /// waits for particular agents.
    fn could_ever_here(&self, known: &Known) -> bool {
        let relaxed = Known {
            step: self.queues[&known.queue].steps.len(),
            ..known.clone()
        };
        let for_anyone = Known {
            direct: relaxed.direct.filter(|_| known.is_meant_alone()),
            ..relaxed.clone()
        };
        let options = self.options.as_ref().unwrap();
        options.agents.iter().any(|agent| {
            let key = self.registry.agents.key(agent.id.as_str()).unwrap();
            let fits = agent.capacity >= options.cost(known.channel);
            let is_eligible = |known| self.is_eligible(known, agent, key);
            fits && (is_eligible(&relaxed) || is_eligible(&for_anyone))
        })
    }

    /// The same of any queue to which rules are sure to take it.
    pub(super) fn could_ever(&self, known: &Known) -> bool {
        let waits_for_one = known.is_meant_alone() && known.direct.is_some();
        if self.could_ever_here(known) || waits_for_one {
            return self.could_ever_here(known);
        }
        let rules = self.queues[&known.queue].escalations.iter();
        let sure = rules.filter(|rule| {
            let may_never_come = matches!(
                rule.when,
                Some(
                    Trigger::OffersEnded(_) | Trigger::WaitingOver(_) | Trigger::SentimentBelow(_)
                )
            );
            let key = (known.queue.clone(), rule.name.clone());
            let is_to_come = !known.fired.contains_key(&key) || known.owes.contains(&key);
            let is_meant = rule.tiers.is_empty() || rule.tiers.contains(&known.tier);
            !may_never_come && rule.only_if.is_none() && is_meant && is_to_come
        });
        let actions: Vec<&Action> = sure.flat_map(|rule| &rule.actions).collect();
        let mut here = known.clone();
        here.direct = None;
        let mut moved = Vec::new();
        for action in actions {
            if let Action::AddQueue(queue) = action {
                here.also.push(queue.clone());
            } else if let Action::MoveTo(queue) = action {
                moved.push(queue.clone());
            }
        }
        // A rule that moves does not lead back.
        let elsewhere = moved.into_iter().filter(|queue| *queue != known.queue);
        self.could_ever_here(&here)
            || elsewhere.into_iter().any(|queue| {
                let mut there = here.clone();
                (there.queue, there.also, there.step) = (queue, Vec::new(), 0);
                self.could_ever(&there)
            })
    }
}
