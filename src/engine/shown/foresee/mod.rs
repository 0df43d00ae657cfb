//! What another configuration would do to contacts in progress: a preview of a reload.
//!
//! Nothing is tried out: waiting contacts are compared with the new rules, so the state is only
//! read, and only a bounded number of contacts and comparisons of it. A reload reports the same
//! figures as what it has done.
//!
//! Only the effects of the change itself are predicted, not what follows from it by the ordinary
//! rules, such as an offer or an escalation that has become due.

mod effects;

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::domain::{Channel, Name, Requirements, Timestamp};
use crate::engine::Engine;
use crate::engine::options::{Options, QueueOptions};
use crate::engine::refusal::Refusal;
use crate::engine::state::agent::Agent;
use crate::engine::state::capacity::{Classes, has_room_with};
use crate::engine::state::contact::{Contact, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::due::due;
use crate::engine::state::needs::missing;
use crate::engine::state::onward::Onward;
use crate::engine::state::place::involved;
use crate::engine::state::queue::{QueueRules, Skills, skill_keys};
use crate::engine::state::registry::{AgentKey, QueueKey, Registry};

pub use crate::engine::shown::foresee::effects::{ByStage, Effects, Gone};

/// How many open contacts are considered: the routing loop is blocked meanwhile.
const LOOKED_AT_MAX: u64 = 50_000;
/// How many comparisons of a need with a kind of agents are made.
const COMPARED_MAX: u64 = 2_000_000;

/// Contacts of a queue with the same needs, including the queues that were added for them.
type Kind = (QueueKey, Channel, Requirements, Vec<QueueKey>);

/// The new rules, and which needs they could ever meet.
struct NewRules<'a> {
    registry: Registry,
    rules: BTreeMap<QueueKey, QueueRules>,
    default: QueueKey,
    topics: BTreeMap<&'a Name, QueueKey>,
    /// With capacities.
    agents: BTreeMap<AgentKey, u32>,
    /// The distinct combinations of queues, skills and capacity that agents have.
    kinds: BTreeSet<(Vec<QueueKey>, Skills, u32)>,
    known: FxHashMap<Kind, bool>,
    options: &'a Options,
    /// Offers that no longer fit their agents.
    excess: BTreeSet<(Slot, AgentKey)>,
    compared: u64,
}

/// A waiting contact, with what decides its place before and after.
struct Placed {
    before: (Timestamp, u64),
    after: (Timestamp, u64),
}

impl Engine {
    /// What these options would do now. Nothing is changed.
    pub fn foresee_reload(&self, options: &Options) -> Result<Effects, Refusal> {
        options.check()?;
        let mut after = NewRules::new(self.registry.clone(), options);
        after.excess = self.excess(&after);
        let mut effects = Effects {
            open: self.contacts.open_count() as u64,
            queues_gone: self.queues_gone(&after),
            agents_gone: self.agents_gone(&after),
            ..Effects::default()
        };
        self.count_new(&after, &mut effects);
        let mut stay: BTreeMap<QueueKey, Vec<Placed>> = BTreeMap::new();
        for (slot, contact) in self.contacts.open_after(0) {
            if effects.looked_at == LOOKED_AT_MAX || after.compared > COMPARED_MAX {
                break;
            }
            effects.looked_at += 1;
            self.foresee_one((slot, contact), &mut after, &mut effects, &mut stay);
        }
        effects.reordered = stay.into_values().map(reordered).sum();
        Ok(effects)
    }

    /// What the last reload has done, as far as this process knows.
    pub fn reloaded(&self) -> Option<&Effects> {
        self.reloaded.as_deref()
    }

    fn foresee_one(
        &self,
        (slot, contact): (Slot, &Contact),
        after: &mut NewRules<'_>,
        effects: &mut Effects,
        stay: &mut BTreeMap<QueueKey, Vec<Placed>>,
    ) {
        let queue = contact.labels.queue;
        let stays = after.rules.contains_key(&queue);
        match &contact.stage {
            Stage::Queued { due } => {
                effects.waiting += 1;
                if stays {
                    stay.entry(queue).or_default().push(Placed {
                        before: (*due, contact.arrival),
                        after: (self.due_after(contact, after), contact.arrival),
                    });
                }
            }
            Stage::Scheduled { .. } => {}
            // All its offers are taken back, so it returns to a line.
            Stage::Offered { .. }
                if !contact
                    .live_offers()
                    .any(|offer| after.leaves_offer(slot, offer.agent)) => {}
            Stage::Parked(parked)
                if parked.woken.is_some() && !after.agents.contains_key(&parked.service.agent) => {}
            Stage::Moving
            | Stage::Parked(_)
            | Stage::Offered { .. }
            | Stage::Active(_)
            | Stage::WrapUp { .. }
            | Stage::Closed(_) => return,
        }
        effects.moved += u64::from(!stays);
        match (after.could_ever(contact), contact.is_unroutable) {
            (false, false) => effects.unroutable += 1,
            (true, true) => effects.routable += 1,
            (true, false) | (false, true) => {}
        }
    }

