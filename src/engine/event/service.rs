//! What happens to a contact in the hands of an agent; the agent's desktop is shown all of it.

use crate::domain::{Millis, Text, Timestamp};
use crate::engine::event::{Because, Cooling, Foretold, HeldBy, Labels, Return};
use crate::engine::state::contact::EndedBy;
use crate::engine::state::registry::{AgentKey, QueueKey};

#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum ServiceEvent {
    /// Called or assigned past the line: with the agent at once.
    #[n(0)]
    Pulled {
        #[n(0)]
        labels: Labels,
        #[n(1)]
        waited: Millis,
        #[n(2)]
        within_target: bool,
        #[n(3)]
        foreseen: Option<Foretold>,
    },
    /// Called once more by the agent who called it.
    #[n(1)]
    Recalled {
        #[n(0)]
        queue: QueueKey,
        /// Repeated calls so far, this one included.
        #[n(1)]
        times: u32,
    },
    /// The customer, being served, is put on hold; the time counts as handling.
    #[n(2)]
    Held {
        #[n(0)]
        by: HeldBy,
    },
    #[n(3)]
    Unheld {
        #[n(0)]
        by: HeldBy,
    },
    /// Parked: its agent keeps it and has room for others meanwhile.
    #[n(4)]
    Parked {
        /// When it wakes, unless something wakes it before.
        #[n(0)]
        until: Timestamp,
    },
    /// A parked contact asks for its agent again.
    #[n(5)]
    Woken {
        /// When it returns to its queue, if the agent has not taken it back.
        #[n(0)]
        until: Timestamp,
        /// Its customer has written; otherwise its time has come.
        #[n(1)]
        by_customer: bool,
    },
    /// Taken back by its agent.
    #[n(6)]
    Unparked {
        /// No other contact comes back to the agent unasked before then.
        #[n(0)]
        rest_until: Option<Timestamp>,
    },
    /// Has left the agent who served it, and is about to be queued or offered.
    #[n(7)]
    Returned {
        #[n(0)]
        why: Return,
        #[n(1)]
        handled: Millis,
        #[n(2)]
        cooldown: Option<Cooling>,
        #[n(3)]
        labels: Labels,
        /// How long the customer was on hold with the agent.
        #[n(4)]
        on_hold: Option<Millis>,
        /// Its agent was lost while the customer was on the line: it goes to the front.
        #[n(5)]
        to_front: bool,
    },
    /// From one agent to the consulted one, without an offer in between.
    #[n(8)]
    HandedOver {
        #[n(0)]
        from: AgentKey,
        #[n(1)]
        why: Return,
        #[n(2)]
        handled: Millis,
        #[n(3)]
        labels: Labels,
        /// How long the customer was on hold with the agent.
        #[n(4)]
        on_hold: Option<Millis>,
    },
    #[n(9)]
    WrapUpStarted {
        #[n(0)]
        until: Timestamp,
        #[n(1)]
        outcome: Text,
        #[n(2)]
        notes: Option<Text>,
        #[n(3)]
        ended_by: EndedBy,
    },
    #[n(10)]
    WrapUpExtended {
        #[n(0)]
        until: Timestamp,
    },
    /// A desktop is shown what others, or a new configuration, have done; nothing else changes.
    #[n(11)]
    Shown {
        #[n(0)]
        because: Because,
    },
}
