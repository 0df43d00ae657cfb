//! A contact as the engine holds it.

use smallvec::SmallVec;
use std::sync::Arc;

use crate::domain::{ContactId, Intake, Millis, Name, OfferId, Recognition, Text, Timestamp};
use crate::engine::attention::Reading;
use crate::engine::event::Labels;
use crate::engine::line::LineKey;
use crate::engine::registry::{AgentKey, QueueKey};

/// Who brought a contact to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum EndedBy {
    #[n(0)]
    Customer,
    #[n(1)]
    Agent,
    #[n(2)]
    System,
    #[n(3)]
    Supervisor,
}

impl EndedBy {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::System => "system",
            Self::Supervisor => "supervisor",
        }
    }
}

/// The final states.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, minicbor::Encode, minicbor::Decode,
)]
#[cbor(index_only)]
pub enum Final {
    #[n(0)]
    Completed,
    /// The customer left before being answered, or while being served.
    #[n(1)]
    Abandoned,
    #[n(2)]
    Cancelled,
    #[n(3)]
    Deflected,
}

impl Final {
    pub const ALL: [Self; 4] = [
        Self::Completed,
        Self::Abandoned,
        Self::Cancelled,
        Self::Deflected,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Abandoned => "abandoned",
            Self::Cancelled => "cancelled",
            Self::Deflected => "deflected",
        }
    }
}

/// Where a contact is, with exactly what is true there.
#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum Stage {
    /// Between two places; nothing stays here beyond one command.
    #[n(0)]
    Moving,
    #[n(1)]
    Scheduled {
        #[n(0)]
        until: Timestamp,
    },
    #[n(2)]
    Queued {
        #[n(0)]
        due: Timestamp,
    },
    #[n(3)]
    Offered(#[n(0)] Offer),
    #[n(4)]
    Active(#[n(0)] Service),
    #[n(5)]
    WrapUp {
        #[n(0)]
        service: Service,
        #[n(1)]
        until: Timestamp,
        #[n(2)]
        extended: bool,
        #[n(3)]
        outcome: Text,
        #[n(4)]
        notes: Option<Text>,
        #[n(5)]
        ended_by: EndedBy,
    },
    #[n(6)]
    Closed(#[n(0)] Closing),
}

/// The one live offer of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Offer {
    #[n(0)]
    pub number: u32,
    #[n(1)]
    pub agent: AgentKey,
    #[n(2)]
    pub delivered: bool,
    /// Undelivered then, or expired then once it is delivered.
    #[n(3)]
    pub until: Timestamp,
    #[n(4)]
    pub answer_within: Millis,
}

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
}

#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct Closing {
    #[n(0)]
    pub how: Final,
    #[n(1)]
    pub at: Timestamp,
    #[n(2)]
    pub ended_by: EndedBy,
    #[n(3)]
    pub outcome: Option<Text>,
    #[n(4)]
    pub notes: Option<Text>,
    #[n(5)]
    pub agent: Option<AgentKey>,
    #[n(6)]
    pub number: u64,
    #[n(7)]
    pub answered_at: Option<Timestamp>,
}

/// An agent who is not offered this contact for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Cooldown {
    #[n(0)]
    pub agent: AgentKey,
    #[n(1)]
    pub until: Timestamp,
    /// How often it cooled down: the span doubles.
    #[n(2)]
    pub times: u32,
    /// When it may be lifted early, if nobody else could take the contact.
    #[n(3)]
    pub lift_at: Option<Timestamp>,
}

impl Cooldown {
    /// In place of `until` once it has ended; `times` is still counted.
    pub const OVER: Timestamp = Timestamp(i64::MIN);

    /// It ends by an event alone, not by the clock: what is late by the clock
    /// still happens in its order.
    pub fn is_running(&self) -> bool {
        self.until != Self::OVER
    }
}

/// An escalation rule that has fired for a contact.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Fired {
    #[n(0)]
    pub queue: QueueKey,
    #[n(1)]
    pub rule: Name,
}

