//! What the clocks of agents bring for a contact: rests and wrap-ups that end, and the end of the
//! grace period of lost agents.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::options::{EscalationRule, Trigger};
use crate::engine::shown::upcoming::Changes;
use crate::engine::state::agent::{Agent, Involvement, Session};
use crate::engine::state::capacity::{Class, Lack, lack};
use crate::engine::state::contact::{Contact, Parked, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::needs::NeedLine;
use crate::engine::state::registry::AgentKey;
use crate::engine::view::UpcomingChange;

impl Engine {
    /// When agents who are there may be offered the contact again, or for the first time: each when
    /// the last thing that holds the agent up ends.
    pub(super) fn agents_to_come(&self, contact: &Contact, changes: &mut Changes) {
        let queue = &self.queues[contact.labels.queue.index()];
        let hours = self.rules[contact.labels.queue.index()].hours.as_ref();
        let hours = hours.filter(|_| !contact.passes().closing());
        // An agent who pulls contacts is not held up by a rest.
        let is_shut = queue.is_paused() || self.rules[contact.labels.queue.index()].options.pull;
        if is_shut && !contact.passes().everything() {
            return;
        }
        let is_open_at = |at| hours.is_none_or(|hours| hours.is_open(at));
        for agent in self.agents.iter().filter(|agent| agent.is_staffed()) {
            let mut coming = Changes::new();
            self.agent_to_come(contact, agent, &mut coming);
            coming.retain(|(at, _)| is_open_at(*at) && self.may_serve_at(contact, agent.key, *at));
            changes.append(&mut coming);
        }
    }

    fn agent_to_come(&self, contact: &Contact, agent: &Agent, changes: &mut Changes) {
        let class = self.classes.of(contact);
        let (Ok(rest), Ok(room)) = (
            agent.health.get(class.channel).rested_at(),
            self.room_at(agent, class),
        ) else {
            return;
        };
        if self.keeps_room_from(agent, class) {
            return;
        }
        let dial = self.dial_until(agent.key);
        let dial = dial.filter(|_| contact.is_to_be_dialled());
        let name = || self.agent_name(agent.key);
        let mut cooldowns = contact.missed.running();
        if let Some(cooldown) = cooldowns.find(|rest| rest.agent == agent.key) {
            let at_last = |at: Timestamp| Some(at).max(rest).max(room).max(dial).unwrap_or(at);
            let until = at_last(cooldown.until);
            let lift_at = cooldown.lift_at.map(at_last);
            if let Some(lift_at) = lift_at.filter(|lift_at| *lift_at < until) {
                changes.push((lift_at, UpcomingChange::CooldownMayEnd { agent: name() }));
            }
            changes.push((until, UpcomingChange::CooldownEnds { agent: name() }));
        } else if let Some(at) = dial.filter(|_| dial >= rest.max(room)) {
            changes.push((at, UpcomingChange::OtherDialEnds { agent: name() }));
        } else if rest >= room {
            changes.extend(rest.map(|at| (at, UpcomingChange::ChannelRests { agent: name() })));
        } else {
            changes.extend(room.map(|at| (at, UpcomingChange::WrapUpEnds { agent: name() })));
        }
    }

    /// Until when another customer is being called for the agent.
    fn dial_until(&self, agent: AgentKey) -> Option<Timestamp> {
        match self.contact_at(*self.dialled_for.get(&agent)?).stage {
            Stage::Scheduled { until } => Some(until),
            Stage::Moving
            | Stage::Queued { .. }
            | Stage::Offered { .. }
            | Stage::Active(_)
            | Stage::Parked(_)
            | Stage::WrapUp { .. }
            | Stage::Closed(_) => None,
        }
    }

    /// When the agent has room for a contact of this class, if only wrap-ups have to end; none:
    /// now.
    pub(in crate::engine) fn room_at(
        &self,
        agent: &Agent,
        class: Class,
    ) -> Result<Option<Timestamp>, Lack> {
        let options = self.configuration();
        let Some(lacks) = lack(&agent.load, class, options) else {
            return Ok(None);
        };
        let mut wrap_ups: Vec<(Timestamp, Class)> = Vec::new();
        for slot in &agent.load.held {
            if let Stage::WrapUp { until, .. } = self.contact_at(*slot).stage {
                wrap_ups.push((until, self.class_of(*slot)));
            }
        }
        wrap_ups.sort_unstable_by_key(|(until, _)| *until);
        let mut load = agent.load.clone();
        let mut ends = wrap_ups.into_iter().map(|(until, ended)| {
            load.remove(ended, Involvement::Work, options);
            (until, lack(&load, class, options))
        });
        let end = ends.find(|(_, lacks)| lacks.is_none());
        end.map(|(until, _)| Some(until)).ok_or(lacks)
    }

    /// When its agent takes back an awake contact, if only time is needed.
    pub(super) fn taken_up_at(
        &self,
        parked: &Parked,
        slot: Slot,
    ) -> Option<(Timestamp, UpcomingChange)> {
        let agent = self.agent_at(parked.service.agent);
        let mut woken = agent.load.woken.iter().map(|(_, _, slot)| *slot);
        let able_at = |slot: Slot| {
            let class = self.class_of(slot);
            if self.keeps_room_from(agent, class) {
                return None;
            }
            let rest = agent.health.get(class.channel).rested_at().ok()?;
            let room = self.room_at(agent, class).ok()?;
            Some(rest.max(room))
        };
        // The first to wake goes first.
        let (first, able_at) = woken.find_map(|slot| Some((slot, able_at(slot)?)))?;
        let at = able_at.max(agent.rest_until);
        let agent_name = self.agent_name(agent.key);
        let what = UpcomingChange::TakenUpAgain { agent: agent_name };
        at.filter(|_| first == slot && agent.is_staffed())
            .map(|at| (at, what))
    }

    /// When a waiting contact goes on without agents who are away.
    pub(super) fn graces_to_come(&self, contact: &Contact) -> Option<(Timestamp, UpcomingChange)> {
        let last = match contact.meant.direct {
            Some(agent) => {
                let is_handed_on =
                    contact.meant.direct_until.is_none() && !contact.is_meant_alone();
                self.grace_of(self.agent_at(agent)).filter(|_| is_handed_on)
            }
            None => self.step_is_taken_without(contact),
        };
        let (at, agent) = last?;
        let agent = self.agent_name(agent);
        Some((at, UpcomingChange::GraceEnds { agent }))
    }

    /// The last agent who is waited for although an agent of a further step is there.
    fn step_is_taken_without(&self, contact: &Contact) -> Option<(Timestamp, AgentKey)> {
        let rules = &self.rules[contact.labels.queue.index()];
        let steps = rules.options.steps.iter().skip(contact.wait.step as usize);
        let skips = steps.take_while(|step| step.skip_unstaffed).count();
        let skips = u32::try_from(skips).expect("steps are few");
        let need = self.needs.get(contact.index.line);
        let staffed = |need: &NeedLine| {
            let groups = need.eligible.iter();
            let staffed = groups.map(|eligible| self.pool.group(eligible.group).staffed);
            staffed.sum::<u32>()
        };
        if skips == 0 || staffed(need) > 0 {
            return None;
        }
        let last = self.last_grace(|agent| {
            let group = self.pool.group_of(agent);
            group.is_some_and(|group| need.eligible(group).is_some())
        })?;
        let mut further = contact.wait.step + 1..=contact.wait.step + skips;
        let step = further.find(|step| staffed(&self.need_for_anyone(contact, *step)) > 0)?;
        let by_clock = contact.wait.first_queued_at + rules.rings[step as usize].after;
        Some(last).filter(|(at, _)| *at < by_clock)
    }

    /// When a rule for an unstaffed queue finds that nobody has come back.
    pub(super) fn deserted_at(
        &self,
        contact: &Contact,
        rule: &EscalationRule,
    ) -> Option<Timestamp> {
        let queue = &self.queues[contact.labels.queue.index()];
        let fired = contact.fired(&rule.name);
        let is_open = fired.is_none_or(|fired| fired.is_pending && !fired.waits_for_change);
        let is_queued = matches!(contact.stage, Stage::Queued { .. });
        if rule.when != Some(Trigger::NobodyStaffed)
            || !(is_open && is_queued)
            || (queue.closed && !contact.passes().closing())
            || self.is_staffed_for(contact, self.last_at)
        {
            return None;
        }
        let is_for_others = contact.meant.allows_others();
        let last_step = self.rules[contact.labels.queue.index()].last_step();
        let could_take = |agent| {
            contact.meant.direct == Some(agent)
                || is_for_others && self.admits(contact, agent, last_step)
        };
        self.last_grace(could_take).map(|(at, _)| at)
    }

    /// The last of these agents who are away, and until when.
    fn last_grace(&self, counts: impl Fn(AgentKey) -> bool) -> Option<(Timestamp, AgentKey)> {
        let of = self.agents.iter().filter(|agent| counts(agent.key));
        of.filter_map(|agent| self.grace_of(agent)).max()
    }

    fn grace_of(&self, agent: &Agent) -> Option<(Timestamp, AgentKey)> {
        match agent.session {
            Session::Grace { until } => Some((until, agent.key)).filter(|_| agent.is_away()),
            Session::Gone | Session::Connected { .. } => None,
        }
    }
}
