//! Why a contact waits, and why nobody takes it: for every agent the first
//! test that fails, in the order in which the engine tests, and what comes next
//! by the clock. For one that an agent has: what was compared, see `choice`.

use crate::domain::{ContactId, Millis, OfferId, Timestamp};
use crate::engine::Engine;
use crate::engine::agent::{Agent, Health, Intent, OPEN_OFFERS_MAX, Session};
use crate::engine::capacity::{Lack, lack};
use crate::engine::choice::{Choice, Keys, Unknown};
use crate::engine::contact::{Contact, Stage};
use crate::engine::due;
use crate::engine::escalation::look_at;
use crate::engine::needs::missing;
use crate::engine::options::{Action, Order};
use crate::engine::queue::{Skills, moves, skill_keys};
use crate::engine::registry::AgentKey;
use crate::engine::view::{Candidate, Explanation, Obstacle, Upcoming, What};

/// The most candidates that an explanation lists.
pub(super) const CANDIDATES_MAX: usize = 200;
/// The most changes to come that an explanation lists.
const UPCOMING_MAX: usize = 16;

impl Engine {
    pub fn explain(&self, id: ContactId, now: Timestamp) -> Option<Explanation> {
        let slot = self.contacts.slot(id)?;
        let contact = self.contact_at(slot);
        let rules = &self.rules[contact.labels.queue.index()];
        let next_step_at = rules
            .rings
            .get(contact.step as usize + 1)
            .filter(|_| matches!(contact.stage, Stage::Queued { .. }))
            .map(|ring| contact.first_queued_at + ring.after);
        let queue = &self.queues[contact.labels.queue.index()];
        let opens_at = queue
            .changes_at
            .filter(|_| queue.closed && matches!(contact.stage, Stage::Queued { .. }));
        let (candidates, candidates_left_out) = self.candidates(contact);
        Some(Explanation {
            at: now,
            contact: self.contact(id)?,
            due_terms: due::terms(
                contact,
                rules,
                self.head_starts[contact.labels.tier.index()],
            ),
            next_step_at,
            opens_at,
            unroutable: !self
                .agents
                .iter()
                .any(|agent| agent.configured && self.could_ever(contact, agent)),
            candidates,
            candidates_left_out,
            changes: self.upcoming(contact),
            choice: self.choice_of(contact),
        })
    }

    /// What was compared for this offer, if it is remembered.
    pub fn choice_of_offer(&self, offer: OfferId) -> Option<&Choice<Keys>> {
        self.choices.of(self.contacts.slot(offer.contact)?, offer)
    }

    fn choice_of(&self, contact: &Contact) -> Option<Result<Choice, Unknown>> {
        let agent = contact.agent()?;
        let number = match &contact.stage {
            Stage::Offered(offer) => offer.number,
            Stage::Active(service) | Stage::WrapUp { service, .. } => service.offer_number,
            Stage::Parked(parked) => parked.service.offer_number,
            Stage::Closed(_) => contact.offers,
            Stage::Moving | Stage::Scheduled { .. } | Stage::Queued { .. } => return None,
        };
        let Some(offered_at) = contact.offered_at.filter(|_| number > 0) else {
            return Some(Err(Unknown::Called));
        };
        let offer = OfferId {
            contact: contact.id,
            number,
        };
        Some(match self.choice_of_offer(offer) {
            Some(choice) if choice.agent == agent => Ok(choice.named(&self.registry)),
            // The newest offer went to somebody else before this agent called the contact.
            Some(_) => Err(Unknown::Called),
            None => Err(self.choices.missing(offered_at)),
        })
    }

    fn candidates(&self, contact: &Contact) -> (Vec<Candidate>, u64) {
        let (mut candidates, mut left_out) = (Vec::new(), 0);
        if !self.is_open_to_all(contact) {
            return (candidates, left_out);
        }
        for agent in self.agents.iter().filter(|agent| agent.configured) {
            let Some(failed) = self.test(contact, agent) else {
                continue;
            };
            if candidates.len() < CANDIDATES_MAX {
                candidates.push(Candidate {
                    agent: self.registry.agents.name(agent.key).clone(),
                    failed,
                    fit: self.fit_while_waiting(contact, agent.key),
                });
            } else {
                left_out += 1;
            }
        }
        (candidates, left_out)
    }

    /// Whether agents other than the one who has it are candidates.
    fn is_open_to_all(&self, contact: &Contact) -> bool {
        match contact.stage {
            Stage::Scheduled { .. } | Stage::Queued { .. } | Stage::Offered(_) => true,
            Stage::Moving
            | Stage::Active(_)
            | Stage::Parked(_)
            | Stage::WrapUp { .. }
            | Stage::Closed(_) => false,
        }
    }

