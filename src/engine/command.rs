//! The commands of the engine.

use std::sync::Arc;

use crate::domain::{
    AttributeChanges, Attributes, ContactId, Intake, Millis, Name, OfferId, Phone, Recognition,
    Text,
};
use crate::engine::options::Options;

/// The reason of a [`ContactRequest::Cancel`] by which an adapter reports that the customer has
/// left.
pub const CUSTOMER_LEFT: &str = "customer_left";

/// The shortest and the longest cooldown that a decline can ask for; the engine clamps to them.
pub const RETRY_AFTER_MIN: Millis = Millis::from_s(1);
pub const RETRY_AFTER_MAX: Millis = Millis::from_s(86_400);

/// The key of a request, and a fingerprint of its content: hashes made by the shell. The same key
/// with another fingerprint is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct RequestKey {
    #[cbor(n(0), with = "crate::engine::codec::wide")]
    pub key: u128,
    #[cbor(n(1), with = "crate::engine::codec::wide")]
    pub fingerprint: u128,
}

/// A hash, made by the shell, of the id that a desktop gave a command and of what it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, minicbor::Encode, minicbor::Decode)]
#[cbor(transparent)]
pub struct CommandKey(#[n(0)] pub u64);

#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// From a supervisor or the site itself, for any contact.
    Contact(ContactCommand),
    /// From the named adapter, for contacts that it has posted itself.
    ByAdapter {
        adapter: Text,
        command: ContactCommand,
    },
    Agent(AgentCommand),
    Site(SiteCommand),
}

/// From an adapter or a supervisor, about one contact.
#[derive(Clone, Debug, PartialEq)]
pub enum ContactCommand {
    /// `id` is used if the contact is new; the same natural key (adapter, channel and external id)
    /// or the same request key returns the existing contact.
    Submit {
        id: ContactId,
        intake: Box<Intake>,
        recognition: Recognition,
        key: Option<RequestKey>,
    },
    /// The customer store has answered after the contact was queued.
    Recognise {
        contact: ContactId,
        recognition: Recognition,
    },
    Update {
        contact: ContactId,
        patch: Patch,
    },
    Request {
        contact: ContactId,
        request: ContactRequest,
        key: Option<RequestKey>,
    },
}

/// What may be asked of a known contact, perhaps under a key.
#[derive(Clone, Debug, PartialEq)]
pub enum ContactRequest {
    Cancel {
        reason: Text,
    },
    /// From the customer.
    Message {
        text: Text,
    },
    /// The customer, being served, has ended it in the ordinary way.
    End {
        outcome: Text,
    },
    /// The customer of a waiting contact asks to be called, at this number or the one that the
    /// contact came with.
    Callback {
        phone: Option<Phone>,
        mode: CallbackMode,
    },
    /// The customer has answered the call. `attempt` says which call is meant.
    CallbackAnswered {
        attempt: Option<u32>,
    },
    /// The customer has not answered the call.
    CallbackFailed {
        attempt: Option<u32>,
        outcome: Option<Text>,
    },
    /// A supervisor offers a waiting contact to a named agent.
    Assign {
        agent: Name,
        by: Text,
    },
    /// A supervisor returns a contact to the line, in its old place.
    Requeue {
        by: Text,
    },
}

/// Who is reached first in a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallbackMode {
    /// An agent, who then dials.
    AgentFirst,
    /// The customer, before an agent is asked.
    CustomerFirst,
}

impl ContactCommand {
    /// The contact concerned; none if it is new.
    pub const fn contact(&self) -> Option<ContactId> {
        match self {
            Self::Submit { .. } => None,
            Self::Recognise { contact, .. }
            | Self::Update { contact, .. }
            | Self::Request { contact, .. } => Some(*contact),
        }
    }
}

/// What a `PATCH` of a contact asks for: whatever is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patch {
    pub topic: Option<Name>,
    /// −1 (furious) to 1 (delighted).
    pub sentiment: Option<f64>,
    pub attributes: Option<AttributeChanges>,
}

/// What a `PATCH` of a contact has changed.
#[derive(Clone, Debug, Default, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct Change {
    #[n(0)]
    pub topic: Option<Name>,
    /// −1 (furious) to 1 (delighted).
    #[n(1)]
    pub sentiment: Option<f64>,
    /// All attributes that the contact has from then on.
    #[n(2)]
    pub attributes: Option<Attributes>,
}

