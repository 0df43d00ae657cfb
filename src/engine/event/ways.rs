//! The ends of offers, consultations and service, as events report them.

use crate::domain::{Millis, Text, Timestamp};
use crate::engine::state::contact::EndedBy;

/// For how long an agent is not offered a contact again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Cooling {
    #[n(0)]
    pub until: Timestamp,
    /// When it may end early, if no other agent could take the contact.
    #[n(1)]
    pub lift_at: Option<Timestamp>,
    /// How many times this agent has refused this contact.
    #[n(2)]
    pub times: u32,
}

/// How an offer ended without being accepted.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum OfferEnd {
    #[n(0)]
    Declined {
        #[n(0)]
        reason: Option<Text>,
    },
    #[n(1)]
    Expired,
    /// The desktop did not confirm in time.
    #[n(2)]
    Undelivered,
    #[n(3)]
    Withdrawn(#[n(0)] Withdrawal),
}

/// Why an offer was taken back. Never counts against the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum Withdrawal {
    #[n(0)]
    CustomerLeft,
    /// The agent stopped being ready.
    #[n(1)]
    AgentLeft,
    #[n(2)]
    SessionLost,
    /// The agent signed in elsewhere.
    #[n(3)]
    SessionReplaced,
    /// The contact changed, or its queue.
    #[n(4)]
    ContactChanged,
    #[n(5)]
    Supervisor,
    #[n(6)]
    Reconfigured,
    /// The agent who asked for help goes on alone.
    #[n(7)]
    ConsultEnded,
    /// The contact was cancelled, or deflected.
    #[n(8)]
    ContactEnded,
    /// It was offered to several agents, and another one accepted first.
    #[n(9)]
    Taken,
}

/// An estimate, and the wait that followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Foretold {
    /// From the estimate to the answer.
    #[n(0)]
    pub waited: Millis,
    #[n(1)]
    pub p50: Millis,
    #[n(2)]
    pub p90: Millis,
}

/// Why a contact left the agent who served it.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum Return {
    #[n(0)]
    Transferred {
        #[n(0)]
        note: Option<Text>,
    },
    #[n(1)]
    AgentLost,
    #[n(2)]
    Requeued {
        #[n(0)]
        by: Text,
    },
    /// It was parked, and its agent did not take it back when it woke.
    #[n(3)]
    Woken,
    /// It waits from now on as if it had just come, and gives up what rules and offers have made of
    /// it.
    #[n(4)]
    TransferredAnew {
        #[n(0)]
        note: Option<Text>,
    },
    /// The number that the agent dialled was not answered: it is tried again.
    #[n(5)]
    CallbackFailed {
        #[n(0)]
        reason: Text,
    },
    /// The customer did not come when called, and waits further back.
    #[n(6)]
    NoShow {
        /// The total of all boosts of the contact from then on.
        #[n(0)]
        boost: Millis,
    },
}

/// How a consultation ended.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum ConsultEnd {
    /// It was never accepted.
    #[n(0)]
    Unanswered(#[n(0)] OfferEnd),
    /// One of the two has ended it.
    #[n(1)]
    Ended,
    /// The consulted agent did not come back.
    #[n(2)]
    Lost,
    /// The contact has left the agent who asked.
    #[n(3)]
    Left,
    /// The contact is over.
    #[n(4)]
    Over(#[n(0)] EndedBy),
}

/// Why a desktop is shown a contact again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum Because {
    #[n(0)]
    ConsultOffered,
    #[n(1)]
    ConsultAccepted,
    #[n(2)]
    ConsultDeclined,
    #[n(3)]
    ConsultExpired,
    #[n(4)]
    ConsultUndelivered,
    #[n(5)]
    ConsultWithdrawn,
    #[n(6)]
    ConsultEnded,
    #[n(7)]
    ConsultLost,
    #[n(8)]
    Conference,
    #[n(9)]
    HandedOver,
    /// Something new is known about it.
    #[n(10)]
    Updated,
}

impl Because {
    pub const fn name(self) -> &'static str {
        match self {
            Self::ConsultOffered => "consult_offered",
            Self::ConsultAccepted => "consult_accepted",
            Self::ConsultDeclined => "consult_declined",
            Self::ConsultExpired => "consult_expired",
            Self::ConsultUndelivered => "consult_undelivered",
            Self::ConsultWithdrawn => "consult_withdrawn",
            Self::ConsultEnded => "consult_ended",
            Self::ConsultLost => "consult_lost",
            Self::Conference => "conference",
            Self::HandedOver => "handed_over",
            Self::Updated => "updated",
        }
    }
}

/// Why a customer who is being served is on hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum HeldBy {
    #[n(0)]
    Agent,
    /// Another contact has interrupted it.
    #[n(1)]
    Interruption,
}

impl Return {
    /// Transferred by its agent, who did not resolve it.
    pub const fn is_transfer(&self) -> bool {
        matches!(
            self,
            Self::Transferred { .. } | Self::TransferredAnew { .. }
        )
    }
}
