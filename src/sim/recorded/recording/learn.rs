//! Reads the events of a journal.

use super::Recording;
use super::service::Ended;
use crate::domain::{ContactId, OfferId, Timestamp};
use crate::engine::event::{
    AgentEvent, CallbackEvent, ConsultEvent, ContactEvent, Event, HeldBy, LineEvent, MessageEvent,
    OfferEvent, QueueEvent, RuleEvent, ServiceEvent, SiteEvent,
};
use crate::engine::state::registry::{AgentKey, QueueKey};
use crate::sim::crowd::News;
use crate::sim::recorded::{Did, Matter, Reaction};

impl Recording {
    /// Most events are decisions, which the replay makes anew; only what people did is read.
    pub(super) fn learn_from(&mut self, at: Timestamp, event: Event) {
        match event {
            Event::Site(event) => self.learn_from_site(event),
            Event::Queue(queue, event) => self.learn_from_queue(at, queue, event),
            Event::Agent(agent, event) => self.learn_from_agent(at, agent, event),
            Event::Contact(contact, event) => self.learn_from_contact(at, contact, event),
            Event::Line(contact, event) => self.learn_from_line(contact, event),
            Event::Offer(offer, event) => self.learn_from_offer(at, offer, event),
            Event::Service(contact, agent, event) => {
                self.learn_from_service(at, contact, agent, event);
            }
            Event::Callback(contact, event) => self.learn_from_callback(at, contact, event),
            Event::Consult(offer, event) => self.learn_from_consult(offer, &event),
            Event::Rule(
                _,
                RuleEvent::Fired { .. }
                | RuleEvent::NotApplicable { .. }
                | RuleEvent::ConditionFailed { .. }
                | RuleEvent::WaitReviewed { .. }
                | RuleEvent::MoveOwed { .. }
                | RuleEvent::NextReserved { .. }
                | RuleEvent::AgentNotified { .. }
                | RuleEvent::CustomerTold { .. },
            )
            | Event::Message(
                _,
                MessageEvent::Sent { .. }
                | MessageEvent::Relayed { .. }
                | MessageEvent::ResponseLate { .. }
                | MessageEvent::ResponseGiven { .. },
            ) => {}
        }
    }

    fn learn_from_site(&mut self, event: SiteEvent) {
        match event {
            SiteEvent::Configured { options } => self.is_configured(options),
            SiteEvent::RequestRemembered { .. }
            | SiteEvent::HistoryFiled { .. }
            | SiteEvent::EscalationsTold { .. } => {}
        }
    }

    fn learn_from_callback(&mut self, at: Timestamp, contact: ContactId, event: CallbackEvent) {
        match event {
            CallbackEvent::Requested {
                phone,
                customer_first,
                ..
            } => {
                if customer_first {
                    self.customer_first.extend(self.number(contact));
                }
                self.hear(contact, at, News::Callback { phone });
            }
            CallbackEvent::Dialled { .. }
            | CallbackEvent::Answered { .. }
            | CallbackEvent::Missed { .. }
            | CallbackEvent::GivenUp { .. } => {}
        }
    }

    fn learn_from_consult(&mut self, offer: OfferId, event: &ConsultEvent) {
        match event {
            ConsultEvent::Accepted { .. } => self.helped.extend(self.number(offer.contact)),
            ConsultEvent::Offered { .. }
            | ConsultEvent::Delivered { .. }
            | ConsultEvent::ConferenceBegun { .. }
            | ConsultEvent::Ended { .. } => {}
        }
    }

    fn learn_from_queue(&mut self, at: Timestamp, queue: QueueKey, event: QueueEvent) {
        match event {
            QueueEvent::Paused { .. } => {
                let queue = self.queue(queue);
                self.did(at, Did::Paused { queue });
            }
            QueueEvent::Resumed { .. } => {
                let queue = self.queue(queue);
                self.did(at, Did::Resumed { queue });
            }
            QueueEvent::Grew { .. } | QueueEvent::Opened { .. } | QueueEvent::Closed { .. } => {}
        }
    }

    fn learn_from_agent(&mut self, at: Timestamp, agent: AgentKey, event: AgentEvent) {
        match event {
            AgentEvent::Connected { .. } => self.came(agent, at),
            AgentEvent::Lost { .. } => self.is_lost(agent, at),
            AgentEvent::Gone => self.left(agent, at),
            AgentEvent::Intended { intent, .. } => self.intends(agent, intent, at),
            AgentEvent::HealthChanged {
                channel, health, ..
            } => self.is_trusted(agent, channel, health, at),
            AgentEvent::Resynced
            | AgentEvent::Reconfigured
            | AgentEvent::Rested
            | AgentEvent::Heard { .. }
            | AgentEvent::Resumed { .. }
            | AgentEvent::EndsChecked { .. }
            | AgentEvent::CarriedOut { .. } => {}
        }
    }

