//! For how long idle agents are reserved for others from a waiting contact.
//!
//! Contacts that they are reserved for go first, however late they arrive: so after `overtake_max`
//! the agents are released, and the contact goes to one of them like any other.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::event::{Event, LineEvent};
use crate::engine::state::contact::Contact;
use crate::engine::state::contacts::Slot;

impl Engine {
    /// When agents are released for the contact, if any are reserved from it.
    pub(in crate::engine) fn lets_go_at(&self, contact: &Contact) -> Option<Timestamp> {
        let overtake_max = self.configuration().overtake_max;
        self.is_kept_back(contact)
            .then(|| contact.wait.first_queued_at + overtake_max)
    }

    /// Releases agents for a contact that has waited this long.
    pub(in crate::engine) fn let_go(&mut self, slot: Slot, now: Timestamp) {
        let contact = self.contact_at(slot);
        if self.lets_go_at(contact).is_some_and(|at| at <= now) {
            let contact = contact.id;
            self.emit(now, Event::Line(contact, LineEvent::AgentsLetGo));
        }
    }
}
