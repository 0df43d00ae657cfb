//! What an agent's desktop is told, before it is put into words: values, not
//! bytes, numbered gap-free per agent.

use std::sync::Arc;

use crate::domain::{ContactId, Millis, Name, OfferId, Text, Timestamp};
use crate::engine::contact::EndedBy;
use crate::engine::view::{AgentView, ContactView};

/// One numbered notice to one agent.
#[derive(Clone, Debug)]
pub struct Notice {
    pub seq: u64,
    pub at: Timestamp,
    pub tells: Tells,
}

#[derive(Clone, Debug)]
pub enum Tells {
    /// The first of a session.
    Welcome {
        session: u64,
        agent: AgentView,
        contacts: Vec<ContactView>,
    },
    /// What was missed is no longer held: everything as it stands.
    Resync {
        agent: AgentView,
        contacts: Vec<ContactView>,
    },
    Presence(AgentView),
    Offer {
        offer: OfferId,
        answer_within: Millis,
        contact: ContactView,
        why: Why,
    },
    OfferGone {
        offer: OfferId,
        reason: Gone,
    },
    Assigned(ContactView),
    ContactUpdated(ContactView),
    ContactEnded {
        contact: ContactView,
        ended_by: EndedBy,
    },
    /// From the customer.
    Message {
        contact: ContactId,
        text: Text,
    },
}

/// Why this agent was chosen, in facts.
#[derive(Clone, Debug, PartialEq)]
pub struct Why {
    pub select: &'static str,
    pub waited: Millis,
    pub step: u32,
    pub due_terms: Vec<(&'static str, Millis)>,
    pub queue: Name,
}

/// Why an offer is gone, in the words of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    Taken,
    Withdrawn,
    Expired,
    Undelivered,
    CustomerLeft,
    Superseded,
}

/// Told to supervisors the moment it happens.
#[derive(Clone, Debug)]
pub struct EscalationNotice {
    pub rule: Name,
    pub queue: Name,
    pub contact: ContactId,
    pub at: Timestamp,
}

/// Why a desk's stream of notices ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The same agent signed in elsewhere: close code 4001.
    Replaced,
    /// The desktop reads too slowly: close code 4008.
    TooSlow,
    /// The server stops: close code 1012.
    Stopping,
}

pub type SharedNotice = Arc<Notice>;
