//! Since when a contact waits, and what its wait has brought.

use crate::domain::{Millis, Timestamp};
use crate::engine::state::contact::moment::Moment;

/// The wait of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Wait {
    /// Survives decline, expiry, loss of the agent, a transfer with its age, and restart.
    #[n(0)]
    pub first_queued_at: Timestamp,
    /// The step of its queue's relaxation plan.
    #[n(1)]
    pub step: u32,
    /// Idle agents are no longer reserved for others from it.
    #[n(2)]
    pub agents_let_go: bool,
    /// How long it was in no line since it was first queued: with agents that it came back from,
    /// while its customer was called, and until the call was tried again.
    #[n(3)]
    pub out_of_line: Millis,
    /// Since when its customer has been called, or is to be called again.
    #[n(4)]
    pub out_of_line_since: Moment,
    /// How long it had been in line when it was last answered.
    #[n(5)]
    pub in_line_before: Millis,
    /// When it is scheduled for, or its customer is to be called again, until it is answered.
    #[n(6)]
    pub ordered_for: Moment,
}

impl Wait {
    /// It has just come, or begins anew.
    pub(in crate::engine) const fn from(first_queued_at: Timestamp) -> Self {
        Self {
            first_queued_at,
            step: 0,
            agents_let_go: false,
            out_of_line: Millis::ZERO,
            out_of_line_since: Moment::NONE,
            in_line_before: Millis::ZERO,
            ordered_for: Moment::NONE,
        }
    }

    /// Since when it would have lasted without interruption: time in which the contact was in no
    /// line does not count.
    pub fn since(&self) -> Timestamp {
        self.first_queued_at + self.out_of_line
    }

    /// It is in no line for now; a contact that is yet to come in has left none.
    pub(in crate::engine) fn pause(&mut self, now: Timestamp) {
        if self.first_queued_at <= now && self.out_of_line_since.is_none() {
            self.out_of_line_since = Moment::at(now);
        }
    }

    pub(in crate::engine) fn resume(&mut self, now: Timestamp) {
        if let Some(since) = self.out_of_line_since.take() {
            self.out_of_line = self.out_of_line + (now - since);
        }
    }

    /// It is answered.
    pub(in crate::engine) fn answered(&mut self, now: Timestamp) {
        // A supervisor has had a scheduled contact answered before its time.
        self.first_queued_at = self.first_queued_at.min(now);
        self.in_line_before = now - self.since();
        self.ordered_for = Moment::NONE;
    }
}
