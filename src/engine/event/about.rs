//! Which agent and which contact an event is about.

use crate::domain::ContactId;
use crate::engine::event::{ConsultEnd, Event, OfferEnd};
use crate::engine::state::registry::AgentKey;

impl Event {
    /// The agent whose desktop is shown the event: the frames to an agent are numbered by these,
    /// during recovery and in normal operation.
    #[expect(clippy::too_many_lines, reason = "one arm for each of them")]
    pub fn shown_to(&self) -> Option<AgentKey> {
        match self {
            Self::OfferMade { agent, .. }
            | Self::OfferAccepted { agent, .. }
            | Self::ContactPulled { agent, .. }
            | Self::ContactReturned { agent, .. }
            | Self::WrapUpStarted { agent, .. }
            | Self::WrapUpExtended { agent, .. }
            | Self::ContactRecalled { agent, .. }
            | Self::ContactHeld { agent, .. }
            | Self::ContactUnheld { agent, .. }
            | Self::ContactParked { agent, .. }
            | Self::ContactWoken { agent, .. }
            | Self::ContactUnparked { agent, .. }
            | Self::ConsultOffered { agent, .. }
            | Self::ConsultAccepted { agent, .. }
            | Self::ConferenceBegun { agent, .. }
            | Self::ContactShown { agent, .. }
            | Self::ContactHandedOver { agent, .. }
            | Self::MessageRelayed { agent, .. }
            | Self::AgentConnected { agent, .. }
            | Self::AgentResynced { agent }
            | Self::AgentIntended { agent, .. }
            | Self::AgentReconfigured { agent, .. }
            | Self::AgentNotified { agent, .. }
            | Self::ResponseLate { agent, .. }
            | Self::AgentHealthChanged { agent, .. } => Some(*agent),
            Self::OfferEnded { agent, how, .. } => match how {
                OfferEnd::Declined { .. } => None,
                OfferEnd::Expired | OfferEnd::Undelivered | OfferEnd::Withdrawn(_) => Some(*agent),
            },
            Self::ConsultEnded { agent, how, .. } => match how {
                ConsultEnd::Unanswered(OfferEnd::Declined { .. }) => None,
                ConsultEnd::Unanswered(_)
                | ConsultEnd::Ended
                | ConsultEnd::Lost
                | ConsultEnd::Left
                | ConsultEnd::Over(_) => Some(*agent),
            },
            Self::ContactClosed { agent, .. } => *agent,
            Self::ContactRecognised { told, .. }
            | Self::ContactUpdated { told, .. }
            | Self::CallbackRequested { told, .. }
            | Self::MessageSent { told, .. } => *told,
            Self::Configured { .. }
            | Self::ContactArrived { .. }
            | Self::ContactScheduled { .. }
            | Self::ContactQueued { .. }
            | Self::ContactMoved { .. }
            | Self::ContactUnroutable { .. }
            | Self::ContactRoutable { .. }
            | Self::EndMissed { .. }
            | Self::StepTaken { .. }
            | Self::EscalationFired { .. }
            | Self::EscalationNotApplicable { .. }
            | Self::MoveOwed { .. }
            | Self::NextReserved { .. }
            | Self::ConditionFailed { .. }
            | Self::CustomerTold { .. }
            | Self::ResponseGiven { .. }
            | Self::CallbackDialled { .. }
            | Self::CallbackAnswered { .. }
            | Self::CallbackMissed { .. }
            | Self::CallbackGivenUp { .. }
            | Self::RoomKept { .. }
            | Self::AgentsLetGo { .. }
            | Self::OfferDelivered { .. }
            | Self::ConsultDelivered { .. }
            | Self::CooldownLifted { .. }
            | Self::CooldownKept { .. }
            | Self::QueueGrew { .. }
            | Self::WaitReviewed { .. }
            | Self::AgentLost { .. }
            | Self::AgentGone { .. }
            | Self::AgentRested { .. }
            | Self::AgentHeard { .. }
            | Self::EndsChecked { .. }
            | Self::QueuePaused { .. }
            | Self::QueueResumed { .. }
            | Self::QueueOpened { .. }
            | Self::QueueClosed { .. }
            | Self::RequestRemembered { .. }
            | Self::HistoryFiled { .. }
            | Self::EscalationsTold { .. } => None,
        }
    }

