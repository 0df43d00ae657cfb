//! How long idle agents are kept for others from a contact that waits.
//!
//! Whoever they are kept for goes before it, however late: so after `overtake_max` they are let
//! go, and it goes to one of them like any other contact.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::event::Event;
use crate::engine::state::contact::Contact;
use crate::engine::state::contacts::Slot;

impl Engine {
    /// When agents are let go for the contact, if any are kept from it.
    pub(in crate::engine) fn lets_go_at(&self, contact: &Contact) -> Option<Timestamp> {
        let overtake_max = self.configuration().overtake_max;
        self.is_kept_back(contact)
            .then(|| contact.first_queued_at + overtake_max)
    }

    /// Lets agents go for a contact that has waited for so long.
    pub(in crate::engine) fn let_go(&mut self, slot: Slot, now: Timestamp) {
        let contact = self.contact_at(slot);
        if self.lets_go_at(contact).is_some_and(|at| at <= now) {
            let contact = contact.id;
            self.emit(now, Event::AgentsLetGo { contact });
        }
    }
}
