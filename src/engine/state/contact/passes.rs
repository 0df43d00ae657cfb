//! Exemptions: contacts that are offered although their queue is closed, paused or pulled from.

use crate::engine::state::contact::Contact;

/// What a contact is exempt from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Passes {
    Nothing,
    /// Closing: its customer is on the line, and is not left there overnight.
    Closing,
    /// Closing, a pause, and pulling: it was transferred to an agent by name, so the queue does not
    /// give it out.
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

    /// It waits for an agent to whom another one has transferred it.
    fn is_handed_on(&self) -> bool {
        self.was_served && !self.meant.allows_others()
    }

    /// Its customer has been served, and is on the line as it comes back; a customer who was to be
    /// called has hung up.
    fn is_left_on_the_line(&self) -> bool {
        self.was_served && self.callback.is_none() && self.labels.channel.is_synchronous()
    }
}
