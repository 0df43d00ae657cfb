//! How one queue serves its contacts.

use crate::domain::{Millis, Name, Requirements, Text};
use crate::engine::options::{
    Action, CallbackOptions, EscalationRule, NoShow, Overflow, PARK_MAX, SERVED_MAX, WhenClosed,
};

#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct QueueOptions {
    #[n(0)]
    pub id: Name,
    /// The display name; the id if the configuration gives none.
    #[n(1)]
    pub label: Text,
    #[n(2)]
    pub topics: Vec<Name>,
    #[n(3)]
    pub requires: Requirements,
    #[n(4)]
    pub target: Target,
    #[n(5)]
    pub offer: OfferOptions,
    /// None: a completed contact is closed at once.
    #[n(6)]
    pub wrap_up: Option<Millis>,
    /// The most contacts that wait in this queue.
    #[n(7)]
    pub waiting_max: u32,
    #[n(8)]
    pub select: Select,
    #[n(9)]
    pub steps: Vec<Step>,
    #[n(10)]
    pub escalations: Vec<EscalationRule>,
    /// Agents call its contacts (`pull`); none is offered.
    #[n(11)]
    pub pull: bool,
    #[n(12)]
    pub reserve: Option<Reserve>,
    /// When a parked contact wakes by itself.
    #[n(13)]
    pub park_max: Millis,
    /// The timetable outside of which it is closed; none: always open.
    #[n(14)]
    pub hours: Option<Name>,
    #[n(15)]
    pub when_closed: WhenClosed,
    #[n(16)]
    pub overflow: Overflow,
    #[n(17)]
    pub callback: CallbackOptions,
    /// For a queue that agents pull from.
    #[n(18)]
    pub no_show: NoShow,
    /// Agents who know the customer come first, and are waited for this long if they will be free
    /// soon.
    #[n(19)]
    pub prefer: Option<Millis>,
    /// A contact that is served for longer than this is assumed to have ended unreported; none:
    /// there is no limit.
    #[n(20)]
    pub served_max: Option<Millis>,
}

impl QueueOptions {
    pub const WAITING_MAX: u32 = 500;

    /// The queues whose agents its rules add.
    pub fn added_queues(&self) -> impl Iterator<Item = &Name> {
        let actions = self.escalations.iter().flat_map(|rule| &rule.actions);
        actions.filter_map(|action| match action {
            Action::AddQueue(added) => Some(added),
            Action::Boost(_)
            | Action::NextStep
            | Action::MoveTo(_)
            | Action::Notify(_)
            | Action::ReserveNext
            | Action::Message(_)
            | Action::OfferCallback
            | Action::FanOut(_)
            | Action::Deflect(_) => None,
        })
    }

    /// A queue with only an id configured.
    pub fn ordinary(id: Name) -> Self {
        Self {
            label: id.text(),
            id,
            topics: Vec::new(),
            requires: Requirements::default(),
            target: Target::DEFAULT,
            offer: OfferOptions::DEFAULT,
            wrap_up: None,
            waiting_max: Self::WAITING_MAX,
            select: Select::Best,
            steps: Vec::new(),
            escalations: Vec::new(),
            pull: false,
            reserve: None,
            park_max: PARK_MAX,
            hours: None,
            when_closed: WhenClosed::Hold,
            overflow: Overflow::default(),
            callback: CallbackOptions::DEFAULT,
            no_show: NoShow::Close,
            prefer: None,
            served_max: Some(SERVED_MAX),
        }
    }
}

/// Idle agents reserved for the tiers that matter most: contacts of other tiers are not offered
/// while no more than this many agents could take one. It delays the others by more than it saves
/// these; by default no agent is reserved.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Reserve {
    #[n(0)]
    pub agents: u32,
    #[n(1)]
    pub tiers: Vec<Name>,
}

/// The promise of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Target {
    #[n(0)]
    pub answer_within: Millis,
    /// The share of contacts that should be answered within it.
    #[n(1)]
    pub goal_percent: u32,
    /// How soon a customer who is being served and writes should get a reply.
    #[n(2)]
    pub respond_within: Option<Millis>,
}

impl Target {
    pub const DEFAULT: Self = Self {
        answer_within: Millis::from_s(30),
        goal_percent: 80,
        respond_within: None,
    };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct OfferOptions {
    /// From the desktop's confirmation until the offer expires.
    #[n(0)]
    pub answer_within: Millis,
    /// How long the desktop has to confirm that it shows the offer.
    #[n(1)]
    pub undelivered_after: Millis,
}

impl OfferOptions {
    pub const DEFAULT: Self = Self {
        answer_within: Millis::from_s(20),
        undelivered_after: Millis::from_s(2),
    };
}

/// How the best agent is chosen among those who may serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum Select {
    /// The default: the lowest cost in seconds (see `engine::cost`).
    #[n(0)]
    Best,
    #[n(1)]
    LeastLoad,
    #[n(2)]
    LongestIdle,
    #[n(3)]
    BestSkill,
    #[n(4)]
    RoundRobin,
    /// The most loaded first: packs text contacts, so that other agents stay free.
    #[n(5)]
    MostLoad,
}

impl Select {
    pub const ALL: [Self; 6] = [
        Self::Best,
        Self::LeastLoad,
        Self::LongestIdle,
        Self::BestSkill,
        Self::RoundRobin,
        Self::MostLoad,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Best => "best",
            Self::LeastLoad => "least_load",
            Self::LongestIdle => "longest_idle",
            Self::BestSkill => "best_skill",
            Self::RoundRobin => "round_robin",
            Self::MostLoad => "most_load",
        }
    }
}

/// A widening of who may serve; each step includes the previous ones.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Step {
    /// From first queued.
    #[n(0)]
    pub after: Millis,
    /// Replaces what was required so far.
    #[n(1)]
    pub requires: Option<Requirements>,
    /// Agents of these queues may serve as well.
    #[n(2)]
    pub also_agents_of: Vec<Name>,
    /// Taken at once while no agent of the steps before is there, and one of this step is.
    #[n(3)]
    pub skip_unstaffed: bool,
}