    fn fit_while_waiting(&self, contact: &Contact, agent: AgentKey) -> Option<Millis> {
        let by_due = matches!(self.configuration().order, Order::Due);
        if !by_due || !matches!(contact.stage, Stage::Queued { .. }) {
            return None;
        }
        let need = self.needs.get(contact.index.line);
        need.eligible(self.pool.group_of(agent)?)?;
        Some(self.fit_of(contact, need, agent))
    }

    /// What comes by the clock alone, the soonest first.
    fn upcoming(&self, contact: &Contact) -> Vec<Upcoming> {
        let name = |agent: AgentKey| self.registry.agents.name(agent).clone();
        let mut changes = Vec::new();
        match contact.stage {
            Stage::Scheduled { until } if contact.is_dialled() => {
                changes.push((until, What::DialEnds));
            }
            Stage::Scheduled { until } => changes.push((until, What::Scheduled)),
            Stage::Queued { .. } => {
                self.steps_to_come(contact, &mut changes);
                self.escalations_to_come(contact, &mut changes);
                self.rests_that_end(contact, &mut changes);
            }
            Stage::Offered(offer) => {
                let agent = name(offer.agent);
                changes.push((offer.until, What::OfferEnds { agent }));
                self.escalations_to_come(contact, &mut changes);
            }
            Stage::WrapUp { until, .. } => changes.push((until, What::WrapUpEnds)),
            Stage::Parked(parked) => changes.push((parked.until, What::ParkingEnds)),
            Stage::Moving | Stage::Active(_) | Stage::Closed(_) => {}
        }
        let late = self.respond_by(contact);
        changes.extend(late.map(|at| (at, What::ResponseLate)));
        changes.sort_by_key(|(at, _)| *at);
        changes.truncate(UPCOMING_MAX);
        let changes = changes.into_iter();
        changes.map(|(at, what)| Upcoming { at, what }).collect()
    }

    fn steps_to_come(&self, contact: &Contact, changes: &mut Vec<(Timestamp, What)>) {
        let options = &self.rules[contact.labels.queue.index()].options;
        let steps = (1..).zip(&options.steps);
        for (number, step) in steps.skip(contact.step as usize) {
            let what = What::Step {
                step: number,
                requires: step.requires.clone(),
                also_agents_of: step.also_agents_of.clone(),
            };
            changes.push((contact.first_queued_at + step.after, what));
        }
    }

    fn escalations_to_come(&self, contact: &Contact, changes: &mut Vec<(Timestamp, What)>) {
        let rules = &self.rules[contact.labels.queue.index()];
        let waits = matches!(contact.stage, Stage::Queued { .. });
        let open = rules.options.escalations.iter();
        for rule in open.filter(|rule| waits || !moves(rule)) {
            let Some(at) = look_at(contact, rules, rule) else {
                continue;
            };
            let mut boost = Millis::ZERO;
            let (mut move_to, mut notifies) = (None, false);
            for action in &rule.actions {
                match action {
                    Action::Boost(span) => boost = boost + *span,
                    Action::MoveTo(queue) => move_to = Some(queue.clone()),
                    Action::Notify(_) => notifies = true,
                    Action::NextStep
                    | Action::AddQueue(_)
                    | Action::ReserveNext
                    | Action::Message(_)
                    | Action::OfferCallback
                    | Action::Deflect(_) => {}
                }
            }
            let what = What::Escalation {
                rule: rule.name.clone(),
                boost,
                move_to,
                notifies,
            };
            changes.push((at, what));
        }
    }

    fn rests_that_end(&self, contact: &Contact, changes: &mut Vec<(Timestamp, What)>) {
        let name = |agent: AgentKey| self.registry.agents.name(agent).clone();
        for cooldown in contact.cooldowns.iter().filter(|rest| rest.is_running()) {
            let agent = name(cooldown.agent);
            if let Some(lift_at) = cooldown.lift_at {
                let agent = agent.clone();
                changes.push((lift_at, What::CooldownMayEnd { agent }));
            }
            changes.push((cooldown.until, What::CooldownEnds { agent }));
        }
        let need = self.needs.get(contact.index.line);
        for agent in self.agents.iter().filter(|agent| agent.is_staffed()) {
            let group = self.pool.group_of(agent.key);
            let may_serve = group.is_some_and(|group| need.eligible(group).is_some());
            if let Health::CoolingDown { until } = *agent.health.get(contact.labels.channel)
                && may_serve
            {
                let agent = name(agent.key);
                changes.push((until, What::ChannelRests { agent }));
            }
        }
    }

    /// The first test that fails; `None` for agents of other queues, who are
    /// no candidates at this step.
    pub(super) fn test(&self, contact: &Contact, agent: &Agent) -> Option<Option<Obstacle>> {
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
        if self.queues[queue].closed && !contact.is_on_the_line() {
            let until = self.queues[queue].changes_at;
            return Some(Obstacle::QueueClosed { until });
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
            .or_else(|| {
                let dials = contact.is_to_be_dialled() && self.dialled_for.contains(&agent.key);
                dials.then_some(Obstacle::OtherIsDialled)
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
