//! What holds up others of its queue, and not this contact.

use crate::engine::state::contact::Contact;

/// What a contact is offered past.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Passes {
    Nothing,
    /// Closing: its customer is on the line, and is not left there for the night.
    Closing,
    /// Closing, a pause, and that agents call from the queue: it was handed on to an agent by
    /// name, so it is not the queue that gives it out.
    Everything,
}

impl Passes {
    pub fn closing(self) -> bool {
        self != Self::Nothing
    }

    pub fn everything(self) -> bool {
        self == Self::Everything
    }
}

impl Contact {
    pub fn passes(&self) -> Passes {
        if self.is_handed_on() {
            Passes::Everything
        } else if self.is_on_the_line() || self.is_left_on_the_line() {
            Passes::Closing
        } else {
            Passes::Nothing
        }
    }

    /// It waits for an agent to whom another one has handed it on.
    fn is_handed_on(&self) -> bool {
        self.was_served && self.direct.is_some() && self.direct_until.is_none()
    }

    /// Its customer has been served, and is there as it comes back; who was to be called has
    /// hung up.
    fn is_left_on_the_line(&self) -> bool {
        self.was_served && self.callback.is_none() && self.labels.channel.is_synchronous()
    }
}
