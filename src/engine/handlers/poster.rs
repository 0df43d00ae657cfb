//! Ownership: an adapter can act only on contacts that it has posted.
//!
//! A contact of another adapter is refused exactly like one that does not exist. One that came
//! without an adapter belongs to nobody, and every adapter can act on it.

use crate::domain::{ContactId, Text, Timestamp};
use crate::engine::command::ContactCommand;
use crate::engine::handlers::submit::Submission;
use crate::engine::refusal::Refusal;
use crate::engine::state::contact::Contact;
use crate::engine::view::ContactView;
use crate::engine::{Done, Engine};

impl Contact {
    pub(in crate::engine) fn is_open_to(&self, adapter: &Text) -> bool {
        self.posted_by.as_ref().is_none_or(|by| by == adapter)
    }
}

impl Engine {
    /// The current state of a contact, if this adapter has posted it.
    pub fn contact_of_adapter(
        &self,
        id: ContactId,
        adapter: &Text,
        now: Timestamp,
    ) -> Option<ContactView> {
        let slot = self.contacts.slot(id)?;
        let is_open = self.contact_at(slot).is_open_to(adapter);
        is_open.then(|| self.contact_as_of(id, now)).flatten()
    }

    pub(in crate::engine) fn handle_adapter(
        &mut self,
        now: Timestamp,
        adapter: Text,
        command: ContactCommand,
    ) -> Result<Done, Refusal> {
        if let ContactCommand::Submit {
            id,
            intake,
            recognition,
            key,
        } = command
        {
            let submission = Submission {
                id,
                posted_by: Some(adapter),
                intake: *intake,
                recognition,
            };
            return self.submit(now, submission, key);
        }
        // A repeated request may still get its answer after the contact is forgotten.
        let slot = command.contact().and_then(|id| self.contacts.slot(id));
        if slot.is_some_and(|slot| !self.contact_at(slot).is_open_to(&adapter)) {
            return Err(Refusal::UnknownContact);
        }
        self.handle_contact(now, command)
    }
}
