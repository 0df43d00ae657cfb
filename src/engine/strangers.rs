//! Contacts whose customers may yet be recognised, or recognised otherwise.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::{ContactId, Identities, Recognition, Text};
use crate::engine::Engine;
use crate::engine::contact::{Contact, Stage};

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

    /// Contacts of a customer for whom it matters who that is, and who it is held to be;
    /// in the order of arrival.
    pub fn unserved_of_customer(&self, customer: &Text) -> Vec<(ContactId, Arc<Recognition>)> {
        let open = self.contacts.open_of_customer(customer);
        let unserved = open.filter(|contact| is_unserved(contact));
        let told = unserved.map(|contact| (contact.id, Arc::clone(&contact.recognition)));
        told.collect()
    }

    /// The customers of such contacts, each once.
    pub fn unserved_customers(&self) -> Vec<Text> {
        let open = self.contacts.open_after(0).map(|(_, contact)| contact);
        let unserved = open.filter(|contact| is_unserved(contact));
        let customers = unserved.filter_map(|contact| contact.recognition.customer.clone());
        let customers: BTreeSet<Text> = customers.collect();
        customers.into_iter().collect()
    }
}

/// It waits for an agent, now or later.
fn is_unserved(contact: &Contact) -> bool {
    match &contact.stage {
        Stage::Scheduled { .. }
        | Stage::Queued { .. }
        | Stage::Offered { .. }
        // It may come back to its line.
        | Stage::Parked(_) => true,
        Stage::Moving | Stage::Active(_) | Stage::WrapUp { .. } | Stage::Closed(_) => false,
    }
}
