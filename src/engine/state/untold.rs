//! Escalations for which the webhook has yet to be called, so that a crash loses none of them.
//!
//! The shell makes the calls, one or more for each, and reports up to which event they are done.

use crate::domain::{ContactId, Name, Timestamp};
use crate::engine::Engine;
use crate::engine::event::{Event, SiteEvent};
use crate::engine::options::{Action, Audience, Options};
use crate::engine::state::registry::QueueKey;

/// How many are kept; beyond that the oldest are dropped.
pub const UNTOLD_MAX: usize = 65_536;

/// An escalation for which the webhook has yet to be called.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Untold {
    /// The number of the event by which the rule fired.
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
    /// Escalations for which the webhook has yet to be called, oldest first.
    pub fn untold(&self) -> impl Iterator<Item = &Untold> {
        self.untold.iter()
    }

    /// The calls for all events up to this one are done.
    pub(in crate::engine) fn told_upto(&mut self, seq: u64, now: Timestamp) {
        if self.untold.front().is_some_and(|first| first.seq <= seq) {
            let event = SiteEvent::EscalationsTold { upto_seq: seq };
            self.emit(now, Event::Site(event));
        }
    }
}

/// Whether any rule calls the webhook.
pub(in crate::engine) fn calls_webhook(options: &Options) -> bool {
    let queues = options.queues.iter();
    let mut rules = queues.flat_map(|queue| &queue.escalations);
    rules.any(|rule| rule.actions.contains(&Action::Notify(Audience::Webhook)))
}
