//! Contacts whose customers may yet be recognised.

use crate::domain::{ContactId, Identities};
use crate::engine::Engine;

impl Engine {
    /// Open contacts that came with identities which nobody has recognised, in
    /// the order of arrival.
    pub fn unrecognised(&self) -> Vec<(ContactId, Identities)> {
        let open = self.contacts.open_after(0).map(|(_, contact)| contact);
        let strangers = open.filter(|contact| {
            !contact.intake.identities.is_empty() && !contact.recognition.is_known()
        });
        strangers
            .map(|contact| (contact.id, contact.intake.identities.clone()))
            .collect()
    }
}
