//! A contact as the engine holds it.
//!
//! **Invariant:** only the fold of events (`apply`) changes a contact.

mod callback;
mod cooldown;
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
pub use crate::engine::state::contact::cooldown::{Cooldown, Cooled};
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
pub(in crate::engine) use crate::engine::state::contact::unheard::{
    UNHEARD_BYTES_MAX, UNHEARD_MAX, fits, has_room,
};

#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct Contact {
    #[n(0)]
    pub id: ContactId,
    /// Counted from 1: the order of arrival, and the last tie-breaker.
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
    /// Survives decline, expiry, loss of the agent, transfer and restart.
    #[n(6)]
    pub first_queued_at: Timestamp,
    #[n(7)]
    pub step: u32,
    /// How far escalations have moved `due` forward, less `put_back`; negative if put back further.
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
    /// When a predicted breach is checked again.
    #[n(16)]
    pub breach_check_at: Option<Timestamp>,
    /// The agent who had it before it returned to its queue: preferred there.
    #[cbor(n(20), default)]
    pub owner_before: Option<AgentKey>,
    /// Further queues whose agents may serve it; sorted.
    #[cbor(n(40), default)]
    pub also: Vec<QueueKey>,
    /// The next agent who may serve it gets it.
    #[cbor(n(41), default)]
    pub is_reserved: bool,
    #[cbor(n(42), default)]
    pub callback_offered: bool,
    /// The last message of an escalation to the customer.
    #[n(43)]
    pub message: Option<Text>,
    /// The customer has hung up and is to be called.
    #[cbor(n(30), default)]
    pub callback: Option<Box<Callback>>,
    /// How many times the agent who called it has called it again.
    #[cbor(n(31), default)]
    pub recalls: u32,
    /// How many times its customer did not come when called.
    #[cbor(n(32), default)]
    pub no_shows: u32,
    /// When `direct` ends and anyone may take it.
    #[cbor(n(33), default)]
    pub direct_until: Option<Timestamp>,
    /// It was reported that no registered agent could ever take it where it waits.
    #[cbor(n(50), default)]
    pub is_unroutable: bool,
    /// When the newest offer was made.
    #[cbor(n(51), default)]
    pub offered_at: Option<Timestamp>,
    /// The note of the agent who asks for help to the one who is asked.
    #[n(52)]
    pub consult_note: Option<Text>,
    /// The adapter that posted it; none in journals that did not record this.
    #[cbor(n(17), default)]
    pub posted_by: Option<Text>,
    /// The last transfer: by whom, and with which note.
    #[n(18)]
    pub transferred: Option<Box<Transferred>>,
    /// Messages of the customer that no desktop has acknowledged, oldest first.
    #[cbor(n(57), default)]
    pub unheard: Vec<Unheard>,
    /// How far it was put back by no-shows: a part of `boost`, subtracted.
    #[cbor(n(19), default)]
    pub put_back: Millis,
    /// How many live offers rules allow it beside the first.
    #[cbor(n(55), default)]
    pub beside_max: u32,
    /// It was served for longer than any contact lasts, without its end being reported.
    #[cbor(n(56), default)]
    pub is_end_made_up: bool,
    /// The agent who has it without an offer of its own: asked for help, then handed over to.
    #[cbor(n(21), default)]
    pub handed_over_to: Option<AgentKey>,
    /// When it is scheduled for, or its customer is to be called again, until it is answered.
    #[cbor(n(58), default)]
    pub ordered_for: Option<Timestamp>,
    /// How long it was in no line since it was first queued: with agents that it came back from,
    /// while its customer was called, and until the call was tried again.
    #[cbor(n(22), default, with = "crate::engine::codec::or_zero")]
    pub out_of_line: Millis,
    /// Since when its customer has been called, or is to be called again.
    #[cbor(n(60), default)]
    pub out_of_line_since: Option<Timestamp>,
    /// The agent who takes nothing else until there is room for it.
    #[cbor(n(59), default)]
    pub room_kept_by: Option<AgentKey>,
    /// An agent has talked to the customer, and the contact came back. (Number 61 once held a span:
    /// do not reuse it.)
    #[cbor(n(62), default)]
    pub was_served: bool,
    /// Its topic has changed while it was in no line, or while the queue of the new topic did not
    /// take it: that is checked again when it comes back.
    #[cbor(n(63), default)]
    pub has_new_topic: bool,
    /// Idle agents are no longer reserved for others from it.
    #[cbor(n(64), default)]
    pub agents_let_go: bool,
    /// How long it had been in line when it was last answered.
    #[cbor(n(65), default, with = "crate::engine::codec::or_zero")]
    pub in_line_before: Millis,
    /// The rule that claims the next agent for it, once none is reserved for another contact of its
    /// queue.
    #[n(69)]
    pub claims_by: Option<Name>,
    /// Its customer was called for the last time without answering: no work was done.
    #[cbor(n(73), with = "crate::engine::codec::mark", has_nil)]
    pub teaches_nothing: bool,
    /// Its agent was lost while the customer was on the line: until it is answered again, it counts
    /// as of the tier with the greatest head start.
    #[cbor(n(75), with = "crate::engine::codec::mark", has_nil)]
    pub has_lost_agent: bool,
    #[cbor(skip)]
    pub index: Index,
}

