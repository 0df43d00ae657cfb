//! Whose contact it is: an adapter speaks of what it has posted, and of nothing else.
//!
//! A contact of another adapter is refused exactly as one that does not exist. What came
//! before adapters were told apart belongs to nobody, and every adapter may speak of it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::domain::{ContactId, Text, Timestamp};
use crate::engine::command::ContactCommand;
use crate::engine::handlers::submit::Submission;
use crate::engine::refusal::Refusal;
use crate::engine::state::contact::Contact;
use crate::engine::view::ContactView;
use crate::engine::{Done, Engine};

/// The adapters whose contacts are known, by how many there are: each name is kept once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct Posters(BTreeMap<Text, u32>);

impl Posters {
    /// Counts a contact of this adapter; the name that all of them share.
    pub(in crate::engine) fn share(&mut self, name: Text) -> Text {
        match self.0.entry(name) {
            Entry::Occupied(mut known) => {
                *known.get_mut() += 1;
                known.key().clone()
            }
            Entry::Vacant(new) => {
                let name = new.key().clone();
                new.insert(1);
                name
            }
        }
    }

    /// A contact of this adapter is forgotten.
    pub(in crate::engine) fn forget(&mut self, name: &Text) {
        if let Some(count) = self.0.get_mut(name) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(name);
            }
        }
    }

    /// How many contacts each has, for an audit.
    pub(in crate::engine) fn counts(&self) -> &BTreeMap<Text, u32> {
        &self.0
    }
}

impl Contact {
    pub(in crate::engine) fn is_open_to(&self, adapter: &Text) -> bool {
        self.posted_by.as_ref().is_none_or(|by| by == adapter)
    }
}

impl Engine {
    /// A contact at this moment, as the adapter who posted it sees it.
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
        // Of what is forgotten, a repeat may still be told.
        let slot = command.contact().and_then(|id| self.contacts.slot(id));
        if slot.is_some_and(|slot| !self.contact_at(slot).is_open_to(&adapter)) {
            return Err(Refusal::UnknownContact);
        }
        self.handle_contact(now, command)
    }
}
