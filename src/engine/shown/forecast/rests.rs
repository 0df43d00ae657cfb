//! Agents who have room and only rest, from a channel or from one contact: when they return is
//! known, as with wrap-ups.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::shown::forecast::around::{Agents, Around};
use crate::engine::shown::forecast::in_hand::InHand;
use crate::engine::state::agent::Health;
use crate::engine::state::capacity::{lack, room_for};
use crate::engine::state::contact::Contact;
use crate::engine::state::needs::NeedLine;
use crate::engine::state::registry::AgentKey;

/// How many resting agents of a group are considered, the first to return first.
const RESTING_MAX: usize = 32;

/// An agent who may serve a contact.
#[derive(Clone, Copy)]
pub(super) struct Able {
    pub(super) agent: AgentKey,
    /// No other agent could take it, so a rest from it may be cut short.
    pub(super) is_last: bool,
}

impl Engine {
    /// Adds those of these agents who rest.
    pub(super) fn add_rests(
        &self,
        contact: &Contact,
        need: &NeedLine,
        agents: &Agents<'_>,
        around: &mut Around,
    ) {
        let is_sampled = |agent: AgentKey| {
            let group = self.pool.group_of(agent);
            let mut sampled = agents.sampled.iter();
            group.is_some_and(|own| sampled.any(|(group, _)| *group == own))
        };
        let cooling: Vec<AgentKey> = contact
            .missed
            .running()
            .map(|cooldown| cooldown.agent)
            .filter(|agent| self.agent_at(*agent).is_staffed() && is_sampled(*agent))
            .collect();
        let channel = contact.labels.channel;
        let groups = agents.sampled.iter();
        let resting = groups.flat_map(|(group, _)| {
            let resting = self.pool.group(*group).resting.get(channel).iter();
            resting.take(RESTING_MAX).map(|(_, agent)| *agent)
        });
        let resting = resting.filter(|agent| !contact.is_cooling(*agent));
        let share = agents.scale();
        let able = cooling.iter().map(|agent| self.agent_at(*agent));
        let able = able.filter(|agent| agent.is_healthy(channel)).count();
        let is_last = super::number(able) >= self.able_for(need, contact);
        for agent in resting.chain(cooling.iter().copied()) {
            self.add_rest(contact, Able { agent, is_last }, agents, share, around);
        }
    }

    /// Agents on duty who may serve a need and are trusted with the contact's channel.
    fn able_for(&self, need: &NeedLine, contact: &Contact) -> f64 {
        let able = need.eligible.iter().take(RESTING_MAX);
        let able = able.map(|eligible| {
            let group = self.pool.group(eligible.group);
            group.able(contact.labels.channel)
        });
        f64::from(able.sum::<u32>())
    }

    /// Adds one agent, if that one rests.
    pub(super) fn add_rest(
        &self,
        contact: &Contact,
        able: Able,
        agents: &Agents<'_>,
        share: f64,
        around: &mut Around,
    ) {
        let Some(until) = self.rests_until(contact, able) else {
            return;
        };
        let (queue, channel) = (contact.labels.queue, contact.labels.channel);
        let load = &self.agent_at(able.agent).load;
        let room = room_for(load, channel, self.configuration()).max(1);
        let left_ms = (until - agents.now).0;
        let rest = InHand::resting(room.into(), left_ms, self.taken_by(queue, channel));
        self.by_kind(channel, around).0.add(rest, share);
    }

    /// None if the agent does not rest, or has no room afterwards.
    fn rests_until(&self, contact: &Contact, able: Able) -> Option<Timestamp> {
        let Able { agent, is_last } = able;
        let held = self.agent_at(agent);
        let class = self.classes.of(contact);
        if lack(&held.load, class, self.configuration()).is_some() {
            return None;
        }
        let rest = match *held.health.get(class.channel) {
            Health::Ok => None,
            Health::CoolingDown { until, .. } => Some(until),
            Health::Suspended => return None,
        };
        let cooldown = contact
            .missed
            .running()
            .find(|cooldown| cooldown.agent == agent);
        let cooldown = cooldown.map(|cooldown| {
            let lift_at = cooldown.lift_at.filter(|_| is_last);
            lift_at.unwrap_or(cooldown.until)
        });
        rest.max(cooldown)
    }
}
