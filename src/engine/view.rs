//! What the engine shows of itself: owned values with names in place of keys,
//! cheap to make, for replies, frames and boards.

use std::sync::Arc;

use crate::domain::Requirements;
use crate::domain::{
    Channel, ContactId, Intake, Millis, Name, OfferId, PerChannel, Recognition, Text, Timestamp,
};
use crate::engine::agent::{Health, Intent, Session};
use crate::engine::choice::{Choice, Unknown};
use crate::engine::contact::{Callback, ContactState, Cooled, EndedBy};
use crate::engine::due::DueTerm;
use crate::engine::options::Action;

/// A call that an adapter is to make, or makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialView {
    pub contact: ContactId,
    pub queue: Name,
    /// In E.164.
    pub phone: Text,
    /// Counted from 1.
    pub attempt: u32,
    /// When it began, if the queue has let customers ring as long then as it does now.
    pub at: Timestamp,
    /// Not answered then.
    pub until: Timestamp,
}

/// A contact as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct ContactView {
    pub id: ContactId,
    pub state: ContactState,
    pub queue: Name,
    pub tier: Name,
    pub intake: Arc<Intake>,
    pub recognition: Arc<Recognition>,
    pub created_at: Timestamp,
    pub queued_at: Timestamp,
    pub due_at: Timestamp,
    /// Until when it should be answered: the promise of its queue.
    pub promised_at: Timestamp,
    /// 1 is next; only while queued.
    pub position: Option<u64>,
    /// The next agent who may serve it is reserved for it.
    pub is_reserved: bool,
    pub wait: WaitEstimate,
    /// Its customer has hung up and is to be called.
    pub callback: Option<Callback>,
    pub recalls: u32,
    pub no_shows: u32,
    pub step: u32,
    pub sentiment: Option<f64>,
    pub callback_offered: bool,
    /// What the customer was told last by an escalation.
    pub message: Option<Text>,
    /// From `offered` on.
    pub agent: Option<Name>,
    pub offers: u32,
    /// Of the live offer.
    pub offer: Option<OfferView>,
    /// To whom it is offered beside `agent`, where a rule has fanned it out.
    pub offered_beside: Vec<Name>,
    pub answered_at: Option<Timestamp>,
    /// Since when the customer is on hold.
    pub held_since: Option<Timestamp>,
    /// On hold because another contact has broken in.
    pub is_interrupted: bool,
    /// The answer that the customer waits for.
    pub owed: Option<OwedView>,
    /// Who helps, or is asked to.
    pub consulted: Option<ConsultView>,
    /// Who has handed it on last, with their note.
    pub transferred: Option<(Name, Option<Text>)>,
    /// It wakes then, or, awake, goes back to its queue.
    pub parked_until: Option<Timestamp>,
    /// Parked, and waiting for its agent since then.
    pub woken_at: Option<Timestamp>,
    /// By writing; otherwise its time had come.
    pub woken_by_customer: bool,
    pub closed_at: Option<Timestamp>,
    pub wrap_up_until: Option<Timestamp>,
    pub outcome: Option<Text>,
    pub notes: Option<Text>,
    pub ended_by: Option<EndedBy>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferView {
    pub id: OfferId,
    pub delivered: bool,
    pub until: Timestamp,
    pub answer_within: Millis,
}

/// An answer that a customer who is being served waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwedView {
    /// The first message that was not answered.
    pub since: Timestamp,
    /// Until when it was promised; none where the queue promises nothing.
    pub by: Option<Timestamp>,
    pub is_late: bool,
}

/// A second agent beside the one who serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsultView {
    pub agent: Name,
    /// Since when that agent was asked.
    pub since: Timestamp,
    pub accepted: bool,
    /// The customer has joined the two.
    pub conference: bool,
    /// What was said to who was asked.
    pub note: Option<Text>,
}

/// How long a waiting contact is expected to wait on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitEstimate {
    /// It does not wait.
    NotWaiting,
    /// Nobody who could serve it, at its step or a later one, is signed in.
    NobodyStaffed,
    /// Contacts of this queue are called, or it is paused.
    NotOffered,
    /// It is outside of the queue's business hours.
    Closed,
    Within {
        p50: Millis,
        p90: Millis,
    },
}

/// An agent as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentView {
    pub id: Name,
    pub label: Text,
    pub intent: Intent,
    pub session: Session,
    pub health: PerChannel<Health>,
    pub strikes: u32,
    pub capacity: u32,
    pub capacity_used: u32,
    pub queues: Vec<Name>,
    pub skills: Vec<(Name, u8)>,
    pub contacts: Vec<ContactId>,
    /// Set aside: no work in hand.
    pub parked: Vec<ContactId>,
    /// The agent takes nothing else until there is room for it.
    pub keeps_room_for: Option<ContactId>,
    /// None: not ready yet, ever.
    pub idle_since: Option<Timestamp>,
    /// The number of the last event that the agent's desktop was told.
    pub told: u64,
}

/// A queue as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueView {
    pub id: Name,
    pub label: Text,
    pub paused: bool,
    /// By its business hours.
    pub open: bool,
    /// When it closes, or opens, by its business hours.
    pub changes_at: Option<Timestamp>,
    pub waiting: u64,
    pub waiting_per_channel: PerChannel<u64>,
    pub offered: u64,
    pub active: u64,
    pub parked: u64,
    pub wrap_up: u64,
    /// First queued, of the one who waits longest.
    pub longest_waiting_since: Option<Timestamp>,
    /// Signed in and ready, or at work and ready again afterwards.
    pub staffed: u64,
    /// Could be offered a contact of some channel now.
    pub available: u64,
    pub answer_within: Millis,
}

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
    pub what: What,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What {
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
    DialEnds,
    /// By the agent who has parked it, who has rested and has room then.
    TakenUpAgain {
        agent: Name,
    },
    /// A parked contact wakes; awake, it goes back to its queue.
    ParkingEnds {
        is_awake: bool,
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
