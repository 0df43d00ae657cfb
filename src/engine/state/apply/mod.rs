//! The fold: what each event does to the state. The only writer of what a snapshot holds, during
//! recovery and in normal operation.
//!
//! **Invariant:** nothing is decided here; an event carries what was decided.

mod agents;
mod callbacks;
mod configuration;
mod contacts;
mod cooldowns;
mod escalations;
mod hours;
mod learning;
mod leaving;
mod messages;
mod offers;
mod requests;
mod responses;
mod serving;

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::event::{Event, OfferEnd, Recorded};
use crate::engine::state::agent::Session;
use crate::engine::state::apply::escalations::Firing;
use crate::engine::state::contact::{Arrival, Closing, Consult, Consulting, Ending, Offer, Stage};
use crate::engine::state::registry::AgentKey;

impl Engine {
    /// Folds one event into the state.
    pub fn apply(&mut self, recorded: &Recorded) {
        self.take(recorded);
    }

    /// Folds one event into the state; returns the agent whose desktop is shown it, and the number
    /// of that frame.
    pub(in crate::engine) fn take(&mut self, recorded: &Recorded) -> Option<(AgentKey, u64)> {
        self.seq = recorded.seq;
        self.last_at = recorded.at;
        let told = recorded.event.shown_to().map(|agent| {
            let told = &mut self.agents[agent.index()].frames_sent;
            *told += 1;
            (agent, *told)
        });
        self.fold(recorded.at, &recorded.event);
        self.settle();
        told
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each event")]
    fn fold(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::Configured { options } => self.configured(options),
            Event::ContactArrived {
                contact,
                intake,
                recognition,
                labels,
                first_queued_at,
                posted_by,
            } => self.arrived(&Arrival {
                id: *contact,
                posted_by: posted_by.as_ref(),
                intake,
                recognition,
                labels: *labels,
                at,
                first_queued_at: *first_queued_at,
            }),
            Event::ContactScheduled { contact, until } => self.scheduled(*contact, *until, at),
            Event::ContactQueued {
                contact,
                queue,
                step,
                due,
                direct,
                direct_until,
                stays_for_now,
            } => {
                let slot = self.put(*contact, Stage::Moving);
                let contact = &mut self.contacts[slot];
                contact.labels.queue = *queue;
                contact.wait.step = *step;
                contact.has_new_topic = *stays_for_now;
                contact
                    .meant
                    .alter(|meant| meant.only(*direct, *direct_until));
                self.forecast.note_coming(slot, contact, at);
                self.place(slot, Stage::Queued { due: *due });
                self.ask_oneself(slot, at);
            }
            Event::ContactMoved {
                contact,
                labels,
                keeps_agent,
                loses_boost,
                ..
            } => {
                let slot = self.moved(*contact, *labels);
                let contact = &mut self.contacts[slot];
                contacts::leave_behind(contact, *keeps_agent, *loses_boost);
            }
            Event::ContactUnroutable { contact, .. } => self.mark_unroutable(*contact),
            Event::ContactRoutable { contact } => self.mark_routable(*contact),
            Event::EndMissed { contact, .. } => {
                let slot = self.known(*contact);
                self.contacts[slot].is_end_made_up = true;
            }
            Event::EndsChecked { agent, next } => self.ends_checked(*agent, *next),
            Event::ContactRecognised {
                contact,
                recognition,
                tier,
                due,
                ..
            } => {
                self.alter_waiting(*contact, Some(*due), |contacts, slot| {
                    contacts[slot].labels.tier = *tier;
                    contacts.recognise(slot, recognition);
                });
            }
            Event::ContactUpdated {
                contact,
                change,
                stays_for_now,
                ..
            } => {
                self.alter_waiting(*contact, None, |contacts, slot| {
                    contacts::update(&mut contacts[slot], change);
                    contacts[slot].has_new_topic |= *stays_for_now;
                });
            }
            Event::StepTaken { contact, step } => {
                self.alter_waiting(*contact, None, |contacts, slot| {
                    contacts[slot].wait.step = *step
                });
            }
            Event::WaitReviewed {
                contact,
                check_at,
                lets_go,
            } => self.wait_reviewed(*contact, *check_at, lets_go),
            Event::QueueGrew { queue, waiting } => {
                self.queues[queue.index()].length_seen = *waiting;
                self.resized.push(*queue);
            }
            Event::EscalationFired {
                contact,
                queue,
                name,
                boost,
                due,
                again_at,
                also,
                reserved,
                callback_offered,
                beside_max,
                claims,
                awaits_webhook,
                ..
            } => self.rule_fired(&Firing {
                contact: *contact,
                queue: *queue,
                rule: name,
                at,
                boost: *boost,
                due: *due,
                again_at: *again_at,
                also,
                reserved: *reserved,
                callback_offered: *callback_offered,
                beside_max: *beside_max,
                claims: *claims,
                calls_webhook: *awaits_webhook,
            }),
            Event::NextReserved { contact, queue, .. } => self.next_reserved(*contact, *queue),
            Event::EscalationNotApplicable {
                contact,
                queue,
                name,
            } => self.rule_waits(*contact, *queue, name),
            Event::MoveOwed {
                contact,
                queue,
                name,
                is_owed,
            } => self.move_is_owed(*contact, *queue, name, *is_owed),
            Event::ConditionFailed {
                contact,
                queue,
                name,
                ..
            } => self.condition_failed(*contact, *queue, name),
            Event::OfferMade {
                offer,
                agent,
                deliver_by,
                answer_within,
                by,
                ..
            } => {
                let made = Offer {
                    number: offer.number,
                    agent: *agent,
                    delivered: false,
                    until: *deliver_by,
                    answer_within: *answer_within,
                    is_assigned: by.is_some(),
                };
                self.offer_made(offer.contact, made);
            }
            Event::OfferDelivered { offer, answer_by } => {
                self.offer_delivered(*offer, *answer_by);
            }
            Event::OfferAccepted { offer, agent, .. } => {
                self.taken(offer.contact, *agent, offer.number, at);
            }
            Event::ContactPulled { contact, agent, .. } => self.taken(*contact, *agent, 0, at),
            Event::OfferEnded {
                offer,
                agent,
                how,
                cooldown,
                ..
            } => {
                let slot = self.offer_ended(*offer);
                if !matches!(how, OfferEnd::Withdrawn(_)) {
                    self.offer_not_taken(slot, *agent);
                }
                self.cool_after_offer(slot, *agent, *cooldown, how);
            }
            Event::CooldownLifted { contact, agent } => self.end_cooldown(*contact, *agent),
            Event::CooldownKept {
                contact,
                agent,
                lift_at,
            } => self.keep_cooldown(*contact, *agent, *lift_at),
            Event::CustomerTold { contact, text, .. } => {
                let slot = self.known(*contact);
                let past = &mut self.contacts[slot].past;
                past.alter(|past| past.message = Some(text.clone()));
            }
            Event::MessageSent {
                contact,
                from,
                told,
                text,
            } => {
                if from.is_none() {
                    self.keep_unheard(*contact, *told, text);
                }
                self.message_sent(*contact, *from, at);
            }
            Event::MessageRelayed {
                contact,
                from: None,
                agent,
                text,
            } => self.told_again(*contact, *agent, text),
            Event::ResponseLate { contact, .. } => self.response_late(*contact),
            Event::MessageRelayed { from: Some(_), .. }
            | Event::ResponseGiven { .. }
            | Event::ContactShown { .. }
            | Event::AgentNotified { .. }
            | Event::AgentReconfigured { .. }
            | Event::AgentResynced { .. } => {}
            Event::ContactReturned {
                contact,
                agent,
                why,
                handled,
                cooldown,
                to_front,
                ..
            } => {
                let slot = self.left_agent(*contact, *agent, why, *handled, at);
                self.came_back(slot, *agent, why, *cooldown, at);
                self.contacts[slot].has_lost_agent = *to_front;
            }
            Event::CallbackRequested {
                contact,
                phone,
                customer_first,
                ..
            } => self.callback_requested(*contact, phone, *customer_first, at),
            Event::CallbackDialled {
                contact,
                agent,
                until,
                ..
            } => self.callback_dialled(*contact, *agent, *until),
            Event::CallbackAnswered {
                contact, reserved, ..
            } => self.callback_answered(*contact, *reserved),
            Event::CallbackMissed {
                contact, attempts, ..
            } => self.callback_missed(*contact, *attempts),
            Event::RoomKept { contact, agent } => self.room_kept(self.known(*contact), *agent),
            Event::AgentsLetGo { contact } => {
                self.alter_waiting(*contact, None, |contacts, slot| {
                    contacts[slot].wait.agents_let_go = true;
                });
            }
            Event::CallbackGivenUp { contact, attempts } => {
                self.callback_given_up(*contact, *attempts);
            }
            Event::ContactRecalled { contact, times, .. } => {
                let slot = self.known(*contact);
                let past = &mut self.contacts[slot].past;
                past.alter(|past| past.recalls = *times);
            }
            Event::WrapUpStarted {
                contact,
                until,
                outcome,
                notes,
                ended_by,
                ..
            } => {
                let ending = Ending {
                    outcome: outcome.clone(),
                    notes: notes.clone(),
                    ended_by: *ended_by,
                };
                self.wrap_up_started(*contact, *until, ending);
            }
            Event::WrapUpExtended { contact, until, .. } => {
                self.wrap_up_extended(*contact, *until);
            }
            Event::ContactClosed {
                contact,
                how,
                ended_by,
                outcome,
                notes,
                agent,
                handled,
                number,
                unanswered,
                ..
            } => {
                let slot = self.known(*contact);
                let closing = Closing {
                    how: *how,
                    at,
                    ended_by: *ended_by,
                    outcome: outcome.clone(),
                    notes: notes.clone(),
                    agent: *agent,
                    number: *number,
                    answered_at: self.contacts[slot].service().map(|service| service.since),
                };
                self.ended(slot, closing, *handled, *unanswered);
            }
            Event::AgentConnected { agent, session } => {
                self.change_session(*agent, Session::Connected { number: *session }, at);
                let agent = &mut self.agents[agent.index()];
                agent.welcomed = agent.frames_sent;
            }
            Event::AgentHeard { agent, upto } => self.heard(*agent, *upto),
            Event::AgentLost { agent, until } => {
                self.change_session(*agent, Session::Grace { until: *until }, at);
            }
            Event::AgentGone { agent } => self.change_session(*agent, Session::Gone, at),
            Event::AgentIntended {
                agent,
                intent,
                by,
                is_steered,
            } => self.change_intent(*agent, intent, is_steered.then_some(by), at),
            Event::AgentHealthChanged {
                agent,
                channel,
                health,
                strikes,
            } => {
                self.change_health(*agent, *channel, *health, *strikes, at);
            }
            Event::QueuePaused { queue, by } => {
                self.queues[queue.index()].paused_by = Some(by.clone());
                self.give_up_rooms(*queue);
                self.forget_estimates(*queue);
            }
            Event::QueueResumed { queue, .. } => {
                self.queues[queue.index()].paused_by = None;
                self.may_fan_out = true;
            }
            Event::QueueOpened { queue, until } => self.opened(*queue, true, *until),
            Event::QueueClosed { queue, until } => self.opened(*queue, false, *until),
            Event::RequestRemembered { key, contact } => self.remember(*key, *contact, at),
            Event::HistoryFiled { closed_upto } => self.filed_upto = *closed_upto,
            Event::EscalationsTold { upto_seq } => self.escalations_told(*upto_seq),
            Event::ContactHeld { contact, by, .. } => self.held(*contact, *by, at),
            Event::ContactUnheld { contact, by, .. } => self.unheld(*contact, *by, at),
            Event::ContactParked { contact, until, .. } => self.parked(*contact, *until, at),
            Event::ContactWoken {
                contact,
                until,
                by_customer,
                ..
            } => self.woken(*contact, *until, *by_customer, at),
            Event::ContactUnparked {
                contact,
                agent,
                rest_until,
            } => {
                self.unparked(*contact, at);
                if rest_until.is_some() {
                    self.rest_until(*agent, *rest_until);
                }
            }
            Event::ConsultOffered {
                offer,
                agent,
                deliver_by,
                answer_within,
                note,
                ..
            } => {
                let consult = Consult::asked(*agent, offer.number, at, *deliver_by, *answer_within);
                self.consult_offered(offer.contact, consult, note.as_ref());
            }
            Event::ConsultDelivered { offer, answer_by } => {
                self.consult_delivered(offer.contact, *answer_by);
            }
            Event::ConsultAccepted { offer, .. } => {
                self.consult_stage(offer.contact, Consulting::Joined);
            }
            Event::ConferenceBegun { contact, .. } => {
                self.consult_stage(*contact, Consulting::Conference);
            }
            Event::ConsultEnded {
                offer,
                agent,
                how,
                cooldown,
                ..
            } => {
                self.consult_ended(offer.contact, at);
                self.cool_after_consult(offer.contact, *agent, *cooldown, how);
            }
            Event::ContactHandedOver {
                contact,
                from,
                agent,
                why,
                handled,
                ..
            } => {
                let slot = self.left_agent(*contact, *from, why, *handled, at);
                self.contacts[slot].was_served = true;
                self.handed_over(slot, *agent, at);
                self.untell(slot, false);
                self.hand_on(slot, *from, why);
            }
            Event::AgentRested { agent } => self.rest_until(*agent, None),
        }
    }
}
