//! Whether an agent is trusted with a channel: unanswered offers are strikes, with growing
//! consequences; undelivered ones are not.

use crate::domain::{Channel, Millis, Timestamp};
use crate::engine::Engine;
use crate::engine::event::Event;
use crate::engine::state::agent::{Health, STRIKES_WITHIN, SetBy, Unready};
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
        let held = self.agent_at(agent);
        let recent = now - held.last_strike_at <= STRIKES_WITHIN;
        let strikes = if recent { held.strikes + 1 } else { 1 };
        let health = if strikes == 1 {
            Health::CoolingDown {
                until: now + STRIKE_COOLDOWN,
                undelivered: false,
            }
        } else {
            Health::Suspended
        };
        self.say_health(now, agent, (channel, health), strikes);
        if strikes < 3 {
            return false;
        }
        let set_by = (Unready::NoAnswer.into(), SetBy::engine());
        self.leave_for(now, agent, set_by, unanswered);
        true
    }

    /// Contacts that wait for an agent who is suspended on their channel are released to anyone,
    /// because it is not known when that ends.
    pub(in crate::engine) fn wait_no_more_for_suspended(
        &mut self,
        agent: AgentKey,
        now: Timestamp,
    ) {
        for slot in self.waits_in_vain_for(agent) {
            let channel = self.contact_at(slot).labels.channel;
            if *self.agent_at(agent).health.get(channel) == Health::Suspended {
                self.go_on_without(slot, agent, now);
            }
        }
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
        let event = Event::AgentHealthChanged {
            agent,
            channel,
            health,
            strikes,
        };
        self.emit(now, event);
    }
}
