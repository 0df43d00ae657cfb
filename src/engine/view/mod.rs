//! Views of the engine: owned values with names in place of keys, cheap to make, for replies,
//! frames and boards.

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

/// A call that an adapter has to make, or is making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialView {
    pub contact: ContactId,
    pub queue: Name,
    pub phone: Phone,
    /// Counted from 1.
    pub attempt: u32,
    /// When it began, assuming that the queue's `dial_within` has not changed since.
    pub at: Timestamp,
    /// When it counts as unanswered.
    pub until: Timestamp,
}

/// The current state of a contact.
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
    /// The same, moved on by the time that it was in no line.
    pub waits_since: Timestamp,
    pub due_at: Timestamp,
    /// By how much it is due sooner than others of its tier, because its agent was lost.
    pub sooner: Millis,
    /// By when it should be answered: the target of its queue.
    pub promised_at: Timestamp,
    /// 1 is next; only while queued.
    pub position: Option<u64>,
    /// It has the next agent reserved who may serve it.
    pub is_reserved: bool,
    pub wait: WaitEstimate,
    /// Its customer has hung up and is to be called.
    pub callback: Option<Box<Callback>>,
    pub recalls: u32,
    pub no_shows: u32,
    pub step: u32,
    pub sentiment: Option<f64>,
    pub callback_offered: bool,
    /// The last message of an escalation to the customer.
    pub message: Option<Text>,
    /// From `offered` on.
    pub agent: Option<Name>,
    pub offers: u32,
    /// The live offer.
    pub offer: Option<OfferView>,
    /// Further agents it is offered to by a rule with `fan_out`.
    pub offered_beside: Vec<Name>,
    pub answered_at: Option<Timestamp>,
    /// Since when the customer is on hold.
    pub held_since: Option<Timestamp>,
    /// On hold because another contact has interrupted it.
    pub is_interrupted: bool,
    /// The reply that the customer waits for.
    pub owed: Option<OwedView>,
    /// The agent who helps, or is asked to.
    pub consulted: Option<Box<ConsultView>>,
    /// The agent of the last transfer, with the note.
    pub transferred: Option<Box<(Name, Option<Text>)>>,
    /// When it wakes or, once awake, returns to its queue.
    pub parked_until: Option<Timestamp>,
    /// Since when it is awake and waits for its agent.
    pub woken_at: Option<Timestamp>,
    /// Woken by the customer's writing; otherwise its time had come.
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

/// A reply that a customer who is being served waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwedView {
    /// The first message without a reply.
    pub since: Timestamp,
    /// When the reply is due; none if the queue has no such target.
    pub by: Option<Timestamp>,
    pub is_late: bool,
}

/// A second agent beside the one who serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsultView {
    pub agent: Name,
    /// When that agent was asked.
    pub since: Timestamp,
    pub accepted: bool,
    /// The customer has joined the two agents.
    pub conference: bool,
    /// The note to the agent who was asked.
    pub note: Option<Text>,
    /// The open request, for the agent who is asked.
    pub offer: Option<OfferView>,
}

/// The estimate of how long a waiting contact will still wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitEstimate {
    /// It does not wait.
    NotWaiting,
    /// No agent who could serve it, at its step or a later one, is signed in.
    NobodyStaffed,
    /// Agents pull from this queue, or it is paused.
    NotOffered,
    /// The queue is closed by its business hours.
    Closed,
    Within {
        p50: Millis,
        p90: Millis,
    },
}

/// The current state of an agent.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentView {
    pub id: Name,
    pub label: Text,
    pub intent: Intent,
    /// The supervisor who set it; none: the agent or the engine did.
    pub intent_by: Option<Text>,
    pub session: Session,
    pub health: PerChannel<Health>,
    pub strikes: u32,
    pub capacity: u32,
    pub capacity_used: u32,
    pub queues: Vec<Name>,
    pub skills: Vec<(Name, u8)>,
    pub contacts: Vec<ContactId>,
    /// Parked contacts: not in hand.
    pub parked: Vec<ContactId>,
    /// The contact that room is kept for: the agent takes nothing else meanwhile.
    pub keeps_room_for: Option<ContactId>,
    /// None: never ready yet.
    pub idle_since: Option<Timestamp>,
    /// The number of the last event shown on the agent's desktop.
    pub told: u64,
}

/// The current state of a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueView {
    pub id: Name,
    pub label: Text,
    pub paused: bool,
    pub paused_by: Option<Text>,
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
    /// Since when the longest-waiting contact waits; time with agents does not count.
    pub longest_waiting_since: Option<Timestamp>,
    /// Signed in and ready, or at work and ready again afterwards.
    pub staffed: u64,
    /// How many could be offered a contact of some channel now.
    pub available: u64,
    pub answer_within: Millis,
}
