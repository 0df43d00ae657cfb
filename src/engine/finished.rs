//! Contacts that have ended and are not yet in the histories of their customers.

use std::sync::Arc;

use crate::domain::{ContactId, Intake, Name, Text, Timestamp};
use crate::engine::Engine;
use crate::engine::contact::Stage;

/// The next contacts to be filed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unfiled {
    /// Up to this closing number every contact of a customer is among `contacts`, or was
    /// before; none if all are filed.
    pub closed_upto: Option<u64>,
    pub contacts: Vec<Finished>,
    /// Others follow.
    pub more: bool,
}

/// What a history tells of a contact.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    pub contact: ContactId,
    pub customer: Text,
    pub closed_at: Timestamp,
    pub intake: Arc<Intake>,
    pub agent: Option<Name>,
    pub outcome: Text,
}

impl Engine {
    /// Looks at the next `at_most` closed contacts; strangers have no history.
    pub fn unfiled(&self, at_most: usize) -> Unfiled {
        let pending = usize::try_from(self.closed_number - self.filed_upto).unwrap_or(usize::MAX);
        let skip = self.closed.len().saturating_sub(pending);
        let mut unfiled = Unfiled {
            more: pending > at_most,
            ..Unfiled::default()
        };
        for slot in self.closed.iter().skip(skip).take(at_most) {
            let contact = self.contact_at(*slot);
            let Stage::Closed(closing) = &contact.stage else {
                unreachable!("a closed contact stays closed");
            };
            unfiled.closed_upto = Some(closing.number);
            let Some(customer) = &contact.recognition.customer else {
                continue;
            };
            let outcome = closing.outcome.clone();
            unfiled.contacts.push(Finished {
                contact: contact.id,
                customer: customer.clone(),
                closed_at: closing.at,
                intake: Arc::clone(&contact.intake),
                agent: closing
                    .agent
                    .map(|agent| self.registry.agents.name(agent).clone()),
                outcome: outcome.unwrap_or_else(|| Text::from(contact.state_name())),
            });
        }
        unfiled
    }
}