    fn learn_from_contact(&mut self, at: Timestamp, contact: ContactId, event: ContactEvent) {
        match event {
            ContactEvent::Arrived {
                intake,
                recognition,
                labels,
                first_queued_at,
                ..
            } => {
                let matter = Matter {
                    arrived_at: at,
                    first_queued_at,
                    intake,
                    recognition,
                    news: Vec::new(),
                    tier: labels.tier.index(),
                    legs: vec![self.leg(first_queued_at, labels.queue)],
                };
                self.arrives(contact, matter);
            }
            ContactEvent::Recognised {
                recognition, tier, ..
            } => {
                let news = News::Recognised((*recognition).clone());
                self.hear(contact, at, news);
                if let Some(matter) = self.matter(contact) {
                    matter.tier = tier.index();
                }
            }
            ContactEvent::Updated { change, .. } => self.hear(contact, at, News::Changed(change)),
            ContactEvent::Closed {
                how,
                ended_by,
                outcome,
                agent,
                ..
            } => {
                let was_in_hand = self.is_let_go(contact, agent, at);
                let ended = Ended {
                    how,
                    ended_by,
                    outcome,
                    was_in_hand,
                };
                self.is_closed(contact, ended, at);
            }
            ContactEvent::EndMissed { .. } => {}
        }
    }

    fn learn_from_line(&mut self, contact: ContactId, event: LineEvent) {
        match event {
            LineEvent::Moved { labels, .. } => {
                self.settle(contact, labels.queue);
                self.is_promised(contact, labels.queue);
            }
            LineEvent::Scheduled { until } => self.is_put_off(contact, until),
            LineEvent::Queued { queue, .. } => self.is_queued(contact, queue),
            LineEvent::Unroutable { .. }
            | LineEvent::Routable
            | LineEvent::StepTaken { .. }
            | LineEvent::RoomKept { .. }
            | LineEvent::AgentsLetGo
            | LineEvent::CooldownLifted { .. }
            | LineEvent::CooldownKept { .. } => {}
        }
    }

    fn learn_from_offer(&mut self, at: Timestamp, offer: OfferId, event: OfferEvent) {
        match event {
            OfferEvent::Made { agent, .. } => {
                self.comes_in(offer.contact);
                self.is_offered(offer, agent, at);
            }
            OfferEvent::Ended { how, cooldown, .. } => self.offer_ended(offer, &how, cooldown, at),
            OfferEvent::Accepted {
                agent,
                labels,
                within_target,
                ..
            } => {
                self.reacts(offer, at, |after| Reaction::Accepts { after });
                self.is_promised(offer.contact, labels.queue);
                self.is_taken(offer.contact, agent, within_target, at);
            }
            OfferEvent::Delivered { .. } => {}
        }
    }

    fn learn_from_service(
        &mut self,
        at: Timestamp,
        contact: ContactId,
        agent: AgentKey,
        event: ServiceEvent,
    ) {
        match event {
            ServiceEvent::Pulled {
                labels,
                within_target,
                ..
            } => {
                let queue = self.queue(labels.queue);
                let called = agent.index();
                self.did(
                    at,
                    Did::Called {
                        agent: called,
                        queue,
                    },
                );
                self.is_promised(contact, labels.queue);
                self.is_taken(contact, agent, within_target, at);
            }
            ServiceEvent::Returned { why, labels, .. } => {
                self.is_returned(contact, &why, labels, at);
            }
            ServiceEvent::Parked { .. } => self.is_parked(contact, at),
            ServiceEvent::Unparked { .. } => self.serve(contact, agent, at),
            ServiceEvent::HandedOver { .. } => {
                self.is_handed_over(contact, agent, at);
            }
            ServiceEvent::WrapUpStarted { outcome, .. } => {
                self.is_wrapped_up(contact, agent, outcome, at);
            }
            ServiceEvent::WrapUpExtended { .. } => self.is_extended(contact, at),
            ServiceEvent::Held {
                by: HeldBy::Interruption,
            } => self.hands[agent.index()].is_interrupted(contact, true, at),
            ServiceEvent::Unheld {
                by: HeldBy::Interruption,
            } => self.hands[agent.index()].is_interrupted(contact, false, at),
            ServiceEvent::Recalled { .. }
            | ServiceEvent::Held { by: HeldBy::Agent }
            | ServiceEvent::Unheld { by: HeldBy::Agent }
            | ServiceEvent::Woken { .. }
            | ServiceEvent::Shown { .. } => {}
        }
    }
}
