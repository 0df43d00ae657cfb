//! A queue as the engine holds it: its rules with keys in place of names, and its counts.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::{Hours, Level, Millis, PerChannel, Requirements, Text, Timestamp};
use crate::engine::condition::{self, Condition, Trouble};
use crate::engine::options::{Options, QueueOptions, Trigger};
use crate::engine::state::contact::Contact;
use crate::engine::state::handle_time::HandleTime;
use crate::engine::state::line::LineKey;
use crate::engine::state::pool::GroupKey;
use crate::engine::state::registry::{QueueKey, Registry, SkillKey};

/// Skills by key, sorted, so that two sets are compared by merging.
pub(in crate::engine) type Skills = Vec<(SkillKey, Level)>;

/// The compiled rules of one queue.
#[derive(Clone, Debug)]
pub struct QueueRules {
    pub options: QueueOptions,
    /// Who may serve: `rings[k]` is what step `k` adds; ring 0 is the queue itself.
    pub rings: Vec<Ring>,
    /// All skills that any of its steps asks for, sorted.
    pub asked: Vec<SkillKey>,
    /// One per escalation, in order.
    pub conditions: Vec<Option<Result<Condition, Trouble>>>,
    /// In the configuration; a removed queue only drains.
    pub configured: bool,
    /// The hours outside of which it is closed.
    pub hours: Option<Arc<Hours>>,
}

/// One ring of agents around a queue.
#[derive(Clone, Debug)]
pub struct Ring {
    /// From first queued.
    pub after: Millis,
    pub queues: Vec<QueueKey>,
    pub requires: Skills,
}

impl QueueRules {
    pub fn new(options: &QueueOptions, own: QueueKey, registry: &Registry) -> Self {
        let mut rings = vec![Ring {
            after: Millis::ZERO,
            queues: vec![own],
            requires: skill_keys(&options.requires, registry),
        }];
        for step in &options.steps {
            let before = rings.last().expect("the queue itself is the first ring");
            let mut queues = before.queues.clone();
            queues.extend(
                step.also_agents_of
                    .iter()
                    .filter_map(|name| registry.queues.key(name.as_str())),
            );
            queues.sort_unstable();
            queues.dedup();
            let requires = match &step.requires {
                Some(requires) => skill_keys(requires, registry),
                None => before.requires.clone(),
            };
            rings.push(Ring {
                after: step.after,
                queues,
                requires,
            });
        }
        let skills = rings.iter().flat_map(|ring| &ring.requires);
        let mut asked: Vec<SkillKey> = skills.map(|(skill, _)| *skill).collect();
        asked.sort_unstable();
        asked.dedup();
        let conditions = options.escalations.iter();
        let conditions = conditions.map(|rule| condition::compile(rule.only_if.as_ref()));
        Self {
            options: options.clone(),
            asked,
            conditions: conditions.collect(),
            rings,
            configured: true,
            hours: None,
        }
    }

    pub fn with_hours(mut self, hours: Option<Arc<Hours>>) -> Self {
        self.hours = hours;
        self
    }

    /// When the queue will have been open for `span` since then.
    pub fn after(&self, since: Timestamp, span: Millis) -> Timestamp {
        let worked = self
            .hours
            .as_ref()
            .map(|hours| hours.add_working(since, span));
        match worked {
            Some(Ok(at)) => at,
            Some(Err(_)) | None => since + span,
        }
    }

    /// The target time of a contact first queued at `since`.
    pub fn promised(&self, since: Timestamp) -> Timestamp {
        self.after(since, self.options.target.answer_within)
    }

    pub fn last_step(&self) -> u32 {
        u32::try_from(self.rings.len() - 1).expect("steps are few")
    }