    fn due_after(&self, contact: &Contact, after: &NewRules<'_>) -> Timestamp {
        let tier = self.registry.tiers.name(contact.labels.tier);
        let queue = contact.labels.queue;
        let since = contact.wait.first_queued_at;
        let promised = after.rules.get(&queue).map_or_else(
            // A draining queue needs no hours.
            || since + self.rules[queue.index()].options.target.answer_within,
            |rules| rules.promised(since),
        );
        let mut head_start = after.options.head_start(tier);
        if contact.has_lost_agent {
            head_start = head_start.max(after.options.greatest_head_start());
        }
        due(contact, promised, head_start)
    }

    /// Offers that a reload takes back because they no longer fit, those due last first.
    fn excess(&self, after: &NewRules<'_>) -> BTreeSet<(Slot, AgentKey)> {
        let (options, classes) = (after.options, Classes::new(after.options, &after.registry));
        let mut excess = BTreeSet::new();
        for agent in self.agents.iter().filter(|agent| agent.load.offers > 0) {
            let Some(capacity) = after.agents.get(&agent.key).copied() else {
                continue;
            };
            let mut load = agent.load.clone();
            load.capacity = capacity;
            load.clear_counts();
            let mut offered = Vec::new();
            for slot in &agent.load.held {
                let contact = self.contact_at(*slot);
                let class = classes.of(contact);
                let own = involved(&contact.stage).into_iter();
                for (_, as_what) in own.filter(|(holder, _)| *holder == agent.key) {
                    load.add(class, as_what, options);
                    if matches!(contact.stage, Stage::Offered { .. }) {
                        let turn = (self.due_after(contact, after), contact.arrival);
                        offered.push((turn, *slot, class, as_what));
                    }
                }
            }
            offered.sort_unstable_by_key(|(turn, ..)| std::cmp::Reverse(*turn));
            for (_, slot, class, as_what) in offered {
                if !has_room_with(&load, class, as_what, options) {
                    load.remove(class, as_what, options);
                    excess.insert((slot, agent.key));
                }
            }
        }
        excess
    }

    fn queues_gone(&self, after: &NewRules<'_>) -> Gone {
        let gone = (0..self.rules.len())
            .map(QueueKey::from)
            .filter(|key| self.rules[key.index()].configured && !after.rules.contains_key(key));
        let hold = |key: QueueKey| {
            let counts = &self.queues[key.index()].counts;
            let sum = |counts: &crate::domain::PerChannel<u64>| counts.0.iter().sum::<u64>();
            ByStage {
                offered: sum(&counts.offered),
                in_hand: sum(&counts.active) + sum(&counts.wrap_up),
                waiting: sum(&counts.queued),
                scheduled: sum(&counts.scheduled),
            }
        };
        let named = gone.map(|key| (self.registry.queues.name(key).clone(), hold(key)));
        Gone::of(named.collect())
    }

    fn agents_gone(&self, after: &NewRules<'_>) -> Gone {
        let gone = self.agents.iter();
        let gone = gone.filter(|agent| agent.configured && !after.agents.contains_key(&agent.key));
        let named = gone.map(|agent| {
            let name = self.registry.agents.name(agent.key).clone();
            (name, self.held_by(agent))
        });
        Gone::of(named.collect())
    }

    fn held_by(&self, agent: &Agent) -> ByStage {
        let mut sum = ByStage::default();
        for slot in &agent.load.held {
            match self.contact_at(*slot).stage {
                Stage::Offered { .. } => sum.offered += 1,
                Stage::Active(_) | Stage::WrapUp { .. } => sum.in_hand += 1,
                Stage::Moving
                | Stage::Scheduled { .. }
                | Stage::Queued { .. }
                | Stage::Parked(_)
                | Stage::Closed(_) => {}
            }
        }
        let lines = self.needs.direct_lines(agent.key).iter();
        let meant = lines.map(|line| self.needs.get(*line).line.len() as u64);
        sum.waiting = meant.sum();
        sum
    }

    fn count_new(&self, after: &NewRules<'_>, effects: &mut Effects) {
        let is_old = |key: &QueueKey| {
            let rules = self.rules.get(key.index());
            rules.is_some_and(|rules| rules.configured)
        };
        effects.queues_added = after.rules.keys().filter(|key| !is_old(key)).count() as u64;
        let is_old = |key: &AgentKey| {
            let agent = self.agents.get(key.index());
            agent.is_some_and(|agent| agent.configured)
        };
        effects.agents_added = after.agents.keys().filter(|key| !is_old(key)).count() as u64;
    }
}

