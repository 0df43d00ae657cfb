//! Agents who become eligible later: by the next steps, when they are no longer reserved for others,
//! and by rules that at a known time move a contact to another queue or add the agents of another.

use std::borrow::Cow;

use crate::domain::{Millis, Name, Timestamp};
use crate::engine::Engine;
use crate::engine::options::Action;
use crate::engine::shown::estimate::{Horizon, Wait};
use crate::engine::state::contact::Contact;
use crate::engine::state::contacts::Slot;
use crate::engine::state::needs::{Need, NeedLine};
use crate::engine::state::onward::is_sure_by_clock;
use crate::engine::state::registry::{AgentKey, QueueKey};

/// What the clock changes for a waiting contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Step(u32),
    /// Idle agents are no longer reserved for others.
    LetsGo,
    Adds(QueueKey),
    MovesTo(QueueKey),
}

impl Engine {
    /// The wait if more agents become eligible meanwhile; `wait` is that for the agents of `need`,
    /// if any is there.
    pub(super) fn changed_later(
        &self,
        contact: &Contact,
        slot: Slot,
        (need, mut wait): (&NeedLine, Option<Wait>),
        horizon: Horizon,
    ) -> Option<Wait> {
        let now = horizon.now;
        let is_over =
            |at: Timestamp, wait: Option<Wait>| wait.is_some_and(|(_, p90)| at - now >= p90);
        let changes = self.changes(contact, horizon);
        if changes
            .first()
            .is_none_or(|(first, _)| is_over(*first, wait))
        {
            return wait;
        }
        let mut asked = need.need.clone();
        let mut staffed = wait.map_or(0.0, |_| self.staffed_for(need));
        let mut has_moved = false;
        for (at, change) in changes {
            let lead = at - now;
            if is_over(at, wait) {
                break;
            }
            if has_moved && change != Change::LetsGo {
                continue;
            }
            let Some(then_asked) = self.asked_then(contact, &mut asked, (at, change)) else {
                continue;
            };
            let then_needed = self.line_like(&then_asked);
            let then_staffed = self.staffed_for(&then_needed);
            let is_moved = matches!(change, Change::MovesTo(_));
            let are_kept = then_staffed > 0.0 && self.are_all_kept(&then_needed);
            if are_kept && is_moved {
                (has_moved, wait) = (true, None);
                continue;
            }
            let comes_to_nobody = then_staffed <= 0.0 || are_kept;
            if comes_to_nobody && is_moved {
                break;
            }
            if change == Change::LetsGo {
                staffed = 0.0;
            }
            let adds = is_moved || change == Change::LetsGo || then_staffed > staffed;
            if comes_to_nobody || !adds {
                continue;
            }
            staffed = staffed.max(then_staffed);
            let then = self.wait_at_step(contact, slot, &then_needed, now);
            wait = Some(match wait {
                Some((p50, p90)) if is_moved => {
                    (moved(p50, lead, then.0), moved(p90, lead, then.1))
                }
                Some((p50, p90)) => (continued(p50, lead, then.0), continued(p90, lead, then.1)),
                None => (lead + then.0, lead + then.1),
            });
            if is_moved {
                break;
            }
        }
        wait
    }

    /// The need from this change on, none if it changes nothing; `asked` collects the changes.
    fn asked_then(
        &self,
        contact: &Contact,
        asked: &mut Need,
        (at, change): (Timestamp, Change),
    ) -> Option<Need> {
        match change {
            Change::Step(step) if step <= asked.step => return None,
            Change::Step(step) => asked.step = step,
            Change::LetsGo if !asked.is_kept_back => return None,
            Change::LetsGo => {
                asked.is_kept_back = false;
                // The step asked for may be one that is not reached by then.
                let reached =
                    self.rules[asked.queue.index()].step_at(at - contact.wait.first_queued_at);
                asked.step = asked.step.min(reached.max(contact.wait.step));
            }
            Change::Adds(queue) => {
                asked.also.push(queue);
                asked.also.sort_unstable();
                asked.also.dedup();
            }
            Change::MovesTo(queue) => *asked = self.need_in(contact, queue, at),
        }
        Some(asked.clone())
    }

