//! The two moves of the only writer: `lift` takes a contact out of every
//! index, `place` puts it in where it stands next. Nobody else touches lines,
//! loads, counts or contacts' deadlines.

use crate::domain::{Channel, PerChannel, Timestamp};
use crate::engine::Engine;
use crate::engine::agent::{Agent, Hold, OPEN_OFFERS_MAX};
use crate::engine::contact::{Contact, Stage};
use crate::engine::deadline::{Reason, Who};
use crate::engine::line::{LineKey, Place};
use crate::engine::needs::{Ground, Need};
use crate::engine::options::{Options, Order};
use crate::engine::pool::{Mask, Standing};
use crate::engine::queue::Counts;
use crate::engine::registry::{AgentKey, TopicKey};

impl Engine {
    /// Moves the contact into `next`.
    pub(super) fn place(&mut self, slot: u32, next: Stage) {
        self.lift(slot);
        self.contacts[slot].stage = next;
        self.index(slot);
    }

    /// Takes the contact out of every index; it stands nowhere.
    fn lift(&mut self, slot: u32) {
        let contact = &self.contacts[slot];
        let who = who(contact, slot);
        if let Some(at) = contact.index.sla_at {
            self.deadlines.disarm(at, Reason::Sla(who));
        }
        let (queue, channel) = (contact.labels.queue.index(), contact.labels.channel);
        let counts = &mut self.queues[queue].counts;
        if let Some(count) = count_of(counts, &contact.stage) {
            *count.get_mut(channel) -= 1;
        }
        if is_unanswered(&contact.stage) {
            let age = (contact.first_queued_at, contact.arrival);
            self.queues[queue].unanswered.remove(&age);
        }
        match contact.stage {
            Stage::Moving | Stage::Closed(_) => {}
            Stage::Scheduled { until } => self.deadlines.disarm(until, Reason::Schedule(who)),
            Stage::Queued { due } => {
                if let Some(until) = contact.direct_until {
                    self.deadlines.disarm(until, Reason::Direct(who));
                }
                let (line, place) = (contact.index.line, place_of(contact, slot, due));
                for agent in self.liked(contact) {
                    self.needs.unwant(agent, line, place);
                }
                self.needs.leave(line, place, &mut self.queues);
            }
            Stage::Offered(offer) => {
                self.deadlines.disarm(offer.until, Reason::Offer(who));
                self.release(offer.agent, slot, channel, Hold::Offer);
            }
            Stage::Active(service) => self.release(service.agent, slot, channel, Hold::Work),
            Stage::WrapUp { service, until, .. } => {
                self.deadlines.disarm(until, Reason::WrapUp(who));
                self.release(service.agent, slot, channel, Hold::Work);
            }
        }
        self.contacts[slot].stage = Stage::Moving;
        self.contacts[slot].index.sla_at = None;
    }

    /// Puts the contact into every index that its stage calls for.
    pub(super) fn index(&mut self, slot: u32) {
        let contact = &self.contacts[slot];
        let who = who(contact, slot);
        let (queue, channel) = (contact.labels.queue.index(), contact.labels.channel);
        if let Some(count) = count_of(&mut self.queues[queue].counts, &contact.stage) {
            *count.get_mut(channel) += 1;
        }
        if is_unanswered(&contact.stage) {
            let age = (contact.first_queued_at, contact.arrival);
            self.queues[queue].unanswered.insert(age);
        }
        match contact.stage {
            Stage::Moving | Stage::Closed(_) => {}
            Stage::Scheduled { until } => self.deadlines.arm(until, Reason::Schedule(who)),
            Stage::Queued { due } => {
                if let Some(until) = contact.direct_until {
                    self.deadlines.arm(until, Reason::Direct(who));
                }
                self.enter_line_of(slot, due);
                self.arm_sla(slot);
            }
            Stage::Offered(offer) => {
                self.deadlines.arm(offer.until, Reason::Offer(who));
                self.hold(offer.agent, slot, channel, Hold::Offer);
                self.arm_sla(slot);
            }
            Stage::Active(service) => self.hold(service.agent, slot, channel, Hold::Work),
            Stage::WrapUp { service, until, .. } => {
                self.deadlines.arm(until, Reason::WrapUp(who));
                self.hold(service.agent, slot, channel, Hold::Work);
            }
        }
    }

    /// After the lines were cleared or the rules changed: the contact's line
    /// and deadline by the rules of now.
    pub(super) fn reenter(&mut self, slot: u32) {
        let contact = &mut self.contacts[slot];
        let who = who(contact, slot);
        if let Some(at) = contact.index.sla_at.take() {
            self.deadlines.disarm(at, Reason::Sla(who));
        }
        if let Stage::Queued { due } = contact.stage {
            self.enter_line_of(slot, due);
        }
        self.arm_sla(slot);
    }

    fn enter_line_of(&mut self, slot: u32, due: Timestamp) {
        let line = self.line_of(slot);
        self.contacts[slot].index.line = line;
        let contact = &self.contacts[slot];
        let place = place_of(contact, slot, due);
        self.needs.enter(line, place, &mut self.queues);
        for agent in self.liked(contact) {
            self.needs.want(agent, line, place);
        }
    }

    fn arm_sla(&mut self, slot: u32) {
        let contact = &self.contacts[slot];
        let sla_at = self.next_sla(contact);
        if let Some(sla_at) = sla_at {
            self.deadlines.arm(sla_at, Reason::Sla(who(contact, slot)));
        }
        self.contacts[slot].index.sla_at = sla_at;
    }

