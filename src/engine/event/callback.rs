//! Customers who are to be called back.

use crate::domain::{Phone, Text, Timestamp};
use crate::engine::state::registry::{AgentKey, QueueKey};

#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum CallbackEvent {
    /// The customer asks to be called, and keeps the place in line.
    #[n(0)]
    Requested {
        #[n(0)]
        queue: QueueKey,
        /// In E.164.
        #[n(1)]
        phone: Phone,
        #[n(2)]
        told: Option<AgentKey>,
        /// The customer is called before an agent is asked.
        #[n(3)]
        customer_first: bool,
    },
    /// It is the contact's turn: the adapter calls the customer; no agent is occupied.
    #[n(1)]
    Dialled {
        #[n(0)]
        queue: QueueKey,
        /// The agent who could have taken it.
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        phone: Phone,
        /// Which attempt this is, counted from 1.
        #[n(3)]
        attempt: u32,
        #[n(4)]
        until: Timestamp,
    },
    /// The customer is on the line, and goes on waiting.
    #[n(2)]
    Answered {
        #[n(0)]
        queue: QueueKey,
        /// The next agent is reserved for it.
        #[n(1)]
        reserved: bool,
    },
    /// The customer was called, and nobody answered.
    #[n(3)]
    Missed {
        #[n(0)]
        queue: QueueKey,
        /// Unanswered calls so far, this one included.
        #[n(1)]
        attempts: u32,
        #[n(2)]
        reason: Text,
    },
    /// The agent has called for the last time, and nobody answered; it is closed next.
    #[n(4)]
    GivenUp {
        /// Unanswered calls so far, this one included.
        #[n(0)]
        attempts: u32,
    },
}
