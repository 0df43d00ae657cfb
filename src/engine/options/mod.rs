//! The routing configuration as the engine uses it: checked, in plain values.
//!
//! It is part of the journal: the event `Configured` contains all of it, so a replay needs no file.

mod capacity;
mod check;
mod escalation;
mod queue;
mod ways;

use crate::domain::{Channel, Hours, Millis, Name, PerChannel, Requirements, Text};

pub use capacity::{CapacityReserve, CapacityRules, CategoryOptions, Interrupt, Interrupts};
pub use escalation::{
    Action, Audience, CALLBACK_DIALLED, END_MISSING, EscalationRule, RESERVED_RULES, RESPONSE_LATE,
    Repeat, Trigger, UNROUTABLE,
};
pub use queue::{OfferOptions, QueueOptions, Reserve, Select, Step, Target};
pub use ways::{CallbackOptions, DIAL_WITHIN, NoShow, Overflow, WhenClosed, WhenFull};

/// The most queues of one site.
pub const QUEUES_MAX: usize = 4_096;
/// The most agents of one site.
pub const AGENTS_MAX: usize = 200_000;
/// The most relaxation steps of one queue.
pub const STEPS_MAX: usize = 16;
/// No contact is served for longer than this, unless its queue says otherwise.
pub const SERVED_MAX: Millis = Millis::from_s(12 * 3_600);
/// When a parked contact wakes by itself, unless its queue says otherwise.
pub const PARK_MAX: Millis = Millis::from_s(24 * 3_600);
/// The most categories of one site.
pub const CATEGORIES_MAX: usize = 7;
/// The most escalation rules of one queue.
pub const ESCALATIONS_MAX: usize = 32;

/// The whole routing configuration.
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
    /// How much of `due` a perfect fit of agent and contact is worth.
    #[n(4)]
    pub specialist: Millis,
    /// How long a contact may be overtaken at most.
    #[n(5)]
    pub overtake_max: Millis,
    #[n(6)]
    pub queues: Vec<QueueOptions>,
    /// For contacts without a queue whose topic no queue lists.
    #[n(7)]
    pub default_queue: Name,
    #[n(8)]
    pub agents: Vec<AgentOptions>,
    #[n(9)]
    pub limits: Limits,
    /// Outcomes that mean that a contact was not resolved.
    #[n(10)]
    pub unresolved: Vec<Text>,
    #[n(11)]
    pub order: Order,
    #[n(12)]
    pub capacity: CapacityRules,
    /// The timetables that queues name.
    #[n(13)]
    pub hours: Vec<HoursOptions>,
    /// How long a contact waits for the agent that it names, if others will do.
    #[n(14)]
    pub direct_wait: Millis,
    #[n(15)]
    pub direct_to_manager: Option<DirectToManager>,
}

impl Options {
    /// One tier; voice takes a whole agent and text a fifth; contacts without a queue go to the
    /// first one.
    pub fn ordinary(site: Name, queues: Vec<QueueOptions>, agents: Vec<AgentOptions>) -> Self {
        let basic = Name::new("basic").expect("a name");
        Self {
            site,
            tiers: vec![TierOptions {
                name: basic.clone(),
                head_start: Millis::ZERO,
            }],
            default_tier: basic,
            channels: PerChannel(Channel::ALL.map(ChannelOptions::ordinary)),
            specialist: Millis::from_s(120),
            overtake_max: Millis::from_s(900),
            default_queue: queues[0].id.clone(),
            queues,
            agents,
            limits: Limits::DEFAULT,
            unresolved: vec![Text::from("unresolved")],
            order: Order::Due,
            capacity: CapacityRules::default(),
            hours: Vec::new(),
            direct_wait: Millis::from_s(60),
            direct_to_manager: None,
        }
    }

    /// Of this tier; a tier that is not configured any more counts as the default one.
    pub fn head_start(&self, tier: &Name) -> Millis {
        let configured = |name: &Name| self.tiers.iter().find(|tier| tier.name == *name);
        let tier = configured(tier).or_else(|| configured(&self.default_tier));
        tier.map_or(Millis::ZERO, |tier| tier.head_start)
    }

    /// Of all tiers.
    pub fn greatest_head_start(&self) -> Millis {
        let head_starts = self.tiers.iter().map(|tier| tier.head_start);
        head_starts.max().unwrap_or(Millis::ZERO)
    }
}

/// Customers who go to their account managers first.
#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct DirectToManager {
    #[n(0)]
    pub tiers: Vec<Name>,
    #[n(1)]
    pub channels: Vec<Channel>,
    /// How long to wait for a manager who will be free soon.
    #[n(2)]
    pub hold: Millis,
}

/// A timetable under the name that queues use.
#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct HoursOptions {
    #[n(0)]
    pub id: Name,
    #[n(1)]
    pub hours: Hours,
}

/// Who is served first.
#[derive(Clone, Debug, Default, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum Order {
    /// By the instant at which a contact is due.
    #[default]
    #[n(0)]
    Due,
    /// By an urgency that grows with the wait: only for comparison in rehearsals.
    #[n(1)]
    Urgency(#[n(0)] Urgency),
}

/// `weight · age / target + (age / convex)²`, the first term by tier: the generalised c-μ rule
/// (Mandelbaum and Stolyar 2004), or accumulating priority without the second term.
#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub struct Urgency {
    /// By tier, in the order of the options.
    #[n(0)]
    pub weights: Vec<f64>,
    #[n(1)]
    pub convex: Option<Millis>,
    /// An agent's advantage counts to this power; 0: not at all.
    #[n(2)]
    pub fit_power: f64,
}

#[derive(Clone, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct TierOptions {
    #[n(0)]
    pub name: Name,
    /// A customer of this tier is served as if they had come this much earlier.
    #[n(1)]
    pub head_start: Millis,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct ChannelOptions {
    /// How much of an agent's capacity one contact takes.
    #[n(0)]
    pub cost: u32,
    /// The most contacts of this channel that one agent has at a time.
    #[n(1)]
    pub max: u32,
}

impl ChannelOptions {
    /// Of agents with a capacity of 100.
    pub const fn ordinary(channel: Channel) -> Self {
        if channel.is_synchronous() {
            Self { cost: 100, max: 1 }
        } else {
            Self { cost: 20, max: 5 }
        }
    }

    /// An agent serves only one contact of it at a time.
    pub const fn is_exclusive(&self) -> bool {
        self.max == 1
    }
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

impl AgentOptions {
    /// Without skills.
    pub fn ordinary(id: Name, queues: Vec<Name>) -> Self {
        Self {
            label: id.text(),
            id,
            queues,
            skills: Requirements::default(),
            capacity: 100,
        }
    }
}

/// Limits of the state, and spans that apply to the whole site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Limits {
    /// The most open contacts.
    #[n(0)]
    pub open_contacts_max: u32,
    /// How many closed contacts are remembered,
    #[n(1)]
    pub closed_contacts_max: u32,
    /// and for how long, with their keys.
    #[n(2)]
    pub closed_for: Millis,
    /// The grace period for a lost agent's connection.
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