#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct Contact {
    #[n(0)]
    pub id: ContactId,
    /// Counted from 1: the order of arrival, and the last word in every tie.
    #[n(1)]
    pub arrival: u64,
    #[cbor(n(2), with = "crate::engine::codec::shared")]
    pub intake: Arc<Intake>,
    #[cbor(n(3), with = "crate::engine::codec::shared")]
    pub recognition: Arc<Recognition>,
    #[n(4)]
    pub labels: Labels,
    #[n(5)]
    pub created_at: Timestamp,
    /// Survives decline, expiry, agent loss, transfer and restart.
    #[n(6)]
    pub first_queued_at: Timestamp,
    #[n(7)]
    pub step: u32,
    /// Seconds that escalations have moved it forward.
    #[n(8)]
    pub boost: Millis,
    #[n(9)]
    pub sentiment: Option<f64>,
    /// Offers made so far: the number of the next one is one more.
    #[n(10)]
    pub offers: u32,
    /// Offers that ended without being accepted, not counting withdrawn ones.
    #[n(11)]
    pub offers_ended: u32,
    #[cbor(n(12), with = "crate::engine::codec::few")]
    pub cooldowns: SmallVec<[Cooldown; 1]>,
    #[n(13)]
    pub fired: Vec<Fired>,
    #[n(14)]
    pub stage: Stage,
    /// Waits for this agent alone.
    #[n(15)]
    pub direct: Option<AgentKey>,
    /// When a predicted breach is looked at again.
    #[n(16)]
    pub breach_check_at: Option<Timestamp>,
    /// The customer has hung up and is to be called.
    #[cbor(n(30), default)]
    pub callback: Option<Callback>,
    /// How often the agent who has called it has called it again.
    #[cbor(n(31), default)]
    pub recalls: u32,
    /// How often its customer did not come when called.
    #[cbor(n(32), default)]
    pub no_shows: u32,
    /// For anyone from then on.
    #[cbor(n(33), default)]
    pub direct_until: Option<Timestamp>,
    /// It was said that no registered agent could ever take it where it waits.
    #[cbor(n(50), default)]
    pub is_unroutable: bool,
    /// When the newest offer was made.
    #[cbor(n(51), default)]
    pub offered_at: Option<Timestamp>,
    #[cbor(skip)]
    pub index: Index,
}

/// A customer who is to be called.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Callback {
    /// In E.164.
    #[n(0)]
    pub phone: Text,
    /// How often nobody answered.
    #[n(1)]
    pub attempts: u32,
}

/// Where the indexes hold a contact; written by placing it alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Index {
    pub line: LineKey,
    pub sla_at: Option<Timestamp>,
}

impl Contact {
    pub const fn state_name(&self) -> &'static str {
        match &self.stage {
            Stage::Moving => "moving",
            Stage::Scheduled { .. } => "scheduled",
            Stage::Queued { .. } => "queued",
            Stage::Offered(_) => "offered",
            Stage::Active(_) => "active",
            Stage::WrapUp { .. } => "wrap_up",
            Stage::Closed(closing) => closing.how.name(),
        }
    }

    /// The agent that it is offered to, with, or was with at its end.
    pub fn agent(&self) -> Option<AgentKey> {
        match &self.stage {
            Stage::Moving | Stage::Scheduled { .. } | Stage::Queued { .. } => None,
            Stage::Offered(offer) => Some(offer.agent),
            Stage::Active(service) | Stage::WrapUp { service, .. } => Some(service.agent),
            Stage::Closed(closing) => closing.agent,
        }
    }

    /// The id of its live offer.
    pub fn offer_id(&self, offer: &Offer) -> OfferId {
        OfferId {
            contact: self.id,
            number: offer.number,
        }
    }

    pub fn is_cooling(&self, agent: AgentKey) -> bool {
        self.cooldowns
            .iter()
            .any(|cooldown| cooldown.agent == agent && cooldown.is_running())
    }

    /// It waits for the agent that it asks for, and nobody else will do.
    pub fn is_meant_alone(&self) -> bool {
        self.intake.agent.is_some() && !self.intake.or_queue && self.direct.is_some()
    }

    pub fn has_fired(&self, queue: QueueKey, rule: &Name) -> bool {
        self.fired
            .iter()
            .any(|fired| fired.queue == queue && fired.rule == *rule)
    }

    pub fn is_closed(&self) -> bool {
        matches!(self.stage, Stage::Closed(_))
    }
}
