//! Cooldowns of a pair: after declining a contact or not answering it, an agent is not offered it
//! again at once, but is not banned from it either. Each refusal doubles the span.

use crate::domain::{Millis, Timestamp};
use crate::engine::Engine;
use crate::engine::command::{RETRY_AFTER_MAX, RETRY_AFTER_MIN};
use crate::engine::event::{Cooling, Event, LineEvent};
use crate::engine::state::contact::Cooled;
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::AgentKey;

/// The first cooldown of an agent for a contact; it doubles up to the maximum.
pub(in crate::engine) const COOLDOWN: Millis = Millis::from_s(30);
pub(in crate::engine) const COOLDOWN_MAX: Millis = Millis::from_s(300);
/// No cooldown that the agent did not ask for is shorter, so that the only agent is not hammered.
pub(in crate::engine) const COOLDOWN_MIN: Millis = Millis::from_s(10);

impl Engine {
    /// After a decline: as long as the agent asked for, if stated.
    pub(in crate::engine) fn declined(
        &self,
        slot: Slot,
        agent: AgentKey,
        retry_after: Option<Millis>,
        now: Timestamp,
    ) -> Cooling {
        match retry_after {
            Some(asked) => Cooling {
                until: now + asked.clamp(RETRY_AFTER_MIN, RETRY_AFTER_MAX),
                lift_at: None,
                times: self.refusals(slot, agent),
            },
            None => self.cooling(slot, agent, now),
        }
    }

    /// After an offer that was not answered, or not even delivered.
    pub(in crate::engine) fn unanswered(
        &self,
        slot: Slot,
        agent: AgentKey,
        is_delivered: bool,
        now: Timestamp,
    ) -> Cooling {
        if is_delivered {
            return self.cooling(slot, agent, now);
        }
        Cooling {
            until: now + COOLDOWN_MIN,
            lift_at: None,
            times: self.refusals(slot, agent),
        }
    }

    /// The pair's next cooldown. It may be lifted early, once half of the target has passed, if no
    /// other agent could take the contact.
    pub(in crate::engine) fn cooling(
        &self,
        slot: Slot,
        agent: AgentKey,
        now: Timestamp,
    ) -> Cooling {
        let contact = self.contact_at(slot);
        let times = self.refusals(slot, agent);
        let span = Millis((COOLDOWN.0 << times.min(8)).min(COOLDOWN_MAX.0));
        let rules = &self.rules[contact.labels.queue.index()];
        let half = rules.options.target.answer_within.percent(50);
        let half_way = rules.after(contact.wait.first_queued_at, half);
        let lift_at = half_way.max(now + COOLDOWN_MIN);
        Cooling {
            until: now + span,
            lift_at: Some(lift_at).filter(|lift_at| *lift_at < now + span),
            times: times + 1,
        }
    }

    /// How often this agent has refused this contact so far.
    pub(in crate::engine) fn refusals(&self, slot: Slot, agent: AgentKey) -> u32 {
        let known = self.contact_at(slot).missed.of(agent);
        known.map_or(0, |cooldown| cooldown.times)
    }

    /// Lifts a cooldown if no other agent could take the contact; otherwise this is checked again,
    /// because the others may leave.
    pub(in crate::engine) fn lift_cooldown(&mut self, slot: Slot, agent: AgentKey, now: Timestamp) {
        let contact = self.contact_at(slot);
        let (id, cooldown) = (contact.id, contact.missed.of(agent));
        let until = cooldown.map(|cooldown| cooldown.until);
        let is_refused = cooldown.is_none_or(|cooldown| cooldown.why != Cooled::LostIt);
        // A cooldown of an agent who refused nothing is not kept for the sake of busy agents: had
        // anybody else room, the contact would not wait.
        if is_refused && self.somebody_else_could(slot) {
            let event = LineEvent::CooldownKept {
                agent,
                lift_at: Some(now + COOLDOWN_MIN).filter(|again_at| Some(*again_at) < until),
            };
            self.emit(now, Event::Line(id, event));
            return;
        }
        self.emit(now, Event::Line(id, LineEvent::CooldownLifted { agent }));
        if self.agent_at(agent).is_staffed() {
            self.serve(agent, now);
        }
    }

    /// Whether a staffed agent, trusted with its channel and not cooling down, may take it.
    fn somebody_else_could(&mut self, slot: Slot) -> bool {
        let line = self.line_of(slot);
        let contact = self.contact_at(slot);
        let channel = contact.labels.channel;
        let is_able = |agent: AgentKey| {
            let held = self.agent_at(agent);
            held.is_staffed() && held.is_healthy(channel)
        };
        let (need, ground) = (self.needs.get(line), self.ground());
        let could = if let Some(direct) = need.need.direct {
            is_able(direct) && !contact.is_cooling(direct)
        } else {
            let able = need.eligible.iter().map(|eligible| eligible.group);
            let able = able.filter(|group| ground.fits(*group, channel));
            let able: u32 = able.map(|group| self.pool.group(group).able(channel)).sum();
            let cooling = contact.missed.running();
            let cooling = cooling.map(|rest| rest.agent).filter(|agent| {
                let group = self.pool.group_of(*agent);
                let group = group.filter(|group| need.eligible(*group).is_some());
                is_able(*agent) && group.is_some_and(|group| ground.fits(group, channel))
            });
            able as usize > cooling.count()
        };
        self.needs.release(line);
        could
    }
}
