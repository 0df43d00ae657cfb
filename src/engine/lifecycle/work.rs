//! What an agent does with contacts in hand: talk, transfer, end, wrap up.

use crate::domain::{ContactId, Text, Timestamp};
use crate::engine::command::{Destination, Manner};
use crate::engine::event::{ConsultEnd, Cooling, Event, LineEvent, Return, ServiceEvent};
use crate::engine::lifecycle::cooldown::{COOLDOWN_MAX, COOLDOWN_MIN};
use crate::engine::refusal::Refusal;
use crate::engine::state::agent::Health;
use crate::engine::state::contact::{EndedBy, Service, Stage};
use crate::engine::state::contact::{Ending, WRAP_UP_EXTENSION};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::{AgentKey, QueueKey};
use crate::engine::{Done, Engine};

/// The note and the manner of a transfer.
pub(in crate::engine) struct Handing {
    pub(in crate::engine) note: Option<Text>,
    pub(in crate::engine) manner: Manner,
}

/// Where a transferred contact goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Queue(QueueKey),
    Agent(AgentKey),
    /// To the consulted agent.
    Helper,
}

impl Engine {
    /// A contact that this agent serves now.
    pub(in crate::engine) fn active_with(
        &self,
        agent: AgentKey,
        id: ContactId,
    ) -> Result<(Slot, &Service), Refusal> {
        let slot = self.slot(id)?;
        let contact = self.contact_at(slot);
        if contact.agent() != Some(agent) {
            return Err(Refusal::NotYours);
        }
        match &contact.stage {
            Stage::Active(service) => Ok((slot, service)),
            Stage::Moving
            | Stage::Scheduled { .. }
            | Stage::Queued { .. }
            | Stage::Offered { .. }
            | Stage::Parked(_)
            | Stage::WrapUp { .. }
            | Stage::Closed(_) => Err(Refusal::WrongState(contact.state())),
        }
    }

    pub(in crate::engine) fn complete(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
        outcome: Text,
        notes: Option<Text>,
    ) -> Result<Done, Refusal> {
        let done = Done::contact(id);
        let ending = Ending {
            outcome,
            notes,
            ended_by: EndedBy::Agent,
        };
        if self.was_completed(agent, id, &ending) && self.has_come_back_to(id, agent) {
            return Ok(done);
        }
        let (slot, _) = self.active_with(agent, id)?;
        self.finish(slot, agent, now, ending);
        Ok(done)
    }

    /// Whether this agent has completed it in exactly this way.
    fn was_completed(&self, agent: AgentKey, id: ContactId, ending: &Ending) -> bool {
        let Ok(slot) = self.slot(id) else {
            return false;
        };
        let (ended_by, outcome, notes) = match &self.contact_at(slot).stage {
            Stage::WrapUp {
                ended_by,
                outcome,
                notes,
                ..
            } => (*ended_by, Some(outcome), notes),
            Stage::Closed(closing) => (closing.ended_by, closing.outcome.as_ref(), &closing.notes),
            Stage::Moving
            | Stage::Scheduled { .. }
            | Stage::Queued { .. }
            | Stage::Offered { .. }
            | Stage::Parked(_)
            | Stage::Active(_) => return false,
        };
        let is_same = outcome == Some(&ending.outcome) && *notes == ending.notes;
        let is_theirs = self.contact_at(slot).agent() == Some(agent);
        ended_by == ending.ended_by && is_same && is_theirs
    }

