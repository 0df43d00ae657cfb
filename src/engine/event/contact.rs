//! What becomes known of a contact, from its arrival to its end.

use std::sync::Arc;

use crate::domain::{Intake, Millis, Recognition, Text, Timestamp};
use crate::engine::command::Change;
use crate::engine::event::Labels;
use crate::engine::state::contact::{EndedBy, Final};
use crate::engine::state::registry::{AgentKey, TierKey};

#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum ContactEvent {
    /// A new contact; it is `Moving` until the next event about it.
    #[n(0)]
    Arrived {
        #[cbor(n(0), with = "crate::engine::codec::shared")]
        intake: Arc<Intake>,
        #[cbor(n(1), with = "crate::engine::codec::shared")]
        recognition: Arc<Recognition>,
        #[n(2)]
        labels: Labels,
        /// Its age counts from here, until it begins anew.
        #[n(3)]
        first_queued_at: Timestamp,
        /// The adapter that posted it.
        #[n(4)]
        posted_by: Option<Text>,
    },
    #[n(1)]
    Recognised {
        #[cbor(n(0), with = "crate::engine::codec::shared")]
        recognition: Arc<Recognition>,
        #[n(1)]
        tier: TierKey,
        #[n(2)]
        due: Timestamp,
        #[n(3)]
        told: Option<AgentKey>,
    },
    #[n(2)]
    Updated {
        #[n(0)]
        change: Change,
        #[n(1)]
        told: Option<AgentKey>,
        /// It now belongs to another queue, which cannot take it yet.
        #[n(2)]
        stays_for_now: bool,
    },
    /// It was served for longer than any contact lasts: its end was not reported, and is assumed.
    #[n(3)]
    EndMissed {
        #[n(0)]
        labels: Labels,
    },
    #[n(4)]
    Closed {
        #[n(0)]
        how: Final,
        #[n(1)]
        labels: Labels,
        #[n(2)]
        ended_by: EndedBy,
        /// The agent's outcome, or the given reason.
        #[n(3)]
        outcome: Option<Text>,
        #[n(4)]
        notes: Option<Text>,
        /// The agent it was with.
        #[n(5)]
        agent: Option<AgentKey>,
        /// Accepted to the end of the wrap-up, if it was accepted.
        #[n(6)]
        handled: Option<Millis>,
        /// Counted from 1: the order in which contacts were closed.
        #[n(7)]
        number: u64,
        /// It was in line or offered when it ended, and so was not answered there.
        #[n(8)]
        unanswered: bool,
        /// How long the customer was on hold with the agent.
        #[n(9)]
        on_hold: Option<Millis>,
    },
}
