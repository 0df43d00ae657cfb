//! The routing configuration as the engine uses it: checked, in plain values.
//!
//! It is part of the history: the event `Configured` carries all of it, so
//! that a replay needs no file. Field numbers are never reused.

mod capacity;
mod escalation;
mod ways;

use crate::domain::{Channel, Hours, Millis, Name, PerChannel, Requirements, Text};

pub use capacity::{CapacityReserve, CapacityRules, CategoryOptions, Interrupt, Interrupts};
pub use escalation::{
    Action, Audience, CALLBACK_DIALLED, END_MISSING, EscalationRule, RESERVED_RULES, RESPONSE_LATE,
    Repeat, Trigger, UNROUTABLE,
};
pub use ways::{CallbackOptions, DIAL_WITHIN, NoShow, Overflow, WhenClosed, WhenFull};

/// The most queues of one site.
pub const QUEUES_MAX: usize = 4_096;
/// The most agents of one site.
pub const AGENTS_MAX: usize = 200_000;
/// The most relaxation steps of one queue.
pub const STEPS_MAX: usize = 16;
/// No contact is served for so long, where its queue says nothing else.
pub const SERVED_MAX: Millis = Millis::from_s(12 * 3_600);
/// After so long a parked contact wakes by itself, where its queue says nothing else.
pub const PARK_MAX: Millis = Millis::from_s(24 * 3_600);
/// The most categories of one site.
pub const CATEGORIES_MAX: usize = 7;
/// The most escalation rules of one queue.
pub const ESCALATIONS_MAX: usize = 32;

/// Everything that routing is configured with.
#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct Options {
    #[n(0)]
    pub site: Name,
    /// In the order of the configuration.
    #[n(1)]
    pub tiers: Vec<TierOptions>,
    /// For strangers, and until the customer store has answered.
    #[n(2)]
    pub default_tier: Name,
    #[n(3)]
    pub channels: PerChannel<ChannelOptions>,
    /// How many seconds of `due` a perfect fit of agent and contact is worth.
    #[n(4)]
    pub specialist: Millis,
    /// The longest that anyone may be overtaken for.
    #[n(5)]
    pub overtake_max: Millis,
    #[n(6)]
    pub queues: Vec<QueueOptions>,
    /// For contacts without queue whose topic no queue lists.
    #[n(7)]
    pub default_queue: Name,
    #[n(8)]
    pub agents: Vec<AgentOptions>,
    #[n(9)]
    pub limits: Limits,
    /// Outcomes that agents give to what they could not resolve.
    #[cbor(n(10), default)]
    pub unresolved: Vec<Text>,
    #[cbor(n(11), default)]
    pub order: Order,
    #[cbor(n(20), default)]
    pub capacity: CapacityRules,
    /// The timetables that queues name.
    #[cbor(n(30), default)]
    pub hours: Vec<HoursOptions>,
    /// How long a contact waits for the agent that it asks for, if anyone else will do.
    #[cbor(n(31), default)]
    pub direct_wait: Millis,
    #[cbor(n(32), default)]
    pub direct_to_manager: Option<DirectToManager>,
}

impl Options {
    /// Of this tier; one that is not configured any more counts as the default one.
    pub fn head_start(&self, tier: &Name) -> Millis {
        let configured = |name: &Name| self.tiers.iter().find(|tier| tier.name == *name);
        let tier = configured(tier).or_else(|| configured(&self.default_tier));
        tier.map_or(Millis::ZERO, |tier| tier.head_start)
    }
}

/// Customers who are put through to their account managers first.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct DirectToManager {
    #[n(0)]
    pub tiers: Vec<Name>,
    #[n(1)]
    pub channels: Vec<Channel>,
    /// How long one is waited for who is about to be free.
    #[n(2)]
    pub hold: Millis,
}

/// A timetable by the name that queues use.
#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct HoursOptions {
    #[n(0)]
    pub id: Name,
    #[n(1)]
    pub hours: Hours,
}

/// Who waits first.
#[derive(Clone, Debug, Default, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum Order {
    /// By the instant at which a contact is due.
    #[default]
    #[n(0)]
    Due,
    /// By an urgency that grows with the wait: for rehearsals alone, to compare.
    #[n(1)]
    Urgency(#[n(0)] Urgency),
}

/// `weight · age / target + (age / convex)²`, the first term by tier: the generalised c-μ
/// rule (Mandelbaum and Stolyar 2004), or accumulating priority without the second term.
#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct Urgency {
    /// By tier, in the order of the options.
    #[n(0)]
    pub weights: Vec<f64>,
    #[n(1)]
    pub convex: Option<Millis>,
    /// What an agent is better at counts to this power; 0: not at all.
    #[n(2)]
    pub fit_power: f64,
}