    /// The agent's session is newer than the agent's accept of this contact, or of the request to
    /// help with it.
    pub(in crate::engine) fn has_come_back_to(&self, id: ContactId, agent: AgentKey) -> bool {
        let Ok(slot) = self.slot(id) else {
            return false;
        };
        let contact = self.contact_at(slot);
        let answered_at = match &contact.stage {
            Stage::Closed(closing) => closing.answered_at,
            Stage::Active(service) | Stage::WrapUp { service, .. } => Some(service.since),
            Stage::Parked(parked) => Some(parked.service.since),
            Stage::Moving
            | Stage::Scheduled { .. }
            | Stage::Queued { .. }
            | Stage::Offered { .. } => None,
        };
        let then = if contact.agent() == Some(agent) {
            answered_at
        } else {
            let consult = contact.service().and_then(Service::joined);
            let helps = consult.filter(|consult| consult.agent == agent);
            helps.map(|consult| consult.since)
        };
        let agent = self.agent_at(agent);
        then.is_some_and(|then| agent.has_come_back_since(then))
    }

    pub(in crate::engine) fn finish_wrap_up(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
    ) -> Result<Done, Refusal> {
        let (slot, _) = self.wrapped_up_by(agent, id)?;
        self.end_wrap_up(slot, now);
        Ok(Done::contact(id))
    }

    pub(in crate::engine) fn extend_wrap_up(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
    ) -> Result<Done, Refusal> {
        let (slot, until) = self.wrapped_up_by(agent, id)?;
        if let Stage::WrapUp { extended: true, .. } = self.contact_at(slot).stage {
            return Err(Refusal::ExtendedBefore);
        }
        let event = ServiceEvent::WrapUpExtended {
            until: until + WRAP_UP_EXTENSION,
        };
        self.emit(now, Event::Service(id, agent, event));
        Ok(Done::contact(id))
    }

    pub(in crate::engine) fn wrapped_up_by(
        &self,
        agent: AgentKey,
        id: ContactId,
    ) -> Result<(Slot, Timestamp), Refusal> {
        let slot = self.slot(id)?;
        let contact = self.contact_at(slot);
        if contact.agent() != Some(agent) {
            return Err(Refusal::NotYours);
        }
        match contact.stage {
            Stage::WrapUp { until, .. } => Ok((slot, until)),
            Stage::Moving
            | Stage::Scheduled { .. }
            | Stage::Queued { .. }
            | Stage::Offered { .. }
            | Stage::Active(_)
            | Stage::Parked(_)
            | Stage::Closed(_) => Err(Refusal::WrongState(contact.state())),
        }
    }

    /// To the consulted agent: at once, without an offer. Otherwise blind: the age is kept unless
    /// it is given up, and the agent is free at once and is not offered the same contact again for
    /// a while.
    pub(in crate::engine) fn transfer(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
        to: Destination,
        handing: Handing,
    ) -> Result<Done, Refusal> {
        let Handing { note, manner } = handing;
        let (slot, service) = self.active_with(agent, id)?;
        let (asked, joined) = (service.aside.consult, service.joined());
        let next = match to {
            Destination::Queue(name) => {
                let queue = self.queue_key(&name)?;
                self.check_room(queue, self.contact_at(slot).labels.channel)?;
                Next::Queue(queue)
            }
            Destination::Agent(name) => {
                let target = self.agent_key(&name)?;
                let ready = target != agent && self.agent_at(target).is_staffed();
                let is_there = self.agent_at(target).is_connected();
                let channel = self.contact_at(slot).labels.channel;
                let is_able = self.is_able(self.agent_at(target), channel);
                // The request for help takes the room that the contact will need.
                let has_room = asked.is_some_and(|consult| consult.agent == target)
                    || self.could_be_offered(slot, target);
                if is_there && joined.is_some_and(|consult| consult.agent == target) {
                    Next::Helper
                } else if manner.or_queue && !(ready && has_room && is_able) {
                    Next::Queue(self.contact_at(slot).labels.queue)
                } else if ready {
                    self.check_could_take(slot, target)?;
                    Next::Agent(target)
                } else if target == agent {
                    return Err(Refusal::AlreadyYours);
                } else {
                    return Err(Refusal::AgentNotReady(name));
                }
            }
        };
        let why = if manner.keep_age || next == Next::Helper {
            Return::Transferred { note }
        } else {
            Return::TransferredAnew { note }
        };
        let helper = self.pass_on(slot, next, why, now);
        if manner.or_queue && matches!(next, Next::Agent(_)) && self.is_queued(slot) {
            // The agent who had room has taken something that was due before it.
            self.stop_waiting_for_agent(slot, now);
        }
        for agent in [agent].into_iter().chain(helper) {
            self.go_on(agent, now);
        }
        Ok(Done::contact(id))
    }

