//! What each event counts for.

use super::Fold;
use crate::engine::event::{
    AgentEvent, CallbackEvent, ConsultEnd, ConsultEvent, ContactEvent, Event, LineEvent,
    MessageEvent, OfferEvent, QueueEvent, Return, RuleEvent, ServiceEvent, SiteEvent,
};
use crate::engine::state::contact::{EndedBy, Final};
use crate::telemetry::outcomes::{Dial, Offered};

impl Fold {
    /// Counts one durable event.
    pub fn count(&mut self, event: &Event) {
        match event {
            Event::Site(event) => self.count_site(event),
            Event::Contact(_, event) => self.count_contact(event),
            Event::Line(_, event) => self.count_line(event),
            Event::Rule(_, event) => self.count_rule(event),
            Event::Callback(_, event) => self.count_callback(event),
            Event::Offer(_, event) => self.count_offer(event),
            Event::Service(_, _, event) => self.count_service(event),
            Event::Consult(_, event) => self.count_consult(event),
            Event::Message(_, event) => self.count_message(event),
            // How queues and agents are is read off the census.
            Event::Queue(
                _,
                QueueEvent::Opened { .. }
                | QueueEvent::Closed { .. }
                | QueueEvent::Paused { .. }
                | QueueEvent::Resumed { .. }
                | QueueEvent::Grew { .. },
            )
            | Event::Agent(
                _,
                AgentEvent::Connected { .. }
                | AgentEvent::Resynced
                | AgentEvent::Heard { .. }
                | AgentEvent::Lost { .. }
                | AgentEvent::Gone
                | AgentEvent::Intended { .. }
                | AgentEvent::HealthChanged { .. }
                | AgentEvent::Reconfigured
                | AgentEvent::Rested
                | AgentEvent::EndsChecked { .. }
                | AgentEvent::CarriedOut { .. }
                | AgentEvent::Resumed { .. },
            ) => {}
        }
    }

    fn count_site(&mut self, event: &SiteEvent) {
        match event {
            SiteEvent::Configured { options } => {
                self.registry.learn(options);
                self.series.learn(&self.registry, options);
            }
            SiteEvent::RequestRemembered { .. }
            | SiteEvent::HistoryFiled { .. }
            | SiteEvent::EscalationsTold { .. } => {}
        }
    }

    fn count_line(&self, event: &LineEvent) {
        match event {
            LineEvent::Moved { from, labels, .. } => self.move_on(*from, labels),
            LineEvent::Unroutable { labels } => self.note_unroutable(labels),
            LineEvent::Scheduled { .. }
            | LineEvent::Queued { .. }
            | LineEvent::StepTaken { .. }
            | LineEvent::Routable
            | LineEvent::RoomKept { .. }
            | LineEvent::AgentsLetGo
            | LineEvent::CooldownLifted { .. }
            | LineEvent::CooldownKept { .. } => {}
        }
    }

    fn count_contact(&mut self, event: &ContactEvent) {
        match event {
            ContactEvent::Arrived { labels, .. } => self.arrive(labels),
            ContactEvent::EndMissed { labels } => self.series.of(labels).ends_missed.increment(1),
            ContactEvent::Closed {
                how,
                labels,
                ended_by,
                handled,
                unanswered,
                on_hold,
                ..
            } => {
                // A customer called to a counter who did not come was not served.
                let came = !(*how == Final::Abandoned && *ended_by == EndedBy::Agent);
                let handled = handled.filter(|_| came);
                self.close(*how, labels, handled, *unanswered, came);
                self.hold(labels, *on_hold);
            }
            ContactEvent::Recognised { .. } | ContactEvent::Updated { .. } => {}
        }
    }