    /// The changes to come with their times, earliest first.
    fn changes(&self, contact: &Contact, horizon: Horizon) -> Vec<(Timestamp, Change)> {
        let Horizon { now, from } = horizon;
        let rules = &self.rules[contact.labels.queue.index()];
        let steps = (0..).zip(&rules.rings).skip(contact.wait.step as usize + 1);
        let steps = steps.map(|(step, ring)| {
            let at = contact.wait.first_queued_at + ring.after;
            (at.max(from), Change::Step(step))
        });
        let lets_go_at = contact.wait.first_queued_at + self.configuration().overtake_max;
        let lets_go = (!contact.wait.agents_let_go).then_some((lets_go_at, Change::LetsGo));
        let lets_go = lets_go.map(|(at, change)| (at.max(from), change));
        let tier = self.registry.tiers.name(contact.labels.tier);
        let sure = rules.options.escalations.iter();
        let sure = sure.filter(|rule| is_sure_by_clock(contact, rule, tier));
        let sure = sure.filter_map(|rule| Some((rule, rules.time_of(rule.when?, contact)?)));
        let acts = sure.flat_map(|(rule, at)| {
            let key = |name: &Name| self.registry.queues.key(name.as_str());
            let changes = rule.actions.iter().filter_map(move |action| match action {
                Action::AddQueue(name) => key(name).map(Change::Adds),
                Action::MoveTo(name) => key(name).map(Change::MovesTo),
                Action::Boost(_)
                | Action::NextStep
                | Action::Notify(_)
                | Action::ReserveNext
                | Action::Message(_)
                | Action::OfferCallback
                | Action::Deflect(_)
                | Action::FanOut(_) => None,
            });
            changes.map(move |change| (at, change))
        });
        let acts = acts.filter(|(at, change)| match change {
            Change::MovesTo(queue) => *at > now && self.serves_who_comes(*queue, contact),
            Change::Adds(_) | Change::Step(_) | Change::LetsGo => *at > now,
        });
        let mut changes: Vec<_> = steps.chain(lets_go).chain(acts).collect();
        changes.sort_unstable();
        changes
    }

    /// Whether a queue would accept the contact and offer it to agents.
    fn serves_who_comes(&self, queue: QueueKey, contact: &Contact) -> bool {
        let is_shut =
            self.queues[queue.index()].is_paused() || self.rules[queue.index()].options.pull;
        self.goes_on_in(queue, contact) && (!is_shut || contact.passes().everything())
    }

    /// The need of the contact in another queue, to which it moves at `at`.
    fn need_in(&self, contact: &Contact, queue: QueueKey, at: Timestamp) -> Need {
        Need {
            queue,
            step: self.rules[queue.index()].step_at(at - contact.wait.first_queued_at),
            is_kept_back: self.is_kept_back_in(queue, contact)
                && at - contact.wait.first_queued_at < self.configuration().overtake_max,
            direct: None,
            also: Vec::new(),
            ..self.need_of(contact, 0)
        }
    }

    /// The line of a need: the one there is, or the one there would be.
    pub(super) fn line_like(&self, need: &Need) -> Cow<'_, NeedLine> {
        match self.needs.known(need) {
            Some(line) => Cow::Borrowed(self.needs.get(line)),
            None => Cow::Owned(NeedLine::new(need.clone(), &self.queues, &self.ground())),
        }
    }

    /// The wait from the moment at which this is its need: none if more agents are free than the
    /// contacts ahead of it will take.
    pub(super) fn wait_at_step(
        &self,
        contact: &Contact,
        slot: Slot,
        need: &NeedLine,
        now: Timestamp,
    ) -> Wait {
        let taken = u64::from(need.kept) + self.ahead(contact, slot);
        if self.free_for(contact, need) > taken {
            return (Millis::ZERO, Millis::ZERO);
        }
        self.wait_among(contact, slot, need, now)
    }

    /// How many agents could be offered it by this need: not those in a cooldown for it, or for
    /// whom another customer is being called.
    fn free_for(&self, contact: &Contact, need: &NeedLine) -> u64 {
        let rests = contact.missed.running();
        let resting = rests.map(|rest| rest.agent);
        let is_called = need.need.is_to_be_dialled();
        let called_for = self.dialled_for.keys().copied().filter(|_| is_called);
        let called_for = called_for.filter(|agent| !contact.is_cooling(*agent));
        let has_room = |agent: &AgentKey| {
            let group = self.pool.group_of(*agent);
            let may_serve = group.is_some_and(|group| need.eligible(group).is_some());
            let standing = self.pool.standing(*agent).filter(|_| may_serve);
            standing.is_some_and(|standing| standing.mask.has(need.need.class))
        };
        let taken = resting.chain(called_for).filter(has_room);
        self.could_take(need).saturating_sub(taken.count() as u64)
    }
}

/// The wait if from `lead` on the whole would take `then` instead of `wait`: what is left by that
/// time becomes shorter in proportion.
fn continued(wait: Millis, lead: Millis, then: Millis) -> Millis {
    if wait <= lead || wait <= then {
        return wait;
    }
    let left = (wait - lead).as_s_f64() / wait.as_s_f64();
    lead + Millis::truncated_s(left * then.as_s_f64())
}

/// The same if the wait begins anew in another line.
fn moved(wait: Millis, lead: Millis, then: Millis) -> Millis {
    if wait <= lead { wait } else { lead + then }
}
