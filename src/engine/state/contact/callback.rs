//! A requested callback, and its progress.

use crate::domain::{Phone, Timestamp};
use crate::engine::state::contact::Contact;
use crate::engine::state::registry::AgentKey;

/// A customer who is to be called.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Callback {
    /// In E.164.
    #[n(0)]
    pub phone: Phone,
    /// Unanswered calls so far.
    #[n(1)]
    pub attempts: u32,
    /// None: the agent who takes it dials.
    #[n(2)]
    pub first: Option<CustomerFirst>,
    /// An agent has reached the customer and has transferred the contact.
    #[n(3)]
    pub is_handed_on: bool,
    /// The customer was called for the last time without answering: no work was done.
    #[n(4)]
    pub is_given_up: bool,
    /// Calls that were answered and are over, though the contact is not.
    #[cbor(n(5), default)]
    pub hung_up: u32,
}

impl Callback {
    /// The number of the call in progress, or else of the last one if it was answered, or else of
    /// the next; no other call has it.
    pub fn call_number(&self) -> u32 {
        self.attempts + self.hung_up + 1
    }

    /// The call is over: whoever takes the contact next has its customer called again.
    pub(in crate::engine) fn hang_up(&mut self) {
        self.hung_up += u32::from(self.first == Some(CustomerFirst::Answered));
        self.call_again();
    }

    /// Its customer is not on the line, and is to be called when an agent is found.
    pub(in crate::engine) fn call_again(&mut self) {
        self.first = self.first.map(|_| CustomerFirst::Waits);
        self.is_handed_on = false;
    }
}

/// The progress of a callback in which the customer is called before an agent is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, minicbor::Encode, minicbor::Decode)]
pub enum CustomerFirst {
    /// To be called when it is the contact's turn.
    #[n(0)]
    Waits,
    /// The adapter is calling.
    #[n(1)]
    Dialled {
        /// The agent whose turn with the contact it was; nobody else is called for this agent
        /// meanwhile.
        #[n(0)]
        agent: AgentKey,
        /// When the call counts as unanswered.
        #[n(1)]
        until: Timestamp,
    },
    /// The customer is on the line, or with an agent who was then offered the contact or has since
    /// transferred it.
    #[n(2)]
    Answered,
}

impl Contact {
    /// The progress of its call, if its customer is called first.
    pub fn customer_first(&self) -> Option<CustomerFirst> {
        self.callback.as_ref()?.first
    }

    /// Its customer, who was to be called, has answered and is on the line.
    pub fn is_on_the_line(&self) -> bool {
        let has_answered = self.customer_first() == Some(CustomerFirst::Answered);
        has_answered
            || self
                .callback
                .as_ref()
                .is_some_and(|callback| callback.is_handed_on)
    }

    /// Its customer was called first, has answered, and has not been served yet.
    pub fn has_just_answered(&self) -> bool {
        self.customer_first() == Some(CustomerFirst::Answered) && !self.was_served
    }

    pub fn is_dialled(&self) -> bool {
        matches!(self.customer_first(), Some(CustomerFirst::Dialled { .. }))
    }

    /// When an agent is found for it, its customer is called instead of an offer being made.
    pub fn is_to_be_dialled(&self) -> bool {
        self.customer_first() == Some(CustomerFirst::Waits)
    }
}
