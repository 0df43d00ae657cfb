//! A contact as the engine holds it.
//!
//! **Invariant:** only the fold of events (`apply`) changes a contact.

mod callback;
mod cooldown;
mod escalated;
mod fired;
mod index;
mod meant;
mod moment;
mod passes;
mod past;
mod rare;
mod service;
mod stage;
mod unheard;
mod wait;

use std::hint::black_box;
use std::mem::discriminant;
use std::sync::Arc;

use crate::domain::{ContactId, Intake, Millis, Name, OfferId, Recognition, Text, Timestamp};
use crate::engine::event::Labels;
use crate::engine::state::registry::{AgentKey, QueueKey};

pub use crate::engine::state::contact::callback::{Callback, CustomerFirst};
pub use crate::engine::state::contact::cooldown::{Cooldown, Cooled, Missed};
pub use crate::engine::state::contact::escalated::Escalated;
pub use crate::engine::state::contact::fired::Fired;
pub use crate::engine::state::contact::index::{Index, Promise};
pub use crate::engine::state::contact::meant::Meant;
pub use crate::engine::state::contact::moment::Moment;
pub use crate::engine::state::contact::passes::Passes;
pub use crate::engine::state::contact::past::{Past, Transferred};
pub use crate::engine::state::contact::rare::Rare;
pub use crate::engine::state::contact::service::{
    Aside, Consult, Consulting, Held, Owed, Parked, Service, Woken,
};
pub use crate::engine::state::contact::stage::{
    Closing, ContactState, EndedBy, Final, Offer, Stage,
};
pub(in crate::engine) use crate::engine::state::contact::stage::{Ending, WRAP_UP_EXTENSION};
pub use crate::engine::state::contact::unheard::Unheard;
pub(in crate::engine) use crate::engine::state::contact::unheard::{
    UNHEARD_BYTES_MAX, UNHEARD_MAX, fits, has_room,
};
pub use crate::engine::state::contact::wait::Wait;

/// A contact. What most never have is in groups that take no space until then.
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
    /// The adapter that posted it.
    #[n(4)]
    pub posted_by: Option<Text>,
    #[n(5)]
    pub created_at: Timestamp,
    #[n(6)]
    pub labels: Labels,
    #[n(7)]
    pub stage: Stage,
    #[n(8)]
    pub wait: Wait,
    /// The number of the newest offer or request for help: that of the next is one more.
    #[n(9)]
    pub newest_offer: u32,
    /// When the newest offer was made.
    #[n(10)]
    pub offered_at: Moment,
    #[n(11)]
    pub missed: Rare<Missed>,
    #[n(12)]
    pub meant: Rare<Meant>,
    #[n(13)]
    pub escalated: Rare<Escalated>,
    #[n(14)]
    pub past: Rare<Past>,
    /// The customer has hung up and is to be called.
    #[n(15)]
    pub callback: Option<Box<Callback>>,
    #[n(16)]
    pub sentiment: Option<f64>,
    /// Messages of the customer that no desktop has acknowledged, oldest first.
    #[n(17)]
    pub unheard: Vec<Unheard>,
    /// An agent has talked to the customer, and the contact came back.
    #[n(18)]
    pub was_served: bool,
    /// Its agent was lost while the customer was on the line: until it is answered again, it counts
    /// as of the tier with the greatest head start.
    #[n(19)]
    pub has_lost_agent: bool,
    /// Its topic has changed while it was in no line, or while the queue of the new topic did not
    /// take it: that is checked again when it comes back.
    #[n(20)]
    pub has_new_topic: bool,
    /// It was reported that no registered agent could ever take it where it waits.
    #[n(21)]
    pub is_unroutable: bool,
    /// It was served for longer than any contact lasts, without its end being reported.
    #[n(22)]
    pub is_end_made_up: bool,
    #[cbor(skip)]
    pub index: Index,
}

/// A contact that arrives.
pub(in crate::engine) struct Arrival<'a> {
    pub id: ContactId,
    pub posted_by: Option<&'a Text>,
    pub intake: &'a Arc<Intake>,
    pub recognition: &'a Arc<Recognition>,
    pub labels: Labels,
    pub at: Timestamp,
    pub first_queued_at: Timestamp,
}

impl Contact {
    pub(in crate::engine) fn new(arrived: &Arrival<'_>, arrival: u64) -> Self {
        Self {
            id: arrived.id,
            arrival,
            intake: Arc::clone(arrived.intake),
            recognition: Arc::clone(arrived.recognition),
            posted_by: arrived.posted_by.cloned(),
            created_at: arrived.at,
            labels: arrived.labels,
            stage: Stage::Moving,
            wait: Wait::from(arrived.first_queued_at),
            newest_offer: 0,
            offered_at: Moment::NONE,
            missed: Rare::default(),
            meant: Rare::default(),
            escalated: Rare::default(),
            past: Rare::default(),
            callback: None,
            sentiment: None,
            unheard: Vec::new(),
            was_served: false,
            has_lost_agent: false,
            has_new_topic: false,
            is_unroutable: false,
            is_end_made_up: false,
            index: Index::default(),
        }
    }

