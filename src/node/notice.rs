//! What an agent's desktop is told, before it is put into words: values, not
//! bytes, numbered gap-free per agent.

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
    /// About how many bytes it keeps alive.
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
        /// Of the same customer, the newest first: what the customer store does not have yet.
        unfiled: Vec<HistoryEntry>,
        /// All that are open of the same customer, in the order of arrival.
        open_contacts: Vec<ContactId>,
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
    /// An escalation of a contact whose account manager this agent is, or an answer to a
    /// customer that is late.
    Notice {
        kind: NoticeKind,
        rule: Name,
        queue: Name,
        contact: ContactView,
    },
    /// The same because of what another agent did.
    ContactShown {
        contact: ContactView,
        because: Because,
    },
    /// From the customer, or from the other agent of a conference.
    Message {
        contact: ContactId,
        from: Option<Name>,
        text: Text,
        /// Told to a desktop that came without it: so many may come at once.
        is_owed: bool,
    },
}

/// Why this agent was chosen, in facts.
#[derive(Clone, Debug, PartialEq)]
pub struct Why {
    /// How its queue chooses; none where that is not in the configuration any more.
    pub select: Option<Select>,
    pub waited: Millis,
    pub step: u32,
    pub due_terms: Vec<(DueTerm, Millis)>,
    pub queue: Name,
    /// What was compared, if there was time to keep it.
    pub choice: Option<Box<Brief>>,
    /// Asked for help by another agent.
    pub consult: Option<HelpRequest>,
}

/// Who asks for help, and with what words.
#[derive(Clone, Debug, PartialEq)]
pub struct HelpRequest {
    pub by: Name,
    pub note: Option<Text>,
}

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    Escalation,
    ResponseLate,
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

/// Told to supervisors and the webhook the moment it happens.
#[derive(Clone, Debug)]
pub struct EscalationNotice {
    /// The number of the event, or of the latest one if it is told again after a start.
    pub seq: u64,
    pub rule: Name,
    pub queue: Name,
    pub contact: ContactId,
    pub at: Timestamp,
    /// The rule says `notify = "supervisor"`, or there is no rule.
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
    /// Not answered then.
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
                contacts.iter().map(bytes_of_contact).sum()
            }
            Self::Presence(_) | Self::OfferGone { .. } => 0,
            Self::Offer {
                contact,
                unfiled,
                open_contacts,
                ..
            } => {
                let beside = size_of_val(&**unfiled) + size_of_val(&**open_contacts);
                bytes_of_contact(contact) + beside
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