    fn count_rule(&self, event: &RuleEvent) {
        match event {
            RuleEvent::Fired { queue, name, .. } => self.escalate(*queue, name),
            RuleEvent::ConditionFailed { queue, name, .. } => {
                let series = self.series.queue(*queue);
                if let Some(failed) = series.condition_failures.get(name) {
                    failed.increment(1);
                }
            }
            RuleEvent::NotApplicable { .. }
            | RuleEvent::WaitReviewed { .. }
            | RuleEvent::MoveOwed { .. }
            | RuleEvent::NextReserved { .. }
            | RuleEvent::AgentNotified { .. }
            | RuleEvent::CustomerTold { .. } => {}
        }
    }

    fn count_callback(&self, event: &CallbackEvent) {
        match event {
            CallbackEvent::Requested { queue, .. } => {
                self.series.queue(*queue).callbacks.increment(1);
            }
            CallbackEvent::Dialled { queue, .. } => self.dial(*queue, Dial::Dialled),
            CallbackEvent::Answered { queue, .. } => self.dial(*queue, Dial::Answered),
            CallbackEvent::Missed { queue, .. } => self.dial(*queue, Dial::Failed),
            CallbackEvent::GivenUp { .. } => {}
        }
    }

    fn count_offer(&mut self, event: &OfferEvent) {
        match event {
            OfferEvent::Made { queue, .. } => self.offer(*queue, Offered::Made),
            OfferEvent::Accepted {
                labels,
                waited,
                within_target,
                foreseen,
                ..
            } => {
                self.offer(labels.queue, Offered::Accepted);
                self.answer(labels, *waited, *within_target, foreseen.as_ref());
            }
            OfferEvent::Ended { queue, how, .. } => self.offer(*queue, how.into()),
            OfferEvent::Delivered { .. } => {}
        }
    }

    fn count_service(&mut self, event: &ServiceEvent) {
        match event {
            ServiceEvent::Pulled {
                labels,
                waited,
                within_target,
                foreseen,
            } => self.answer(labels, *waited, *within_target, foreseen.as_ref()),
            ServiceEvent::Recalled { queue, .. } => {
                self.series.queue(*queue).recalls.increment(1);
            }
            ServiceEvent::Returned {
                labels,
                on_hold,
                handled,
                why,
                ..
            } => {
                self.series.of(labels).returned.increment(1);
                self.hold(labels, *on_hold);
                // Nobody was there.
                let came = !matches!(why, Return::NoShow { .. } | Return::CallbackFailed { .. });
                self.handle(labels, Some(*handled).filter(|_| came));
            }
            ServiceEvent::HandedOver {
                labels,
                on_hold,
                handled,
                ..
            } => {
                self.hold(labels, *on_hold);
                self.handle(labels, Some(*handled));
            }
            ServiceEvent::Held { .. }
            | ServiceEvent::Unheld { .. }
            | ServiceEvent::Parked { .. }
            | ServiceEvent::Woken { .. }
            | ServiceEvent::Unparked { .. }
            | ServiceEvent::WrapUpStarted { .. }
            | ServiceEvent::WrapUpExtended { .. }
            | ServiceEvent::Shown { .. } => {}
        }
    }

    fn count_consult(&self, event: &ConsultEvent) {
        match event {
            ConsultEvent::Offered { queue, .. } => self.consult(*queue, Offered::Made),
            ConsultEvent::Accepted { queue, .. } => self.consult(*queue, Offered::Accepted),
            ConsultEvent::Ended {
                queue,
                how: ConsultEnd::Unanswered(how),
                ..
            } => self.consult(*queue, how.into()),
            ConsultEvent::Delivered { .. }
            | ConsultEvent::ConferenceBegun { .. }
            | ConsultEvent::Ended { .. } => {}
        }
    }

    fn count_message(&self, event: &MessageEvent) {
        match event {
            MessageEvent::ResponseLate { labels, .. } => {
                self.series.of(labels).responses_late.increment(1);
            }
            MessageEvent::ResponseGiven {
                labels,
                within_target,
                ..
            } => self.respond(labels, *within_target),
            MessageEvent::Sent { .. } | MessageEvent::Relayed { .. } => {}
        }
    }
}
