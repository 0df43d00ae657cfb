//! A contact as the engine holds it.
//!
//! **Invariant:** nothing here changes a contact; that is for the fold of events alone.

mod callback;
mod fired;
mod passes;
mod service;
mod stage;
mod unheard;

use std::sync::Arc;

use crate::domain::{ContactId, Intake, Millis, Name, OfferId, Recognition, Text, Timestamp};
use crate::engine::event::Labels;
use crate::engine::state::line::LineKey;
use crate::engine::state::registry::{AgentKey, QueueKey};

pub use crate::engine::state::contact::callback::{Callback, CustomerFirst};
pub use crate::engine::state::contact::fired::Fired;
pub use crate::engine::state::contact::passes::Passes;
pub use crate::engine::state::contact::service::{
    Consult, Consulting, Held, Owed, Parked, Service,
};
pub use crate::engine::state::contact::stage::{
    Closing, ContactState, EndedBy, Final, Offer, Stage,
};
pub(in crate::engine) use crate::engine::state::contact::stage::{Ending, WRAP_UP_EXTENSION};
pub use crate::engine::state::contact::unheard::Unheard;
pub(in crate::engine) use crate::engine::state::contact::unheard::{fits, has_room};

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
    #[cbor(n(4), default)]
    pub why: Cooled,
}

/// Why an agent is not offered a contact for a while.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum Cooled {
    /// It began before this was kept.
    #[default]
    #[n(0)]
    Unknown,
    #[n(1)]
    Declined,
    #[n(2)]
    Expired,
    /// The desktop did not confirm the offer.
    #[n(3)]
    Undelivered,
    /// The offer was taken back by a supervisor.
    #[n(4)]
    TakenBack,
    /// The agent has served it and lost it.
    #[n(5)]
    HadIt,
    /// The same, and nobody has wanted to be rid of it: the line was lost, or a supervisor has
    /// taken it away.
    #[n(6)]
    LostIt,
}

impl Cooled {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Declined => "declined",
            Self::Expired => "expired",
            Self::Undelivered => "undelivered",
            Self::TakenBack => "taken_back",
            Self::HadIt | Self::LostIt => "had_it",
        }
    }
}

impl Cooldown {
    /// `until` of a cooldown that is over; the entry stays so that `times` keeps counting.
    pub const OVER: Timestamp = Timestamp(i64::MIN);

    /// It ends by an event alone, not by the clock: what is late by the clock
    /// still happens in its order.
    pub fn is_running(&self) -> bool {
        self.until != Self::OVER
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
    /// What the agent who asks for help has written to the one who is asked.
    #[n(52)]
    pub consult_note: Option<Text>,
    /// The adapter whose contact it is; of before they were told apart, nobody's.
    #[cbor(n(17), default)]
    pub posted_by: Option<Text>,
    /// Who has handed it on last, and with which words.
    #[n(18)]
    pub transferred: Option<Box<Transferred>>,
    /// What the customer wrote and no agent's desktop has confirmed, oldest first.
    #[cbor(n(57), default)]
    pub unheard: Vec<Unheard>,
    /// How far it was put back because its customer did not come: a part of `boost`.
    #[cbor(n(19), default)]
    pub put_back: Millis,
    /// So many live offers a rule lets it have beside the first.
    #[cbor(n(55), default)]
    pub beside_max: u32,
    /// It was served for longer than anything lasts, and nobody has said that it ended.
    #[cbor(n(56), default)]
    pub is_end_made_up: bool,
    /// Who has it without an offer of its own: asked for help, and then served to.
    #[cbor(n(21), default)]
    pub handed_over_to: Option<AgentKey>,
    /// The instant that it was ordered for, or is to be called again at, until it is answered.
    #[cbor(n(58), default)]
    pub ordered_for: Option<Timestamp>,
    /// How long it stood in no line since it was first queued: with agents from whom it came
    /// back, while its customer was called, and until that was tried again.
    #[cbor(n(22), default, with = "crate::engine::codec::or_zero")]
    pub out_of_line: Millis,
    /// Since when its customer is called, or is to be called again.
    #[cbor(n(60), default)]
    pub out_of_line_since: Option<Timestamp>,
    /// An agent takes nothing else until there is room for it.
    #[cbor(n(59), default)]
    pub room_kept_by: Option<AgentKey>,
    /// An agent has talked to the customer, and the contact came back. (Number 61 was once a
    /// span: do not reuse it.)
    #[cbor(n(62), default)]
    pub was_served: bool,
    /// Its topic has become another one while it stood in no line, or while the queue where it
    /// belongs did not take it in: that is asked again when it comes back.
    #[cbor(n(63), default)]
    pub has_new_topic: bool,
    /// No idle agents are kept for others from it any more.
    #[cbor(n(64), default)]
    pub agents_let_go: bool,
    /// How long it had stood in line when it was answered last.
    #[cbor(n(65), default, with = "crate::engine::codec::or_zero")]
    pub in_line_before: Millis,
    /// The rule that would have the next agent reserved for it, as soon as none is reserved for
    /// another contact of its queue.
    #[n(69)]
    pub claims_by: Option<Name>,
    /// Its customer was called for the last time, and nobody answered: no work is done.
    #[cbor(n(73), with = "crate::engine::codec::mark", has_nil)]
    pub teaches_nothing: bool,
    #[cbor(skip)]
    pub index: Index,
}

/// From one agent to the next.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Transferred {
    #[n(0)]
    pub by: AgentKey,
    #[n(1)]
    pub note: Option<Text>,
}

