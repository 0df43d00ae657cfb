//! Contacts whose customers may yet be recognised, or recognised differently.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::{ContactId, Identities, Identity, Recognition, Text};
use crate::engine::Engine;
use crate::engine::state::contact::{Contact, Stage};

/// How many contacts are looked at per call: routing is blocked meanwhile.
const LOOKED_AT_MAX: usize = 1_000;

/// Some of the open contacts whose customers are unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unrecognised {
    /// The arrival number up to which contacts were looked at; none if there was nothing left.
    pub upto: Option<u64>,
    pub strangers: Vec<(ContactId, Identities)>,
}

impl Engine {
    /// Of the next open contacts that arrived after `after`, those with identities that have not
    /// been recognised, in the order of arrival.
    pub fn unrecognised(&self, after: u64) -> Unrecognised {
        let mut looked = Unrecognised::default();
        let open = self.contacts.open_after(after).map(|(_, contact)| contact);
        for contact in open.take(LOOKED_AT_MAX) {
            looked.upto = Some(contact.arrival);
            let identities = &contact.intake.identities;
            if !identities.is_empty() && !contact.recognition.is_known() {
                looked.strangers.push((contact.id, identities.clone()));
            }
        }
        looked
    }

    /// Open contacts of unknown customers with one of these identities, each once.
    pub fn unrecognised_with(&self, identities: &[Identity]) -> Vec<(ContactId, Identities)> {
        let each = identities.iter();
        let strangers = each.flat_map(|identity| self.contacts.strangers_with(identity));
        let by_arrival: BTreeMap<u64, &Contact> = strangers
            .map(|contact| (contact.arrival, contact))
            .collect();
        let told = by_arrival.into_values();
        told.map(|contact| (contact.id, contact.intake.identities.clone()))
            .collect()
    }

    /// Contacts of a customer that are not served yet, each with its current recognition, in the
    /// order of arrival.
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

/// It waits for an agent, or may wait for one later.
fn is_unserved(contact: &Contact) -> bool {
    match &contact.stage {
        Stage::Scheduled { .. }
        | Stage::Queued { .. }
        | Stage::Offered { .. }
        // It may come back to its line.
        | Stage::Active(_)
        | Stage::Parked(_) => true,
        Stage::Moving | Stage::WrapUp { .. } | Stage::Closed(_) => false,
    }
}
