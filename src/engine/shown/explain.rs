//! Why a contact waits, and why nobody takes it: for every agent the first test that fails, in the
//! order in which the engine tests, and what comes next by the clock. For a contact that an agent
//! has: what was compared, see `choice`.

use crate::domain::{ContactId, Millis, Name, OfferId, Timestamp};
use crate::engine::Engine;
use crate::engine::choosing::choice::{Choice, Keys, Unknown};
use crate::engine::options::Order;
use crate::engine::state::agent::{Agent, Health, Intent, OPEN_OFFERS_MAX, Session};
use crate::engine::state::capacity::{Lack, lack};
use crate::engine::state::contact::{Contact, Stage};
use crate::engine::state::due;
use crate::engine::state::needs::missing;
use crate::engine::state::pool::Signature;
use crate::engine::state::queue::skill_keys;
use crate::engine::state::registry::AgentKey;
use crate::engine::view::{Candidate, Explanation, Obstacle, WaitsFor, Wanted};

/// How many candidates an explanation lists.
pub(in crate::engine) const CANDIDATES_MAX: usize = 200;

impl Engine {
    pub fn explain(&self, id: ContactId, now: Timestamp) -> Option<Explanation> {
        let slot = self.contacts.slot(id)?;
        let contact = self.contact_at(slot);
        let rules = &self.rules[contact.labels.queue.index()];
        let is_queued = matches!(contact.stage, Stage::Queued { .. });
        let is_waiting = is_queued || matches!(contact.stage, Stage::Scheduled { .. });
        let next_step_at = rules
            .rings
            .get(contact.wait.step as usize + 1)
            .filter(|_| is_queued)
            .map(|ring| contact.wait.first_queued_at + ring.after);
        let (candidates, candidates_left_out) = self.candidates(contact);
        Some(Explanation {
            at: now,
            contact: self.contact_as_of(id, now)?,
            waited: (now - contact.wait.since()).max(Millis::ZERO),
            due_terms: due::terms(
                contact,
                rules,
                self.head_starts[contact.labels.tier.index()],
                self.sooner(contact, contact.labels.tier),
            ),
            next_step_at,
            opens_at: self.opens_at(contact),
            is_paused: is_queued
                && self.queues[contact.labels.queue.index()].is_paused()
                && !contact.passes().everything(),
            waits_for: self.waits_for(contact),
            room_kept_by: contact
                .meant
                .room_kept_by
                .map(|agent| self.registry.agents.name(agent).clone()),
            agent_away_until: self.agent_away_until(contact),
            unroutable: contact.is_unroutable && is_waiting,
            candidates,
            candidates_left_out,
            changes: self.upcoming(contact),
            choice: self.choice_of(contact),
        })
    }

    /// What was compared for this offer, if that is remembered.
    pub fn choice_of_offer(&self, offer: OfferId) -> Option<&Choice<Keys>> {
        self.choices.of(self.contacts.slot(offer.contact)?, offer)
    }

    /// When the queue opens, if the contact waits for that.
    pub(in crate::engine) fn opens_at(&self, contact: &Contact) -> Option<Timestamp> {
        let queue = &self.queues[contact.labels.queue.index()];
        let is_held_up = queue.closed && !contact.passes().closing();
        let is_queued = matches!(contact.stage, Stage::Queued { .. });
        queue.changes_at.filter(|_| is_held_up && is_queued)
    }

    fn waits_for(&self, contact: &Contact) -> Option<WaitsFor> {
        let agent = if matches!(contact.stage, Stage::Scheduled { .. }) {
            self.alone_for(contact)?
        } else {
            let is_queued = matches!(contact.stage, Stage::Queued { .. });
            contact.meant.direct.filter(|_| is_queued)?
        };
        let agent = self.registry.agents.name(agent).clone();
        let (intake, recognition) = (&contact.intake, &contact.recognition);
        let is = |name: &Option<Name>| name.as_ref() == Some(&agent);
        let until = contact.meant.direct_until;
        let why = if is(&intake.agent) && (until.is_some() || !intake.or_queue) {
            Wanted::AskedFor
        } else if until.is_none() {
            // A mere preference always has an end.
            Wanted::HandedOn
        } else if is(&recognition.account_manager) {
            Wanted::AccountManager
        } else {
            Wanted::LastAgent
        };
        Some(WaitsFor { agent, why, until })
    }

    /// The only agent that a contact waits for, or will wait for once it is in line.
    fn only_agent(&self, contact: &Contact) -> Option<AgentKey> {
        if matches!(contact.stage, Stage::Queued { .. }) {
            return contact.meant.direct;
        }
        contact.meant.direct.or_else(|| self.alone_for(contact))
    }

