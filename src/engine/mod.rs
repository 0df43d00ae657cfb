//! The decision: which contact goes to which agent, and when to give up
//! waiting.
//!
//! [`Engine::handle`] and [`Engine::expire`] are the inputs, both with the current instant;
//! [`Engine::poll_event`] returns what came of them and must be drained before the next call.
//! [`Engine::next_deadline`] says when to call `expire` next. [`Engine::apply`] folds one event of
//! the journal, during recovery and in normal operation: it is the only writer of what a snapshot
//! holds.
//!
//! The parts:
//! - What goes in and comes out: `command`, `event`, `refusal`, `view`, and the configuration in
//!   `options`, with `condition` for its expressions; `codec` has helpers for encoding them.
//! - `handlers` of commands and deadlines; `choosing` which contact goes to which agent; the
//!   `lifecycle` of a contact, in line and with agents.
//! - `state`, which folds events; and the views of it that are `shown` on demand.
//!
//! **Invariant:** nothing here reads a clock, does I/O or depends on the order of a hash map, and
//! no decision depends on a random number: the only one seeds hashes, whose order is never visible.

// What goes in and comes out.
pub mod codec;
pub mod command;
pub mod condition;
pub mod event;
pub mod options;
pub mod refusal;
pub mod view;

// What the engine does.
pub mod choosing;
mod handlers;
pub mod lifecycle;

// What it knows, and shows.
pub mod shown;
pub mod state;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::RandomState;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::domain::{ContactId, Millis, Name, PerChannel, Phone, Recognition, Timestamp};
use crate::engine::choosing::choice::Choices;
use crate::engine::command::{Command, RequestKey};
use crate::engine::event::{Event, Recorded};
use crate::engine::lifecycle::escalation::{Claims, Owed};
use crate::engine::options::Options;
use crate::engine::refusal::Refusal;
use crate::engine::shown::forecast::Forecast;
use crate::engine::shown::foresee::Effects;
use crate::engine::state::agent::Agent;
use crate::engine::state::capacity::Classes;
use crate::engine::state::contact::Contact;
use crate::engine::state::contacts::{Contacts, Slot};
use crate::engine::state::deadline::Deadlines;
use crate::engine::state::learn::Learned;
use crate::engine::state::needs::Needs;
use crate::engine::state::pool::Pool;
use crate::engine::state::queue::{Queue, QueueRules};
use crate::engine::state::registry::{AgentKey, QueueKey, Registry};
use crate::engine::state::spread::SpreadMap;
use crate::engine::state::untold::Untold;

pub use crate::engine::shown::look::{ContactFilter, ContactPage};

/// One site: its queues, agents and contacts.
#[derive(Clone, Debug, Default)]
pub struct Engine {
    seq: u64,
    last_at: Timestamp,
    out: VecDeque<Emitted>,

    options: Option<Arc<Options>>,
    registry: Registry,
    rules: Vec<QueueRules>,
    /// How many times the rules have been built; not in the snapshot.
    configurations: u32,
    head_starts: Vec<Millis>,
    /// A queue reserves idle agents for some tiers.
    keeps_back: bool,
    topics: FxHashMap<Name, QueueKey>,
    classes: Classes,

    contacts: Contacts,
    /// The recognition shared by all strangers.
    nothing_known: Arc<Recognition>,
    /// The keys come from outside, so the hash is seeded and cannot be predicted.
    requests: SpreadMap<u128, Request, RandomState>,
    /// The keys of `requests`, oldest first.
    request_ages: VecDeque<(Timestamp, u128)>,
    arrivals: u64,
    /// Slots of closed contacts, oldest first.
    closed: VecDeque<Slot>,
    /// Slots of open callbacks by the number to dial.
    callbacks: BTreeMap<Phone, Vec<Slot>>,
    /// Agents for whom a customer is being called, and that customer's contact.
    dialled_for: BTreeMap<AgentKey, Slot>,
    /// Contacts that have a live offer and may have more of them, by arrival.
    wide: BTreeSet<(u64, Slot)>,
    /// Capacity was freed, or more offers are wanted, since further offers were last made.
    may_fan_out: bool,
    closed_number: u64,
    filed_upto: u64,
    untold: VecDeque<Untold>,

    agents: Vec<Agent>,
    pool: Pool,
    /// Agents whose standing in the pool is out of date; empty between two events.
    restless: Vec<AgentKey>,
    /// Agents that keep room for a contact.
    keeping_room: BTreeSet<AgentKey>,
    /// Agents that have contacts in hand and are not staffed.
    leaving: BTreeSet<AgentKey>,
    /// Agents that kept room for a contact that no longer needs it; empty between commands.
    has_room_again: BTreeSet<AgentKey>,
    /// Queues whose lines have changed; empty between two events.
    resized: Vec<QueueKey>,
    /// Queues that have grown past the bound of a `waiting_over` rule since it was last evaluated.
    grown: BTreeSet<QueueKey>,
    /// Contacts in line that a fired rule has yet to take elsewhere.
    owed: Owed,
    /// Contacts in line that claim the next agent once it is reserved for no other contact.
    claims: Claims,
    queues: Vec<Queue>,
    needs: Needs,
    learned: Learned,
    /// Not in the snapshot: measured anew after a restart.
    forecast: Forecast,
    deadlines: Deadlines,
    /// Not part of the state: no decision depends on it.
    choices: Choices,
    /// Nor is this: what the last configuration changed.
    reloaded: Option<Box<Effects>>,
    /// Offers made so far.
    turns: u64,
    /// Nor is this: the process is about to end, and a desktop that was offered a contact would be
    /// closed a moment later.
    is_stopping: bool,
}

