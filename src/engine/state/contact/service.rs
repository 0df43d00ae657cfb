//! The work of an agent with a contact, and its clocks: handling, hold, parking, consultation, and
//! the reply owed to the customer.

use crate::domain::{Millis, Text, Timestamp};
use crate::engine::state::attention::Reading;
use crate::engine::state::contact::rare::{Rare, Usual};
use crate::engine::state::registry::AgentKey;

/// With an agent.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Service {
    #[n(0)]
    pub agent: AgentKey,
    /// The number of the accepted offer; 0 if the agent called the contact.
    #[n(1)]
    pub offer_number: u32,
    #[n(2)]
    pub since: Timestamp,
    /// The reading of the agent's attention when it began.
    #[n(3)]
    pub attention: Reading,
    /// The customer has written and has had no reply yet.
    #[n(4)]
    pub owed: Option<Owed>,
    #[n(5)]
    pub aside: Rare<Aside>,
}

/// What interrupts the work with a customer, or brings in a second agent.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Aside {
    #[n(0)]
    pub held: Option<Held>,
    /// Completed hold time so far, without a hold in progress.
    #[n(1)]
    pub on_hold: Option<Millis>,
    /// Time parked so far; it does not count as handling.
    #[n(2)]
    pub parked: Millis,
    #[n(3)]
    pub consult: Option<Consult>,
    /// The note of the agent who asks for help to the one who is asked.
    #[n(4)]
    pub consult_note: Option<Text>,
}

impl Usual for Aside {
    const USUAL: &'static Self = &Self {
        held: None,
        on_hold: None,
        parked: Millis::ZERO,
        consult: None,
        consult_note: None,
    };
}

impl Service {
    pub(in crate::engine) fn begun(
        agent: AgentKey,
        offer_number: u32,
        since: Timestamp,
        attention: Reading,
    ) -> Self {
        Self {
            agent,
            offer_number,
            since,
            attention,
            owed: None,
            aside: Rare::default(),
        }
    }

    pub fn is_held_by_agent(&self) -> bool {
        self.aside.held.is_some_and(|held| held.by_agent)
    }

    /// From acceptance until `now`, without the time parked.
    pub fn handled(&self, now: Timestamp) -> Millis {
        now - self.since - self.aside.parked
    }

    /// On hold because another contact has interrupted it.
    pub fn is_interrupted(&self) -> bool {
        self.aside
            .held
            .is_some_and(|held| held.interrupted.is_some())
    }

    /// Since when the customer is on hold, for whatever reason.
    pub fn on_hold_since(&self) -> Option<Timestamp> {
        self.aside.on_hold_since()
    }

    /// The second agent, once joined.
    pub fn joined(&self) -> Option<Consult> {
        self.aside.consult.filter(|consult| !consult.is_offered())
    }

    /// The agent talks, or has asked to talk, to the second agent alone: the customer waits.
    pub fn is_aside(&self) -> bool {
        self.aside.consult.is_some() && !self.is_conference()
    }

    pub fn is_conference(&self) -> bool {
        self.aside
            .consult
            .is_some_and(|consult| consult.is_conference())
    }

    /// Time on hold so far; none if there was no hold.
    pub fn held_for(&self, now: Timestamp) -> Option<Millis> {
        let running = self.on_hold_since().map(|since| now - since);
        let spans = self.aside.on_hold.into_iter().chain(running);
        spans.reduce(|sum, span| sum + span)
    }
}

impl Aside {
    fn on_hold_since(&self) -> Option<Timestamp> {
        let consulting = self.consult.filter(|consult| !consult.is_conference());
        let consulting = consulting.map(|consult| consult.since);
        let held = self.held.map(|held| held.since);
        held.into_iter().chain(consulting).min()
    }

    /// Applies a change that may begin a hold or end one.
    pub(in crate::engine) fn count_hold(&mut self, now: Timestamp, alter: impl FnOnce(&mut Self)) {
        let before = self.on_hold_since();
        alter(self);
        if let Some(before) = before {
            let span = self.on_hold_since().unwrap_or(now) - before;
            self.on_hold = Some(self.on_hold.unwrap_or(Millis::ZERO) + span);
        }
    }
}

/// A reply that the customer waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Owed {
    /// The first message without a reply.
    #[n(0)]
    pub since: Timestamp,
    /// It was reported to be late.
    #[n(1)]
    pub is_late: bool,
}

/// A customer on hold, for one or both of the reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Held {
    #[n(0)]
    pub since: Timestamp,
    #[n(1)]
    pub by_agent: bool,
    /// The attention it had taken before another contact interrupted it, if one does; it takes none
    /// meanwhile.
    #[n(2)]
    pub interrupted: Option<Reading>,
}

/// Parked: its agent keeps it and is free for others meanwhile.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Parked {
    #[n(0)]
    pub service: Service,
    #[n(1)]
    pub since: Timestamp,
    /// When it wakes; once awake, until when its agent may take it back.
    #[n(2)]
    pub until: Timestamp,
    /// It is awake and waits for its agent.
    #[n(3)]
    pub woken: Option<Woken>,
    /// The attention it has taken so far.
    #[n(4)]
    pub effort: Reading,
}

/// How a parked contact woke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Woken {
    #[n(0)]
    pub at: Timestamp,
    /// Its customer woke it by writing.
    #[n(1)]
    pub by_customer: bool,
}

impl Parked {
    /// Since when it is awake.
    pub fn woken_at(&self) -> Option<Timestamp> {
        self.woken.map(|woken| woken.at)
    }
}

/// A second agent beside the one who serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Consult {
    #[n(0)]
    pub agent: AgentKey,
    /// The number of the offer to help: counted with the other offers of the contact.
    #[n(1)]
    pub number: u32,
    #[n(2)]
    pub since: Timestamp,
    #[n(3)]
    pub stage: Consulting,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub enum Consulting {
    /// Not answered yet; nothing but the customer waits for it.
    #[n(0)]
    Offered {
        #[n(0)]
        delivered: bool,
        /// When it counts as undelivered, or, once delivered, as expired.
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
    /// The agent has just been asked: the desktop is to confirm it by `deliver_by`, and the agent
    /// to answer within `answer_within` of that.
    pub(in crate::engine) const fn asked(
        agent: AgentKey,
        number: u32,
        since: Timestamp,
        deliver_by: Timestamp,
        answer_within: Millis,
    ) -> Self {
        Self {
            agent,
            number,
            since,
            stage: Consulting::Offered {
                delivered: false,
                until: deliver_by,
                answer_within,
            },
        }
    }

    pub const fn is_offered(&self) -> bool {
        matches!(self.stage, Consulting::Offered { .. })
    }

    pub const fn is_conference(&self) -> bool {
        matches!(self.stage, Consulting::Conference)
    }
}
