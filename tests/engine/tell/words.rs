//! An event as a line of the transcript; nothing for noise.

use switchboard::domain::{ContactId, Name, Timestamp};
use switchboard::engine::event::{
    AgentEvent, CallbackEvent, ConsultEnd, ConsultEvent, ContactEvent, Event, HeldBy, LineEvent,
    MessageEvent, OfferEnd, OfferEvent, QueueEvent, Return, RuleEvent, ServiceEvent,
};
use switchboard::engine::state::registry::{AgentKey, QueueKey, Registry};

/// The names in the transcript.
pub(super) struct Words<'a> {
    pub(super) registry: &'a Registry,
}

impl Words<'_> {
    pub(super) fn of(&self, event: &Event) -> Option<String> {
        match event {
            Event::Site(_) => None,
            Event::Queue(queue, event) => self.of_queue(*queue, event),
            Event::Agent(agent, event) => self.of_agent(*agent, event),
            Event::Contact(contact, event) => self.of_contact(*contact, event),
            Event::Line(contact, event) => self.of_line(*contact, event),
            Event::Rule(contact, event) => self.of_rule(*contact, event),
            Event::Callback(contact, event) => self.of_callback(*contact, event),
            Event::Offer(offer, event) => self.of_offer(offer.contact, event),
            Event::Service(contact, agent, event) => self.of_service(*contact, *agent, event),
            Event::Consult(offer, event) => self.of_consult(offer.contact, event),
            Event::Message(contact, event) => self.of_message(*contact, event),
        }
    }

    fn agent(&self, key: AgentKey) -> &Name {
        self.registry.agents.name(key)
    }

    fn queue(&self, key: QueueKey) -> &Name {
        self.registry.queues.name(key)
    }

    fn of_queue(&self, queue: QueueKey, event: &QueueEvent) -> Option<String> {
        Some(match event {
            QueueEvent::Opened { .. } => format!("{} opens", self.queue(queue)),
            QueueEvent::Closed { .. } => format!("{} closes", self.queue(queue)),
            QueueEvent::Grew { .. } | QueueEvent::Paused { .. } | QueueEvent::Resumed { .. } => {
                return None;
            }
        })
    }

    fn of_agent(&self, agent: AgentKey, event: &AgentEvent) -> Option<String> {
        Some(match event {
            AgentEvent::Lost { .. } => format!("{} lost", self.agent(agent)),
            AgentEvent::Gone => format!("{} gone", self.agent(agent)),
            AgentEvent::Intended { intent, .. } => match intent.reason() {
                Some(reason) => format!("{} {} ({reason})", self.agent(agent), intent.name()),
                None => format!("{} {}", self.agent(agent), intent.name()),
            },
            // A rest without a strike, and its end, are noise.
            AgentEvent::HealthChanged { strikes: 0, .. } => return None,
            AgentEvent::HealthChanged {
                channel, health, ..
            } => {
                format!("{} {channel} {}", self.agent(agent), health.name())
            }
            AgentEvent::Rested
            | AgentEvent::Reconfigured
            | AgentEvent::Connected { .. }
            | AgentEvent::Resynced
            | AgentEvent::Heard { .. }
            | AgentEvent::Resumed { .. }
            | AgentEvent::EndsChecked { .. }
            | AgentEvent::CarriedOut { .. } => return None,
        })
    }

    fn of_contact(&self, contact: ContactId, event: &ContactEvent) -> Option<String> {
        Some(match event {
            ContactEvent::Closed { how, .. } => {
                format!("{} {}", short(contact), how.name())
            }
            ContactEvent::Arrived { .. }
            | ContactEvent::Recognised { .. }
            | ContactEvent::Updated { .. }
            | ContactEvent::EndMissed { .. } => return None,
        })
    }

    fn of_line(&self, contact: ContactId, event: &LineEvent) -> Option<String> {
        Some(match event {
            LineEvent::Queued {
                queue: at, direct, ..
            } => match direct {
                Some(direct) => format!("{} waits for {}", short(contact), self.agent(*direct)),
                None => format!("{} queued in {}", short(contact), self.queue(*at)),
            },
            LineEvent::Scheduled { .. } => format!("{} scheduled", short(contact)),
            LineEvent::Moved { labels, .. } => {
                format!("{} moved to {}", short(contact), self.queue(labels.queue))
            }
            LineEvent::StepTaken { step } => format!("{} at step {step}", short(contact)),
            LineEvent::AgentsLetGo => format!("agents let go for {}", short(contact)),
            LineEvent::RoomKept { agent: by } => {
                format!("room for {} kept by {}", short(contact), self.agent(*by))
            }
            LineEvent::CooldownLifted { agent: of } => {
                format!("{} may go to {} again", short(contact), self.agent(*of))
            }
            // Most stories use centres too small for everything.
            LineEvent::Unroutable { .. } | LineEvent::Routable => return None,
            LineEvent::CooldownKept { .. } => return None,
        })
    }

    fn of_rule(&self, contact: ContactId, event: &RuleEvent) -> Option<String> {
        Some(match event {
            RuleEvent::ConditionFailed { name, trouble, .. } => format!(
                "{} condition of {name} failed: {}",
                short(contact),
                trouble.name()
            ),
            RuleEvent::AgentNotified {
                agent: of, name, ..
            } => format!(
                "{} hears that {} escalated {name}",
                self.agent(*of),
                short(contact)
            ),
            RuleEvent::CustomerTold { text, .. } => {
                format!("{} is told: {text}", short(contact))
            }
            RuleEvent::Fired { name, .. } => {
                format!("{} escalated {name}", short(contact))
            }
            RuleEvent::WaitReviewed { .. }
            | RuleEvent::NotApplicable { .. }
            | RuleEvent::MoveOwed { .. }
            | RuleEvent::NextReserved { .. } => return None,
        })
    }

    fn of_offer(&self, contact: ContactId, event: &OfferEvent) -> Option<String> {
        Some(match event {
            OfferEvent::Made { agent: to, .. } => {
                format!("{} offered to {}", short(contact), self.agent(*to))
            }
            OfferEvent::Accepted {
                agent: by, waited, ..
            } => {
                format!(
                    "{} accepted by {} after {}",
                    short(contact),
                    self.agent(*by),
                    seconds(Timestamp(waited.0))
                )
            }
            OfferEvent::Ended { agent: of, how, .. } => {
                format!("{} {} {}", short(contact), ending(how), self.agent(*of))
            }
            OfferEvent::Delivered { .. } => return None,
        })
    }

    fn of_service(
        &self,
        contact: ContactId,
        agent: AgentKey,
        event: &ServiceEvent,
    ) -> Option<String> {
        Some(match event {
            ServiceEvent::Pulled { .. } => {
                format!("{} called by {}", short(contact), self.agent(agent))
            }
            ServiceEvent::Returned { why, .. } => {
                let why = match why {
                    Return::Transferred { .. } => "transferred by",
                    Return::TransferredAnew { .. } => "transferred anew by",
                    Return::AgentLost => "lost by",
                    Return::Requeued { .. } => "taken from",
                    Return::CallbackFailed { .. } => "not reached by",
                    Return::NoShow { .. } => "did not come to",
                    Return::Woken => "not taken up by",
                };
                format!("{} {why} {}", short(contact), self.agent(agent))
            }
            ServiceEvent::WrapUpStarted { .. } => format!("{} wrap-up", short(contact)),
            ServiceEvent::WrapUpExtended { .. } => {
                format!("{} wrap-up extended", short(contact))
            }
            ServiceEvent::Held { by } => match by {
                HeldBy::Agent => format!("{} held", short(contact)),
                HeldBy::Interruption => format!("{} interrupted", short(contact)),
            },
            ServiceEvent::Unheld { by } => match by {
                HeldBy::Agent => format!("{} unheld", short(contact)),
                HeldBy::Interruption => format!("{} resumed", short(contact)),
            },
            ServiceEvent::Parked { .. } => format!("{} parked", short(contact)),
            ServiceEvent::Woken { .. } => {
                format!("{} wakes for {}", short(contact), self.agent(agent))
            }
            ServiceEvent::Unparked { .. } => {
                format!("{} taken up by {}", short(contact), self.agent(agent))
            }
            ServiceEvent::HandedOver { from, .. } => format!(
                "{} handed by {} to {}",
                short(contact),
                self.agent(*from),
                self.agent(agent)
            ),
            ServiceEvent::Recalled { .. } => {
                format!("{} called again by {}", short(contact), self.agent(agent))
            }
            ServiceEvent::Shown { .. } => return None,
        })
    }

    fn of_consult(&self, contact: ContactId, event: &ConsultEvent) -> Option<String> {
        Some(match event {
            ConsultEvent::Offered { agent: to, by, .. } => format!(
                "{} help asked of {} by {}",
                short(contact),
                self.agent(*to),
                self.agent(*by)
            ),
            ConsultEvent::Accepted { agent: by, .. } => {
                format!("{} helped by {}", short(contact), self.agent(*by))
            }
            ConsultEvent::ConferenceBegun { agent: with } => {
                format!(
                    "{} in conference with {}",
                    short(contact),
                    self.agent(*with)
                )
            }
            ConsultEvent::Ended { agent: of, how, .. } => {
                let how = match how {
                    ConsultEnd::Unanswered(how) => ending(how),
                    ConsultEnd::Ended => "ended with",
                    ConsultEnd::Lost => "without the lost",
                    ConsultEnd::Left => "left by its agent and",
                    ConsultEnd::Over(_) => "over for",
                };
                format!("{} help {how} {}", short(contact), self.agent(*of))
            }
            ConsultEvent::Delivered { .. } => return None,
        })
    }

    fn of_message(&self, contact: ContactId, event: &MessageEvent) -> Option<String> {
        Some(match event {
            MessageEvent::Relayed {
                from,
                agent: to,
                text,
            } => {
                let from = from.map_or(short(contact), |from| self.agent(from).to_string());
                format!("{} hears {from}: {text}", self.agent(*to))
            }
            MessageEvent::ResponseLate { agent: by, .. } => format!(
                "{} not answered in time by {}",
                short(contact),
                self.agent(*by)
            ),
            MessageEvent::ResponseGiven {
                agent: by, waited, ..
            } => format!(
                "{} answered by {} after {}",
                short(contact),
                self.agent(*by),
                seconds(Timestamp(waited.0))
            ),
            MessageEvent::Sent { .. } => return None,
        })
    }

    fn of_callback(&self, contact: ContactId, event: &CallbackEvent) -> Option<String> {
        Some(match event {
            CallbackEvent::Requested { phone, .. } => {
                format!("{} to be called at {}", short(contact), phone.as_str())
            }
            CallbackEvent::Dialled { attempt, .. } => {
                format!("{} called the {attempt}. time", short(contact))
            }
            CallbackEvent::Answered { .. } => format!("{} on the line", short(contact)),
            CallbackEvent::Missed { .. } => {
                format!("{} does not answer", short(contact))
            }
            CallbackEvent::GivenUp { .. } => return None,
        })
    }
}

fn ending(how: &OfferEnd) -> &'static str {
    match how {
        OfferEnd::Declined { .. } => "declined by",
        OfferEnd::Expired => "not answered by",
        OfferEnd::Undelivered => "not delivered to",
        OfferEnd::Withdrawn(_) => "withdrawn from",
    }
}

fn short(contact: ContactId) -> String {
    format!("c{}", contact.0)
}

pub(super) fn seconds(at: Timestamp) -> String {
    if at.0 % 1_000 == 0 {
        format!("{}s", at.0 / 1_000)
    } else {
        format!("{}ms", at.0)
    }
}
