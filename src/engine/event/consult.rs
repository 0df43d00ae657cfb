//! A second agent who is asked for help.

use crate::domain::{Millis, Text, Timestamp};
use crate::engine::event::{ConsultEnd, Cooling};
use crate::engine::state::registry::{AgentKey, QueueKey};

#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum ConsultEvent {
    /// A second agent is asked for help; the customer waits on hold.
    #[n(0)]
    Offered {
        #[n(0)]
        agent: AgentKey,
        /// The agent who asks.
        #[n(1)]
        by: AgentKey,
        #[n(2)]
        queue: QueueKey,
        #[n(3)]
        deliver_by: Timestamp,
        #[n(4)]
        answer_within: Millis,
        #[n(5)]
        note: Option<Text>,
    },
    #[n(1)]
    Delivered {
        #[n(0)]
        answer_by: Timestamp,
    },
    #[n(2)]
    Accepted {
        #[n(0)]
        agent: AgentKey,
        /// The queue in which the contact is served.
        #[n(1)]
        queue: QueueKey,
    },
    /// The customer joins the two agents.
    #[n(3)]
    ConferenceBegun {
        /// The consulted agent.
        #[n(0)]
        agent: AgentKey,
    },
    #[n(4)]
    Ended {
        /// The consulted agent, or the one who was asked.
        #[n(0)]
        agent: AgentKey,
        #[n(1)]
        how: ConsultEnd,
        /// The queue in which the contact is served.
        #[n(2)]
        queue: QueueKey,
        /// Of an agent who was asked, and did not take it.
        #[n(3)]
        cooldown: Option<Cooling>,
    },
}
