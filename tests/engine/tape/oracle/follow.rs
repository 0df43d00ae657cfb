//! The consequences of every event.
//!
//! Nothing is judged here.

use switchboard::domain::{ContactId, OfferId};
use switchboard::engine::event::{
    AgentEvent, CallbackEvent, ConsultEvent, ContactEvent, Event, LineEvent, MessageEvent,
    OfferEvent, QueueEvent, RuleEvent, ServiceEvent, SiteEvent,
};
use switchboard::engine::state::registry::{AgentKey, QueueKey};

use super::posters::Posted;
use super::{Oracle, Place};

impl Oracle {
    pub(super) fn follow(&mut self, event: &Event) {
        match event {
            Event::Site(SiteEvent::Configured { options }) => self.configured(options),
            Event::Site(_) => {}
            Event::Queue(queue, event) => self.follow_queue(*queue, event),
            Event::Agent(agent, event) => self.follow_agent(*agent, event),
            Event::Contact(contact, event) => self.follow_contact(*contact, event),
            Event::Line(contact, event) => self.follow_line(*contact, event),
            Event::Rule(contact, event) => self.follow_rule(*contact, event),
            Event::Callback(contact, event) => self.follow_callback(*contact, event),
            Event::Offer(offer, event) => self.follow_offer(*offer, event),
            Event::Service(contact, agent, event) => self.follow_service(*contact, *agent, event),
            Event::Consult(offer, event) => self.follow_consult(*offer, event),
            Event::Message(contact, event) => self.follow_message(*contact, event),
        }
    }

    fn follow_queue(&mut self, queue: QueueKey, event: &QueueEvent) {
        match event {
            QueueEvent::Paused { .. } => self.paused(queue, true),
            QueueEvent::Resumed { .. } => self.paused(queue, false),
            QueueEvent::Opened { until } => self.turn(queue, true, *until),
            QueueEvent::Closed { until } => self.turn(queue, false, *until),
            QueueEvent::Grew { .. } => {}
        }
    }

    fn follow_agent(&mut self, agent: AgentKey, event: &AgentEvent) {
        match event {
            AgentEvent::Connected { session } => {
                self.present(agent, Some(*session), false);
            }
            AgentEvent::Resynced => self.desks.get_mut(&agent).unwrap().knows_all = true,
            AgentEvent::Heard { upto } => {
                self.heard(agent, *upto);
                self.desks.get_mut(&agent).unwrap().acknowledges = true;
            }
            AgentEvent::Resumed { upto } => self.resumed(agent, *upto),
            AgentEvent::Lost { .. } => self.present(agent, None, true),
            AgentEvent::Gone => self.present(agent, None, false),
            AgentEvent::Intended { intent, .. } => self.intended(agent, intent),
            AgentEvent::HealthChanged {
                channel, health, ..
            } => self.ails(agent, *channel, health),
            AgentEvent::Rested => self.rested(agent),
            AgentEvent::EndsChecked { .. }
            | AgentEvent::Reconfigured
            | AgentEvent::CarriedOut { .. } => {}
        }
    }

    fn follow_contact(&mut self, contact: ContactId, event: &ContactEvent) {
        match event {
            ContactEvent::Arrived {
                intake,
                recognition,
                labels,
                first_queued_at,
                posted_by,
            } => {
                let external_id = intake.external_id.as_ref();
                let posted = Posted::new(posted_by.as_ref(), intake.channel, external_id);
                self.posted.insert(contact, posted);
                self.arrived(contact, intake, recognition, *labels, *first_queued_at);
            }
            ContactEvent::Recognised {
                tier, recognition, ..
            } => self.recognised(contact, *tier, recognition),
            ContactEvent::Updated { change, .. } => self.updated(contact, change),
            ContactEvent::Closed {
                how,
                agent,
                outcome,
                ended_by,
                ..
            } => {
                self.judge_closing(contact, *how, outcome.as_ref(), *ended_by);
                self.closed(contact, *how, outcome.as_ref(), *agent);
            }
            ContactEvent::EndMissed { .. } => self.end_missed(contact),
        }
    }

    fn follow_line(&mut self, contact: ContactId, event: &LineEvent) {
        match event {
            LineEvent::RoomKept { agent } => self.room_kept(contact, *agent),
            LineEvent::AgentsLetGo => self.agents_let_go(contact),
            LineEvent::Scheduled { until } => self.scheduled(contact, *until),
            LineEvent::Queued {
                queue,
                step,
                direct,
                direct_until,
                due,
                ..
            } => {
                let direct = (*direct, *direct_until);
                self.queued(contact, *queue, *step, direct, *due);
            }
            LineEvent::Moved {
                labels,
                keeps_agent,
                loses_boost,
                ..
            } => self.moved(contact, *labels, *keeps_agent, *loses_boost),
            LineEvent::Unroutable { .. } => self.said_unroutable(contact, true),
            LineEvent::Routable => self.said_unroutable(contact, false),
            LineEvent::StepTaken { step } => self.step_taken(contact, *step as usize),
            LineEvent::CooldownLifted { agent } => {
                self.known(contact).cooling.remove(agent);
            }
            LineEvent::CooldownKept { .. } => {}
        }
    }

