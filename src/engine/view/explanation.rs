//! The answer to why a contact waits, or why an agent was chosen.

use crate::domain::{Channel, Millis, Name, Requirements, Text, Timestamp};
use crate::engine::choosing::choice::{Choice, Unknown};
use crate::engine::options::Action;
use crate::engine::state::contact::Cooled;
use crate::engine::state::due::DueTerm;
use crate::engine::view::ContactView;

/// Why a waiting contact waits, or why an agent was chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// When it was asked for.
    pub at: Timestamp,
    pub contact: ContactView,
    /// How long it has waited, without the time that it was with agents before.
    pub waited: Millis,
    /// How `due` is made up, in the order in which it is read.
    pub due_terms: Vec<(DueTerm, Millis)>,
    pub next_step_at: Option<Timestamp>,
    /// It waits in a queue that is closed until then.
    pub opens_at: Option<Timestamp>,
    /// It waits in a queue that is paused.
    pub is_paused: bool,
    /// It waits for one agent alone.
    pub waits_for: Option<WaitsFor>,
    /// This agent takes nothing else until there is room for it.
    pub room_kept_by: Option<Name>,
    /// The desktop of the agent who has it is lost, and may come back until then.
    pub agent_away_until: Option<Timestamp>,
    /// No registered agent could ever take it.
    pub unroutable: bool,
    pub candidates: Vec<Candidate>,
    /// More candidates than are listed; those who are signed in are listed first then.
    pub candidates_left_out: u64,
    /// What will change by the clock alone, the soonest first.
    pub changes: Vec<Upcoming>,
    /// Why the agent who has it, or had it, was chosen; none while nobody has it.
    pub choice: Option<Result<Choice, Unknown>>,
}

/// The one agent whom a contact waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitsFor {
    pub agent: Name,
    pub why: Wanted,
    /// For anyone from then on; none: for nobody else.
    pub until: Option<Timestamp>,
}

/// Why it is that agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    AskedFor,
    AccountManager,
    LastAgent,
    /// Another agent has handed the contact on to this one.
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

/// Something that happens at its time unless something else happens before.
#[derive(Clone, Debug, PartialEq)]
pub struct Upcoming {
    pub at: Timestamp,
    pub what: UpcomingChange,
}

#[derive(Clone, Debug, PartialEq)]
pub enum UpcomingChange {
    /// What it needs is relaxed.
    Step {
        step: u32,
        /// What is required from then on, of its own wishes and the queue's, if that changes.
        requires: Option<Requirements>,
        /// Those who are not there yet.
        also_agents_of: Vec<Name>,
    },
    Escalation {
        rule: Name,
        /// Only if the rule's condition holds then, or what it looks out for has come.
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
    /// By its business hours: nobody is offered it from then on.
    QueueCloses {
        queue: Name,
    },
    /// It goes on without its agent, unless the agent's desktop comes back.
    GraceEnds {
        agent: Name,
    },
    /// The agent may be offered this contact again.
    CooldownEnds {
        agent: Name,
    },
    /// The same, earlier, if nobody else could take the contact.
    CooldownMayEnd {
        agent: Name,
    },
    /// The agent is offered contacts of this channel again.
    ChannelRests {
        agent: Name,
    },
    /// It is offered from then on.
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
        /// It is not tried again, and the contact ends.
        is_last: bool,
    },
    /// It ends by itself unless its end is reported before: nothing lasts for so long.
    EndMissed,
    /// By the agent who has parked it, who has rested and has room then.
    TakenUpAgain {
        agent: Name,
    },
    /// A parked contact wakes; awake, or without its agent, it goes back to its queue.
    ParkingEnds {
        is_awake: bool,
        goes_back: bool,
    },
    /// The answer that the customer waits for is late.
    ResponseLate,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    pub agent: Name,
    /// It is offered to this agent at this moment.
    pub is_offered: bool,
    /// None: nothing stands against this agent.
    pub failed: Option<Obstacle>,
    /// How many seconds of `due` this agent is worth to it: for those who may serve it and
    /// where the order goes by `due`.
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
        /// The desktop did not confirm an offer; otherwise one was not answered.
        undelivered: bool,
    },
    ChannelSuspended,
    CoolingDown {
        until: Timestamp,
        /// Earlier, if nobody else could take the contact then.
        lift_at: Option<Timestamp>,
        why: Cooled,
    },
    NoCapacity {
        /// As the agent's own view says.
        used: u32,
        /// What is on hold for another contact, and goes on beside whatever comes.
        on_hold: u32,
        capacity: u32,
        cost: u32,
    },
    ChannelFull {
        channel: Channel,
        max: u32,
    },
    /// As many contacts of this category of topics as allowed.
    CategoryFull {
        category: Name,
        max: u32,
    },
    /// What is left of the capacity is kept for other tiers.
    CapacityKept {
        used: u32,
        open: u32,
        cost: u32,
    },
    /// A contact of this channel may not come beside what the agent has in hand.
    NotBeside {
        current: Channel,
    },
    OffersOpen {
        open: u32,
    },
    /// Room is kept for a contact that has waited for longer than anybody may be overtaken.
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
    /// So many idle agents are kept for other tiers.
    KeptForOthers {
        kept: u32,
    },
}
