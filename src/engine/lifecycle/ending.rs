//! How a contact ends: wrap-up and closing, and what its agent does next.

use crate::domain::{ContactId, Text, Timestamp};
use crate::engine::Engine;
use crate::engine::event::{
    AgentEvent, ConsultEnd, ContactEvent, Event, Return, ServiceEvent, Withdrawal,
};
use crate::engine::lifecycle::offering::open_offers;
use crate::engine::refusal::Refusal;
use crate::engine::state::agent::{Intent, Session, SetBy, Unready};
use crate::engine::state::contact::{EndedBy, Ending, Final, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::AgentKey;

/// How to close a contact.
pub(in crate::engine) struct End {
    how: Final,
    ended_by: EndedBy,
    outcome: Option<Text>,
    notes: Option<Text>,
}

impl End {
    /// Without notes.
    pub(in crate::engine) const fn of(
        how: Final,
        ended_by: EndedBy,
        outcome: Option<Text>,
    ) -> Self {
        Self {
            how,
            ended_by,
            outcome,
            notes: None,
        }
    }
}

impl From<Ending> for End {
    fn from(ending: Ending) -> Self {
        Self {
            how: Final::Completed,
            ended_by: ending.ended_by,
            outcome: Some(ending.outcome),
            notes: ending.notes,
        }
    }
}

impl Engine {
    /// The customer, being served, has ended it: wrap-up follows as if the agent had.
    pub(in crate::engine) fn end_by_customer(
        &mut self,
        now: Timestamp,
        id: ContactId,
        outcome: Text,
    ) -> Result<(), Refusal> {
        let slot = self.slot(id)?;
        let contact = self.contact_at(slot);
        match &contact.stage {
            Stage::Active(service) => {
                let agent = service.agent;
                let ending = Ending {
                    outcome,
                    notes: None,
                    ended_by: EndedBy::Customer,
                };
                self.finish(slot, agent, now, ending);
            }
            Stage::Parked(_) => {
                let end = End::of(Final::Completed, EndedBy::Customer, Some(outcome));
                self.close(slot, now, end);
            }
            Stage::Moving
            | Stage::Scheduled { .. }
            | Stage::Queued { .. }
            | Stage::Offered { .. }
            | Stage::WrapUp { .. }
            | Stage::Closed(_) => return Err(Refusal::WrongState(contact.state())),
        }
        Ok(())
    }

    /// The work with the customer is done.
    pub(in crate::engine) fn finish(
        &mut self,
        slot: Slot,
        agent: AgentKey,
        now: Timestamp,
        ending: Ending,
    ) {
        let queue = self.contact_at(slot).labels.queue;
        match self.rules[queue.index()].options.wrap_up {
            Some(span) => {
                let helper = self.stop_consult(slot, ConsultEnd::Over(ending.ended_by), now);
                let contact = self.contact_at(slot);
                let event = ServiceEvent::WrapUpStarted {
                    until: now + span,
                    outcome: ending.outcome,
                    notes: ending.notes,
                    ended_by: ending.ended_by,
                };
                self.emit(now, Event::Service(contact.id, agent, event));
                if let Some(helper) = helper {
                    self.go_on(helper, now);
                }
            }
            None => self.close(slot, now, ending.into()),
        }
    }

    /// The wrap-up is over: the contact is completed.
    pub(in crate::engine) fn end_wrap_up(&mut self, slot: Slot, now: Timestamp) {
        let Stage::WrapUp {
            outcome,
            notes,
            ended_by,
            ..
        } = &self.contact_at(slot).stage
        else {
            unreachable!("only a wrap-up ends as one");
        };
        let ending = Ending {
            outcome: outcome.clone(),
            notes: notes.clone(),
            ended_by: *ended_by,
        };
        self.close(slot, now, ending.into());
    }

    /// Closes a contact, in whatever stage it is.
    pub(in crate::engine) fn close(&mut self, slot: Slot, now: Timestamp, end: End) {
        let End {
            how,
            ended_by,
            outcome,
            notes,
        } = end;
        let freed = self.contact_at(slot).agent();
        let freed = freed.or_else(|| self.dialled_for(slot));
        let beside = self.offered_beside(slot);
        if matches!(self.contact_at(slot).stage, Stage::Offered { .. }) {
            let why = if ended_by == EndedBy::Customer {
                Withdrawal::CustomerLeft
            } else {
                Withdrawal::ContactEnded
            };
            self.withdraw(slot, now, why);
        }
        let helper = self.stop_consult(slot, ConsultEnd::Over(ended_by), now);
        let contact = self.contact_at(slot);
        let service = contact.service();
        let event = ContactEvent::Closed {
            how,
            labels: contact.labels,
            ended_by,
            outcome,
            notes,
            agent: service.map(|service| service.agent),
            handled: contact.handled(now),
            number: self.closed_number + 1,
            unanswered: service.is_none(),
            on_hold: service.and_then(|service| service.held_for(now)),
        };
        self.emit(now, Event::Contact(contact.id, event));
        for agent in freed.into_iter().chain(beside).chain(helper) {
            self.go_on(agent, now);
        }
    }

    /// What an agent does next after being freed of something.
    pub(in crate::engine) fn go_on(&mut self, agent: AgentKey, now: Timestamp) {
        let held = self.agent_at(agent);
        if let Intent::Draining { reason } = &held.intent
            && held.load.held.is_empty()
        {
            let intent = Intent::NotReady {
                reason: reason.clone(),
            };
            // It was meant by whoever had the agent drain.
            let steered_by = held.intent_by.clone();
            let set_by = steered_by.map_or_else(SetBy::engine, SetBy::supervisor);
            self.intend(now, agent, intent, set_by);
        }
        self.resume_interrupted(agent, now);
        self.serve(agent, now);
    }

    /// Takes back every offer to this agent; the contacts keep their place.
    pub(in crate::engine) fn withdraw_all(
        &mut self,
        agent: AgentKey,
        now: Timestamp,
        why: Withdrawal,
    ) -> Vec<Slot> {
        let mut offered = open_offers(self, agent);
        self.sort_by_turn(&mut offered);
        for slot in &offered {
            self.withdraw_from(*slot, agent, now, why);
        }
        self.withdraw_consults(agent, now, why);
        offered
    }

    /// Sorts contacts that move together by their turn to look for agents. The due of each is
    /// computed once, because with business hours that means a walk through the timetable.
    pub(in crate::engine) fn sort_by_turn(&self, slots: &mut [Slot]) {
        slots.sort_by_cached_key(|slot| {
            let contact = self.contact_at(*slot);
            (self.due_of(contact), contact.arrival)
        });
    }

    /// The agent did not come back within the grace period.
    pub(in crate::engine) fn give_up_on(&mut self, now: Timestamp, agent: AgentKey) {
        debug_assert!(matches!(
            self.agent_at(agent).session,
            Session::Grace { .. }
        ));
        self.emit(now, Event::Agent(agent, AgentEvent::Gone));
        self.say_not_ready(agent, Unready::Lost, now);
        let mut held = self.agent_at(agent).load.held.clone();
        self.sort_by_turn(&mut held);
        let (mut returned, mut helpers) = (Vec::new(), Vec::new());
        for slot in held {
            match &self.contact_at(slot).stage {
                Stage::Active(service) if service.agent != agent => self.lose_helper(slot, now),
                Stage::Active(service) => {
                    let helper = service.joined().filter(|_| service.is_conference());
                    let is_there =
                        helper.is_some_and(|helper| self.agent_at(helper.agent).is_connected());
                    let heir = if is_there {
                        self.hand_over(slot, Return::AgentLost, now)
                    } else {
                        None
                    };
                    helpers.extend(heir);
                    if heir.is_none() {
                        helpers.extend(self.stop_consult(slot, ConsultEnd::Left, now));
                        self.give_back(slot, now, Return::AgentLost);
                        returned.push(slot);
                    }
                }
                Stage::WrapUp { .. } => self.end_wrap_up(slot, now),
                Stage::Offered { .. }
                | Stage::Moving
                | Stage::Scheduled { .. }
                | Stage::Queued { .. }
                | Stage::Parked(_)
                | Stage::Closed(_) => {}
            }
        }
        returned.extend(self.give_back_woken(agent, now));
        self.go_elsewhere_beside(returned, agent, helpers, now);
        self.hurry_on(agent, now);
        self.note_staffing(agent, now);
    }
}
