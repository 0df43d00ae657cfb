//! Which agent and which contact an event is about.

use crate::domain::ContactId;
use crate::engine::event::{
    AgentEvent, CallbackEvent, ConsultEnd, ConsultEvent, ContactEvent, Event, MessageEvent,
    OfferEnd, OfferEvent, RuleEvent, SiteEvent,
};
use crate::engine::state::registry::AgentKey;

impl Event {
    /// The agent whose desktop is shown the event: the frames to an agent are numbered by these,
    /// during recovery and in normal operation.
    pub fn shown_to(&self) -> Option<AgentKey> {
        match self {
            Self::Site(_) | Self::Queue(..) | Self::Line(..) => None,
            Self::Agent(agent, event) => event.is_shown().then_some(*agent),
            Self::Contact(_, event) => event.shown_to(),
            Self::Rule(_, event) => event.shown_to(),
            Self::Callback(_, event) => event.shown_to(),
            Self::Offer(_, event) => event.shown_to(),
            Self::Service(_, agent, _) => Some(*agent),
            Self::Consult(_, event) => event.shown_to(),
            Self::Message(_, event) => event.shown_to(),
        }
    }

    /// The contact it is about.
    pub fn contact(&self) -> Option<ContactId> {
        match self {
            Self::Site(event) => event.contact(),
            Self::Queue(..) | Self::Agent(..) => None,
            Self::Contact(contact, _)
            | Self::Line(contact, _)
            | Self::Rule(contact, _)
            | Self::Callback(contact, _)
            | Self::Service(contact, ..)
            | Self::Message(contact, _) => Some(*contact),
            Self::Offer(offer, _) | Self::Consult(offer, _) => Some(offer.contact),
        }
    }
}

impl SiteEvent {
    const fn contact(&self) -> Option<ContactId> {
        match self {
            Self::RequestRemembered { contact, .. } => *contact,
            Self::Configured { .. } | Self::HistoryFiled { .. } | Self::EscalationsTold { .. } => {
                None
            }
        }
    }
}

impl AgentEvent {
    const fn is_shown(&self) -> bool {
        match self {
            Self::Connected { .. }
            | Self::Resynced
            | Self::Intended { .. }
            | Self::HealthChanged { .. }
            | Self::Reconfigured => true,
            Self::Heard { .. }
            | Self::Resumed { .. }
            | Self::Lost { .. }
            | Self::Gone
            | Self::Rested
            | Self::EndsChecked { .. }
            | Self::CarriedOut { .. } => false,
        }
    }
}

impl ContactEvent {
    const fn shown_to(&self) -> Option<AgentKey> {
        match self {
            Self::Recognised { told, .. } | Self::Updated { told, .. } => *told,
            Self::Closed { agent, .. } => *agent,
            Self::Arrived { .. } | Self::EndMissed { .. } => None,
        }
    }
}

impl RuleEvent {
    const fn shown_to(&self) -> Option<AgentKey> {
        match self {
            Self::AgentNotified { agent, .. } => Some(*agent),
            Self::Fired { .. }
            | Self::NotApplicable { .. }
            | Self::ConditionFailed { .. }
            | Self::WaitReviewed { .. }
            | Self::MoveOwed { .. }
            | Self::NextReserved { .. }
            | Self::CustomerTold { .. } => None,
        }
    }
}

impl CallbackEvent {
    const fn shown_to(&self) -> Option<AgentKey> {
        match self {
            Self::Requested { told, .. } => *told,
            Self::Dialled { .. }
            | Self::Answered { .. }
            | Self::Missed { .. }
            | Self::GivenUp { .. } => None,
        }
    }
}

impl OfferEvent {
    const fn shown_to(&self) -> Option<AgentKey> {
        match self {
            Self::Made { agent, .. } | Self::Accepted { agent, .. } => Some(*agent),
            Self::Ended {
                how: OfferEnd::Declined { .. },
                ..
            }
            | Self::Delivered { .. } => None,
            Self::Ended { agent, .. } => Some(*agent),
        }
    }
}

impl ConsultEvent {
    const fn shown_to(&self) -> Option<AgentKey> {
        match self {
            Self::Offered { agent, .. }
            | Self::Accepted { agent, .. }
            | Self::ConferenceBegun { agent } => Some(*agent),
            Self::Ended {
                how: ConsultEnd::Unanswered(OfferEnd::Declined { .. }),
                ..
            }
            | Self::Delivered { .. } => None,
            Self::Ended { agent, .. } => Some(*agent),
        }
    }
}

impl MessageEvent {
    const fn shown_to(&self) -> Option<AgentKey> {
        match self {
            Self::Sent { told, .. } => *told,
            Self::Relayed { agent, .. } | Self::ResponseLate { agent, .. } => Some(*agent),
            Self::ResponseGiven { .. } => None,
        }
    }
}
