//! Escalations for which the webhook has yet to be called, so that a crash loses none of them.
//!
//! The shell calls, each of them once or several times, and says up to which event that is over.

use crate::domain::{ContactId, Name, Timestamp};
use crate::engine::Engine;
use crate::engine::event::Event;
use crate::engine::options::{Action, Audience, Options};
use crate::engine::state::registry::QueueKey;

/// The most that are kept; the oldest give way.
pub const UNTOLD_MAX: usize = 65_536;

/// An escalation for which the webhook has yet to be called.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Untold {
    /// Of the event with which the rule fired.
    #[n(0)]
    pub seq: u64,
    #[n(1)]
    pub at: Timestamp,
    #[n(2)]
    pub contact: ContactId,
    #[n(3)]
    pub queue: QueueKey,
    #[n(4)]
    pub rule: Name,
}

impl Engine {
    /// The oldest first.
    pub fn untold(&self) -> impl Iterator<Item = &Untold> {
        self.untold.iter()
    }

    /// Notes that the webhook need not be called any more for what happened up to this event.
    pub(in crate::engine) fn told_upto(&mut self, seq: u64, now: Timestamp) {
        if self.untold.front().is_some_and(|first| first.seq <= seq) {
            self.emit(now, Event::EscalationsTold { upto_seq: seq });
        }
    }
}

/// Whether any rule calls the webhook.
pub(in crate::engine) fn calls_webhook(options: &Options) -> bool {
    let queues = options.queues.iter();
    let mut rules = queues.flat_map(|queue| &queue.escalations);
    rules.any(|rule| rule.actions.contains(&Action::Notify(Audience::Webhook)))
}
