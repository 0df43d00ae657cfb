//! The refusals that are expected in normal operation. A refusal changes nothing.

use crate::domain::attribute::BadAttributes;
use crate::domain::{Channel, Name};
use crate::engine::handlers::admission::NOT_BEFORE_MAX;
use crate::engine::lifecycle::callback::CALLED_BACK;
use crate::engine::state::contact::{ContactState, UNHEARD_BYTES_MAX, UNHEARD_MAX};

/// Why a command was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("no such contact")]
    UnknownContact,
    #[error("no agent {0:?} in the configuration")]
    UnknownAgent(String),
    #[error("no queue {0:?} in the configuration")]
    UnknownQueue(String),
    #[error("no skill {0:?}: no agent in the configuration has it")]
    UnknownSkill(Name),
    #[error("not_before is more than {} days ahead", NOT_BEFORE_MAX.whole_s() / (24 * 3_600))]
    TooFarAhead,
    #[error("queue {0} is full")]
    QueueFull(Name),
    #[error("queue {0} is closed")]
    QueueClosed(Name),
    #[error("the site has reached limits.open_contacts_max")]
    SiteFull,
    #[error("the same key was used for a different request")]
    IdempotencyMismatch,
    #[error("the offer is no longer open to this agent")]
    StaleOffer,
    #[error("not possible while the contact is {}", .0.name())]
    WrongState(ContactState),
    #[error("the contact is not with this agent")]
    NotYours,
    #[error("this session has been replaced or lost")]
    StaleSession,
    #[error("agent {0} is not connected and ready")]
    AgentNotReady(Name),
    #[error("the contact is already with this agent")]
    AlreadyYours,
    #[error("agent {0} has no free capacity for this channel")]
    AgentFull(Name),
    #[error("agents cannot call contacts from queue {0}")]
    PullNotAllowed(Name),
    #[error("this agent does not serve queue {0}")]
    NotYourQueue(Name),
    #[error("queue {0} is paused: no contact can be called until it is resumed")]
    QueuePaused(Name),
    #[error("queue {0} has no waiting contact that this agent may call")]
    NobodyWaits(Name),
    #[error("the contact is not waiting in queue {0} for this agent")]
    NotWaitingHere(Name),
    #[error("no callbacks for channel {0}; allowed: {allowed}", allowed = names(CALLED_BACK))]
    NoCallback(Channel),
    #[error("no phone number in the request or the contact")]
    NoPhone,
    #[error("this customer already has an open callback in this queue")]
    CallbackExists,
    #[error("the contact is not a callback")]
    NotACallback,
    #[error(
        "too many messages are waiting for an agent; allowed: {}, and {} KiB in total",
        UNHEARD_MAX,
        UNHEARD_BYTES_MAX >> 10
    )]
    MessagesFull,
    #[error("this attempt is not in progress")]
    NotDialled,
    #[error("agents call contacts from queue {0}; allowed: mode agent_first")]
    AgentFirstOnly(Name),
    #[error("the wrap-up can be extended only once")]
    ExtendedBefore,
    #[error("this contact is on hold for another one and resumes when that ends")]
    Interrupted,
    #[error(
        "contacts of channel {0} cannot be parked; allowed: {allowed}", allowed = names(parkable())
    )]
    NotParkable(Channel),
    #[error("a consultation is already in progress")]
    Consulting,
    #[error("no consulted agent has joined")]
    NotConsulting,
    #[error("no agent of queue {0} is free to help")]
    NobodyFree(Name),
    #[error("the server is stopping: agents get no more offers")]
    Stopping,
    #[error("attributes: {0}")]
    Attributes(#[from] BadAttributes),
    #[error("{0}")]
    Configuration(String),
}

impl Refusal {
    /// The stable code that clients rely on.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownContact => "unknown_contact",
            Self::UnknownAgent(_) => "unknown_agent",
            Self::UnknownQueue(_) => "unknown_queue",
            Self::UnknownSkill(_) => "unknown_skill",
            Self::TooFarAhead => "too_far_ahead",
            Self::QueueFull(_) => "queue_full",
            Self::QueueClosed(_) => "queue_closed",
            Self::SiteFull => "site_full",
            Self::IdempotencyMismatch => "idempotency_mismatch",
            Self::StaleOffer => "stale_offer",
            Self::WrongState(_) => "wrong_state",
            Self::NotYours => "not_yours",
            Self::StaleSession => "stale_session",
            Self::AgentNotReady(_) => "agent_not_ready",
            Self::AlreadyYours => "already_yours",
            Self::AgentFull(_) => "agent_full",
            Self::PullNotAllowed(_) => "pull_not_allowed",
            Self::NotYourQueue(_) => "not_your_queue",
            Self::QueuePaused(_) => "queue_paused",
            Self::NobodyWaits(_) => "nobody_waits",
            Self::NotWaitingHere(_) => "not_waiting_here",
            Self::NoCallback(_) => "no_callback",
            Self::NoPhone => "no_phone",
            Self::CallbackExists => "callback_exists",
            Self::NotACallback => "not_a_callback",
            Self::MessagesFull => "messages_full",
            Self::NotDialled => "not_dialled",
            Self::AgentFirstOnly(_) => "agent_first_only",
            Self::ExtendedBefore => "extended_before",
            Self::Interrupted => "interrupted",
            Self::NotParkable(_) => "not_parkable",
            Self::Consulting => "consulting",
            Self::NotConsulting => "not_consulting",
            Self::NobodyFree(_) => "nobody_free",
            Self::Stopping => "stopping",
            Self::Attributes(_) => "bad_attributes",
            Self::Configuration(_) => "bad_configuration",
        }
    }
}

fn names(channels: impl IntoIterator<Item = Channel>) -> String {
    let names: Vec<&str> = channels.into_iter().map(Channel::name).collect();
    names.join(", ")
}

fn parkable() -> impl Iterator<Item = Channel> {
    let all = Channel::ALL.into_iter();
    all.filter(|channel| !channel.is_synchronous())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allowed_values_are_those_that_the_engine_checks() {
        let text = |refusal: Refusal| refusal.to_string();
        assert_eq!(
            text(Refusal::NoCallback(Channel::Wechat)),
            "no callbacks for channel wechat; allowed: hotline, app"
        );
        assert_eq!(
            text(Refusal::NotParkable(Channel::Hotline)),
            "contacts of channel hotline cannot be parked; allowed: app, wechat"
        );
        assert_eq!(
            text(Refusal::MessagesFull),
            "too many messages are waiting for an agent; allowed: 50, and 64 KiB in total"
        );
        assert_eq!(
            text(Refusal::TooFarAhead),
            "not_before is more than 90 days ahead"
        );
    }
}
