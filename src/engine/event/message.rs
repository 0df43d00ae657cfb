//! Messages between customers and agents, and the replies that customers wait for.

use crate::domain::{Millis, Text, Timestamp};
use crate::engine::event::Labels;
use crate::engine::state::registry::AgentKey;

#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum MessageEvent {
    #[n(0)]
    Sent {
        /// None: from the customer.
        #[n(0)]
        from: Option<AgentKey>,
        #[n(1)]
        told: Option<AgentKey>,
        #[n(2)]
        text: Text,
    },
    /// A message that was sent is shown to one more agent.
    #[n(1)]
    Relayed {
        /// None: from the customer.
        #[n(0)]
        from: Option<AgentKey>,
        #[n(1)]
        agent: AgentKey,
        #[n(2)]
        text: Text,
    },
    /// A customer who is being served has waited for a reply for longer than the queue's target:
    /// reported once per reply.
    #[n(2)]
    ResponseLate {
        /// The agent who should have replied.
        #[n(0)]
        agent: AgentKey,
        #[n(1)]
        labels: Labels,
        /// The first message without a reply.
        #[n(2)]
        since: Timestamp,
    },
    /// A reply to a customer who had written.
    #[n(3)]
    ResponseGiven {
        #[n(0)]
        agent: AgentKey,
        #[n(1)]
        labels: Labels,
        #[n(2)]
        waited: Millis,
        #[n(3)]
        within_target: bool,
    },
}
