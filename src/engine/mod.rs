//! The decision: which contact goes to which agent, and when to give up
//! waiting.

pub mod agent;
pub mod codec;
pub mod command;
pub mod contact;
pub mod event;
pub mod line;
pub mod options;
pub mod refusal;
pub mod registry;
pub mod view;

use crate::domain::{ContactId, Name, PerChannel, Timestamp};
use command::Command;
use event::Recorded;
use options::Options;
use refusal::Refusal;
use registry::{AgentKey, Registry};
use std::sync::Arc;
use view::{AgentView, ContactView, Explanation, QueueView};

/// STUB of the real engine: signatures only, so that colleagues can compile.
#[derive(Debug)]
pub struct Engine;

/// What a command came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// `fresh` is false when a repeated request got the contact that exists.
    Contact {
        contact: ContactId,
        fresh: bool,
    },
    /// Connected under this session number.
    Session {
        number: u64,
    },
    Nothing,
}

/// An event on its way out, with the number of the agent's frame that tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Emitted {
    pub recorded: Recorded,
    pub told: Option<(AgentKey, u64)>,
}

/// Counts of contacts taken from where they stand (lines, agents' hands,
/// deadlines), independently of the events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Per queue (by key) and channel.
    pub scheduled: Vec<PerChannel<u64>>,
    pub queued: Vec<PerChannel<u64>>,
    pub offered: Vec<PerChannel<u64>>,
    pub active: Vec<PerChannel<u64>>,
    pub wrap_up: Vec<PerChannel<u64>>,
    /// All that are not closed.
    pub open: u64,
    pub longest_waiting_since: Vec<Option<Timestamp>>,
    pub staffed: Vec<u64>,
    pub available: Vec<u64>,
    /// [intent][session], in the order of `Intent::NAMES` and `Session::NAMES`.
    pub agents: [[u64; 3]; 3],
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    pub fn new() -> Self {
        Self
    }
    /// Decides. A refusal changes nothing.
    pub fn handle(&mut self, _now: Timestamp, _command: Command) -> Result<Done, Refusal> {
        unimplemented!()
    }
    /// Carries out at most `at_most` deadlines that are due; true if more are due.
    pub fn expire(&mut self, _now: Timestamp, _at_most: usize) -> bool {
        unimplemented!()
    }
    pub fn next_deadline(&self) -> Option<Timestamp> {
        unimplemented!()
    }
    /// The events since the last call, in order. Drain before the next command.
    pub fn poll_event(&mut self) -> Option<Emitted> {
        unimplemented!()
    }
    /// Recovery: folds one event of the journal.
    pub fn apply(&mut self, _recorded: &Recorded) {
        unimplemented!()
    }
    /// The number of the last event.
    pub fn seq(&self) -> u64 {
        unimplemented!()
    }
    /// The instant of the last event: the clock may not run behind it.
    pub fn last_at(&self) -> Timestamp {
        unimplemented!()
    }
    /// The whole state, for a snapshot file; `restore` is its inverse.
    pub fn snapshot(&self) -> Vec<u8> {
        unimplemented!()
    }
    pub fn restore(_bytes: &[u8]) -> Result<Self, String> {
        unimplemented!()
    }
    pub fn state_hash(&self) -> [u8; 32] {
        unimplemented!()
    }
    pub fn options(&self) -> Option<&Arc<Options>> {
        unimplemented!()
    }
    pub fn registry(&self) -> &Registry {
        unimplemented!()
    }
    pub fn contact(&self, _id: ContactId, _now: Timestamp) -> Option<ContactView> {
        unimplemented!()
    }
    /// A page of contacts in order of arrival, those after `after`; filters may be empty.
    pub fn contacts(&self, _filter: &ContactFilter, _now: Timestamp) -> Vec<ContactView> {
        unimplemented!()
    }
    pub fn agent(&self, _id: &str) -> Option<AgentView> {
        unimplemented!()
    }
    pub fn agents(&self) -> Vec<AgentView> {
        unimplemented!()
    }
    pub fn queue(&self, _id: &str) -> Option<QueueView> {
        unimplemented!()
    }
    pub fn queues(&self) -> Vec<QueueView> {
        unimplemented!()
    }
    /// What the agent holds: offered, active and wrap-up contacts.
    pub fn contacts_of(&self, _agent: &str, _now: Timestamp) -> Vec<ContactView> {
        unimplemented!()
    }
    pub fn explain(&self, _id: ContactId, _now: Timestamp) -> Option<Explanation> {
        unimplemented!()
    }
    pub fn open_contacts_of_customer(&self, _customer: &str) -> Vec<ContactId> {
        unimplemented!()
    }
    pub fn census(&self) -> Census {
        unimplemented!()
    }
    /// Closed contacts that are not yet filed in their customers' histories, in the order of closing.
    pub fn unfiled(&self, _at_most: usize) -> Vec<(u64, ContactView)> {
        unimplemented!()
    }
}

#[derive(Clone, Debug, Default)]
pub struct ContactFilter {
    pub state: Option<&'static str>,
    pub queue: Option<Name>,
    pub customer: Option<String>,
    pub after: Option<ContactId>,
    pub limit: usize,
}
