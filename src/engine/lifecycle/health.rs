//! Whether an agent is trusted with a channel: unanswered offers are strikes, with growing
//! consequences; undelivered ones are not.

use crate::domain::{Channel, Millis, Timestamp};
use crate::engine::Engine;
use crate::engine::event::{AgentEvent, Event};
use crate::engine::state::agent::{Health, Intent, STRIKES_WITHIN, SetBy, Unready};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::AgentKey;

/// How long a channel rests after the first strike.
const STRIKE_COOLDOWN: Millis = Millis::from_s(30);
/// How long a desktop that did not confirm an offer gets no further one.
const UNDELIVERED_COOLDOWN: Millis = Millis::from_s(5);

impl Engine {
    /// First the channel rests, then it is suspended until the agent sends `ready` again, then the
    /// agent becomes not ready; returns whether that happened. The unanswered contact, which is
    /// moving, goes on then, together with all others that the agent leaves.
    pub(in crate::engine) fn strike(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        channel: Channel,
        unanswered: Option<Slot>,
    ) -> bool {
        let is_third = self.count_strike(now, agent, channel);
        if is_third {
            self.leave_for(now, agent, no_answer(), unanswered);
        }
        is_third
    }

    /// Returns whether the agent is to become not ready by it.
    pub(in crate::engine) fn count_strike(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        channel: Channel,
    ) -> bool {
        let held = self.agent_at(agent);
        let recent = now - held.last_strike_at <= STRIKES_WITHIN;
        let strikes = if recent { held.strikes + 1 } else { 1 };
        // A call that misses a suspended agent, by assignment or a request for help, ends nothing.
        let is_suspended = *held.health.get(channel) == Health::Suspended;
        let health = if strikes == 1 && !is_suspended {
            Health::CoolingDown {
                until: now + STRIKE_COOLDOWN,
                undelivered: false,
            }
        } else {
            Health::Suspended
        };
        self.say_health(now, agent, (channel, health), strikes);
        strikes >= 3
    }

    /// Contacts that wait for an agent who is suspended on their channel are released to anyone,
    /// because it is not known when that ends.
    pub(in crate::engine) fn wait_no_more_for_suspended(
        &mut self,
        agent: AgentKey,
        now: Timestamp,
    ) {
        for slot in self.waits_for_suspended(agent) {
            self.go_on_without(slot, agent, now);
        }
    }

    /// Contacts that wait for an agent who is suspended on their channel.
    pub(in crate::engine) fn waits_for_suspended(&self, agent: AgentKey) -> Vec<Slot> {
        let is_suspended = |slot: &Slot| {
            let channel = self.contact_at(*slot).labels.channel;
            *self.agent_at(agent).health.get(channel) == Health::Suspended
        };
        let mut waiting = self.waits_in_vain_for(agent);
        waiting.retain(is_suspended);
        waiting
    }

    /// A desktop that does not confirm gets no offers for a moment; that is no strike.
    pub(in crate::engine) fn rest(&mut self, now: Timestamp, agent: AgentKey) {
        let strikes = self.agent_at(agent).strikes;
        for channel in Channel::ALL {
            if self.agent_at(agent).is_healthy(channel) {
                let health = Health::CoolingDown {
                    until: now + UNDELIVERED_COOLDOWN,
                    undelivered: true,
                };
                self.say_health(now, agent, (channel, health), strikes);
            }
        }
    }

    /// Sending `ready` ends a suspension.
    pub(in crate::engine) fn trust_again(&mut self, now: Timestamp, agent: AgentKey) {
        for channel in Channel::ALL {
            if *self.agent_at(agent).health.get(channel) == Health::Suspended {
                self.say_health(now, agent, (channel, Health::Ok), 0);
            }
        }
    }

    /// Any accept clears the strikes and trusts the channel again.
    pub(in crate::engine) fn clear_strikes(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        channel: Channel,
    ) {
        let held = self.agent_at(agent);
        if held.strikes > 0 || !held.is_healthy(channel) {
            self.say_health(now, agent, (channel, Health::Ok), 0);
        }
    }

    /// Channels have rested: all that recover by now do so together, so that the agent takes the
    /// contact due first over all of them.
    pub(in crate::engine) fn recover(&mut self, now: Timestamp, agent: AgentKey) {
        let strikes = self.agent_at(agent).strikes;
        for channel in Channel::ALL {
            let health = *self.agent_at(agent).health.get(channel);
            if let Health::CoolingDown { until, .. } = health
                && until <= now
            {
                self.say_health(now, agent, (channel, Health::Ok), strikes);
            }
        }
        self.serve(agent, now);
    }

    fn say_health(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        (channel, health): (Channel, Health),
        strikes: u32,
    ) {
        let event = AgentEvent::HealthChanged {
            channel,
            health,
            strikes,
        };
        self.emit(now, Event::Agent(agent, event));
    }
}

/// What becomes of the intent of an agent who does not answer, and by whom.
pub(in crate::engine) fn no_answer() -> (Intent, SetBy) {
    (Unready::NoAnswer.into(), SetBy::engine())
}