impl<'a> NewRules<'a> {
    fn new(mut registry: Registry, options: &'a Options) -> Self {
        registry.learn(options);
        let queue_key = |name: &Name| registry.queues.key(name.as_str());
        let rules = |queue: &QueueOptions| {
            let key = queue_key(&queue.id)?;
            let hours = queue.hours.as_ref().and_then(|name| options.hours(name));
            let hours = hours.map(|hours| std::sync::Arc::new(hours.clone()));
            Some((
                key,
                QueueRules::new(queue, key, &registry).with_hours(hours),
            ))
        };
        let kind = |agent: &crate::engine::options::AgentOptions| {
            let queues: BTreeSet<_> = agent.queues.iter().filter_map(queue_key).collect();
            let skills = skill_keys(&agent.skills, &registry);
            (queues.into_iter().collect(), skills, agent.capacity)
        };
        let agents = options.agents.iter();
        let agents = agents.filter_map(|agent| {
            let key = registry.agents.key(agent.id.as_str())?;
            Some((key, agent.capacity))
        });
        let mut topics = BTreeMap::new();
        for queue in &options.queues {
            let key = queue_key(&queue.id).expect("every configured queue is registered");
            topics.extend(queue.topics.iter().map(|topic| (topic, key)));
        }
        Self {
            topics,
            rules: options.queues.iter().filter_map(rules).collect(),
            default: queue_key(&options.default_queue).expect("the default queue is configured"),
            agents: agents.collect(),
            kinds: options.agents.iter().map(kind).collect(),
            known: FxHashMap::default(),
            options,
            excess: BTreeSet::new(),
            compared: 0,
            registry,
        }
    }

    /// Whether the agent keeps the offer of this contact.
    fn leaves_offer(&self, slot: Slot, agent: AgentKey) -> bool {
        self.agents.contains_key(&agent) && !self.excess.contains(&(slot, agent))
    }

    /// The agent that it will wait for alone once it is in line, though it has not done so before.
    fn alone_for(&self, contact: &Contact) -> Option<AgentKey> {
        let comes = matches!(contact.stage, Stage::Queued { .. } | Stage::Offered { .. });
        let is_asked = comes && !contact.was_served && !contact.intake.or_queue;
        let agent = contact.intake.agent.as_ref().filter(|_| is_asked)?;
        self.registry.agents.key(agent.as_str())
    }

    fn could_ever(&mut self, contact: &Contact) -> bool {
        if contact.is_dialled() {
            return true;
        }
        let channel = contact.labels.channel;
        let cost = self.options.cost(channel);
        // A contact that waits for one agent keeps waiting as long as that agent exists, and is
        // released to anyone in the end, unless nobody else will do.
        let alone = self.alone_for(contact);
        let direct = contact.meant.direct.or(alone);
        let direct = direct.and_then(|agent| self.agents.get(&agent));
        let keeps =
            self.rules.contains_key(&contact.labels.queue) || contact.meant.direct_until.is_none();
        if let Some(capacity) = direct
            && keeps
            && (*capacity >= cost || contact.is_meant_alone() || alone.is_some())
        {
            return *capacity >= cost;
        }
        let queue = contact.labels.queue;
        // Queues that an escalation has added are forgotten with the queue.
        let (queue, also) = if self.rules.contains_key(&queue) {
            (queue, contact.escalated.also.clone())
        } else {
            let topic = contact.intake.topic.as_ref();
            let listed = topic.and_then(|topic| self.topics.get(topic).copied());
            (listed.unwrap_or(self.default), Vec::new())
        };
        let mut known = std::mem::take(&mut self.known);
        let mut compared = 0;
        let onward = Onward {
            contact,
            tier: self.registry.tiers.name(contact.labels.tier),
            rules: |queue: QueueKey| self.rules.get(&queue),
            key: |name: &Name| self.registry.queues.key(name.as_str()),
        };
        let could = onward.comes_to(queue, &also, |queue, also| {
            let requires = contact.intake.requires.clone();
            let key = (queue, channel, requires, also.to_vec());
            let serve = |of: &Kind| self.could_serve(of, &mut compared);
            *known.entry(key).or_insert_with_key(serve)
        });
        self.known = known;
        self.compared += compared;
        could
    }

    /// Whether some agent could ever serve such a contact in its queue.
    fn could_serve(&self, of: &Kind, compared: &mut u64) -> bool {
        let (queue, channel, requires, also) = of;
        let cost = self.options.cost(*channel);
        let extra = skill_keys(requires, &self.registry);
        let rings = self.rules.get(queue).map_or(&[][..], |rules| &rules.rings);
        self.kinds.iter().any(|(queues, skills, capacity)| {
            *compared += 1;
            *capacity >= cost
                && missing(skills, &extra).is_none()
                && rings.iter().any(|ring| {
                    let comes_in = |queue| ring.queues.contains(queue) || also.contains(queue);
                    queues.iter().any(comes_in) && missing(skills, &ring.requires).is_none()
                })
        })
    }
}

/// How many contacts change places.
fn reordered(mut placed: Vec<Placed>) -> u64 {
    placed.sort_unstable_by_key(|each| each.before);
    let mut after: Vec<_> = placed.iter().map(|each| each.after).collect();
    after.sort_unstable();
    let pairs = placed.iter().zip(&after);
    pairs.filter(|(each, after)| each.after != **after).count() as u64
}