#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct TierOptions {
    #[n(0)]
    pub name: Name,
    /// A customer of this tier is served as if they had come so much earlier.
    #[n(1)]
    pub head_start: Millis,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct ChannelOptions {
    /// What one contact takes of an agent's capacity.
    #[n(0)]
    pub cost: u32,
    /// The most contacts of this channel that one agent has at a time.
    #[n(1)]
    pub max: u32,
}

impl ChannelOptions {
    /// An agent serves one contact of it at a time.
    pub const fn is_exclusive(&self) -> bool {
        self.max == 1
    }
}

#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct QueueOptions {
    #[n(0)]
    pub id: Name,
    /// What people read; the id where the configuration gives no name.
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
    /// Contacts are called by agents (`pull`) instead of being offered.
    #[n(11)]
    pub pull: bool,
    #[n(12)]
    pub reserve: Option<Reserve>,
    /// After so long a parked contact wakes by itself; none: after [`PARK_MAX`].
    #[cbor(n(20), default)]
    pub park_max: Option<Millis>,
    /// The timetable outside of which it is closed; none: it is always open.
    #[cbor(n(30), default)]
    pub hours: Option<Name>,
    #[cbor(n(31), default)]
    pub when_closed: WhenClosed,
    #[cbor(n(32), default)]
    pub overflow: Overflow,
    #[cbor(n(33), default)]
    pub callback: CallbackOptions,
    /// Of a queue that is pulled from.
    #[cbor(n(34), default)]
    pub no_show: NoShow,
    /// Agents who know the customer come first, and are waited for so long if they are
    /// about to be free.
    #[cbor(n(35), default)]
    pub prefer: Option<Millis>,
    /// A contact that is served for longer than this has ended, and nobody has said so; none:
    /// it is served for as long as it takes.
    #[cbor(n(36), default)]
    pub served_max: Option<Millis>,
}

impl QueueOptions {
    pub const WAITING_MAX: u32 = 500;

    /// Of whose configuration nothing but the id is given.
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
            park_max: Some(PARK_MAX),
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

/// Idle agents that are kept for those who matter most: contacts of other tiers are not
/// offered while no more than so many could take one. It makes the others wait for longer
/// than it spares those; by default nothing is kept.
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
    /// How long a customer who is being served and writes waits for the next answer.
    #[cbor(n(2), default)]
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

/// How the best agent is found among those who may serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
#[cbor(index_only)]
pub enum Select {
    /// The default: the least cost in seconds (see `engine::cost`).
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
    /// The most load first: packs contacts of text, so that others stay free.
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

/// One widening of who may serve; each step includes the ones before.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Step {
    /// From first queued.
    #[n(0)]
    pub after: Millis,
    /// In place of what was required so far.
    #[n(1)]
    pub requires: Option<Requirements>,
    /// Agents of these queues may serve, too.
    #[n(2)]
    pub also_agents_of: Vec<Name>,
    /// Taken at once while nobody of the steps before it is there, and somebody of it is.
    #[cbor(n(10), default)]
    pub skip_unstaffed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct AgentOptions {
    #[n(0)]
    pub id: Name,
    #[n(1)]
    pub label: Text,
    #[n(2)]
    pub queues: Vec<Name>,
    #[n(3)]
    pub skills: Requirements,
    #[n(4)]
    pub capacity: u32,
}

/// Bounds of the state and the spans that are the same for a whole site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Limits {
    /// The most contacts that are not closed.
    #[n(0)]
    pub open_contacts_max: u32,
    /// The most closed contacts that are remembered.
    #[n(1)]
    pub closed_contacts_max: u32,
    /// How long a closed contact and its keys are remembered.
    #[n(2)]
    pub closed_for: Millis,
    /// How long a lost agent may come back without losing anything.
    #[n(3)]
    pub grace: Millis,
}

impl Limits {
    pub const DEFAULT: Self = Self {
        open_contacts_max: 1_000_000,
        closed_contacts_max: 500_000,
        closed_for: Millis::from_s(24 * 3_600),
        grace: Millis::from_s(60),
    };
}

impl Options {
    pub fn queue(&self, id: &Name) -> Option<&QueueOptions> {
        self.queues.iter().find(|queue| queue.id == *id)
    }

    pub fn hours(&self, id: &Name) -> Option<&Hours> {
        let hours = self.hours.iter().find(|hours| hours.id == *id);
        hours.map(|hours| &hours.hours)
    }

    pub fn cost(&self, channel: Channel) -> u32 {
        self.channels.get(channel).cost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_of_before_conditions_is_read_as_it_was_meant() {
        let name = Name::new("late").expect("a name");
        let actions = vec![Action::NextStep];
        let written = (&name, Trigger::OffersEnded(2), &actions);
        let bytes = minicbor::to_vec(written).expect("memory");
        let read: EscalationRule = minicbor::decode(&bytes).expect("an older form");
        let expected = EscalationRule::new(name, Trigger::OffersEnded(2), actions);
        assert_eq!(read, expected);
    }
}
