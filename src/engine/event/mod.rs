//! What has happened, in the past tense: the journal's content and the only
//! input of [`Engine::apply`](crate::engine::Engine::apply).
//!
//! An event carries every fact that its fold and the metrics need, decided once. From the first
//! release on, numbers of fields and variants are never reused.

mod about;
mod agent;
mod callback;
mod consult;
mod contact;
mod line;
mod message;
mod offer;
mod queue;
mod rule;
mod service;
mod site;
mod ways;

use crate::domain::{Channel, ContactId, OfferId, Timestamp};
use crate::engine::state::registry::{AgentKey, QueueKey, TierKey};

pub use crate::engine::event::agent::AgentEvent;
pub use crate::engine::event::callback::CallbackEvent;
pub use crate::engine::event::consult::ConsultEvent;
pub use crate::engine::event::contact::ContactEvent;
pub use crate::engine::event::line::LineEvent;
pub use crate::engine::event::message::MessageEvent;
pub use crate::engine::event::offer::OfferEvent;
pub use crate::engine::event::queue::QueueEvent;
pub use crate::engine::event::rule::RuleEvent;
pub use crate::engine::event::service::ServiceEvent;
pub use crate::engine::event::site::SiteEvent;
pub use crate::engine::event::ways::{
    Because, ConsultEnd, Cooling, Foretold, HeldBy, OfferEnd, Return, Withdrawal,
};

/// One entry of the journal.
#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct Recorded {
    /// Counted from 1, without gaps.
    #[n(0)]
    pub seq: u64,
    #[n(1)]
    pub at: Timestamp,
    #[n(2)]
    pub event: Event,
}

/// The labels under which a contact is counted.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, minicbor::Encode, minicbor::Decode,
)]
pub struct Labels {
    #[n(0)]
    pub queue: QueueKey,
    #[n(1)]
    pub channel: Channel,
    #[n(2)]
    pub tier: TierKey,
}

/// By subject; which one it is stands beside what has happened to it.
#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum Event {
    #[n(0)]
    Site(#[n(0)] SiteEvent),
    #[n(1)]
    Queue(#[n(0)] QueueKey, #[n(1)] QueueEvent),
    #[n(2)]
    Agent(#[n(0)] AgentKey, #[n(1)] AgentEvent),
    #[n(3)]
    Contact(#[n(0)] ContactId, #[n(1)] ContactEvent),
    #[n(4)]
    Line(#[n(0)] ContactId, #[n(1)] LineEvent),
    #[n(5)]
    Rule(#[n(0)] ContactId, #[n(1)] RuleEvent),
    #[n(6)]
    Callback(#[n(0)] ContactId, #[n(1)] CallbackEvent),
    #[n(7)]
    Offer(#[n(0)] OfferId, #[n(1)] OfferEvent),
    /// With the agent concerned: who has the contact or has just had it, or sees it otherwise.
    #[n(8)]
    Service(#[n(0)] ContactId, #[n(1)] AgentKey, #[n(2)] ServiceEvent),
    #[n(9)]
    Consult(#[n(0)] OfferId, #[n(1)] ConsultEvent),
    #[n(10)]
    Message(#[n(0)] ContactId, #[n(1)] MessageEvent),
}

/// Every event is copied a few times on its way to the journal and to desktops.
const _: () = assert!(size_of::<Event>() <= 144);