    fn follow_rule(&mut self, contact: ContactId, event: &RuleEvent) {
        match event {
            RuleEvent::Fired {
                boost,
                name,
                also,
                reserved,
                ..
            } => {
                self.escalated(contact, name);
                self.raised(contact, *boost, also);
                if *reserved {
                    self.reserved_by(contact, name);
                }
            }
            RuleEvent::NotApplicable { .. } => self.judge_waits(contact),
            RuleEvent::CustomerTold { .. } => self.judge_owes(contact),
            RuleEvent::MoveOwed {
                queue,
                name,
                is_owed,
            } => {
                self.judge_owes(contact);
                let rule = (self.registry.queues.name(*queue).clone(), name.clone());
                let owes = &mut self.known(contact).owes;
                if *is_owed {
                    owes.insert(rule);
                } else {
                    owes.remove(&rule);
                }
            }
            RuleEvent::NextReserved { name, .. } => {
                self.judge_waits(contact);
                self.reserved_by(contact, name);
            }
            RuleEvent::AgentNotified { agent, .. } => self.notified(*agent, contact),
            RuleEvent::ConditionFailed { name, .. } => self.troubled(contact, name),
            RuleEvent::WaitReviewed { .. } => {}
        }
    }

    fn follow_offer(&mut self, offer: OfferId, event: &OfferEvent) {
        match event {
            OfferEvent::Made {
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
            OfferEvent::Delivered { answer_by } => {
                self.delivered(offer, *answer_by);
            }
            OfferEvent::Accepted {
                agent,
                waited,
                within_target,
                ..
            } => self.accepted(offer, *agent, *waited, *within_target),
            OfferEvent::Ended {
                agent,
                how,
                cooldown,
                ..
            } => self.offer_ended(offer, *agent, how, cooldown.is_some()),
        }
    }

    fn follow_service(&mut self, contact: ContactId, agent: AgentKey, event: &ServiceEvent) {
        match event {
            ServiceEvent::Pulled { .. } => self.pulled(contact, agent),
            ServiceEvent::Returned { why, cooldown, .. } => {
                self.returned(contact, agent, why, cooldown.is_some());
            }
            ServiceEvent::Recalled { .. } => self.judge_served(contact, agent),
            ServiceEvent::WrapUpStarted { until, .. } => {
                self.judge_served(contact, agent);
                self.go(contact, Place::WrapUp(agent, *until));
            }
            ServiceEvent::WrapUpExtended { until } => {
                self.go(contact, Place::WrapUp(agent, *until));
            }
            ServiceEvent::Held { by } => {
                self.held_or_not(contact, agent, *by, true);
            }
            ServiceEvent::Unheld { by } => {
                self.held_or_not(contact, agent, *by, false);
            }
            ServiceEvent::Parked { until } => self.parked(contact, agent, *until),
            ServiceEvent::Woken { until, .. } => self.woken(contact, agent, *until),
            ServiceEvent::Unparked { rest_until } => self.taken_up(contact, agent, *rest_until),
            ServiceEvent::HandedOver { from, why, .. } => {
                self.handed_over(contact, *from, agent, why);
            }
            ServiceEvent::Shown { .. } => {}
        }
    }

    fn follow_consult(&mut self, offer: OfferId, event: &ConsultEvent) {
        match event {
            ConsultEvent::Offered {
                agent,
                by,
                deliver_by,
                ..
            } => self.help_asked(offer.contact, offer.number, (*by, *agent), *deliver_by),
            ConsultEvent::Delivered { answer_by } => {
                self.consult_of(offer.contact).until = Some(*answer_by);
            }
            ConsultEvent::Accepted { agent, .. } => self.help_accepted(offer, *agent),
            ConsultEvent::ConferenceBegun { agent } => self.conference(offer.contact, *agent),
            ConsultEvent::Ended {
                agent,
                how,
                cooldown,
                ..
            } => self.help_ended(offer, *agent, how, cooldown.is_some()),
        }
    }

    fn follow_message(&mut self, contact: ContactId, event: &MessageEvent) {
        match event {
            MessageEvent::Sent { from, told, text } => {
                if from.is_none() {
                    self.said(contact, *told, text);
                }
                self.wrote(contact, *from);
            }
            MessageEvent::Relayed {
                from: None,
                agent,
                text,
            } => self.relayed(contact, *agent, text),
            MessageEvent::ResponseLate { agent, since, .. } => {
                self.response_late(contact, *agent, *since);
            }
            MessageEvent::ResponseGiven { .. } | MessageEvent::Relayed { from: Some(_), .. } => {}
        }
    }

    fn follow_callback(&mut self, contact: ContactId, event: &CallbackEvent) {
        match event {
            CallbackEvent::Requested {
                queue,
                phone,
                customer_first,
                ..
            } => self.call_back(contact, *queue, phone, *customer_first),
            CallbackEvent::Dialled {
                agent,
                attempt,
                until,
                ..
            } => self.dialled(contact, *agent, *attempt, *until),
            CallbackEvent::Answered { reserved, .. } => self.picked_up(contact, *reserved),
            CallbackEvent::Missed { attempts, .. } => self.rung_out(contact, *attempts),
            CallbackEvent::GivenUp { .. } => self.known(contact).is_given_up = true,
        }
    }
}