    /// Reads something from each cache line of a contact that may have been left alone for a while,
    /// and from what came with it, so that they come from memory together instead of one by one as
    /// they are needed.
    pub(in crate::engine) fn fetch(&self) {
        black_box((
            self.wait.first_queued_at,
            discriminant(&self.stage),
            self.id,
            Arc::strong_count(&self.recognition),
            self.intake.topic.is_some(),
            self.intake.requires.is_empty(),
            self.intake.agent.is_some(),
            self.callback.is_some(),
            self.newest_offer,
        ));
    }

    /// The time since it was first queued, whatever has happened since; zero before that.
    pub fn age(&self, now: Timestamp) -> Millis {
        (now - self.wait.first_queued_at).max(Millis::ZERO)
    }

    /// How long its customer has waited on the line since arriving or last being answered; none if
    /// they have hung up to be called.
    pub fn waited_on_the_line(&self, now: Timestamp) -> Option<Millis> {
        let waited = now - self.wait.since() - self.wait.in_line_before;
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

    /// Offers made so far; requests for help are none.
    pub fn offers_made(&self) -> u32 {
        self.newest_offer - self.past.asked_to_help
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
                !offer.is_assigned && (beside.len() as u64) < u64::from(self.escalated.beside_max)
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
        self.live_offers().any(|offer| !offer.is_assigned) && self.escalated.beside_max > 0
    }

    /// The id of one of its offers.
    pub fn offer_id(&self, offer: &Offer) -> OfferId {
        OfferId {
            contact: self.id,
            number: offer.number,
        }
    }

    pub fn is_cooling(&self, agent: AgentKey) -> bool {
        let mut running = self.missed.running();
        running.any(|cooldown| cooldown.agent == agent)
    }

    /// Whether a scheduled contact is a callback that was tried before.
    pub fn is_called_again(&self, now: Timestamp) -> bool {
        self.callback.is_some() && self.wait.first_queued_at <= now
    }

    /// It waits for its named agent, and nobody else will do until it has been served.
    pub fn is_meant_alone(&self) -> bool {
        let asks_for_one = self.intake.agent.is_some() && !self.intake.or_queue;
        asks_for_one && !self.was_served && self.meant.direct.is_some()
    }

    /// The record of a rule of its current queue.
    pub fn fired(&self, rule: &Name) -> Option<&Fired> {
        self.fired_in(self.labels.queue, rule)
    }

    /// The same of another queue, in which it may have been before.
    pub(in crate::engine) fn fired_in(&self, queue: QueueKey, rule: &Name) -> Option<&Fired> {
        let mut fired = self.escalated.fired.iter();
        fired.find(|fired| fired.queue == queue && fired.rule == *rule)
    }

    /// An assumed end, or a callback that nobody answered, must not feed the learning.
    pub fn teaches(&self) -> bool {
        let is_given_up = |callback: &Callback| callback.is_given_up;
        !self.is_end_made_up && !self.callback.as_deref().is_some_and(is_given_up)
    }

    pub fn is_closed(&self) -> bool {
        matches!(self.stage, Stage::Closed(_))
    }

    pub(in crate::engine) fn closing_number(&self) -> Option<u64> {
        self.closing().map(|closing| closing.number)
    }

    /// None while it is open.
    pub(in crate::engine) fn closing(&self) -> Option<&Closing> {
        match &self.stage {
            Stage::Closed(closing) => Some(closing),
            Stage::Moving
            | Stage::Scheduled { .. }
            | Stage::Queued { .. }
            | Stage::Offered { .. }
            | Stage::Active(_)
            | Stage::Parked(_)
            | Stage::WrapUp { .. } => None,
        }
    }
}

/// A million contacts may be open at once.
const _: () = assert!(size_of::<Contact>() <= 384 && size_of::<Stage>() <= 96);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::mem::offset_of;

    use super::*;

    /// The fields that `fetch` reads.
    #[test]
    fn a_contact_has_a_fetched_field_on_each_of_its_cache_lines() {
        const CACHE_LINE: usize = 64;
        let read = [
            offset_of!(Contact, wait.first_queued_at),
            offset_of!(Contact, stage),
            offset_of!(Contact, id),
            offset_of!(Contact, recognition),
            offset_of!(Contact, callback),
            offset_of!(Contact, newest_offer),
        ];
        let lines: BTreeSet<usize> = read.iter().map(|at| at / CACHE_LINE).collect();
        assert_eq!(lines.len(), size_of::<Contact>().div_ceil(CACHE_LINE));
    }
}