/// A transfer from one agent to the next.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Transferred {
    #[n(0)]
    pub by: AgentKey,
    #[n(1)]
    pub note: Option<Text>,
}

/// Where the indexes hold a contact; written only by `place`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Index {
    pub line: LineKey,
    pub sla_at: Option<Timestamp>,
    /// Counted among the unanswered of this queue, as waiting since then.
    pub unanswered: Option<(QueueKey, Timestamp)>,
    pub respond_at: Option<Timestamp>,
    pub promise: Option<Promise>,
}

/// By when a contact should be answered, and the inputs of that: if one changes, it is void.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    pub queue: QueueKey,
    pub first_queued_at: Timestamp,
    /// The number of the configuration whose rules were used.
    pub configurations: u32,
    pub at: Timestamp,
}

impl Contact {
    /// The time since it was first queued, whatever has happened since; zero before that.
    pub fn age(&self, now: Timestamp) -> Millis {
        (now - self.first_queued_at).max(Millis::ZERO)
    }

    /// Since when it would have waited without interruption: time in which it was in no line does
    /// not count as waiting.
    pub fn waits_since(&self) -> Timestamp {
        self.first_queued_at + self.out_of_line
    }

    /// How long its customer has waited on the line since arriving or last being answered; none if
    /// they have hung up to be called.
    pub fn waited_on_the_line(&self, now: Timestamp) -> Option<Millis> {
        let waited = now - self.waits_since() - self.in_line_before;
        let is_shown = self.callback.is_none() && waited > Millis::ZERO;
        is_shown.then_some(waited)
    }

    pub const fn state(&self) -> ContactState {
        self.stage.state()
    }

    /// The agent that it is offered to first, is with, or was with at its end.
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

    /// It is offered, and a rule allows more offers at once.
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

    /// It is in line, or offered under a rule that allows several offers: steps still bring in more
    /// agents.
    pub fn takes_steps(&self) -> bool {
        matches!(self.stage, Stage::Queued { .. }) || self.is_fanned_out()
    }

    /// It is offered, and a rule allows several offers.
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

    /// Whether a scheduled contact is a callback that was tried before.
    pub fn is_called_again(&self, now: Timestamp) -> bool {
        self.callback.is_some() && self.first_queued_at <= now
    }

    /// It waits for its named agent, and nobody else will do until it has been served.
    pub fn is_meant_alone(&self) -> bool {
        let asks_for_one = self.intake.agent.is_some() && !self.intake.or_queue;
        asks_for_one && !self.was_served && self.direct.is_some()
    }

    /// The record of a rule of its current queue.
    pub fn fired(&self, rule: &Name) -> Option<&Fired> {
        self.fired_in(self.labels.queue, rule)
    }

    /// The same of another queue, in which it may have been before.
    pub(in crate::engine) fn fired_in(&self, queue: QueueKey, rule: &Name) -> Option<&Fired> {
        let mut fired = self.fired.iter();
        fired.find(|fired| fired.queue == queue && fired.rule == *rule)
    }

    /// An assumed end, or a callback that nobody answered, must not feed the learning.
    pub const fn teaches(&self) -> bool {
        !self.is_end_made_up && !self.teaches_nothing
    }

    pub fn is_closed(&self) -> bool {
        matches!(self.stage, Stage::Closed(_))
    }
}