    /// The contact it is about.
    #[expect(clippy::too_many_lines, reason = "one arm for each of them")]
    pub fn contact(&self) -> Option<ContactId> {
        match self {
            Self::ContactArrived { contact, .. }
            | Self::ContactScheduled { contact, .. }
            | Self::ContactQueued { contact, .. }
            | Self::ContactMoved { contact, .. }
            | Self::ContactRecognised { contact, .. }
            | Self::ContactUpdated { contact, .. }
            | Self::ContactUnroutable { contact, .. }
            | Self::ContactRoutable { contact }
            | Self::EndMissed { contact, .. }
            | Self::StepTaken { contact, .. }
            | Self::EscalationFired { contact, .. }
            | Self::EscalationNotApplicable { contact, .. }
            | Self::MoveOwed { contact, .. }
            | Self::NextReserved { contact, .. }
            | Self::ConditionFailed { contact, .. }
            | Self::AgentNotified { contact, .. }
            | Self::CustomerTold { contact, .. }
            | Self::ResponseLate { contact, .. }
            | Self::ResponseGiven { contact, .. }
            | Self::CooldownLifted { contact, .. }
            | Self::CooldownKept { contact, .. }
            | Self::WaitReviewed { contact, .. }
            | Self::ContactPulled { contact, .. }
            | Self::MessageSent { contact, .. }
            | Self::ContactReturned { contact, .. }
            | Self::WrapUpStarted { contact, .. }
            | Self::WrapUpExtended { contact, .. }
            | Self::CallbackRequested { contact, .. }
            | Self::CallbackDialled { contact, .. }
            | Self::CallbackAnswered { contact, .. }
            | Self::CallbackMissed { contact, .. }
            | Self::CallbackGivenUp { contact, .. }
            | Self::RoomKept { contact, .. }
            | Self::AgentsLetGo { contact }
            | Self::ContactRecalled { contact, .. }
            | Self::ContactHeld { contact, .. }
            | Self::ContactUnheld { contact, .. }
            | Self::ContactParked { contact, .. }
            | Self::ContactWoken { contact, .. }
            | Self::ContactUnparked { contact, .. }
            | Self::ConferenceBegun { contact, .. }
            | Self::ContactShown { contact, .. }
            | Self::ContactHandedOver { contact, .. }
            | Self::MessageRelayed { contact, .. }
            | Self::ContactClosed { contact, .. } => Some(*contact),
            Self::OfferMade { offer, .. }
            | Self::OfferDelivered { offer, .. }
            | Self::OfferAccepted { offer, .. }
            | Self::OfferEnded { offer, .. }
            | Self::ConsultOffered { offer, .. }
            | Self::ConsultDelivered { offer, .. }
            | Self::ConsultAccepted { offer, .. }
            | Self::ConsultEnded { offer, .. } => Some(offer.contact),
            Self::RequestRemembered { contact, .. } => *contact,
            Self::Configured { .. }
            | Self::AgentConnected { .. }
            | Self::AgentLost { .. }
            | Self::AgentGone { .. }
            | Self::AgentRested { .. }
            | Self::AgentResynced { .. }
            | Self::AgentHeard { .. }
            | Self::EndsChecked { .. }
            | Self::AgentIntended { .. }
            | Self::AgentReconfigured { .. }
            | Self::AgentHealthChanged { .. }
            | Self::QueuePaused { .. }
            | Self::QueueResumed { .. }
            | Self::QueueOpened { .. }
            | Self::QueueClosed { .. }
            | Self::QueueGrew { .. }
            | Self::HistoryFiled { .. }
            | Self::EscalationsTold { .. } => None,
        }
    }
}
