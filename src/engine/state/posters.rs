//! The names of adapters, each stored once for all of its contacts.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::domain::Text;

/// The adapters of known contacts, with their counts: each name is stored once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct Posters(BTreeMap<Text, u32>);

impl Posters {
    /// Counts a contact of this adapter; returns the shared name.
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

    /// How many contacts each has, for the audit.
    pub(in crate::engine) fn counts(&self) -> &BTreeMap<Text, u32> {
        &self.0
    }
}