    pub(in crate::engine) fn agent_away_until(&self, contact: &Contact) -> Option<Timestamp> {
        let agent = match &contact.stage {
            Stage::Active(service) | Stage::WrapUp { service, .. } => service.agent,
            Stage::Parked(parked) if parked.woken.is_some() => parked.service.agent,
            Stage::Moving
            | Stage::Scheduled { .. }
            | Stage::Queued { .. }
            | Stage::Offered { .. }
            | Stage::Parked(_)
            | Stage::Closed(_) => return None,
        };
        match self.agent_at(agent).session {
            Session::Grace { until } => Some(until),
            Session::Gone | Session::Connected { .. } => None,
        }
    }

    fn choice_of(&self, contact: &Contact) -> Option<Result<Choice, Unknown>> {
        let agent = contact.agent()?;
        if contact.past.handed_over_to == Some(agent) {
            return Some(Err(Unknown::HandedOver));
        }
        let number = match &contact.stage {
            Stage::Offered { offer, .. } => Some(offer.number),
            Stage::Active(service) | Stage::WrapUp { service, .. } => Some(service.offer_number),
            Stage::Parked(parked) => Some(parked.service.offer_number),
            // The number is not known, because offers to help are counted as well: use the latest
            // choice.
            Stage::Closed(_) => None,
            Stage::Moving | Stage::Scheduled { .. } | Stage::Queued { .. } => return None,
        };
        let Some(offered_at) = contact.offered_at.get().filter(|_| number != Some(0)) else {
            return Some(Err(Unknown::Called));
        };
        let slot = self.contacts.slot(contact.id)?;
        let is_it = |choice: &&Choice<Keys>| match number {
            Some(own) => own == choice.offer.number,
            None => choice.agent == agent,
        };
        let mut known = self.choices.of_contact(slot, contact.id).peekable();
        let is_known = known.peek().is_some();
        Some(match known.find(is_it) {
            Some(choice) => Ok(choice.named(&self.registry)),
            // The offers went to others before this agent called the contact.
            None if is_known && number.is_none() => Err(Unknown::Called),
            None => Err(self.choices.missing(offered_at)),
        })
    }

    fn candidates(&self, contact: &Contact) -> (Vec<Candidate>, u64) {
        if !self.is_open_to_all(contact) {
            return (Vec::new(), 0);
        }
        let candidates = || {
            let configured = self.agents.iter().filter(|agent| agent.configured);
            configured.filter(|agent| self.is_candidate(contact, agent.key))
        };
        let left_out = candidates().count().saturating_sub(CANDIDATES_MAX);
        // Agents who are there tell more than those who are not; only the listed ones are tested.
        let listed: Vec<&Agent> = if left_out > 0 {
            let there = candidates().filter(|agent| agent.is_connected());
            let gone = candidates().filter(|agent| !agent.is_connected());
            there.chain(gone).take(CANDIDATES_MAX).collect()
        } else {
            candidates().collect()
        };
        let listed = listed.into_iter().filter_map(|agent| {
            let failed = self.test(contact, agent)?;
            let is_offered = contact.offer_to(agent.key).is_some();
            Some(Candidate {
                agent: self.registry.agents.name(agent.key).clone(),
                is_offered,
                // The capacity taken by the offer itself is no obstacle.
                failed: failed.filter(|_| !is_offered),
                fit: self.fit_while_waiting(contact, agent.key),
            })
        });
        (listed.collect(), left_out as u64)
    }

    /// Agents outside the queues of the contact's step are no candidates.
    fn is_candidate(&self, contact: &Contact, agent: AgentKey) -> bool {
        let Some(group) = self.pool.group_of(agent) else {
            return false;
        };
        let rules = &self.rules[contact.labels.queue.index()];
        let queues = &self.pool.group(group).signature.queues;
        let mut rings = rules.rings_with(queues, &contact.escalated.also, contact.wait.step);
        self.only_agent(contact) == Some(agent) || rings.next().is_some()
    }

