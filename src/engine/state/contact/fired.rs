//! What is remembered of the escalation rules of a contact.

use crate::domain::{Name, Timestamp};
use crate::engine::state::registry::QueueKey;

/// An escalation rule that has fired for a contact, or was evaluated without firing.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Fired {
    #[n(0)]
    pub queue: QueueKey,
    #[n(1)]
    pub rule: Name,
    /// Evaluated, but not fired.
    #[n(2)]
    pub is_pending: bool,
    /// When it is to fire again.
    #[n(3)]
    pub again_at: Option<Timestamp>,
    /// How many times it has fired again.
    #[n(4)]
    pub repeats: u32,
    /// It did not apply when its time came: it is evaluated again when the contact changes.
    #[n(5)]
    pub waits_for_change: bool,
    /// Its condition could not be evaluated, and that was reported.
    #[n(6)]
    pub is_troubled: bool,
    /// It has fired, and the contact still has to leave its queue by it, as soon as possible.
    #[n(7)]
    pub owes_move: bool,
}

impl Fired {
    pub(in crate::engine) const fn pending(queue: QueueKey, rule: Name) -> Self {
        Self {
            queue,
            rule,
            is_pending: true,
            again_at: None,
            repeats: 0,
            waits_for_change: false,
            is_troubled: false,
            owes_move: false,
        }
    }

    /// Whether it could fire now, if it applied.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.is_pending || self.waits_for_change || self.again_at.is_some_and(|at| at <= now)
    }
}
