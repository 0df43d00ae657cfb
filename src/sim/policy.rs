//! Policies to compare on one floor: the same agents, and queues by channel and topic; each policy
//! has its own order, choice of agent or division of the floor.

use crate::domain::skill::Level;
use crate::domain::{Channel, Millis, Name, PerChannel, Requirements, Text};
use crate::engine::options::{
    AgentOptions, ChannelOptions, Limits, Options, Order, QueueOptions, Select, Step, Target,
    TierOptions, Urgency,
};
use crate::sim::centre::Entry;
use crate::sim::staff::{Member, Staff};
use crate::sim::workload::Workload;

/// Long enough to always put one tier before another.
const ALWAYS: Millis = Millis::from_s(10_000_000);
/// The one target of first come, first served.
const SAME_TARGET: Millis = Millis::from_s(60);
/// After this many times the target, agents without the skill are also asked. In a rush every
/// contact waits for a few targets; if they were asked by then, each freed agent would take the
/// first in line, skilled or not, and orders that do not weigh fit would look worse than they are.
/// They must be asked eventually, since there may be no agent with the skill.
const OTHERS_AFTER_TARGETS: i64 = 20;
/// The service-level goal, in percent.
pub(super) const GOAL_PERCENT: u32 = 80;
const CAPACITY: u32 = 99;
/// The weight of fit in the urgency rule.
const FIT_POWER: f64 = 1.5;

#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    pub name: String,
    pub floor: Floor,
    /// Whether agents without a topic's skill are asked only after a very long wait.
    pub by_skill: bool,
    pub select: Select,
    pub order: Sequence,
    /// The head start that a perfect fit of agent and contact is worth.
    pub specialist: Millis,
}

/// How the floor is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Floor {
    /// Agents serve only the channel that they were hired for.
    ByChannel,
    /// All agents serve all channels.
    Whole,
}

/// The order of service.
#[derive(Clone, Debug, PartialEq)]
pub enum Sequence {
    FirstCome,
    /// Strictly by tier; within a tier by target.
    Strict,
    /// By due time, with a head start for each tier.
    Due {
        head_starts: Vec<Millis>,
    },
    /// By convex urgency, with a weight for each tier.
    Urgency {
        weights: Vec<f64>,
        convex: Millis,
    },
}

/// Contacts that an agent serves at a time on text channels.
pub(super) const TEXT_MAX: u32 = 3;

impl Policy {
    /// Which queue each contact asks for.
    pub fn entry(workload: &Workload) -> Entry {
        let topics = 0..workload.topics.len();
        Entry::Asked(
            topics
                .map(|topic| {
                    PerChannel(Channel::ALL.map(|channel| queue_id(channel, workload, topic)))
                })
                .collect(),
        )
    }

    /// The routing configuration of this policy for a floor.
    pub fn options(&self, workload: &Workload, staff: &Staff) -> Options {
        let text = ChannelOptions {
            cost: CAPACITY / TEXT_MAX,
            max: TEXT_MAX,
        };
        let alone = ChannelOptions {
            cost: CAPACITY,
            max: 1,
        };
        let channels = Channel::ALL.map(|channel| {
            if channel.is_synchronous() {
                alone
            } else {
                text
            }
        });
        let queues = self.queues(workload);
        Options {
            tiers: self.tiers(workload),
            default_tier: workload.tiers[workload.tiers.len() - 1].name.clone(),
            channels: PerChannel(channels),
            specialist: self.specialist,
            overtake_max: ALWAYS,
            limits: Limits {
                closed_contacts_max: 0,
                ..Limits::DEFAULT
            },
            order: match &self.order {
                Sequence::FirstCome | Sequence::Strict | Sequence::Due { .. } => Order::Due,
                Sequence::Urgency { weights, convex } => Order::Urgency(Urgency {
                    weights: weights.clone(),
                    convex: Some(*convex),
                    fit_power: if self.specialist > Millis::ZERO {
                        FIT_POWER
                    } else {
                        0.0
                    },
                }),
            },
            ..Options::ordinary(name("rehearsal"), queues, self.agents(workload, staff))
        }
    }

    fn tiers(&self, workload: &Workload) -> Vec<TierOptions> {
        let count = workload.tiers.len();
        let head_start = |at: usize| match &self.order {
            Sequence::FirstCome | Sequence::Urgency { .. } => Millis::ZERO,
            Sequence::Strict => Millis(ALWAYS.0 * i64::try_from(count - 1 - at).unwrap_or(0)),
            Sequence::Due { head_starts } => head_starts.get(at).copied().unwrap_or(Millis::ZERO),
        };
        let tiers = workload.tiers.iter().enumerate();
        tiers
            .map(|(at, tier)| TierOptions {
                name: tier.name.clone(),
                head_start: head_start(at),
            })
            .collect()
    }

    fn queues(&self, workload: &Workload) -> Vec<QueueOptions> {
        let mut queues = Vec::new();
        for channel in Channel::ALL {
            let promised = workload.channels.get(channel).answer_within;
            let promised = promised.unwrap_or(SAME_TARGET);
            for (at, topic) in workload.topics.iter().enumerate() {
                let skill = topic.skill.as_ref().filter(|_| self.by_skill);
                let requires = skill.map_or_else(Vec::new, |skill| vec![(skill.clone(), lowest())]);
                let anyone = Step {
                    after: Millis(promised.0 * OTHERS_AFTER_TARGETS),
                    requires: Some(Requirements::default()),
                    also_agents_of: Vec::new(),
                    skip_unstaffed: false,
                };
                let id = queue_id(channel, workload, at);
                queues.push(QueueOptions {
                    requires: Requirements::new(requires),
                    target: Target {
                        answer_within: match self.order {
                            Sequence::FirstCome => SAME_TARGET,
                            Sequence::Strict | Sequence::Due { .. } | Sequence::Urgency { .. } => {
                                promised
                            }
                        },
                        goal_percent: GOAL_PERCENT,
                        respond_within: None,
                    },
                    waiting_max: 1_000_000,
                    select: self.select,
                    steps: skill.map(|_| anyone).into_iter().collect(),
                    served_max: None,
                    ..QueueOptions::ordinary(id)
                });
            }
        }
        queues
    }

    fn agents(&self, workload: &Workload, staff: &Staff) -> Vec<AgentOptions> {
        let serves = |member: &Member, channel: Channel| match self.floor {
            Floor::Whole => true,
            Floor::ByChannel => member.channel == Some(channel),
        };
        let agent = |(number, member): (usize, &Member)| {
            let id = name(&format!("a{number}"));
            let channels = Channel::ALL
                .into_iter()
                .filter(|channel| serves(member, *channel));
            let topics = workload.topics.len();
            AgentOptions {
                label: Text::from(id.as_str()),
                id,
                queues: channels
                    .flat_map(|channel| {
                        (0..topics).map(move |topic| queue_id(channel, workload, topic))
                    })
                    .collect(),
                skills: member.skills.clone(),
                capacity: CAPACITY,
            }
        };
        staff.members.iter().enumerate().map(agent).collect()
    }
}

/// By channel and topic; a topic with a long name is named by its number, with which no channel
/// begins.
fn queue_id(channel: Channel, workload: &Workload, topic: usize) -> Name {
    let (channel, called) = (channel.name(), &workload.topics[topic].name);
    let id = Name::new(&format!("{channel}-{called}"));
    id.unwrap_or_else(|_| name(&format!("{topic}-{channel}")))
}

fn lowest() -> Level {
    Level::try_from(1).expect("the lowest level")
}

fn name(text: &str) -> Name {
    Name::new(text).expect("names of the configuration, put together")
}