    /// Whether other agents than the one who has it are candidates.
    fn is_open_to_all(&self, contact: &Contact) -> bool {
        match contact.stage {
            Stage::Scheduled { .. } | Stage::Queued { .. } | Stage::Offered { .. } => true,
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

    /// The first test that fails; `None` for agents who are no candidates at this step.
    pub(in crate::engine) fn test(
        &self,
        contact: &Contact,
        agent: &Agent,
    ) -> Option<Option<Obstacle>> {
        let signature = &self.pool.group(self.pool.group_of(agent.key)?).signature;
        let is_meant = self.only_agent(contact) == Some(agent.key);
        if !self.is_candidate(contact, agent.key) {
            return None;
        }
        Some(
            self.test_queue(contact, agent)
                .or_else(|| {
                    // The one agent that it waits for needs no skill.
                    let signature = Some(signature).filter(|_| !is_meant);
                    signature.and_then(|signature| self.test_skills(contact, signature))
                })
                .or_else(|| test_presence(agent))
                .or_else(|| self.test_pair(contact, agent))
                .or_else(|| self.test_capacity(contact, agent))
                .or_else(|| self.test_reserve(contact)),
        )
    }

    fn test_queue(&self, contact: &Contact, agent: &Agent) -> Option<Obstacle> {
        let (queue, passes) = (contact.labels.queue.index(), contact.passes());
        if self.queues[queue].is_paused() && !passes.everything() {
            return Some(Obstacle::QueuePaused);
        }
        // Whether the queue is open or not.
        if self.rules[queue].options.pull && !passes.everything() {
            return Some(Obstacle::QueueIsPulled);
        }
        if self.queues[queue].closed && !passes.closing() {
            let until = self.queues[queue].changes_at;
            return Some(Obstacle::QueueClosed { until });
        }
        self.only_agent(contact)
            .filter(|only| *only != agent.key)
            .map(|only| Obstacle::WaitsForOther {
                agent: self.registry.agents.name(only).clone(),
            })
    }

    fn test_skills(&self, contact: &Contact, signature: &Signature) -> Option<Obstacle> {
        let rules = &self.rules[contact.labels.queue.index()];
        let skills = &signature.skills;
        let extra = skill_keys(&contact.intake.requires, &self.registry);
        let missed = missing(skills, &extra).or_else(|| {
            let rings = rules.rings_with(
                &signature.queues,
                &contact.escalated.also,
                contact.wait.step,
            );
            // Report what the widest ring requires.
            let by_ring: Vec<_> = rings.map(|ring| missing(skills, &ring.requires)).collect();
            let last = by_ring.last().copied().flatten();
            last.filter(|_| by_ring.iter().all(Option::is_some))
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
            Health::CoolingDown { until, undelivered } => {
                return Some(Obstacle::ChannelCoolingDown { until, undelivered });
            }
            Health::Suspended => return Some(Obstacle::ChannelSuspended),
        }
        contact
            .missed
            .of(agent.key)
            .filter(|cooldown| cooldown.is_running())
            .map(|cooldown| Obstacle::CoolingDown {
                until: cooldown.until,
                lift_at: cooldown.lift_at.filter(|at| *at < cooldown.until),
                why: cooldown.why,
            })
            .or_else(|| {
                let dials = contact.is_to_be_dialled() && self.dialled_for.contains_key(&agent.key);
                dials.then_some(Obstacle::OtherIsDialled)
            })
    }

    fn test_capacity(&self, contact: &Contact, agent: &Agent) -> Option<Obstacle> {
        let (options, load) = (self.configuration(), &agent.load);
        let class = self.classes.of(contact);
        let channel = class.channel;
        let cost = options.cost(channel);
        if let Some(lack) = lack(load, class, options) {
            return Some(match lack {
                Lack::Exclusive { current } => Obstacle::NotBeside { current },
                Lack::Capacity { .. } => Obstacle::NoCapacity {
                    used: load.used - self.interrupted_cost(agent),
                    on_hold: self.interrupted_cost(agent),
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
        if load
            .keeps_room_for
            .is_some_and(|(_, kept_for)| kept_for != class)
        {
            return Some(Obstacle::KeepsRoom);
        }
        (load.offers >= OPEN_OFFERS_MAX).then_some(Obstacle::OffersOpen { open: load.offers })
    }

    fn test_reserve(&self, contact: &Contact) -> Option<Obstacle> {
        if matches!(contact.stage, Stage::Offered { .. }) {
            let kept = self.keeps_all(contact)?;
            return Some(Obstacle::KeptForOthers { kept });
        }
        if !matches!(contact.stage, Stage::Queued { .. }) {
            return None;
        }
        let need = self.needs.get(contact.index.line);
        let is_short = need.kept > 0 && self.could_take(need) <= u64::from(need.kept);
        is_short.then_some(Obstacle::KeptForOthers { kept: need.kept })
    }

    /// Whether a step up to this one admits this agent.
    pub(in crate::engine) fn admits(&self, contact: &Contact, agent: AgentKey, step: u32) -> bool {
        let rules = &self.rules[contact.labels.queue.index()];
        let Some(group) = self.pool.group_of(agent) else {
            return false;
        };
        let Signature { queues, skills, .. } = &self.pool.group(group).signature;
        let extra = skill_keys(&contact.intake.requires, &self.registry);
        missing(skills, &extra).is_none()
            && rules
                .rings_with(queues, &contact.escalated.also, step)
                .any(|ring| missing(skills, &ring.requires).is_none())
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