    /// The line of a contact's need, made if it is new.
    pub(super) fn line_of(&mut self, slot: u32) -> LineKey {
        let contact = &self.contacts[slot];
        let need = Need {
            queue: contact.labels.queue,
            step: contact.step,
            channel: contact.labels.channel,
            requires: contact.intake.requires.clone(),
            topic: self.topic_of(contact),
            tier: match &self.configuration().order {
                Order::Due => None,
                Order::Urgency(_) => Some(contact.labels.tier),
            },
            is_kept_back: self.is_kept_back(contact),
            direct: contact.direct,
        };
        let ground = Ground {
            rules: &self.rules,
            registry: &self.registry,
            pool: &self.pool,
        };
        self.needs.line_for(need, &self.queues, &ground)
    }

    /// Whether idle agents are kept from a contact for those of other tiers.
    fn is_kept_back(&self, contact: &Contact) -> bool {
        let reserve = &self.rules[contact.labels.queue.index()].options.reserve;
        let tier = self.registry.tiers.name(contact.labels.tier);
        reserve
            .as_ref()
            .is_some_and(|reserve| !reserve.tiers.contains(tier))
    }

    /// The topic, if the configuration knows it.
    pub(super) fn topic_of(&self, contact: &Contact) -> Option<TopicKey> {
        let topic = contact.intake.topic.as_ref()?;
        self.registry.topics.key(topic.as_str())
    }

    fn hold(&mut self, agent: AgentKey, slot: u32, channel: Channel, hold: Hold) {
        let cost = self.configuration().cost(channel);
        let held = &mut self.agents[agent.index()];
        held.attention.advance(held.works_on(), self.last_at);
        let load = &mut held.load;
        load.used += cost;
        *load.per_channel.get_mut(channel) += 1;
        load.offers += u32::from(hold == Hold::Offer);
        load.held.push(slot);
        self.stand(agent);
    }

    fn release(&mut self, agent: AgentKey, slot: u32, channel: Channel, hold: Hold) {
        let cost = self.configuration().cost(channel);
        let held = &mut self.agents[agent.index()];
        held.attention.advance(held.works_on(), self.last_at);
        let load = &mut held.load;
        load.used -= cost;
        *load.per_channel.get_mut(channel) -= 1;
        load.offers -= u32::from(hold == Hold::Offer);
        load.held.retain(|held| *held != slot);
        self.stand(agent);
    }

    /// Lets the pool know how the agent stands now.
    pub(super) fn stand(&mut self, agent: AgentKey) {
        let standing = standing(&self.agents[agent.index()], self.configuration());
        self.pool.stand(agent, standing);
    }

    /// Writes what the agent wants or whether a desktop is there, and counts
    /// those who are staffed.
    pub(super) fn alter_agent(&mut self, agent: AgentKey, alter: impl FnOnce(&mut Agent)) {
        let held = &mut self.agents[agent.index()];
        let before = held.is_staffed();
        alter(held);
        let after = held.is_staffed();
        if before != after {
            self.count_staffed(agent, after);
        }
        self.stand(agent);
    }

    pub(super) fn count_staffed(&mut self, agent: AgentKey, staffed: bool) {
        let Some(group) = self.pool.group_of(agent) else {
            return;
        };
        let group = self.pool.group_mut(group);
        let add = |count: u32| if staffed { count + 1 } else { count - 1 };
        group.staffed = add(group.staffed);
        for queue in &group.signature.queues {
            let queue = &mut self.queues[queue.index()];
            queue.staffed = add(queue.staffed);
        }
    }
}

pub(super) fn who(contact: &Contact, slot: u32) -> Who {
    Who {
        arrival: contact.arrival,
        slot,
    }
}

pub(super) fn place_of(contact: &Contact, slot: u32, due: Timestamp) -> Place {
    Place {
        due,
        arrival: contact.arrival,
        slot,
    }
}

const fn is_unanswered(stage: &Stage) -> bool {
    matches!(stage, Stage::Queued { .. } | Stage::Offered(_))
}

fn count_of<'a>(counts: &'a mut Counts, stage: &Stage) -> Option<&'a mut PerChannel<u64>> {
    match stage {
        Stage::Moving | Stage::Closed(_) => None,
        Stage::Scheduled { .. } => Some(&mut counts.scheduled),
        Stage::Queued { .. } => Some(&mut counts.queued),
        Stage::Offered(_) => Some(&mut counts.offered),
        Stage::Active(_) => Some(&mut counts.active),
        Stage::WrapUp { .. } => Some(&mut counts.wrap_up),
    }
}

/// How an agent stands in the pool: none if nothing could be offered.
pub(super) fn standing(agent: &Agent, options: &Options) -> Option<Standing> {
    if !agent.is_staffed() || agent.load.offers >= OPEN_OFFERS_MAX {
        return None;
    }
    let mut mask = Mask::NONE;
    for channel in Channel::ALL {
        if agent.is_healthy(channel) && has_room(agent, channel, options) {
            mask = mask.with(channel);
        }
    }
    (mask != Mask::NONE).then_some(Standing {
        mask,
        used: agent.load.used,
        sessions: u32::try_from(agent.load.held.len()).expect("hands are few"),
        idle_since: agent.idle_since,
        last_turn: agent.last_turn,
    })
}

/// Whether one more contact of this channel fits the agent's capacity.
pub(super) fn has_room(agent: &Agent, channel: Channel, options: &Options) -> bool {
    let limits = options.channels.get(channel);
    agent.load.used.saturating_add(limits.cost) <= agent.load.capacity
        && *agent.load.per_channel.get(channel) < limits.max
}
