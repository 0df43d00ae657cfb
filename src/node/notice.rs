//! Notices to an agent's desktop as values, before they are serialised, numbered per agent without
//! gaps.

use std::sync::Arc;

use crate::customer::HistoryEntry;
use crate::domain::{ContactId, Millis, Name, OfferId, Phone, Text, Timestamp};
use crate::engine::choosing::choice::Brief;
use crate::engine::event::Because;
use crate::engine::options::Select;
use crate::engine::state::contact::EndedBy;
use crate::engine::state::due::DueTerm;
use crate::engine::view::{AgentView, ContactView};

/// One numbered notice to one agent.
#[derive(Clone, Debug)]
pub struct Notice {
    pub seq: u64,
    pub at: Timestamp,
    pub tells: Tells,
    /// Roughly how many bytes it keeps alive.
    pub(super) bytes: usize,
}

impl Notice {
    pub(super) fn new(seq: u64, at: Timestamp, tells: Tells) -> Self {
        Self {
            seq,
            at,
            bytes: size_of::<Self>() + tells.bytes_behind(),
            tells,
        }
    }
}

/// Views are boxed, so that small notices are small: an idle desktop keeps two, without a contact.
#[derive(Clone, Debug)]
pub enum Tells {
    /// The first of a session.
    Welcome {
        session: u64,
        agent: Box<AgentView>,
        contacts: Vec<ContactView>,
    },
    /// The missed notices are no longer held: the complete current state.
    Resync {
        agent: Box<AgentView>,
        contacts: Vec<ContactView>,
    },
    Presence(Box<AgentView>),
    Offer {
        offer: OfferId,
        answer_within: Millis,
        contact: Box<ContactView>,
        /// Contacts of the same customer that the customer store does not have yet, newest first.
        unfiled: Vec<HistoryEntry>,
        /// All open contacts of the same customer, in order of arrival.
        open_contacts: Vec<ContactId>,
        why: Box<Why>,
    },
    OfferGone {
        offer: OfferId,
        reason: Gone,
    },
    Assigned(Box<ContactView>),
    ContactUpdated(Box<ContactView>),
    ContactEnded {
        contact: Box<ContactView>,
        ended_by: EndedBy,
    },
    /// An escalation of a contact whose account manager this agent is, or a reply to a customer
    /// that is late.
    Notice {
        kind: NoticeKind,
        rule: Name,
        queue: Name,
        contact: Box<ContactView>,
    },
    /// As above, because of what another agent did.
    ContactShown {
        contact: Box<ContactView>,
        because: Because,
    },
    /// From the customer or from the other agent of a conference.
    Message {
        contact: ContactId,
        from: Option<Name>,
        text: Text,
        /// Sent to a desktop that reconnected without it: many can arrive at once.
        is_owed: bool,
    },
}

/// Why this agent was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Why {
    /// The queue's selection rule; none if the queue is no longer configured.
    pub select: Option<Select>,
    pub waited: Millis,
    pub step: u32,
    pub due_terms: Vec<(DueTerm, Millis)>,
    pub queue: Name,
    /// What was compared, if it could be recorded.
    pub choice: Option<Box<Brief>>,
    /// Set if another agent asked for help.
    pub consult: Option<HelpRequest>,
}

/// The agent who asks for help, and the message.
#[derive(Clone, Debug, PartialEq)]
pub struct HelpRequest {
    pub by: Name,
    pub note: Option<Text>,
}

/// The kind of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    Escalation,
    ResponseLate,
}

/// Why an offer is gone, in the terms of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    Taken,
    Withdrawn,
    Expired,
    Undelivered,
    CustomerLeft,
    Superseded,
}

/// Sent to supervisors and the webhook when it happens.
#[derive(Clone, Debug)]
pub struct EscalationNotice {
    /// The number of the event, or of the latest one if it is repeated after a start.
    pub seq: u64,
    pub rule: Name,
    pub queue: Name,
    pub contact: ContactId,
    pub at: Timestamp,
    /// True if the rule has `notify = "supervisor"`, or no rule applies.
    pub notifies_supervisors: bool,
    /// The call that an adapter is to make.
    pub dial: Option<Dial>,
}

/// A customer to be called.
#[derive(Clone, Debug)]
pub struct Dial {
    pub phone: Phone,
    /// Counted from 1.
    pub attempt: u32,
    /// Counts as unanswered from then on.
    pub until: Timestamp,
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

pub type SharedEscalation = Arc<EscalationNotice>;

impl Tells {
    fn bytes_behind(&self) -> usize {
        match self {
            Self::Welcome { contacts, .. } | Self::Resync { contacts, .. } => {
                let contacts = contacts.iter().map(bytes_of_contact);
                size_of::<AgentView>() + contacts.sum::<usize>()
            }
            Self::Presence(_) => size_of::<AgentView>(),
            Self::OfferGone { .. } => 0,
            Self::Offer {
                contact,
                unfiled,
                open_contacts,
                ..
            } => {
                let beside = size_of_val(&**unfiled) + size_of_val(&**open_contacts);
                size_of::<Why>() + bytes_of_contact(contact) + beside
            }
            Self::Assigned(contact)
            | Self::ContactUpdated(contact)
            | Self::Notice { contact, .. }
            | Self::ContactShown { contact, .. }
            | Self::ContactEnded { contact, .. } => bytes_of_contact(contact),
            Self::Message { text, .. } => text.len(),
        }
    }
}

fn bytes_of_contact(contact: &ContactView) -> usize {
    let texts = [&contact.intake.text, &contact.notes, &contact.outcome];
    let written: usize = texts.into_iter().flatten().map(|text| text.len()).sum();
    size_of::<ContactView>() + written + contact.intake.attributes.bytes()
}
