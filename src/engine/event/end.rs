//! How an offer ends without being accepted, and why a contact leaves its agent.

use crate::domain::{Millis, Text, Timestamp};

/// How long an agent is not offered a contact again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Cooling {
    #[n(0)]
    pub until: Timestamp,
    /// When it may end early, if nobody else could take the contact.
    #[n(1)]
    pub lift_at: Option<Timestamp>,
    /// How often this agent has refused this contact.
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
    /// The number that the agent dialled did not answer: it is tried again.
    #[n(60)]
    CallbackFailed {
        #[n(0)]
        reason: Text,
    },
    /// The customer did not come when called, and waits further back.
    #[n(61)]
    NoShow {
        /// All boosts of the contact together, from then on.
        #[n(0)]
        boost: Millis,
    },
}
