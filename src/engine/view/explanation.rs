//! The explanation of why a contact waits, or why an agent was chosen.

use crate::domain::{Channel, Millis, Name, Requirements, Text, Timestamp};
use crate::engine::choosing::choice::{Choice, Unknown};
use crate::engine::options::Action;
use crate::engine::state::contact::Cooled;
use crate::engine::state::due::DueTerm;
use crate::engine::view::ContactView;

/// Why a waiting contact waits, or why an agent was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// When the explanation was requested.
    pub at: Timestamp,
    pub contact: ContactView,
    /// How long it has waited, not counting earlier time with agents.
    pub waited: Millis,
    /// The parts of `due`, in reading order.
    pub due_terms: Vec<(DueTerm, Millis)>,
    pub next_step_at: Option<Timestamp>,
    /// It waits in a queue that is closed until then.
    pub opens_at: Option<Timestamp>,
    /// It waits in a queue that is paused.
    pub is_paused: bool,
    /// It waits for one agent alone.
    pub waits_for: Option<WaitsFor>,
    /// The agent who takes nothing else until there is room for it.
    pub room_kept_by: Option<Name>,
    /// Until when the lost desktop of its agent may come back.
    pub agent_away_until: Option<Timestamp>,
    /// No registered agent could ever take it.
    pub unroutable: bool,
    pub candidates: Vec<Candidate>,
    /// How many candidates are not listed; signed-in agents are listed first then.
    pub candidates_left_out: u64,
    /// What the clock alone will change, soonest first.
    pub changes: Vec<Upcoming>,
    /// Why its agent, or last agent, was chosen; none if it has no agent.
    pub choice: Option<Result<Choice, Unknown>>,
}

/// The only agent that a contact waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitsFor {
    pub agent: Name,
    pub why: Wanted,
    /// When anyone may take it; none: nobody else will do.
    pub until: Option<Timestamp>,
}

/// Why it waits for that agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    AskedFor,
    AccountManager,
    LastAgent,
    /// Another agent has transferred the contact to this one.
    HandedOn,
}

impl Wanted {
    pub const fn name(self) -> &'static str {
        match self {
            Self::AskedFor => "asked_for",
            Self::AccountManager => "account_manager",
            Self::LastAgent => "last_agent",
            Self::HandedOn => "handed_on",
        }
    }
}

/// Something that happens at its time unless something else happens first.
#[derive(Clone, Debug, PartialEq)]
pub struct Upcoming {
    pub at: Timestamp,
    pub what: UpcomingChange,
}

#[derive(Clone, Debug, PartialEq)]
pub enum UpcomingChange {
    /// Its requirements are relaxed.
    Step {
        step: u32,
        /// What is required from then on, by the contact and the queue, if that changes.
        requires: Option<Requirements>,
        /// The queues whose agents are added.
        also_agents_of: Vec<Name>,
    },
    /// Idle agents are no longer reserved for other tiers from it.
    AgentsLetGo,
    Escalation {
        rule: Name,
        /// Only if the rule's condition holds then, or its trigger has come.
        is_conditional: bool,
        actions: Vec<Action>,
    },
    /// It no longer waits for this agent alone.
    HoldingEnds {
        agent: Name,
    },
    /// By its business hours.
    QueueOpens {
        queue: Name,
    },
    /// By its business hours: it is not offered from then on.
    QueueCloses {
        queue: Name,
    },
    /// It goes on without its agent, unless the desktop comes back.
    GraceEnds {
        agent: Name,
    },
    /// The agent may be offered this contact again.
    CooldownEnds {
        agent: Name,
    },
    /// The same, earlier, if no other agent could take the contact.
    CooldownMayEnd {
        agent: Name,
    },
    /// The agent is offered contacts of this channel again.
    ChannelRests {
        agent: Name,
    },
    /// It comes in.
    Scheduled,
    /// Unless the agent confirms or answers it.
    OfferEnds {
        agent: Name,
    },
    WrapUpEnds {
        agent: Name,
    },
    /// Unless its customer, who is being called, answers.
    DialEnds {
        /// It is not tried again: the contact ends.
        is_last: bool,
    },
    /// Unless the other customer, who is being called for this agent, answers.
    OtherDialEnds {
        agent: Name,
    },
    /// It is closed unless its end is reported before: nothing lasts longer.
    EndMissed,
    /// By the agent who has parked it, who will then have rested and have room.
    TakenUpAgain {
        agent: Name,
    },
    /// A parked contact wakes; if awake or without its agent, it returns to its queue.
    ParkingEnds {
        is_awake: bool,
        goes_back: bool,
    },
    /// The reply that the customer waits for becomes late.
    ResponseLate,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    pub agent: Name,
    /// It is offered to this agent now.
    pub is_offered: bool,
    /// None: nothing prevents an offer.
    pub failed: Option<Obstacle>,
    /// How much of `due` this agent is worth to it: for agents who may serve it, if the order is by
    /// `due`.
    pub fit: Option<Millis>,
}

/// The first test that an agent fails for a contact.
#[derive(Clone, Debug, PartialEq)]
pub enum Obstacle {
    MissingSkill {
        skill: Name,
        required: u8,
        has: u8,
    },
    NotConnected,
    InGrace {
        until: Timestamp,
    },
    NotReady {
        reason: Text,
    },
    Draining,
    ChannelCoolingDown {
        until: Timestamp,
        /// The desktop did not confirm an offer; otherwise an offer was not answered.
        undelivered: bool,
    },
    ChannelSuspended,
    CoolingDown {
        until: Timestamp,
        /// Earlier, if no other agent could take the contact then.
        lift_at: Option<Timestamp>,
        why: Cooled,
    },
    NoCapacity {
        /// As in the agent's own view.
        used: u32,
        /// On hold for another contact; it resumes whatever comes.
        on_hold: u32,
        capacity: u32,
        cost: u32,
    },
    ChannelFull {
        channel: Channel,
        max: u32,
    },
    /// The agent has the maximum of contacts of this category of topics.
    CategoryFull {
        category: Name,
        max: u32,
    },
    /// The remaining capacity is reserved for other tiers.
    CapacityKept {
        used: u32,
        open: u32,
        cost: u32,
    },
    /// A contact of this channel may not be served beside what the agent has in hand.
    NotBeside {
        current: Channel,
    },
    OffersOpen {
        open: u32,
    },
    /// Room is kept for a contact that has waited longer than anyone may be overtaken.
    KeepsRoom,
    /// Another customer is being called for this agent.
    OtherIsDialled,
    WaitsForOther {
        agent: Name,
    },
    QueuePaused,
    QueueClosed {
        until: Option<Timestamp>,
    },
    QueueIsPulled,
    /// This many idle agents are reserved for other tiers.
    KeptForOthers {
        kept: u32,
    },
}
