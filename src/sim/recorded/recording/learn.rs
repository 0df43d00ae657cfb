//! Reads the events of a journal, one arm for each.

use super::Recording;
use crate::domain::Timestamp;
use crate::engine::event::Event;
use crate::sim::crowd::News;
use crate::sim::recorded::{Did, Matter, Reaction};

impl Recording {
    /// Most events are decisions, which the replay makes anew; only what people did is read.
    #[expect(clippy::too_many_lines, reason = "one arm for each event")]
    pub(super) fn learn_from(&mut self, at: Timestamp, event: Event) {
        match event {
            Event::Configured { options, .. } => self.is_configured(options),
            Event::AgentConnected { agent, .. } => self.came(agent, at),
            Event::AgentLost { agent, .. } => self.is_lost(agent, at),
            Event::AgentGone { agent } => self.left(agent, at),
            Event::AgentIntended { agent, intent, .. } => self.intends(agent, intent, at),
            Event::AgentHealthChanged {
                agent,
                channel,
                health,
                ..
            } => self.is_trusted(agent, channel, health, at),
            Event::QueuePaused { queue, .. } => {
                let queue = self.queue(queue);
                self.did(at, Did::Paused { queue });
            }
            Event::QueueResumed { queue, .. } => {
                let queue = self.queue(queue);
                self.did(at, Did::Resumed { queue });
            }
            Event::ContactArrived {
                contact,
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
            Event::ContactMoved {
                contact, labels, ..
            } => {
                self.settle(contact, labels.queue);
                self.is_promised(contact, labels.queue);
            }
            Event::ContactScheduled { contact, until, .. } => self.is_put_off(contact, until),
            Event::ContactQueued { contact, queue, .. } => self.is_queued(contact, queue),
            Event::ContactRecognised {
                contact,
                recognition,
                tier,
                ..
            } => {
                let news = News::Recognised((*recognition).clone());
                self.hear(contact, at, news);
                if let Some(matter) = self.matter(contact) {
                    matter.tier = tier.index();
                }
            }
            Event::ContactUpdated {
                contact, change, ..
            } => self.hear(contact, at, News::Changed(change)),
            Event::CallbackRequested {
                contact,
                phone,
                customer_first,
                ..
            } => {
                if customer_first {
                    self.customer_first.extend(self.number(contact));
                }
                self.hear(contact, at, News::Callback { phone });
            }
            Event::OfferMade { offer, agent, .. } => {
                self.comes_in(offer.contact);
                self.is_offered(offer, agent, at);
            }
            Event::OfferEnded {
                offer,
                how,
                cooldown,
                ..
            } => self.offer_ended(offer, &how, cooldown, at),
            Event::OfferAccepted {
                offer,
                agent,
                labels,
                within_target,
                ..
            } => {
                self.reacts(offer, at, |after| Reaction::Accepts { after });
                self.is_promised(offer.contact, labels.queue);
                self.is_taken(offer.contact, agent, within_target, at);
            }
            Event::ContactPulled {
                contact,
                agent,
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
            Event::ContactReturned {
                contact,
                why,
                labels,
                ..
            } => self.is_returned(contact, &why, labels, at),
            Event::ContactParked { contact, .. } => self.is_parked(contact, at),
            Event::ContactUnparked { contact, agent, .. } => self.serve(contact, agent, at),
            Event::ConsultAccepted { offer, .. } => {
                self.helped.extend(self.number(offer.contact));
            }
            Event::ContactHandedOver { contact, agent, .. } => {
                self.is_handed_over(contact, agent, at);
            }
            Event::WrapUpStarted {
                contact,
                agent,
                outcome,
                ..
            } => self.is_wrapped_up(contact, agent, outcome, at),
            Event::ContactClosed {
                contact,
                how,
                outcome,
                agent,
                ..
            } => {
                self.is_let_go(contact, agent, at);
                self.is_closed(contact, how, outcome, at);
            }
            Event::WrapUpExtended { .. }
            | Event::ContactRecalled { .. }
            | Event::ContactHeld { .. }
            | Event::ContactUnheld { .. }
            | Event::ContactWoken { .. }
            | Event::ConsultOffered { .. }
            | Event::ConferenceBegun { .. }
            | Event::ContactShown { .. }
            | Event::MessageRelayed { .. }
            | Event::AgentResynced { .. }
            | Event::AgentReconfigured { .. }
            | Event::AgentNotified { .. }
            | Event::ResponseLate { .. }
            | Event::ConsultEnded { .. }
            | Event::MessageSent { .. }
            | Event::ContactUnroutable { .. }
            | Event::ContactRoutable { .. }
            | Event::EndMissed { .. }
            | Event::StepTaken { .. }
            | Event::EscalationFired { .. }
            | Event::EscalationNotApplicable { .. }
            | Event::MoveOwed { .. }
            | Event::NextReserved { .. }
            | Event::ConditionFailed { .. }
            | Event::CustomerTold { .. }
            | Event::ResponseGiven { .. }
            | Event::CallbackDialled { .. }
            | Event::CallbackAnswered { .. }
            | Event::CallbackMissed { .. }
            | Event::CallbackGivenUp { .. }
            | Event::RoomKept { .. }
            | Event::AgentsLetGo { .. }
            | Event::OfferDelivered { .. }
            | Event::ConsultDelivered { .. }
            | Event::CooldownLifted { .. }
            | Event::CooldownKept { .. }
            | Event::QueueGrew { .. }
            | Event::WaitReviewed { .. }
            | Event::AgentRested { .. }
            | Event::AgentHeard { .. }
            | Event::EndsChecked { .. }
            | Event::QueueOpened { .. }
            | Event::QueueClosed { .. }
            | Event::RequestRemembered { .. }
            | Event::HistoryFiled { .. }
            | Event::EscalationsTold { .. } => {}
        }
    }
}
