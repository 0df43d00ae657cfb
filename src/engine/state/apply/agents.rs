//! What events do to agents.

use crate::domain::{Channel, Text, Timestamp};
use crate::engine::Engine;
use crate::engine::event::AgentEvent;
use crate::engine::state::agent::{Health, Intent, Session};
use crate::engine::state::carried_out::CarriedOut;
use crate::engine::state::deadline::Reason;
use crate::engine::state::registry::AgentKey;

impl Engine {
    pub(super) fn fold_agent(&mut self, agent: AgentKey, event: &AgentEvent, at: Timestamp) {
        match event {
            AgentEvent::EndsChecked { next } => self.ends_checked(agent, *next),
            AgentEvent::Reconfigured => {}
            AgentEvent::Resynced => self.carried_out(agent).came_back(),
            AgentEvent::CarriedOut { key } => self.carried_out(agent).keep(*key),
            AgentEvent::Connected { session } => {
                self.change_session(agent, Session::Connected { number: *session }, at);
                let agent = &mut self.agents[agent.index()];
                agent.lacks_upto = agent.frames_sent;
                agent.carried_out.connected();
            }
            AgentEvent::Heard { upto } => {
                self.heard(agent, *upto);
                self.agents[agent.index()].acknowledges = true;
            }
            AgentEvent::Resumed { upto } => {
                self.heard(agent, *upto);
                self.sent_again(agent);
                self.carried_out(agent).came_back();
            }
            AgentEvent::Lost { until, is_restart } => {
                self.change_session(agent, Session::Grace { until: *until }, at);
                if *is_restart {
                    self.carried_out(agent).restarted();
                }
            }
            AgentEvent::Gone => {
                self.change_session(agent, Session::Gone, at);
                self.carried_out(agent).forget_all();
                self.agents[agent.index()].acknowledges = false;
            }
            AgentEvent::Intended {
                intent,
                by,
                is_steered,
            } => self.change_intent(agent, intent, is_steered.then_some(by), at),
            AgentEvent::HealthChanged {
                channel,
                health,
                strikes,
            } => {
                self.change_health(agent, *channel, *health, *strikes, at);
            }
            AgentEvent::Rested => self.rest_until(agent, None),
        }
    }

    fn carried_out(&mut self, agent: AgentKey) -> &mut CarriedOut {
        &mut self.agents[agent.index()].carried_out
    }

    pub(super) fn change_session(&mut self, agent: AgentKey, session: Session, at: Timestamp) {
        if let Session::Grace { until } = self.agents[agent.index()].session {
            self.deadlines.disarm(until, Reason::Grace(agent));
        }
        if let Session::Grace { until } = session {
            self.deadlines.arm(until, Reason::Grace(agent));
        }
        self.alter_agent(agent, |agent| {
            if let Session::Connected { number } = session {
                agent.sessions = number;
                agent.connected_at = at;
            }
            agent.session = session;
        });
    }

    pub(super) fn change_intent(
        &mut self,
        agent: AgentKey,
        intent: &Intent,
        steered_by: Option<&Text>,
        at: Timestamp,
    ) {
        self.alter_agent(agent, |agent| {
            if *intent == Intent::Ready && agent.intent != Intent::Ready {
                agent.idle_since = at;
            }
            agent.intent = intent.clone();
            agent.intent_by = steered_by.cloned();
        });
    }

    pub(super) fn change_health(
        &mut self,
        agent: AgentKey,
        channel: Channel,
        health: Health,
        strikes: u32,
        at: Timestamp,
    ) {
        if let Health::CoolingDown { until, .. } = *self.agents[agent.index()].health.get(channel) {
            self.deadlines.disarm(until, Reason::Health(agent, channel));
        }
        if let Health::CoolingDown { until, .. } = health {
            self.deadlines.arm(until, Reason::Health(agent, channel));
        }
        self.alter_agent(agent, |agent| {
            if health.is_of_strike() {
                agent.last_strike_at = at;
            }
            agent.strikes = strikes;
            *agent.health.get_mut(channel) = health;
        });
    }
}