    /// The rings up to `step` by which an agent of these queues comes in. Queues added to a contact
    /// must meet the requirements of its step.
    pub fn rings_with<'a>(
        &'a self,
        agents_queues: &'a [QueueKey],
        added: &'a [QueueKey],
        step: u32,
    ) -> impl DoubleEndedIterator<Item = &'a Ring> {
        let outermost = step.min(self.last_step()) as usize;
        let is_added = added.iter().any(|queue| agents_queues.contains(queue));
        let rings = self.rings[..=outermost].iter().enumerate();
        rings
            .filter(move |(number, ring)| {
                (is_added && *number == outermost)
                    || agents_queues
                        .iter()
                        .any(|queue| ring.queues.contains(queue))
            })
            .map(|(_, ring)| ring)
    }

    /// The step that a contact of this age has reached.
    pub fn step_at(&self, age: Millis) -> u32 {
        let reached = self.rings.partition_point(|ring| ring.after <= age);
        u32::try_from(reached.saturating_sub(1)).expect("steps are few")
    }

    /// The step with which this one is taken, whatever brings it: the last of the same time.
    pub fn taken_with(&self, step: u32) -> u32 {
        self.step_at(self.rings[step as usize].after)
    }

    /// When an escalation is due by the clock alone: measured by the contact's time in line. The
    /// promise itself ages with the contact, but one that comes back from an agent was answered.
    pub fn time_of(&self, trigger: Trigger, contact: &Contact) -> Option<Timestamp> {
        match trigger {
            Trigger::TargetPercent(percent) => {
                let span = self.options.target.answer_within.percent(percent);
                Some(self.after(contact.wait.since(), span))
            }
            Trigger::After(span) => Some(contact.wait.since() + span),
            Trigger::PredictedBreach
            | Trigger::OffersEnded(_)
            | Trigger::WaitingOver(_)
            | Trigger::NobodyStaffed
            | Trigger::SentimentBelow(_) => None,
        }
    }
}

pub(in crate::engine) fn skill_keys(requires: &Requirements, registry: &Registry) -> Skills {
    let mut skills: Skills = requires
        .iter()
        .filter_map(|(name, level)| Some((registry.skills.key(name.as_str())?, level)))
        .collect();
    skills.sort_unstable();
    skills
}

/// The changing state of a queue.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Queue {
    /// The supervisor who paused it; none: it is not paused.
    pub paused_by: Option<Text>,
    /// By its timetable.
    pub closed: bool,
    /// When the timetable changes that.
    pub changes_at: Option<Timestamp>,
    /// It has had contacts that need a whole agent.
    pub is_exclusive: bool,
    pub handle_time: HandleTime,
    /// Signed in and ready, or at work and ready again afterwards.
    pub staffed: u32,
    /// Ready, but with a lost connection that may come back.
    pub away: u32,
    /// The groups whose agents serve this queue.
    pub groups: Vec<GroupKey>,
    /// Queues that this queue's agents may come to serve, and that may take steps early.
    pub widens: Vec<QueueKey>,
    /// Non-empty lines that this queue's agents may serve.
    pub active_lines: Vec<LineKey>,
    pub counts: Counts,
    /// The sum of the end times of all running wrap-ups, in milliseconds.
    pub wrap_ups_until: PerChannel<i64>,
    /// How many contacts waited when the queue-length rules were last evaluated for all of them, or
    /// the lowest number since.
    pub length_seen: u64,
    /// Contacts that have the next agent reserved: at most one.
    pub reserved: u32,
    /// Contacts in line or offered, by the start of their wait, and arrival.
    pub unanswered: BTreeSet<(Timestamp, u64)>,
}

impl Queue {
    pub(in crate::engine) const fn is_paused(&self) -> bool {
        self.paused_by.is_some()
    }

    /// Since when the longest-waiting contact waits.
    pub(in crate::engine) fn longest_waiting_since(&self) -> Option<Timestamp> {
        self.unanswered.first().map(|(since, _)| *since)
    }
}

/// Contacts of a queue by stage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct Counts {
    pub scheduled: PerChannel<u64>,
    pub queued: PerChannel<u64>,
    pub offered: PerChannel<u64>,
    pub active: PerChannel<u64>,
    pub parked: PerChannel<u64>,
    pub wrap_up: PerChannel<u64>,
}

impl Counts {
    pub(in crate::engine) fn waiting(&self) -> u64 {
        self.queued.0.iter().sum()
    }
}

/// By tier, including removed ones.
pub(in crate::engine) fn head_starts(options: &Options, registry: &Registry) -> Vec<Millis> {
    let tiers = registry.tiers.all().iter();
    tiers.map(|tier| options.head_start(tier)).collect()
}