/// A remembered request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
struct Request {
    #[n(0)]
    key: RequestKey,
    #[n(1)]
    contact: Option<ContactId>,
    #[n(2)]
    at: Timestamp,
}

/// The result of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// `fresh` is false when a repeated request returned the existing contact.
    Contact {
        contact: ContactId,
        fresh: bool,
    },
    /// Connected with this session number.
    Session {
        number: u64,
    },
    /// The same request was carried out before, under the same key.
    Again,
    Nothing,
}

impl Done {
    /// It was carried out on this contact.
    pub const fn contact(contact: ContactId) -> Self {
        let fresh = true;
        Self::Contact { contact, fresh }
    }
}

/// An emitted event, with the number of the frame that reports it to an agent.
#[derive(Clone, Debug, PartialEq)]
pub struct Emitted {
    pub recorded: Recorded,
    pub told: Option<(AgentKey, u64)>,
}

/// Counts of contacts read from the indexes (lines, agents' hands, the schedule), independently of
/// the events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Per queue (by key) and channel.
    pub scheduled: Vec<PerChannel<u64>>,
    pub queued: Vec<PerChannel<u64>>,
    pub offered: Vec<PerChannel<u64>>,
    pub active: Vec<PerChannel<u64>>,
    pub parked: Vec<PerChannel<u64>>,
    pub wrap_up: Vec<PerChannel<u64>>,
    /// All contacts that are not closed: in lines, with agents, or scheduled.
    pub open: u64,
    pub longest_waiting_since: Vec<Option<Timestamp>>,
    pub staffed: Vec<u64>,
    pub available: Vec<u64>,
    /// `[intent][session]`, in the order of their `NAMES`.
    pub agents: [[u64; 3]; 3],
}

impl Engine {
    /// An engine without history: it must be configured before anything else.
    pub fn new() -> Self {
        Self::default()
    }

    /// Carries out a command. A refusal changes nothing.
    pub fn handle(&mut self, now: Timestamp, command: Command) -> Result<Done, Refusal> {
        debug_assert!(now >= self.last_at, "the shell's clock never runs back");
        let done = match command {
            Command::Contact(command) => self.handle_contact(now, command),
            Command::ByAdapter { adapter, command } => self.handle_adapter(now, adapter, command),
            Command::Agent(command) => self.handle_agent(now, command),
            Command::Site(command) => self.handle_site(now, command),
        }?;
        self.conclude(now);
        Ok(done)
    }

    /// What follows once a command or a deadline has been carried out.
    fn conclude(&mut self, now: Timestamp) {
        loop {
            self.use_room_again(now);
            self.look_at_lengths(now);
            // A contact that leaves a line may make room, for agents as for other queues.
            let is_quiet = !self.move_owed(now) && !self.reserve_next(now);
            if is_quiet && self.has_room_again.is_empty() {
                break;
            }
        }
        self.fan_out(now);
    }

    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.next()
    }

    /// The next event since the last call, in order.
    pub fn poll_event(&mut self) -> Option<Emitted> {
        self.out.pop_front()
    }

    /// The number of the last event.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The instant of the last event: the clock of the shell must not run behind it.
    pub fn last_at(&self) -> Timestamp {
        self.last_at
    }

    pub fn options(&self) -> Option<&Arc<Options>> {
        self.options.as_ref()
    }

    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Applies an event to the state and sends it out.
    fn emit(&mut self, now: Timestamp, event: Event) {
        let recorded = Recorded {
            seq: self.seq + 1,
            at: now,
            event,
        };
        let mut emitted = Emitted {
            recorded,
            told: None,
        };
        emitted.told = self.take(&emitted.recorded);
        self.out.push_back(emitted);
    }

    fn configuration(&self) -> &Arc<Options> {
        self.options
            .as_ref()
            .expect("the shell configures an engine before anything else")
    }

    fn slot(&self, contact: ContactId) -> Result<Slot, Refusal> {
        self.contacts.slot(contact).ok_or(Refusal::UnknownContact)
    }

    fn contact_at(&self, slot: Slot) -> &Contact {
        &self.contacts[slot]
    }

    fn agent_at(&self, agent: AgentKey) -> &Agent {
        &self.agents[agent.index()]
    }
}