/// Where the indexes hold a contact; written by placing it alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Index {
    pub line: LineKey,
    pub sla_at: Option<Timestamp>,
    /// Counted among the unanswered of this queue, as waiting since then.
    pub unanswered: Option<(QueueKey, Timestamp)>,
    pub respond_at: Option<Timestamp>,
    pub promise: Option<Promise>,
}

/// By when a contact should be answered, and what that was worked out from: it holds for
/// nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    pub queue: QueueKey,
    pub first_queued_at: Timestamp,
    /// Of how many configurations its rules are the latest.
    pub configurations: u32,
    pub at: Timestamp,
}

impl Contact {
    /// How long ago it was first queued, whatever has happened since; nothing before its time.
    pub fn age(&self, now: Timestamp) -> Millis {
        (now - self.first_queued_at).max(Millis::ZERO)
    }

    /// Since when it would have waited, had it waited without a break: the time for which it
    /// stood in no line is not waiting.
    pub fn waits_since(&self) -> Timestamp {
        self.first_queued_at + self.out_of_line
    }

    /// For how long its customer has waited on the line since they came or were answered last,
    /// if they have not hung up to be called.
    pub fn waited_on_the_line(&self, now: Timestamp) -> Option<Millis> {
        let waited = now - self.waits_since() - self.in_line_before;
        let is_shown = self.callback.is_none() && waited > Millis::ZERO;
        is_shown.then_some(waited)
    }

    pub const fn state(&self) -> ContactState {
        self.stage.state()
    }

    /// The agent that it is offered to first, with, or was with at its end.
    pub fn agent(&self) -> Option<AgentKey> {
        match &self.stage {
            Stage::Moving | Stage::Scheduled { .. } | Stage::Queued { .. } => None,
            Stage::Offered { offer, .. } => Some(offer.agent),
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
            | Stage::Offered { .. }
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
            | Stage::Offered { .. }
            | Stage::Active(_)
            | Stage::WrapUp { .. }
            | Stage::Closed(_) => now,
        };
        self.service().map(|service| service.handled(until))
    }

    /// Its live offers, the oldest first.
    pub fn live_offers(&self) -> impl Iterator<Item = &Offer> {
        self.stage.live_offers()
    }

    /// Its live offer to this agent.
    pub fn offer_to(&self, agent: AgentKey) -> Option<&Offer> {
        self.live_offers().find(|offer| offer.agent == agent)
    }

    /// It is offered, and a rule lets it be offered to more agents at once.
    pub fn wants_more_offers(&self) -> bool {
        match &self.stage {
            Stage::Offered { offer, beside } => {
                !offer.is_assigned && (beside.len() as u64) < u64::from(self.beside_max)
            }
            Stage::Moving
            | Stage::Scheduled { .. }
            | Stage::Queued { .. }
            | Stage::Active(_)
            | Stage::Parked(_)
            | Stage::WrapUp { .. }
            | Stage::Closed(_) => false,
        }
    }

    /// It waits in line, or for one of several agents it is offered to: steps bring in more.
    pub fn takes_steps(&self) -> bool {
        matches!(self.stage, Stage::Queued { .. }) || self.is_fanned_out()
    }

    /// It is offered, and may be offered to several, by a rule.
    pub fn is_fanned_out(&self) -> bool {
        self.live_offers().any(|offer| !offer.is_assigned) && self.beside_max > 0
    }

    /// The id of one of its offers.
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

    /// Of one that is scheduled: its customer was to be called before, and is to be called again.
    pub fn is_called_again(&self, now: Timestamp) -> bool {
        self.callback.is_some() && self.first_queued_at <= now
    }

    /// It waits for the agent that it asks for, and nobody else will do until somebody has
    /// served it.
    pub fn is_meant_alone(&self) -> bool {
        let asks_for_one = self.intake.agent.is_some() && !self.intake.or_queue;
        asks_for_one && !self.was_served && self.direct.is_some()
    }

    /// What is known of a rule of the queue that it is in.
    pub fn fired(&self, rule: &Name) -> Option<&Fired> {
        let queue = self.labels.queue;
        let mut fired = self.fired.iter();
        fired.find(|fired| fired.queue == queue && fired.rule == *rule)
    }

    /// An end that was assumed, not reported, must not feed the learning, nor a call that nobody
    /// has answered.
    pub const fn teaches(&self) -> bool {
        !self.is_end_made_up && !self.teaches_nothing
    }

    pub fn is_closed(&self) -> bool {
        matches!(self.stage, Stage::Closed(_))
    }
}
