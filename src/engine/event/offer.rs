//! Offers of contacts to agents.

use crate::domain::{Millis, Text, Timestamp};
use crate::engine::event::{Cooling, Foretold, Labels, OfferEnd};
use crate::engine::state::registry::{AgentKey, QueueKey};

#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum OfferEvent {
    #[n(0)]
    Made {
        #[n(0)]
        agent: AgentKey,
        #[n(1)]
        queue: QueueKey,
        /// When it counts as undelivered, unless the desktop confirms it before.
        #[n(2)]
        deliver_by: Timestamp,
        #[n(3)]
        answer_within: Millis,
        /// The supervisor who assigned it; none if the engine chose.
        #[n(4)]
        by: Option<Text>,
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
        #[n(1)]
        labels: Labels,
        /// First queued to accepted.
        #[n(2)]
        waited: Millis,
        #[n(3)]
        within_target: bool,
        /// The estimate of its wait, for the few contacts for which one was kept.
        #[n(4)]
        foreseen: Option<Foretold>,
    },
    #[n(3)]
    Ended {
        #[n(0)]
        agent: AgentKey,
        #[n(1)]
        queue: QueueKey,
        #[n(2)]
        how: OfferEnd,
        #[n(3)]
        cooldown: Option<Cooling>,
        /// The supervisor who took it back.
        #[n(4)]
        by: Option<Text>,
    },
}
