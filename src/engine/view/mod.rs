//! What the engine shows of itself: owned values with names in place of keys,
//! cheap to make, for replies, frames and boards.

mod explanation;

use std::sync::Arc;

use crate::domain::{
    ContactId, Intake, Millis, Name, OfferId, PerChannel, Phone, Recognition, Text, Timestamp,
};
use crate::engine::state::agent::{Health, Intent, Session};
use crate::engine::state::contact::{Callback, ContactState, EndedBy};

pub use explanation::{
    Candidate, Explanation, Obstacle, Upcoming, UpcomingChange, WaitsFor, Wanted,
};

/// A call that an adapter is to make, or makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialView {
    pub contact: ContactId,
    pub queue: Name,
    pub phone: Phone,
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
    /// The same, moved on by the time that it stood in no line.
    pub waits_since: Timestamp,
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
    /// What the agent who was asked was told.
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
    /// Since when the one waits who waits longest; time with agents is not waiting.
    pub longest_waiting_since: Option<Timestamp>,
    /// Signed in and ready, or at work and ready again afterwards.
    pub staffed: u64,
    /// Could be offered a contact of some channel now.
    pub available: u64,
    pub answer_within: Millis,
}
