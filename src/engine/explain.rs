//! Why a contact waits, and why nobody takes it: for every agent the first
//! test that fails, in the order in which the engine tests.

use crate::domain::ContactId;
use crate::engine::Engine;
use crate::engine::agent::{Agent, Health, Intent, OPEN_OFFERS_MAX, Session};
use crate::engine::capacity::{Lack, lack};
use crate::engine::contact::{Contact, Stage};
use crate::engine::due;
use crate::engine::needs::missing;
use crate::engine::queue::{Skills, skill_keys};
use crate::engine::view::{Candidate, Explanation, Obstacle};

/// The most candidates that an explanation lists.
pub(super) const CANDIDATES_MAX: usize = 200;

impl Engine {
    pub fn explain(&self, id: ContactId) -> Option<Explanation> {
        let slot = self.contacts.slot(id)?;
        let contact = self.contact_at(slot);
        let rules = &self.rules[contact.labels.queue.index()];
        let next_step_at = rules
            .rings
            .get(contact.step as usize + 1)
            .filter(|_| matches!(contact.stage, Stage::Queued { .. }))
            .map(|ring| contact.first_queued_at + ring.after);
        let mut candidates = Vec::new();
        let mut left_out = 0;
        for agent in self.agents.iter().filter(|agent| agent.configured) {
            let Some(failed) = self.test(contact, agent) else {
                continue;
            };
            if candidates.len() < CANDIDATES_MAX {
                candidates.push(Candidate {
                    agent: self.registry.agents.name(agent.key).clone(),
                    failed,
                });
            } else {
                left_out += 1;
            }
        }
        Some(Explanation {
            contact: self.contact(id)?,
            due_terms: due::terms(
                contact,
                rules,
                self.head_starts[contact.labels.tier.index()],
            ),
            next_step_at,
            unroutable: !self
                .agents
                .iter()
                .any(|agent| agent.configured && self.could_ever(contact, agent)),
            candidates,
            candidates_left_out: left_out,
        })
    }

    /// The first test that fails; `None` for agents of other queues, who are
    /// no candidates at this step.
    fn test(&self, contact: &Contact, agent: &Agent) -> Option<Option<Obstacle>> {
        let rules = &self.rules[contact.labels.queue.index()];
        let ring = &rules.rings[(contact.step as usize).min(rules.rings.len() - 1)];
        let signature = &self.pool.group(self.pool.group_of(agent.key)?).signature;
        let in_ring = signature
            .queues
            .iter()
            .any(|queue| ring.queues.contains(queue) || contact.also.contains(queue));
        if !in_ring && contact.direct != Some(agent.key) {
            return None;
        }
        Some(
            self.test_queue(contact, agent)
                .or_else(|| self.test_skills(contact, &signature.skills))
                .or_else(|| test_presence(agent))
                .or_else(|| self.test_pair(contact, agent))
                .or_else(|| self.test_capacity(contact, agent))
                .or_else(|| self.test_reserve(contact)),
        )
    }

    fn test_queue(&self, contact: &Contact, agent: &Agent) -> Option<Obstacle> {
        let queue = contact.labels.queue.index();
        if self.queues[queue].paused {
            return Some(Obstacle::QueuePaused);
        }
        if self.rules[queue].options.pull {
            return Some(Obstacle::QueueIsPulled);
        }
        contact
            .direct
            .filter(|direct| *direct != agent.key)
            .map(|direct| Obstacle::WaitsForOther {
                agent: self.registry.agents.name(direct).clone(),
            })
    }

    fn test_skills(&self, contact: &Contact, skills: &Skills) -> Option<Obstacle> {
        let rules = &self.rules[contact.labels.queue.index()];
        let extra = skill_keys(&contact.intake.requires, &self.registry);
        let reached = (contact.step as usize).min(rules.rings.len() - 1);
        let by_ring = |ring: usize| missing(skills, &rules.rings[ring].requires);
        let missed = missing(skills, &extra).or_else(|| {
            let any_ring = (0..=reached).any(|ring| by_ring(ring).is_none());
            if any_ring { None } else { by_ring(reached) }
        });
        missed.map(|(skill, required)| Obstacle::MissingSkill {
            skill: self.registry.skills.name(skill).clone(),
            required,
            has: u8::try_from(due::level_of(skills, skill)).unwrap_or(0),
        })
    }

    fn test_pair(&self, contact: &Contact, agent: &Agent) -> Option<Obstacle> {
        match *agent.health.get(contact.labels.channel) {
            Health::Ok => {}
            Health::CoolingDown { until } => return Some(Obstacle::ChannelCoolingDown { until }),
            Health::Suspended => return Some(Obstacle::ChannelSuspended),
        }
        contact
            .cooldowns
            .iter()
            .find(|cooldown| cooldown.agent == agent.key && cooldown.is_running())
            .map(|cooldown| Obstacle::CoolingDown {
                until: cooldown.until,
            })
    }

    fn test_capacity(&self, contact: &Contact, agent: &Agent) -> Option<Obstacle> {
        let (options, load) = (self.configuration(), &agent.load);
        let class = self.classes.of(contact);
        let channel = class.channel;
        let cost = options.cost(channel);
        if let Some(lack) = lack(agent, class, options) {
            return Some(match lack {
                Lack::Exclusive { current } => Obstacle::NotBeside { current },
                Lack::Capacity { used } => Obstacle::NoCapacity {
                    used,
                    capacity: load.capacity,
                    cost,
                },
                Lack::Reserved { used, open } => Obstacle::CapacityKept { used, open, cost },
                Lack::Channel { max } => Obstacle::ChannelFull { channel, max },
                Lack::Category { number, max } => Obstacle::CategoryFull {
                    category: options.capacity.categories[usize::from(number) - 1]
                        .name
                        .clone(),
                    max,
                },
            });
        }
        (load.offers >= OPEN_OFFERS_MAX).then_some(Obstacle::OffersOpen { open: load.offers })
    }

    fn test_reserve(&self, contact: &Contact) -> Option<Obstacle> {
        if !matches!(contact.stage, Stage::Queued { .. }) {
            return None;
        }
        let need = self.needs.get(contact.index.line);
        let is_short = need.kept > 0 && self.could_take(need) <= u64::from(need.kept);
        is_short.then_some(Obstacle::KeptForOthers { kept: need.kept })
    }

    /// Whether the last step would ever admit this agent.
    fn could_ever(&self, contact: &Contact, agent: &Agent) -> bool {
        let rules = &self.rules[contact.labels.queue.index()];
        let Some(group) = self.pool.group_of(agent.key) else {
            return false;
        };
        let signature = &self.pool.group(group).signature;
        let extra = skill_keys(&contact.intake.requires, &self.registry);
        rules.rings.iter().any(|ring| {
            signature
                .queues
                .iter()
                .any(|queue| ring.queues.contains(queue) || contact.also.contains(queue))
                && missing(&signature.skills, &ring.requires).is_none()
                && missing(&signature.skills, &extra).is_none()
        })
    }
}

fn test_presence(agent: &Agent) -> Option<Obstacle> {
    match agent.session {
        Session::Gone => return Some(Obstacle::NotConnected),
        Session::Grace { until } => return Some(Obstacle::InGrace { until }),
        Session::Connected { .. } => {}
    }
    match &agent.intent {
        Intent::Ready => None,
        Intent::NotReady { reason } => Some(Obstacle::NotReady {
            reason: reason.clone(),
        }),
        Intent::Draining { .. } => Some(Obstacle::Draining),
    }
}
