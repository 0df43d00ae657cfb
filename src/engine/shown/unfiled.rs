//! Closed contacts that are not yet in their customers' histories.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::domain::{ContactId, Intake, Name, Text, Timestamp};
use crate::engine::Engine;
use crate::engine::state::contact::{Closing, Contact, Stage};

/// The next contacts to be filed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unfiled {
    /// Up to this closing number every contact of a known or possible customer is in `contacts`, or
    /// was returned before; none if all are filed.
    pub closed_upto: Option<u64>,
    pub contacts: Vec<Finished>,
    /// How many are remembered and not filed, including those in `contacts`.
    pub waiting: usize,
    /// All up to this closing number are filed.
    pub filed_upto: u64,
    /// All up to this closing number are forgotten, filed or not.
    pub forgotten_upto: u64,
}

/// What a history contains about a contact.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    pub contact: ContactId,
    /// None if the customer is yet to be found, by what the intake contains.
    pub customer: Option<Text>,
    pub closed_at: Timestamp,
    pub intake: Arc<Intake>,
    pub agent: Option<Name>,
    pub outcome: Text,
}

/// How many of a customer's newest contacts are searched for unfiled ones.
const LOOKED_THROUGH: usize = 32;
/// How many of a customer's contacts are asked for usually: as many as an offer contains.
const ASKED_FOR: usize = 5;

impl Engine {
    /// The next `at_most` closed contacts; anonymous customers have no history.
    pub fn unfiled(&self, at_most: usize) -> Unfiled {
        let remembered = self.closed.len();
        let waiting = self.pending().min(remembered);
        let skip = remembered - waiting;
        let mut unfiled = Unfiled {
            waiting,
            filed_upto: self.filed_upto,
            forgotten_upto: self.closed_number.saturating_sub(remembered as u64),
            ..Unfiled::default()
        };
        for slot in self.closed.iter().skip(skip).take(at_most) {
            let contact = self.contact_at(*slot);
            let Stage::Closed(closing) = &contact.stage else {
                unreachable!("a closed contact stays closed");
            };
            unfiled.closed_upto = Some(closing.number);
            unfiled.contacts.extend(self.finished(contact, closing));
        }
        unfiled
    }

    /// Contacts of this customer that are closed and not filed, newest first.
    pub fn unfiled_of(&self, customer: &Text, at_most: usize) -> Vec<Finished> {
        if self.pending() == 0 {
            return Vec::new();
        }
        let contacts = &self.contacts;
        let unfiled = contacts.closed_of_customer(customer, self.filed_upto, LOOKED_THROUGH);
        let unfiled: SmallVec<[&Contact; ASKED_FOR]> = unfiled.take(at_most).collect();
        // Read from memory all at once.
        unfiled.iter().for_each(|contact| contact.fetch());
        let finished = unfiled.iter();
        finished
            .filter_map(|contact| self.finished(contact, contact.closing()?))
            .collect()
    }

    /// How many closed contacts are not filed, remembered or not.
    fn pending(&self) -> usize {
        usize::try_from(self.closed_number - self.filed_upto).unwrap_or(usize::MAX)
    }

    fn finished(&self, contact: &Contact, closing: &Closing) -> Option<Finished> {
        let customer = contact.recognition.customer.clone();
        if customer.is_none() && contact.intake.identities.is_empty() {
            return None;
        }
        let outcome = closing.outcome.clone();
        let agent = closing.agent;
        Some(Finished {
            contact: contact.id,
            customer,
            closed_at: closing.at,
            intake: Arc::clone(&contact.intake),
            agent: agent.map(|agent| self.registry.agents.name(agent).clone()),
            outcome: outcome.unwrap_or_else(|| Text::from(closing.how.name())),
        })
    }
}