/// From an agent's desktop, or about an agent.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentCommand {
    pub agent: Name,
    pub act: Act,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// A desktop has connected; it replaces an earlier session.
    Connect,
    /// A supervisor sets the agent's intent, perhaps under a key.
    Intend {
        intent: Intention,
        by: Text,
        key: Option<RequestKey>,
    },
    /// From the desktop of this session; refused if it was replaced or lost.
    Desk {
        session: u64,
        act: DeskAct,
        /// None: it is never repeated.
        key: Option<CommandKey>,
    },
}

/// From a desktop that is connected.
#[derive(Clone, Debug, PartialEq)]
pub enum DeskAct {
    /// Its socket is gone.
    Lose,
    /// The desktop has acknowledged every frame up to this number.
    Hear {
        upto: u64,
    },
    /// The desktop came back with every frame up to this number, and is sent the rest.
    Resume {
        upto: u64,
    },
    /// The desktop came back with every frame up to this number, and the frames it missed are no
    /// longer held.
    Resync {
        upto: u64,
    },
    /// A new desktop that has not asked for frames missed before it connected.
    CatchUp,
    /// A new desktop that has asked for nothing within the time to resume.
    Release,
    Intend {
        intent: Intention,
        by: Text,
    },
    Deliver {
        offer: OfferId,
    },
    Accept {
        offer: OfferId,
    },
    Decline {
        offer: OfferId,
        reason: Option<Text>,
        retry_after: Option<Millis>,
    },
    Message {
        contact: ContactId,
        text: Text,
    },
    /// The customer waits on hold; the contact stays with its agent.
    Hold {
        contact: ContactId,
    },
    Unhold {
        contact: ContactId,
    },
    /// Parks a contact; it stays with its agent and leaves room for others.
    Park {
        contact: ContactId,
    },
    Unpark {
        contact: ContactId,
    },
    Transfer {
        contact: ContactId,
        to: Destination,
        note: Option<Text>,
        manner: Manner,
    },
    /// Asks a second agent for help.
    Consult {
        contact: ContactId,
        to: Destination,
        note: Option<Text>,
    },
    Conference {
        contact: ContactId,
    },
    EndConsult {
        contact: ContactId,
    },
    Complete {
        contact: ContactId,
        outcome: Text,
        notes: Option<Text>,
    },
    FinishWrapUp {
        contact: ContactId,
    },
    ExtendWrapUp {
        contact: ContactId,
    },
    /// This contact, or the next one.
    Pull {
        queue: Name,
        contact: Option<ContactId>,
    },
    /// Calls the same customer again.
    Recall {
        contact: ContactId,
    },
    /// The customer whom the agent has called does not come.
    NoShow {
        contact: ContactId,
    },
    /// The number of a callback was not answered.
    FailCallback {
        contact: ContactId,
        outcome: Option<Text>,
    },
}

impl DeskAct {
    pub const fn of(self, session: u64) -> Act {
        let key = None;
        Act::Desk {
            session,
            act: self,
            key,
        }
    }

    /// Under the key by which a repeat of it is recognised.
    pub const fn under(self, key: CommandKey, session: u64) -> Act {
        Act::Desk {
            session,
            act: self,
            key: Some(key),
        }
    }
}

/// What an agent may ask for; only the engine takes an agent offline.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum Intention {
    #[n(0)]
    Ready,
    #[n(1)]
    NotReady {
        #[n(0)]
        reason: Text,
    },
    /// Finish the work in hand, then not ready.
    #[n(2)]
    Draining {
        #[n(0)]
        reason: Text,
    },
}

impl Intention {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NotReady { .. } => "not_ready",
            Self::Draining { .. } => "draining",
        }
    }
}

/// How a contact is transferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Manner {
    /// Otherwise it waits as if it had just come.
    pub keep_age: bool,
    /// On in its queue, if the named agent cannot be offered it at once.
    pub or_queue: bool,
}

impl Manner {
    /// The default.
    pub const ORDINARY: Self = Self {
        keep_age: true,
        or_queue: false,
    };
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Destination {
    Queue(Name),
    Agent(Name),
}

/// About the site as a whole.
#[derive(Clone, Debug, PartialEq)]
pub enum SiteCommand {
    Configure(Arc<Options>),
    /// The process has restarted: no earlier socket exists.
    Restart,
    /// The process is about to end: nobody is offered anything any more.
    Stop,
    Pause {
        queue: Name,
        by: Text,
        key: Option<RequestKey>,
    },
    Resume {
        queue: Name,
        by: Text,
        key: Option<RequestKey>,
    },
    /// Closed contacts up to this number are in their customers' histories.
    FileHistory {
        closed_upto: u64,
    },
    /// The webhook has been called for every escalation up to this event, or will not be.
    EscalationsTold {
        upto_seq: u64,
    },
}
