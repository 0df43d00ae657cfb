//! The consequences of every event, one arm for each.
//!
//! Nothing is judged here.

use switchboard::engine::event::Event;

use super::posters::Posted;
use super::{Oracle, Place};

impl Oracle {
    #[expect(clippy::too_many_lines, reason = "one arm for each event")]
    pub(super) fn follow(&mut self, event: &Event) {
        match event {
            Event::Configured { options, .. } => self.configured(options),
            Event::ContactArrived {
                contact,
                intake,
                recognition,
                labels,
                first_queued_at,
                posted_by,
            } => {
                let external_id = intake.external_id.as_ref();
                let posted = Posted::new(posted_by.as_ref(), intake.channel, external_id);
                self.posted.insert(*contact, posted);
                self.arrived(*contact, intake, recognition, *labels, *first_queued_at);
            }
            Event::RoomKept { contact, agent } => self.room_kept(*contact, *agent),
            Event::AgentsLetGo { contact } => self.agents_let_go(*contact),
            Event::ContactScheduled { contact, until, .. } => self.scheduled(*contact, *until),
            Event::ContactQueued {
                contact,
                queue,
                step,
                direct,
                direct_until,
                due,
                ..
            } => {
                let direct = (*direct, *direct_until);
                self.queued(*contact, *queue, *step, direct, *due);
            }
            Event::ContactMoved {
                contact,
                labels,
                keeps_agent,
                loses_boost,
                ..
            } => self.moved(*contact, *labels, *keeps_agent, *loses_boost),
            Event::ContactUnroutable { contact, .. } => self.said_unroutable(*contact, true),
            Event::ContactRoutable { contact } => self.said_unroutable(*contact, false),
            Event::ContactRecognised {
                contact,
                tier,
                recognition,
                ..
            } => self.recognised(*contact, *tier, recognition),
            Event::ContactUpdated {
                contact, change, ..
            } => self.updated(*contact, change),
            Event::StepTaken { contact, step } => self.step_taken(*contact, *step as usize),
            Event::EscalationFired {
                contact,
                boost,
                name,
                also,
                reserved,
                ..
            } => {
                self.escalated(*contact, name);
                self.raised(*contact, *boost, also);
                if *reserved {
                    self.reserved_by(*contact, name);
                }
            }
            Event::EscalationNotApplicable { contact, .. } => self.judge_waits(*contact),
            Event::CustomerTold { contact, .. } => self.judge_owes(*contact),
            Event::MoveOwed {
                contact,
                queue,
                name,
                is_owed,
            } => {
                self.judge_owes(*contact);
                let rule = (self.registry.queues.name(*queue).clone(), name.clone());
                let owes = &mut self.known(*contact).owes;
                if *is_owed {
                    owes.insert(rule);
                } else {
                    owes.remove(&rule);
                }
            }
            Event::NextReserved { contact, name, .. } => {
                self.judge_waits(*contact);
                self.reserved_by(*contact, name);
            }
            Event::AgentNotified { agent, contact, .. } => self.notified(*agent, *contact),
            Event::ConditionFailed { contact, name, .. } => self.troubled(*contact, name),
            Event::OfferMade {
                offer,
                agent,
                deliver_by,
                by,
                ..
            } => {
                self.judge_first(offer.contact, by.is_some());
                let is_assigned = by.is_some();
                self.offered(
                    offer.contact,
                    offer.number,
                    *agent,
                    *deliver_by,
                    is_assigned,
                );
            }
            Event::OfferDelivered { offer, answer_by } => {
                self.delivered(*offer, *answer_by);
            }
            Event::OfferAccepted {
                offer,
                agent,
                waited,
                within_target,
                ..
            } => self.accepted(*offer, *agent, *waited, *within_target),
            Event::ContactPulled { contact, agent, .. } => self.pulled(*contact, *agent),
            Event::OfferEnded {
                offer,
                agent,
                how,
                cooldown,
                ..
            } => self.offer_ended(*offer, *agent, how, cooldown.is_some()),
            Event::CooldownLifted { contact, agent } => {
                self.known(*contact).cooling.remove(agent);
            }
            Event::ContactReturned {
                contact,
                agent,
                why,
                cooldown,
                ..
            } => self.returned(*contact, *agent, why, cooldown.is_some()),
            Event::CallbackRequested {
                contact,
                queue,
                phone,
                customer_first,
                ..
            } => self.call_back(*contact, *queue, phone, *customer_first),
            Event::CallbackDialled {
                contact,
                agent,
                attempt,
                until,
                ..
            } => self.dialled(*contact, *agent, *attempt, *until),
            Event::CallbackAnswered {
                contact, reserved, ..
            } => self.picked_up(*contact, *reserved),
            Event::CallbackMissed {
                contact, attempts, ..
            } => self.rung_out(*contact, *attempts),
            Event::ContactRecalled { contact, agent, .. } => self.judge_served(*contact, *agent),
            Event::WrapUpStarted {
                contact,
                agent,
                until,
                ..
            } => {
                self.judge_served(*contact, *agent);
                self.go(*contact, Place::WrapUp(*agent, *until));
            }
            Event::WrapUpExtended {
                contact,
                agent,
                until,
            } => self.go(*contact, Place::WrapUp(*agent, *until)),
            Event::ContactClosed {
                contact,
                how,
                agent,
                outcome,
                ended_by,
                ..
            } => {
                self.judge_closing(*contact, *how, outcome.as_ref(), *ended_by);
                self.closed(*contact, *how, outcome.as_ref(), *agent);
            }
            Event::AgentConnected { agent, session } => {
                self.present(*agent, Some(*session), false);
            }
            Event::AgentResynced { agent } => self.desks.get_mut(agent).unwrap().knows_all = true,
            Event::AgentHeard { agent, upto } => self.heard(*agent, *upto),
            Event::EndMissed { contact, .. } => self.end_missed(*contact),
            Event::AgentLost { agent, .. } => self.present(*agent, None, true),
            Event::AgentGone { agent } => self.present(*agent, None, false),
            Event::AgentIntended { agent, intent, .. } => self.intended(*agent, intent),
            Event::AgentHealthChanged {
                agent,
                channel,
                health,
                ..
            } => self.ails(*agent, *channel, health),
            Event::QueuePaused { queue, .. } => self.paused(*queue, true),
            Event::QueueResumed { queue, .. } => self.paused(*queue, false),
            Event::QueueOpened { queue, until } => self.turn(*queue, true, *until),
            Event::QueueClosed { queue, until } => self.turn(*queue, false, *until),
            Event::ContactHeld {
                contact, agent, by, ..
            } => {
                self.held_or_not(*contact, *agent, *by, true);
            }
            Event::ContactUnheld { contact, agent, by } => {
                self.held_or_not(*contact, *agent, *by, false);
            }
            Event::ContactParked {
                contact,
                agent,
                until,
            } => self.parked(*contact, *agent, *until),
            Event::ContactWoken {
                contact,
                agent,
                until,
                ..
            } => self.woken(*contact, *agent, *until),
            Event::ContactUnparked {
                contact,
                agent,
                rest_until,
            } => self.taken_up(*contact, *agent, *rest_until),
            Event::AgentRested { agent } => self.rested(*agent),
            Event::ConsultOffered {
                offer,
                agent,
                by,
                deliver_by,
                ..
            } => self.help_asked(offer.contact, offer.number, (*by, *agent), *deliver_by),
            Event::ConsultDelivered { offer, answer_by } => {
                self.consult_of(offer.contact).until = Some(*answer_by);
            }
            Event::ConsultAccepted { offer, agent, .. } => self.help_accepted(*offer, *agent),
            Event::ConferenceBegun { contact, agent } => self.conference(*contact, *agent),
            Event::ConsultEnded {
                offer,
                agent,
                how,
                cooldown,
                ..
            } => self.help_ended(*offer, *agent, how, cooldown.is_some()),
            Event::ContactHandedOver {
                contact,
                from,
                agent,
                why,
                ..
            } => self.handed_over(*contact, *from, *agent, why),
            Event::MessageSent {
                contact,
                from,
                told,
                text,
            } => {
                if from.is_none() {
                    self.said(*contact, *told, text);
                }
                self.wrote(*contact, *from);
            }
            Event::MessageRelayed {
                contact,
                from: None,
                agent,
                text,
            } => self.relayed(*contact, *agent, text),
            Event::ResponseLate {
                contact,
                agent,
                since,
                ..
            } => self.response_late(*contact, *agent, *since),
            Event::CallbackGivenUp { contact, .. } => self.known(*contact).is_given_up = true,
            Event::WaitReviewed { .. }
            | Event::QueueGrew { .. }
            | Event::ResponseGiven { .. }
            | Event::ContactShown { .. }
            | Event::MessageRelayed { from: Some(_), .. }
            | Event::CooldownKept { .. }
            | Event::EndsChecked { .. }
            | Event::AgentReconfigured { .. }
            | Event::RequestRemembered { .. }
            | Event::HistoryFiled { .. }
            | Event::EscalationsTold { .. } => {}
        }
    }
}