    /// Returns the consulted agent, who has been freed or now has the contact.
    fn pass_on(&mut self, slot: Slot, next: Next, why: Return, now: Timestamp) -> Option<AgentKey> {
        if next == Next::Helper {
            return self.hand_over(slot, why, now);
        }
        let from = self.contact_at(slot).agent();
        let helper = self.stop_consult(slot, ConsultEnd::Left, now);
        self.give_back(slot, now, why);
        match next {
            Next::Agent(target) => {
                // Who declined to help is asked again when named.
                let contact = self.contact_at(slot);
                if contact.is_cooling(target) {
                    let event = LineEvent::CooldownLifted { agent: target };
                    self.emit(now, Event::Line(contact.id, event));
                }
                // Serve the transferring agent first: being available to anyone, they leave the
                // helper, who may be the target, for this contact.
                let freed = helper.and(from).into_iter().chain(helper);
                self.direct_beside(slot, target, freed, now);
            }
            Next::Queue(queue) => {
                if queue != self.contact_at(slot).labels.queue {
                    self.change_queue(slot, queue, now);
                }
                self.enter_line_beside(slot, helper, now);
            }
            Next::Helper => {}
        }
        helper
    }

    /// Refused for an agent that the contact would wait for without end.
    fn check_could_take(&self, slot: Slot, agent: AgentKey) -> Result<(), Refusal> {
        let name = self.registry.agents.name(agent);
        let channel = self.contact_at(slot).labels.channel;
        let held = self.agent_at(agent);
        if held.load.capacity < self.configuration().cost(channel) {
            return Err(Refusal::AgentFull(name.clone()));
        }
        if *held.health.get(channel) == Health::Suspended {
            return Err(Refusal::AgentNotReady(name.clone()));
        }
        Ok(())
    }

    /// Whether an offer of this contact could be made to the agent at once.
    fn could_be_offered(&self, slot: Slot, agent: AgentKey) -> bool {
        let class = self.class_of(slot);
        let standing = self.pool.standing(agent);
        standing.is_some_and(|standing| standing.mask.has(class))
    }

    /// Takes a contact from the serving agent; it is then moving.
    pub(in crate::engine) fn give_back(&mut self, slot: Slot, now: Timestamp, why: Return) {
        let contact = self.contact_at(slot);
        let (Some(agent), Some(handled)) = (contact.agent(), contact.handled(now)) else {
            unreachable!("only a contact that is being served is given back");
        };
        let cooldown = match &why {
            Return::Transferred { .. }
            | Return::TransferredAnew { .. }
            | Return::AgentLost
            | Return::Requeued { .. } => Some(Cooling {
                until: now + COOLDOWN_MAX,
                // Earlier if nobody else is there.
                lift_at: Some(now + COOLDOWN_MIN),
                times: 0,
            }),
            // An agent who tried to reach the customer may try again; the agent of a parked contact
            // may have it back, even a moment too late.
            Return::CallbackFailed { .. } | Return::NoShow { .. } | Return::Woken => None,
        };
        let on_hold = contact.service().and_then(|service| service.held_for(now));
        let to_front = why == Return::AgentLost && contact.labels.channel.is_synchronous();
        let event = ServiceEvent::Returned {
            on_hold,
            to_front,
            cooldown,
            why,
            handled,
            labels: contact.labels,
        };
        self.emit(now, Event::Service(contact.id, agent, event));
    }
}
