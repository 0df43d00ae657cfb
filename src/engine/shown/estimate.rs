//! How long a contact will still wait, and whether that can be said: what `forecast` says of the
//! agents who may take it, now or by a later step, or of the one agent that it waits for.
//!
//! Agents who become eligible only later, by a step or when the contact is no longer held for one
//! agent, cannot take it before; one who is free now will then. `later` has what the clock changes
//! meanwhile.
//!
//! Where `forecast` has no data, the queue's mean handling time is used.

use std::borrow::Cow;

use crate::domain::{Channel, Millis, Timestamp};
use crate::engine::Engine;
use crate::engine::state::agent::Health;
use crate::engine::state::contact::{Contact, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::needs::{Need, NeedLine, missing};
use crate::engine::state::place::place_of;
use crate::engine::state::pool::Group;
use crate::engine::state::queue::{Queue, skill_keys};
use crate::engine::state::registry::AgentKey;
use crate::engine::view::WaitEstimate;

/// p50 and p90 of the remaining wait.
pub(super) type Wait = (Millis, Millis);

/// A wait is asked for at `now`, for a contact that anyone may take from `from` on.
#[derive(Clone, Copy)]
pub(super) struct Horizon {
    pub now: Timestamp,
    pub from: Timestamp,
}

impl Engine {
    /// Contacts of the same queue before this one.
    pub(in crate::engine) fn ahead(&self, contact: &Contact, slot: Slot) -> u64 {
        let Stage::Queued { due } = contact.stage else {
            return 0;
        };
        let place = place_of(contact, slot, due);
        let queue = contact.labels.queue;
        let own = contact
            .meant
            .direct
            .map_or(&[][..], |agent| self.needs.direct_lines(agent));
        let lines = self.queues[queue.index()].active_lines.iter().chain(own);
        lines
            .map(|line| self.needs.get(*line))
            .filter(|need| need.need.queue == queue)
            .map(|need| need.ahead_of(place, contact.escalated.is_reserved) as u64)
            .sum()
    }

    pub(in crate::engine) fn estimate(&self, slot: Slot, now: Timestamp) -> WaitEstimate {
        let contact = self.contact_at(slot);
        let expected = self.expected(slot, now);
        let pull = self.rules[contact.labels.queue.index()].options.pull;
        let is_called = pull && !contact.passes().everything();
        if is_called && matches!(expected, WaitEstimate::Within { .. }) {
            return WaitEstimate::NotOffered;
        }
        self.in_open_hours(contact, expected, now)
    }

    /// Nothing is offered once the queue has closed: no estimate is given for a wait that probably
    /// lasts longer than that, nor while it is closed; a wait that only might goes on after the
    /// opening.
    pub(in crate::engine) fn in_open_hours(
        &self,
        contact: &Contact,
        expected: WaitEstimate,
        now: Timestamp,
    ) -> WaitEstimate {
        let closes_at = self.closes_at(contact);
        match (expected, closes_at) {
            (WaitEstimate::Within { p50, .. }, Some(closes_at)) if now + p50 >= closes_at => {
                WaitEstimate::Closed
            }
            (WaitEstimate::Within { p50, p90 }, Some(closes_at)) if now + p90 >= closes_at => {
                let rules = &self.rules[contact.labels.queue.index()];
                let p90 = rules.after(now, p90) - now;
                WaitEstimate::Within { p50, p90 }
            }
            (expected, _) => expected,
        }
    }

    /// Like `estimate`, but also for queues that agents pull from.
    pub(in crate::engine) fn expected(&self, slot: Slot, now: Timestamp) -> WaitEstimate {
        let contact = self.contact_at(slot);
        if !matches!(contact.stage, Stage::Queued { .. }) {
            return WaitEstimate::NotWaiting;
        }
        let queue = &self.queues[contact.labels.queue.index()];
        if queue.closed && !contact.passes().closing() {
            return WaitEstimate::Closed;
        }
        match self.wait_of(contact, slot, now) {
            None => WaitEstimate::NobodyStaffed,
            Some(_) if queue.is_paused() && !contact.passes().everything() => {
                WaitEstimate::NotOffered
            }
            Some((p50, p90)) => WaitEstimate::Within { p50, p90 },
        }
    }

    /// The wait for the first agent who may take it; none if no such agent is there.
    fn wait_of(&self, contact: &Contact, slot: Slot, now: Timestamp) -> Option<Wait> {
        if contact.meant.direct.is_none() {
            return self.wait_for_anyone(contact, slot, Horizon { now, from: now });
        }
        let channel = contact.labels.channel;
        let is_trusted =
            |agent: &AgentKey| *self.agent_at(*agent).health.get(channel) != Health::Suspended;
        let one = self.direct_staffed(contact).filter(is_trusted);
        let one = one.and_then(|agent| self.foresee_for(contact, slot, agent, now));
        let then = contact.meant.direct_until.and_then(|until| {
            let from = until.max(now);
            self.wait_for_anyone(contact, slot, Horizon { now, from })
        });
        match (one, then) {
            (Some(one), Some(then)) => Some((one.0.min(then.0), one.1.min(then.1))),
            (one, then) => one.or(then),
        }
    }

    /// The wait for any agent from `from` on.
    fn wait_for_anyone(&self, contact: &Contact, slot: Slot, horizon: Horizon) -> Option<Wait> {
        let Horizon { now, from } = horizon;
        let first = match self.own_line(contact) {
            Some(own) => Some((from, Cow::Borrowed(own))),
            None => self.first_open_need(contact, from),
        };
        let Some((at, need)) = first else {
            let need = self.need_for_anyone(contact, contact.wait.step);
            return self.changed_later(contact, slot, (&need, None), horizon);
        };
        let lead = at - now;
        let (p50, p90) = if lead > Millis::ZERO || self.lets_in(&need) {
            self.wait_at_step(contact, slot, &need, now)
        } else {
            self.wait_among(contact, slot, &need, now)
        };
        let wait = (p50.max(lead), p90.max(lead));
        self.changed_later(contact, slot, (&need, Some(wait)), horizon)
    }

    /// The wait for agents who may serve this need, all of them busy.
    pub(super) fn wait_among(
        &self,
        contact: &Contact,
        slot: Slot,
        need: &NeedLine,
        now: Timestamp,
    ) -> Wait {
        let foreseen = self.foresee(contact, slot, need, now);
        foreseen.unwrap_or_else(|| {
            let queue = &self.queues[contact.labels.queue.index()];
            let slots = self.slots(queue, contact.labels.channel);
            queue.handle_time.wait(self.ahead(contact, slot), slots)
        })
    }

    /// The need at the first step by which an agent who is there may take it, and when that step is
    /// reached.
    fn first_open_need(
        &self,
        contact: &Contact,
        from: Timestamp,
    ) -> Option<(Timestamp, Cow<'_, NeedLine>)> {
        let channel = contact.labels.channel;
        let first = self.first_step_with(contact, from, |group| group.trusted(channel) > 0)?;
        let rules = &self.rules[contact.labels.queue.index()];
        let needs = (first..=rules.last_step()).map(|step| {
            let need = self.need_for_anyone(contact, step);
            (step, need)
        });
        let mut open = needs.filter(|(_, need)| !self.are_all_kept(need));
        let (step, need) = open.next()?;
        // Agents who are there but reserved for others still count against skipping steps.
        let at = if self.first_staffed_step(contact, from) == Some(step) {
            self.comes_to(contact, step, from)
        } else {
            from.max(contact.wait.first_queued_at + rules.rings[step as usize].after)
        };
        Some((at, need))
    }

    /// Whether no more agents are there than are reserved for others. Counted in full, because a
    /// sample would find none if all of them are in other groups.
    pub(super) fn are_all_kept(&self, need: &NeedLine) -> bool {
        let groups = need.eligible.iter();
        let mut there = groups.map(|eligible| self.staffed_in(eligible.group, need));
        let mut more_are_there = || there.try_fold(need.kept, u32::checked_sub).is_none();
        need.kept > 0 && !more_are_there()
    }

    /// The line that it is in, if it is not one agent's and an agent who may take it is there.
    fn own_line(&self, contact: &Contact) -> Option<&NeedLine> {
        let need = self.needs.get(contact.index.line);
        let mut groups = need.eligible.iter();
        let is_there = groups.any(|eligible| self.staffed_in(eligible.group, need) > 0);
        let is_open = is_there && !self.are_all_kept(need);
        Some(need).filter(|_| contact.meant.direct.is_none() && is_open)
    }

    /// When it reaches a step: at once, if nobody of the steps before is there to be waited for.
    fn comes_to(&self, contact: &Contact, step: u32, from: Timestamp) -> Timestamp {
        let rules = &self.rules[contact.labels.queue.index()];
        let before = contact.wait.step as usize..step as usize;
        let mut before = rules.options.steps.get(before).into_iter().flatten();
        if before.all(|step| step.skip_unstaffed) {
            return from;
        }
        from.max(contact.wait.first_queued_at + rules.rings[step as usize].after)
    }

    /// The need of the contact at a step, for any agent.
    pub(in crate::engine) fn need_for_anyone(
        &self,
        contact: &Contact,
        step: u32,
    ) -> Cow<'_, NeedLine> {
        let need = Need {
            direct: None,
            ..self.need_of(contact, step)
        };
        self.line_like(&need)
    }

    /// No agent who could take it, now or by a later step, is there or about to return.
    pub(in crate::engine) fn is_deserted(&self, contact: &Contact, now: Timestamp) -> bool {
        !self.is_staffed_for(contact, now) && !self.is_awaited(contact, now)
    }

    /// Whether an agent who could take it, now or by a later step, is there.
    pub(in crate::engine) fn is_staffed_for(&self, contact: &Contact, now: Timestamp) -> bool {
        let from = contact
            .meant
            .direct_until
            .map_or(now, |until| until.max(now));
        let is_for_others = contact.meant.allows_others();
        self.direct_staffed(contact).is_some()
            || is_for_others && self.first_staffed_step(contact, from).is_some()
    }

    /// The one agent that it waits for, if that agent is there and could take it.
    fn direct_staffed(&self, contact: &Contact) -> Option<AgentKey> {
        let agent = contact.meant.direct?;
        let group = self.pool.group_of(agent)?;
        let fits = self.ground().fits(group, contact.labels.channel);
        (fits && self.agent_at(agent).is_staffed()).then_some(agent)
    }

    /// Whether an agent who could take it, now or by a later step, is away and may return soon.
    pub(in crate::engine) fn is_awaited(&self, contact: &Contact, now: Timestamp) -> bool {
        let direct = contact
            .meant
            .direct
            .map(|agent| self.agent_at(agent).is_away());
        let is_for_others = contact.meant.allows_others();
        direct == Some(true)
            || is_for_others
                && self
                    .first_step_with(contact, now, |group| group.away > 0)
                    .is_some()
    }

    fn first_staffed_step(&self, contact: &Contact, from: Timestamp) -> Option<u32> {
        self.first_step_with(contact, from, |group| group.staffed > 0)
    }

    /// The first step from then on at which such a group becomes eligible whose agents would have
    /// room for it with nothing in hand.
    fn first_step_with(
        &self,
        contact: &Contact,
        from: Timestamp,
        is_there: impl Fn(&Group) -> bool,
    ) -> Option<u32> {
        let rules = &self.rules[contact.labels.queue.index()];
        let reached = rules.step_at(from - contact.wait.first_queued_at);
        let reached = reached.max(contact.wait.step).min(rules.last_step());
        let extra = skill_keys(&contact.intake.requires, &self.registry);
        let ground = self.ground();
        let comes_in = |step: u32, ring: u32| {
            let ring = &rules.rings[ring as usize];
            // Queues added to it must meet the requirements of its step.
            let also = contact.escalated.also.iter();
            let also = also.filter(|_| std::ptr::eq(ring, &rules.rings[step as usize]));
            let groups = ring.queues.iter().chain(also);
            let mut groups = groups.flat_map(|queue| &self.queues[queue.index()].groups);
            groups.any(|key| {
                let group = self.pool.group(*key);
                let skills = &group.signature.skills;
                is_there(group)
                    && ground.fits(*key, contact.labels.channel)
                    && missing(skills, &ring.requires).is_none()
                    && missing(skills, &extra).is_none()
            })
        };
        (reached..=rules.last_step())
            .find(|step| (0..=*step).rev().any(|ring| comes_in(*step, ring)))
    }

    /// How many contacts of a channel the staffed agents of a queue serve at a time, if each had
    /// the capacity of the first group.
    fn slots(&self, queue: &Queue, channel: Channel) -> u64 {
        let limits = *self.configuration().channels.get(channel);
        let capacity = queue.groups.first().map_or(limits.cost, |group| {
            self.pool.group(*group).signature.capacity
        });
        let each = (capacity / limits.cost.max(1)).min(limits.max).max(1);
        u64::from(queue.staffed) * u64::from(each)
    }
}
