//! The two steps by which `apply` moves a contact: `lift` removes it from the indexes of its stage,
//! `set` enters it where it belongs next; `place` does both. A contact that moves from a line to an
//! offer keeps its promise and its place among the unanswered; only `set` writes these.
//!
//! Nothing else moves a contact between lines, hands and schedule; deadlines of cooldowns and
//! replies are kept where their state is.

use smallvec::SmallVec;

use crate::domain::{PerChannel, Timestamp};
use crate::engine::Engine;
use crate::engine::options::Options;
use crate::engine::state::agent::{Agent, Involvement, Load, OPEN_OFFERS_MAX};
use crate::engine::state::capacity::{Class, mask_of};
use crate::engine::state::contact::{Consulting, Contact, Moment, Parked, Service, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::deadline::{ContactRef, Reason};
use crate::engine::state::line::Place;
use crate::engine::state::pool::{Mask, Standing};
use crate::engine::state::queue::Counts;
use crate::engine::state::registry::AgentKey;

impl Engine {
    /// Moves the contact into `next`.
    pub(in crate::engine) fn place(&mut self, slot: Slot, next: Stage) {
        self.lift(slot);
        self.set(slot, next);
    }

    /// Puts a moving contact into `next`.
    pub(in crate::engine) fn set(&mut self, slot: Slot, next: Stage) {
        let contact = &mut self.contacts[slot];
        // A contact to be called again stays out of line.
        if !matches!(next, Stage::Scheduled { .. }) {
            contact.wait.resume(self.last_at);
        }
        contact.stage = next;
        self.index(slot);
    }

    /// Removes the contact from the indexes of its stage: it is then moving, and must be `set`.
    pub(in crate::engine) fn lift(&mut self, slot: Slot) {
        let contact = &self.contacts[slot];
        let who = ContactRef::of(contact, slot);
        if let Some(at) = contact.index.respond_at.get() {
            self.deadlines.disarm(at, Reason::Response(who));
        }
        let (queue, channel) = (contact.labels.queue.index(), contact.labels.channel);
        let counts = &mut self.queues[queue].counts;
        if let Some(count) = count_of(counts, &contact.stage) {
            *count.get_mut(channel) -= 1;
        }
        match &contact.stage {
            Stage::Moving | Stage::Closed(_) => {}
            Stage::Scheduled { until } => self.deadlines.disarm(*until, Reason::Schedule(who)),
            Stage::Queued { due } => {
                if let Some(until) = contact.meant.direct_until {
                    self.deadlines.disarm(until, Reason::Direct(who));
                }
                let (line, place) = (contact.index.line, place_of(contact, slot, *due));
                for agent in self.liked(contact) {
                    self.needs.unwant(agent, line, place);
                }
                self.needs.leave(line, place, &mut self.queues);
                self.resized.push(contact.labels.queue);
                self.index_owed(slot, place, false);
                self.index_claim(slot, place, false);
            }
            stage @ Stage::Offered { .. } => {
                if let Some(until) = stage.offers_until() {
                    self.deadlines.disarm(until, Reason::Offer(who));
                }
                self.wide.remove(&(who.arrival, who.slot));
            }
            Stage::Active(service) => {
                if let Some(until) = asked_until(service) {
                    self.deadlines.disarm(until, Reason::Consult(who));
                }
            }
            Stage::Parked(parked) => {
                self.deadlines.disarm(parked.until, Reason::Parked(who));
                let load = &mut self.agents[parked.service.agent.index()].load;
                load.let_go(who, parked);
            }
            Stage::WrapUp { until, .. } => {
                self.deadlines.disarm(*until, Reason::WrapUp(who));
                *self.queues[queue].wrap_ups_until.get_mut(channel) -= until.0;
            }
        }
        self.release_all(slot);
        self.give_up_room(slot);
        self.contacts[slot].index.respond_at = Moment::NONE;
    }

    /// Puts the contact into every index that its stage calls for.
    pub(in crate::engine) fn index(&mut self, slot: Slot) {
        let contact = &self.contacts[slot];
        let who = ContactRef::of(contact, slot);
        let (queue, channel) = (contact.labels.queue.index(), contact.labels.channel);
        if let Some(count) = count_of(&mut self.queues[queue].counts, &contact.stage) {
            *count.get_mut(channel) += 1;
        }
        if contact.index.unanswered().is_some() || is_unanswered(&contact.stage) {
            self.note_promise(slot);
            self.arm_sla(slot);
            self.note_unanswered(slot);
        }
        let contact = &self.contacts[slot];
        match &contact.stage {
            Stage::Moving | Stage::Closed(_) => {}
            Stage::Scheduled { until } => self.deadlines.arm(*until, Reason::Schedule(who)),
            Stage::Queued { due } => {
                let due = *due;
                if let Some(until) = contact.meant.direct_until {
                    self.deadlines.arm(until, Reason::Direct(who));
                }
                self.resized.push(contact.labels.queue);
                self.enter_line_of(slot, due);
                self.index_room(slot);
            }
            stage @ Stage::Offered { .. } => {
                if let Some(until) = stage.offers_until() {
                    self.deadlines.arm(until, Reason::Offer(who));
                }
                if contact.wants_more_offers() {
                    self.wide.insert((who.arrival, who.slot));
                    self.may_fan_out = true;
                }
                self.hold_all(slot);
            }
            Stage::Active(service) => {
                if let Some(until) = asked_until(service) {
                    self.deadlines.arm(until, Reason::Consult(who));
                }
                self.arm_response(slot);
                self.watch_end(slot);
                self.hold_all(slot);
            }
            Stage::Parked(parked) => {
                self.deadlines.arm(parked.until, Reason::Parked(who));
                let load = &mut self.agents[parked.service.agent.index()].load;
                load.keep(who, parked);
                self.arm_response(slot);
            }
            Stage::WrapUp { until, .. } => {
                self.deadlines.arm(*until, Reason::WrapUp(who));
                *self.queues[queue].wrap_ups_until.get_mut(channel) += until.0;
                self.hold_all(slot);
            }
        }
    }

    /// After the lines were cleared or the rules changed: the contact's line and deadline by the
    /// current rules.
    pub(in crate::engine) fn reenter(&mut self, slot: Slot) {
        if let Stage::Queued { due } = self.contacts[slot].stage {
            self.enter_line_of(slot, due);
        }
        self.note_promise(slot);
        self.arm_sla(slot);
    }

    fn enter_line_of(&mut self, slot: Slot, due: Timestamp) {
        let line = self.line_of(slot);
        self.contacts[slot].index.line = line;
        let contact = &self.contacts[slot];
        let place = place_of(contact, slot, due);
        self.needs.enter(line, place, &mut self.queues);
        self.index_owed(slot, place, true);
        self.index_claim(slot, place, true);
        let contact = &self.contacts[slot];
        for agent in self.liked(contact) {
            self.needs.want(agent, line, place);
        }
    }

    /// A contact that goes from its line to an offer still has the same promise: only changes are
    /// written.
    fn arm_sla(&mut self, slot: Slot) {
        let contact = &self.contacts[slot];
        let next = is_unanswered(&contact.stage).then(|| self.next_sla(contact));
        let (before, next) = (contact.index.sla_at.get(), next.flatten());
        if before == next {
            return;
        }
        let reason = Reason::Sla(ContactRef::of(contact, slot));
        if let Some(before) = before {
            self.deadlines.disarm(before, reason);
        }
        if let Some(next) = next {
            self.deadlines.arm(next, reason);
        }
        self.contacts[slot].index.sla_at = next.into();
    }

    /// Counts the contact among the unanswered of its queue, as long as it is one of them.
    fn note_unanswered(&mut self, slot: Slot) {
        let contact = &mut self.contacts[slot];
        let since = (contact.labels.queue, contact.wait.since());
        let next = is_unanswered(&contact.stage).then_some(since);
        let before = contact.index.count_unanswered(next);
        if before == next {
            return;
        }
        let arrival = contact.arrival;
        if let Some((queue, since)) = before {
            let unanswered = &mut self.queues[queue.index()].unanswered;
            unanswered.remove(&(since, arrival));
        }
        if let Some((queue, since)) = next {
            let unanswered = &mut self.queues[queue.index()].unanswered;
            unanswered.insert((since, arrival));
        }
    }

    /// Puts a contact into the hands of the agents who work on it.
    fn hold_all(&mut self, slot: Slot) {
        for (agent, involvement) in involved(&self.contacts[slot].stage) {
            let class = self.class_of(slot);
            self.alter_load(agent, |load, options| {
                load.add(class, involvement, options);
                load.held.push(slot);
            });
        }
    }

    fn release_all(&mut self, slot: Slot) {
        for (agent, involvement) in involved(&self.contacts[slot].stage) {
            let class = self.class_of(slot);
            self.alter_load(agent, |load, options| {
                load.remove(class, involvement, options);
                load.held.retain(|held| *held != slot);
            });
        }
    }

    /// A contact in hand has changed its class.
    pub(in crate::engine) fn reclass(&mut self, slot: Slot, before: Class) {
        let after = self.class_of(slot);
        if before == after {
            return;
        }
        for (agent, involvement) in involved(&self.contacts[slot].stage) {
            self.alter_load(agent, |load, options| {
                load.remove(before, involvement, options);
                load.add(after, involvement, options);
            });
        }
    }

    fn alter_load(&mut self, agent: AgentKey, alter: impl FnOnce(&mut Load, &Options)) {
        let options = self.options.as_ref();
        let options = options.expect("the shell configures an engine before anything else");
        let held = &mut self.agents[agent.index()];
        held.attention.advance(held.works_on(), self.last_at);
        alter(&mut held.load, options);
        self.stand(agent);
    }

    /// Marks the agent's standing as changed: the pool is updated once the event has been folded.
    pub(in crate::engine) fn stand(&mut self, agent: AgentKey) {
        if self.restless.last() != Some(&agent) {
            self.restless.push(agent);
        }
    }

    /// Updates the pool with the changed agents, and notes the lengths of changed queues.
    pub(in crate::engine) fn settle(&mut self) {
        while let Some(queue) = self.resized.pop() {
            self.note_length(queue);
        }
        while let Some(agent) = self.restless.pop() {
            let held = &self.agents[agent.index()];
            let leaves = |class: Class| !held.is_staffed() || !held.is_healthy(class.channel);
            if let Some((slot, _)) = held.load.keeps_room_for.filter(|(_, class)| leaves(*class)) {
                self.give_up_room(slot);
                continue;
            }
            if held.is_staffed() || held.load.held.is_empty() {
                self.leaving.remove(&agent);
            } else {
                self.leaving.insert(agent);
            }
            let standing = standing(&self.agents[agent.index()], self.configuration());
            self.may_fan_out |= standing.is_some();
            self.pool.stand(agent, standing);
        }
    }
}

impl Load {
    fn keep(&mut self, who: ContactRef, parked: &Parked) {
        self.parked.insert((who.arrival, who.slot));
        if let Some(at) = parked.woken_at() {
            self.woken.insert((at, who.arrival, who.slot));
        }
    }

    fn let_go(&mut self, who: ContactRef, parked: &Parked) {
        self.parked.remove(&(who.arrival, who.slot));
        if let Some(at) = parked.woken_at() {
            self.woken.remove(&(at, who.arrival, who.slot));
        }
    }
}

pub(in crate::engine) fn place_of(contact: &Contact, slot: Slot, due: Timestamp) -> Place {
    Place {
        due,
        arrival: contact.arrival,
        slot,
    }
}

/// The agents who have a contact in hand, and how.
pub(in crate::engine) fn involved(stage: &Stage) -> SmallVec<[(AgentKey, Involvement); 2]> {
    let mut held = SmallVec::new();
    match stage {
        Stage::Offered { offer, beside } => {
            held.push((offer.agent, Involvement::Offer));
            let beside = beside.iter();
            held.extend(beside.map(|offer| (offer.agent, Involvement::OfferBeside)));
        }
        Stage::Active(service) => {
            let involvement = if service.is_interrupted() {
                Involvement::Interrupted
            } else {
                Involvement::Work
            };
            held.push((service.agent, involvement));
            if let Some(consult) = service.aside.consult {
                let involvement = if consult.is_offered() {
                    Involvement::ConsultOffer
                } else {
                    Involvement::Consult
                };
                held.push((consult.agent, involvement));
            }
        }
        Stage::WrapUp { service, .. } => held.push((service.agent, Involvement::Work)),
        Stage::Moving
        | Stage::Scheduled { .. }
        | Stage::Queued { .. }
        | Stage::Parked(_)
        | Stage::Closed(_) => {}
    }
    held
}

/// The deadline of an offer to help.
fn asked_until(service: &Service) -> Option<Timestamp> {
    match service.aside.consult?.stage {
        Consulting::Offered { until, .. } => Some(until),
        Consulting::Joined | Consulting::Conference => None,
    }
}

pub(in crate::engine) const fn is_unanswered(stage: &Stage) -> bool {
    matches!(stage, Stage::Queued { .. } | Stage::Offered { .. })
}

fn count_of<'a>(counts: &'a mut Counts, stage: &Stage) -> Option<&'a mut PerChannel<u64>> {
    match stage {
        Stage::Moving | Stage::Closed(_) => None,
        Stage::Scheduled { .. } => Some(&mut counts.scheduled),
        Stage::Queued { .. } => Some(&mut counts.queued),
        Stage::Offered { .. } => Some(&mut counts.offered),
        Stage::Active(_) => Some(&mut counts.active),
        Stage::Parked(_) => Some(&mut counts.parked),
        Stage::WrapUp { .. } => Some(&mut counts.wrap_up),
    }
}

/// An agent's standing in the pool: none if nothing could be offered.
pub(in crate::engine) fn standing(agent: &Agent, options: &Options) -> Option<Standing> {
    if !agent.is_staffed() || agent.load.offers >= OPEN_OFFERS_MAX {
        return None;
    }
    let mask = mask_of(agent, options);
    (mask != Mask::NONE).then_some(Standing {
        mask,
        used: agent.load.used,
        sessions: u32::try_from(agent.load.held.len()).expect("hands are few"),
        idle_since: agent.idle_since,
        last_turn: agent.last_turn,
    })
}
