//! Contacts whose customers may yet be recognised.

use crate::domain::{ContactId, Identities};
use crate::engine::Engine;
use crate::engine::contact::Contact;

impl Engine {
    /// Open contacts that came with identities which nobody has recognised, in
    /// the order of arrival.
    pub fn unrecognised(&self) -> Vec<(ContactId, Identities)> {
        let mut found: Vec<&Contact> = Vec::new();
        for (_, contact) in &self.contacts {
            let is_named = !contact.intake.identities.is_empty();
            if is_named && !contact.is_closed() && !contact.recognition.is_known() {
                found.push(contact);
            }
        }
        found.sort_unstable_by_key(|contact| contact.arrival);
        let named = |contact: &Contact| (contact.id, contact.intake.identities.clone());
        found.into_iter().map(named).collect()
    }
}
