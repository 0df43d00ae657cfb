//! The work of an agent with a contact, and its clocks: handling, hold, parking, the help of
//! a second agent, and the answer that is owed.

use crate::domain::{Millis, Timestamp};
use crate::engine::state::attention::Reading;
use crate::engine::state::registry::AgentKey;

/// With an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Service {
    #[n(0)]
    pub agent: AgentKey,
    #[n(1)]
    pub since: Timestamp,
    /// The offer that was accepted; 0 when the agent called the contact.
    #[n(2)]
    pub offer_number: u32,
    /// What the agent's attention stood at when it began.
    #[cbor(n(3), default)]
    pub attention: Reading,
    #[cbor(n(10), default)]
    pub held: Option<Held>,
    /// How long it was parked so far: no time of handling.
    #[cbor(n(11), default)]
    pub parked: Millis,
    #[cbor(n(12), default)]
    pub consult: Option<Consult>,
    /// The customer has written and was not answered yet.
    #[cbor(n(13), default)]
    pub owed: Option<Owed>,
    /// How long the customer was on hold, without the hold that is not over.
    #[cbor(n(14), default)]
    pub on_hold: Option<Millis>,
}

impl Service {
    pub fn is_held_by_agent(&self) -> bool {
        self.held.is_some_and(|held| held.by_agent)
    }

    /// From the answer until `now`, without what it was parked for.
    pub fn handled(&self, now: Timestamp) -> Millis {
        now - self.since - self.parked
    }

    /// Set aside for a contact that has broken in.
    pub fn is_interrupted(&self) -> bool {
        self.held.is_some_and(|held| held.interrupted)
    }

    /// Set aside like that, and left out where its agent's attention is shared.
    pub fn takes_nothing(&self) -> bool {
        self.held.is_some_and(|held| held.effort.is_some())
    }

    /// Since when the customer is on hold, for whatever reason.
    pub fn on_hold_since(&self) -> Option<Timestamp> {
        let consulting = self.consult.filter(|consult| !consult.is_conference());
        let consulting = consulting.map(|consult| consult.since);
        let held = self.held.map(|held| held.since);
        held.into_iter().chain(consulting).min()
    }

    /// How long the customer was on hold so far; none where that was never so.
    pub fn held_for(&self, now: Timestamp) -> Option<Millis> {
        let running = self.on_hold_since().map(|since| now - since);
        let spans = self.on_hold.into_iter().chain(running);
        spans.reduce(|sum, span| sum + span)
    }
}

/// An answer that the customer waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Owed {
    /// The first message that was not answered.
    #[n(0)]
    pub since: Timestamp,
    /// It was said that it comes too late.
    #[n(1)]
    pub is_late: bool,
}

/// A customer on hold, for one reason or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Held {
    #[n(0)]
    pub since: Timestamp,
    #[n(1)]
    pub by_agent: bool,
    /// Another contact has broken in.
    #[n(2)]
    pub interrupted: bool,
    /// What it had taken of its agent's attention before that: it takes nothing meanwhile.
    #[n(3)]
    pub effort: Option<Reading>,
}

/// Set aside by its agent, who keeps it and has both hands free meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Parked {
    #[n(0)]
    pub service: Service,
    #[n(1)]
    pub since: Timestamp,
    /// It wakes then. Once it is awake: its agent has until then to take it up again.
    #[n(2)]
    pub until: Timestamp,
    /// Since when it is awake and waits for its agent.
    #[n(3)]
    pub woken_at: Option<Timestamp>,
    /// What it took of the agent's attention.
    #[n(4)]
    pub effort: Reading,
    /// It was its customer who woke it, by writing.
    #[cbor(n(5), default)]
    pub woken_by_customer: bool,
}

/// A second agent beside the one who serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Consult {
    #[n(0)]
    pub agent: AgentKey,
    /// Of its offer: counted with the other offers of the contact.
    #[n(1)]
    pub number: u32,
    #[n(2)]
    pub since: Timestamp,
    #[n(3)]
    pub stage: Consulting,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum Consulting {
    /// Not answered; it holds up nothing but the customer.
    #[n(0)]
    Offered {
        #[n(0)]
        delivered: bool,
        /// Undelivered then, or expired then once it is delivered.
        #[n(1)]
        until: Timestamp,
        #[n(2)]
        answer_within: Millis,
    },
    /// The two agents talk; the customer is on hold.
    #[n(1)]
    Joined,
    /// All three talk.
    #[n(2)]
    Conference,
}

impl Consult {
    pub const fn is_offered(&self) -> bool {
        matches!(self.stage, Consulting::Offered { .. })
    }

    pub const fn is_conference(&self) -> bool {
        matches!(self.stage, Consulting::Conference)
    }
}
