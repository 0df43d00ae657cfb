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
    #[cbor(n(10), default)]
    pub is_pending: bool,
    /// When it is to fire again.
    #[n(11)]
    pub again_at: Option<Timestamp>,
    /// How many times it has fired again.
    #[cbor(n(12), default)]
    pub repeats: u32,
    /// It did not apply when its time came: it is evaluated again when the contact changes.
    #[cbor(n(13), default)]
    pub waits_for_change: bool,
    /// Its condition could not be evaluated, and that was reported.
    #[cbor(n(14), default)]
    pub is_troubled: bool,
    /// Only from older journals: it owes a move that is retried at `again_at`, in place of the
    /// rule's repeats.
    #[cbor(n(15), default)]
    pub asks_again: bool,
    /// It has fired, and the contact still has to leave its queue by it, as soon as possible.
    #[cbor(n(16), default)]
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
            asks_again: false,
            owes_move: false,
        }
    }

    /// The contact still has to leave its queue by it.
    pub const fn is_owed(&self) -> bool {
        self.owes_move || self.asks_again
    }

    /// Whether it could fire now, if it applied.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.is_pending || self.waits_for_change || self.again_at.is_some_and(|at| at <= now)
    }
}
