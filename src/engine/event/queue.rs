//! What happens to a queue.

use crate::domain::{Text, Timestamp};

#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum QueueEvent {
    /// By its timetable, or because it no longer has one.
    #[n(0)]
    Opened {
        /// When it closes; none if it never does.
        #[n(0)]
        until: Option<Timestamp>,
    },
    #[n(1)]
    Closed {
        #[n(0)]
        until: Option<Timestamp>,
    },
    #[n(2)]
    Paused {
        #[n(0)]
        by: Text,
    },
    #[n(3)]
    Resumed {
        #[n(0)]
        by: Text,
    },
    /// More contacts wait in a queue than one of its rules allows: the rule is evaluated for all of
    /// them.
    #[n(4)]
    Grew {
        #[n(0)]
        waiting: u64,
    },
}
