//! A contact as the engine holds it.

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
    #[n(10)]
    Parked(#[n(0)] Parked),
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

/// An escalation rule that has fired for a contact, or was looked at in vain.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Fired {
    #[n(0)]
    pub queue: QueueKey,
    #[n(1)]
    pub rule: Name,
    /// Looked at, but it has not fired.
    #[cbor(n(10), default)]
    pub is_pending: bool,
    /// When it is to fire again.
    #[n(11)]
    pub again_at: Option<Timestamp>,
    /// How often it has fired again.
    #[cbor(n(12), default)]
    pub repeats: u32,
    /// Its time came when it did not apply: it is looked at when the contact changes.
    #[cbor(n(13), default)]
    pub is_held: bool,
    /// Its condition could not be evaluated, and that was said.
    #[cbor(n(14), default)]
    pub is_troubled: bool,
}

impl Fired {
    pub(super) const fn pending(queue: QueueKey, rule: Name) -> Self {
        Self {
            queue,
            rule,
            is_pending: true,
            again_at: None,
            repeats: 0,
            is_held: false,
            is_troubled: false,
        }
    }

    /// Whether it could fire now, if it applied.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.is_pending || self.is_held || self.again_at.is_some_and(|at| at <= now)
    }
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
    #[n(12)]
    pub cooldowns: Vec<Cooldown>,
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
    /// Whose contact it was before it came back to its queue: preferred there.
    #[cbor(n(20), default)]
    pub owner_before: Option<AgentKey>,
    /// Agents of these queues may serve it, too; ordered.
    #[cbor(n(40), default)]
    pub also: Vec<QueueKey>,
    /// The next agent who may serve it gets it.
    #[cbor(n(41), default)]
    pub is_reserved: bool,
    #[cbor(n(42), default)]
    pub callback_offered: bool,
    /// What the customer was told last by an escalation.
    #[n(43)]
    pub message: Option<Text>,
    /// The customer has hung up and is to be called.
    #[cbor(n(30), default)]
    pub callback: Option<Box<Callback>>,
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
    /// What the agent who asks for help has said to who is asked.
    #[n(52)]
    pub consult_note: Option<Text>,
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
    /// None: the agent who takes it dials.
    #[cbor(n(2), default)]
    pub first: Option<CustomerFirst>,
}

/// How far it is with a customer who is called before an agent is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, minicbor::Encode, minicbor::Decode)]
pub enum CustomerFirst {
    /// To be called when it is the contact's turn.
    #[n(0)]
    Waits,
    /// The adapter calls.
    #[n(1)]
    Dialled {
        /// Whose turn with the contact it was; nobody else is called for this agent meanwhile.
        #[n(0)]
        agent: AgentKey,
        /// Not answered then.
        #[n(1)]
        until: Timestamp,
    },
    /// The customer is on the line, or with an agent.
    #[n(2)]
    Answered,
}

/// Where the indexes hold a contact; written by placing it alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Index {
    pub line: LineKey,
    pub sla_at: Option<Timestamp>,
    pub respond_at: Option<Timestamp>,
}

impl Contact {
    pub const fn state_name(&self) -> &'static str {
        match &self.stage {
            Stage::Moving => "moving",
            Stage::Scheduled { .. } => "scheduled",
            Stage::Queued { .. } => "queued",
            Stage::Offered(_) => "offered",
            Stage::Active(_) => "active",
            Stage::Parked(_) => "parked",
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
            Stage::Parked(parked) => Some(parked.service.agent),
            Stage::Closed(closing) => closing.agent,
        }
    }

    /// The work with its agent, if it was answered.
    pub fn service(&self) -> Option<&Service> {
        match &self.stage {
            Stage::Active(service) | Stage::WrapUp { service, .. } => Some(service),
            Stage::Parked(parked) => Some(&parked.service),
            Stage::Moving
            | Stage::Scheduled { .. }
            | Stage::Queued { .. }
            | Stage::Offered(_)
            | Stage::Closed(_) => None,
        }
    }

    /// How long its agent has handled it so far.
    pub fn handled(&self, now: Timestamp) -> Option<Millis> {
        let until = match &self.stage {
            Stage::Parked(parked) => parked.since,
            Stage::Moving
            | Stage::Scheduled { .. }
            | Stage::Queued { .. }
            | Stage::Offered(_)
            | Stage::Active(_)
            | Stage::WrapUp { .. }
            | Stage::Closed(_) => now,
        };
        self.service().map(|service| service.handled(until))
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

    /// How far its call is, if its customer is called first.
    pub fn customer_first(&self) -> Option<CustomerFirst> {
        self.callback.as_ref()?.first
    }

    /// Its customer, who is called first, has answered.
    pub fn is_on_the_line(&self) -> bool {
        self.customer_first() == Some(CustomerFirst::Answered)
    }

    pub fn is_dialled(&self) -> bool {
        matches!(self.customer_first(), Some(CustomerFirst::Dialled { .. }))
    }

    /// Whoever is found for it is not offered it: its customer is called.
    pub fn is_to_be_dialled(&self) -> bool {
        self.customer_first() == Some(CustomerFirst::Waits)
    }

    /// It waits for the agent that it asks for, and nobody else will do.
    pub fn is_meant_alone(&self) -> bool {
        self.intake.agent.is_some() && !self.intake.or_queue && self.direct.is_some()
    }

    /// What is known of a rule of the queue that it is in.
    pub fn fired(&self, rule: &Name) -> Option<&Fired> {
        let queue = self.labels.queue;
        let mut fired = self.fired.iter();
        fired.find(|fired| fired.queue == queue && fired.rule == *rule)
    }

    pub fn is_closed(&self) -> bool {
        matches!(self.stage, Stage::Closed(_))
    }
}
