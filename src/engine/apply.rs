//! The fold: what each event does to the state. The only writer, on recovery
//! as in life.
//!
//! **Invariant:** nothing is decided here; an event carries what was decided.

mod agents;
mod contacts;
mod cooldowns;
mod hours;

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::agent::Session;
use crate::engine::contact::{Callback, Closing, Contact, Final, Fired, Offer, Stage};
use crate::engine::event::{Event, Labels, OfferEnd, Recorded, Return};

impl Engine {
    /// Folds one event into the state.
    pub fn apply(&mut self, recorded: &Recorded) {
        self.seq = recorded.seq;
        self.last_at = recorded.at;
        if let Some(agent) = recorded.event.told() {
            self.agents[agent.index()].told += 1;
        }
        self.fold(recorded.at, &recorded.event);
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each event")]
    fn fold(&mut self, at: Timestamp, event: &Event) {
        match event {
            Event::Configured { options } => self.configure(options),
            Event::ContactArrived {
                contact,
                intake,
                recognition,
                labels,
                first_queued_at,
            } => {
                self.note_channel(*labels);
                let Labels {
                    queue,
                    channel,
                    tier,
                } = *labels;
                self.forecast.note_arrival(queue, channel, tier, at);
                let contact = self.arrived(*contact, intake, recognition, *labels, at);
                self.contacts.insert(Contact {
                    first_queued_at: *first_queued_at,
                    ..contact
                });
            }
            Event::ContactScheduled { contact, until } => {
                self.put(*contact, Stage::Scheduled { until: *until });
            }
            Event::ContactQueued {
                contact,
                queue,
                step,
                due,
                direct,
                direct_until,
            } => {
                let slot = self.put(*contact, Stage::Moving);
                let contact = &mut self.contacts[slot];
                contact.labels.queue = *queue;
                contact.step = *step;
                contact.direct = *direct;
                contact.direct_until = *direct_until;
                self.place(slot, Stage::Queued { due: *due });
                self.ask_oneself(slot, at);
            }
            Event::ContactMoved {
                contact, labels, ..
            } => {
                self.note_channel(*labels);
                let slot = self.put(*contact, Stage::Moving);
                let contact = &mut self.contacts[slot];
                contact.labels = *labels;
                contact.step = 0;
                // It was meant for one agent in the queue that it has left.
                contact.direct = None;
                contact.direct_until = None;
            }
            Event::ContactUnroutable { contact, .. } => self.say_routable(*contact, false),
            Event::ContactRoutable { contact } => self.say_routable(*contact, true),
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
                contact, change, ..
            } => {
                self.alter_waiting(*contact, None, |contacts, slot| {
                    contacts::update(&mut contacts[slot], change);
                });
            }
            Event::StepTaken { contact, step } => {
                self.alter_waiting(*contact, None, |contacts, slot| contacts[slot].step = *step);
            }
            Event::WaitReviewed { contact, check_at } => {
                self.alter_waiting(*contact, None, |contacts, slot| {
                    contacts[slot].breach_check_at = Some(*check_at);
                });
            }
            Event::EscalationFired {
                contact,
                queue,
                name,
                boost,
                due,
                ..
            } => {
                self.alter_waiting(*contact, Some(*due), |contacts, slot| {
                    let contact = &mut contacts[slot];
                    contact.boost = *boost;
                    contact.fired.push(Fired {
                        queue: *queue,
                        rule: name.clone(),
                    });
                });
            }
            Event::OfferMade {
                offer,
                agent,
                deliver_by,
                answer_within,
                ..
            } => {
                let made = Offer {
                    number: offer.number,
                    agent: *agent,
                    delivered: false,
                    until: *deliver_by,
                    answer_within: *answer_within,
                };
                self.offer_made(offer.contact, made);
            }
            Event::OfferDelivered { offer, answer_by } => {
                self.offer_delivered(offer.contact, *answer_by)
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
                let slot = self.put(offer.contact, Stage::Moving);
                if !matches!(how, OfferEnd::Withdrawn(_)) {
                    self.contacts[slot].offers_ended += 1;
                    // Whom it was meant for does not take it: anyone may.
                    if !self.contacts[slot].is_meant_alone() {
                        self.contacts[slot].direct = None;
                        self.contacts[slot].direct_until = None;
                    }
                }
                self.cool(slot, *agent, *cooldown);
            }
            Event::CooldownLifted { contact, agent } => self.end_cooldown(*contact, *agent),
            Event::CooldownKept { contact, agent } => self.keep_cooldown(*contact, *agent),
            Event::MessageSent { .. } | Event::AgentResynced { .. } => {}
            Event::ContactReturned {
                contact,
                agent,
                why,
                handled,
                cooldown,
                ..
            } => {
                let slot = self.known(*contact);
                if matches!(why, Return::Transferred { .. }) {
                    self.learn(slot, false, at);
                }
                self.finish_work(slot, *agent, *handled, at);
                self.place(slot, Stage::Moving);
                self.returned(slot, why);
                self.cool(slot, *agent, *cooldown);
            }
            Event::CallbackRequested { contact, phone, .. } => {
                let slot = self.known(*contact);
                self.contacts[slot].callback = Some(Callback {
                    phone: phone.clone(),
                    attempts: 0,
                });
                self.index_callback(slot);
            }
            Event::ContactRecalled { contact, times, .. } => {
                let slot = self.known(*contact);
                self.contacts[slot].recalls = *times;
            }
            Event::WrapUpStarted {
                contact,
                until,
                outcome,
                notes,
                ended_by,
                ..
            } => {
                let ending = (outcome.clone(), notes.clone(), *ended_by);
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
                self.forget_cooldowns(slot);
                self.forecast.forget(slot);
                if *how == Final::Abandoned && *unanswered {
                    let waited = at - self.contacts[slot].first_queued_at;
                    self.forecast.note_wait(waited, true);
                }
                if *how == Final::Completed {
                    let unresolved = &self.configuration().unresolved;
                    let resolved = outcome
                        .as_ref()
                        .is_none_or(|as_it_is| !unresolved.contains(as_it_is));
                    self.learn(slot, resolved, at);
                }
                if let (Some(agent), Some(handled)) = (agent, handled) {
                    self.finish_work(slot, *agent, *handled, at);
                }
                let closing = Closing {
                    how: *how,
                    at,
                    ended_by: *ended_by,
                    outcome: outcome.clone(),
                    notes: notes.clone(),
                    agent: *agent,
                    number: *number,
                    answered_at: handled.map(|handled| at - handled),
                };
                self.closed(slot, closing);
            }
            Event::AgentConnected { agent, session } => {
                self.change_session(*agent, Session::Connected { number: *session });
            }
            Event::AgentLost { agent, until } => {
                self.change_session(*agent, Session::Grace { until: *until });
            }
            Event::AgentGone { agent } => self.change_session(*agent, Session::Gone),
            Event::AgentIntended { agent, intent, .. } => self.change_intent(*agent, intent, at),
            Event::AgentHealthChanged {
                agent,
                channel,
                health,
                strikes,
            } => {
                self.change_health(*agent, *channel, *health, *strikes, at);
            }
            Event::QueuePaused { queue, .. } => self.queues[queue.index()].paused = true,
            Event::QueueResumed { queue, .. } => self.queues[queue.index()].paused = false,
            Event::QueueOpened { queue, until } => self.opened(*queue, true, *until),
            Event::QueueClosed { queue, until } => self.opened(*queue, false, *until),
            Event::RequestRemembered { key, contact } => self.remember(*key, *contact, at),
            Event::HistoryFiled { closed_upto } => self.filed_upto = *closed_upto,
        }
    }
}
