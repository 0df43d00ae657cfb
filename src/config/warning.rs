//! Warnings: what is allowed, but probably not intended.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::config::Config;
use crate::config::names::did_you_mean;
use crate::config::rule_warning::Values;
use crate::domain::{Name, Requirements};
use crate::engine::options::{Action, AgentOptions, Options, QueueOptions, Trigger};
use crate::telemetry::metric_lines;

/// Above this, a scrape is several megabytes.
const METRIC_LINES_MANY: usize = 100_000;
/// The size of a typical line; long queue names make it larger.
const METRIC_LINE_BYTES: usize = 80;

/// One warning: where, and what it will lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub path: String,
    pub text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.text)
    }
}

/// All warnings, in the order of the configuration.
pub fn warnings(config: &Config) -> Vec<Warning> {
    let options = &config.routing;
    let mut found = Warnings::default();
    if options.agents.is_empty() {
        found.add("agent", "none, so nobody can sign in".to_owned());
        return found.list;
    }
    found.of_metrics(options);
    found.of_channels(options);
    let staff = staff(&options.agents);
    let values = Values::of(options);
    let skills = options.agents.iter().flat_map(|agent| agent.skills.iter());
    let skills: BTreeSet<&Name> = skills.map(|(skill, _)| skill).collect();
    for (index, queue) in options.queues.iter().enumerate() {
        found.path = format!("queue[{index}].");
        found.of_skills(queue, &skills);
        let agents = staff.get(&queue.id).map_or(&[][..], Vec::as_slice);
        found.of_staff(queue, agents, &skills, &staff);
        found.of_room(queue, options, &staff);
        found.of_reserve(queue, agents.len(), options);
        found.of_steps(queue);
        found.of_rules(queue, &values);
    }
    found.path.clear();
    for (index, agent) in options.agents.iter().enumerate() {
        if agent.queues.is_empty() {
            let text = format!("{} serves no queue", agent.id);
            found.add(&format!("agent[{index}].queues"), text);
        }
    }
    found.list
}

type Staff<'a> = BTreeMap<&'a Name, Vec<&'a AgentOptions>>;

/// The agents of each queue that has any.
pub(super) fn staff(agents: &[AgentOptions]) -> Staff<'_> {
    let mut staff = Staff::new();
    for agent in agents {
        for queue in &agent.queues {
            staff.entry(queue).or_default().push(agent);
        }
    }
    staff
}

#[derive(Default)]
pub(super) struct Warnings {
    /// The path of the current table, with a trailing dot.
    path: String,
    list: Vec<Warning>,
}

impl Warnings {
    pub(super) fn add(&mut self, key: &str, text: String) {
        let path = format!("{}{key}", self.path);
        self.list.push(Warning { path, text });
    }

    fn of_metrics(&mut self, options: &Options) {
        let lines = metric_lines(options);
        if lines > METRIC_LINES_MANY {
            let text = format!(
                "{} queues and {} tiers give each scrape of the metrics {lines} lines, about {} MB",
                options.queues.len(),
                options.tiers.len(),
                lines * METRIC_LINE_BYTES / 1_000_000
            );
            self.add("queue", text);
        }
    }

    fn of_channels(&mut self, options: &Options) {
        let capacity = options.agents.iter().map(|agent| agent.capacity).max();
        for (channel, wanted) in options.channels.iter() {
            if let Some(capacity) = capacity.filter(|capacity| *capacity < wanted.cost) {
                let text = format!(
                    "{} is more than the capacity of any agent ({capacity} at most), \
                     so nobody can take a contact of this channel",
                    wanted.cost
                );
                self.add(&format!("channels.{channel}.cost"), text);
            }
        }
    }

    /// Channels that agents of other queues have room for, but nobody who comes to serve this one.
    fn of_room(&mut self, queue: &QueueOptions, options: &Options, staff: &Staff<'_>) {
        let largest = options.agents.iter().map(|agent| agent.capacity).max();
        let largest = largest.unwrap_or_default();
        let served = servers(queue, staff).map(|agent| agent.capacity).max();
        let Some(capacity) = served.filter(|_| !hands_on_all(queue)) else {
            return;
        };
        let costs = options.channels.iter();
        let lacking = costs.filter(|(_, limits)| limits.cost > capacity && limits.cost <= largest);
        let lacking: Vec<&str> = lacking.map(|(channel, _)| channel.name()).collect();
        if !lacking.is_empty() {
            let text = format!(
                "no agent who serves {} has the capacity for a contact of {} ({capacity} at most)",
                queue.id,
                lacking.join(", ")
            );
            self.add("id", text);
        }
    }

    fn of_skills(&mut self, queue: &QueueOptions, skills: &BTreeSet<&Name>) {
        let steps = queue.steps.iter().enumerate().filter_map(|(index, step)| {
            Some((format!("step[{index}].requires"), step.requires.as_ref()?))
        });
        let all = [("requires".to_owned(), &queue.requires)];
        for (key, requirements) in all.into_iter().chain(steps) {
            for (skill, _) in requirements.iter() {
                if !skills.contains(skill) {
                    let names = skills.iter().map(|name| name.as_str());
                    let hint = did_you_mean(skill.as_str(), names);
                    self.add(
                        &format!("{key}.{skill}"),
                        format!("no agent has this skill{hint}"),
                    );
                }
            }
        }
    }

    fn of_staff(
        &mut self,
        queue: &QueueOptions,
        agents: &[&AgentOptions],
        skills: &BTreeSet<&Name>,
        staff: &Staff<'_>,
    ) {
        if agents.is_empty() {
            if !is_served_by_a_step(queue, staff) && !hands_on_all(queue) {
                self.add("id", format!("no agent serves {}", queue.id));
            }
            return;
        }
        let known = queue
            .requires
            .iter()
            .all(|(skill, _)| skills.contains(skill));
        if known
            && !agents
                .iter()
                .any(|agent| has(&agent.skills, &queue.requires))
        {
            let text = "no agent of this queue has all of these skills at these levels";
            self.add("requires", text.to_owned());
        }
    }

    fn of_reserve(&mut self, queue: &QueueOptions, agents: usize, options: &Options) {
        let Some(reserve) = &queue.reserve else {
            return;
        };
        let mut tiers = options.tiers.iter();
        let kept = reserve.agents;
        // A queue without agents of its own has a warning already, or keeps those of its steps.
        if tiers.all(|tier| reserve.tiers.contains(&tier.name)) {
            let text = "every tier, so no agent is kept from anybody";
            self.add("reserve.tiers", text.to_owned());
        } else if agents > 0 && kept as usize >= agents {
            let text = format!(
                "keeps {kept} of the {agents} agents of {}, so contacts of other tiers wait for \
                 {} s although agents are idle",
                queue.id,
                options.overtake_max.whole_s()
            );
            self.add("reserve.agents", text);
        }
    }

    fn of_steps(&mut self, queue: &QueueOptions) {
        let rings = rings(queue);
        for (index, step) in queue.steps.iter().enumerate() {
            let (earlier, (queues, requires)) = (&rings[..=index], &rings[index + 1]);
            let mut earlier = earlier.iter();
            if !earlier.any(|(known, least)| known == queues && has(requires, least)) {
                continue;
            }
            // Only what "any_in_queue" adds takes effect together with the step before it.
            let is_last = index > 0 && queue.steps[index - 1].after == step.after;
            let key = if is_last {
                "last".to_owned()
            } else {
                format!("step[{index}]")
            };
            let text = "adds nobody, because all of its agents are eligible before it";
            self.add(&key, text.to_owned());
        }
    }
}

/// The queue itself and its steps: of which queues agents are eligible, with which skills.
fn rings(queue: &QueueOptions) -> Vec<(BTreeSet<&Name>, &Requirements)> {
    let mut rings = vec![(BTreeSet::from([&queue.id]), &queue.requires)];
    for step in &queue.steps {
        let (queues, requires) = rings.last().expect("the queue itself is the first ring");
        let queues = queues.iter().copied().chain(&step.also_agents_of).collect();
        rings.push((queues, step.requires.as_ref().unwrap_or(requires)));
    }
    rings
}

fn is_served_by_a_step(queue: &QueueOptions, staff: &Staff<'_>) -> bool {
    servers_by_step(queue, staff).next().is_some()
}

/// The agents who serve the queue, at once or by a step.
fn servers_by_step<'a>(
    queue: &'a QueueOptions,
    staff: &'a Staff<'a>,
) -> impl Iterator<Item = &'a AgentOptions> {
    rings(queue).into_iter().flat_map(|(queues, requires)| {
        let agents = queues.into_iter().filter_map(|name| staff.get(name));
        let agents = agents.flatten().copied();
        agents.filter(move |agent| has(&agent.skills, requires))
    })
}

/// These, and the agents of other queues whom a rule adds, whatever their skills.
fn servers<'a>(
    queue: &'a QueueOptions,
    staff: &'a Staff<'a>,
) -> impl Iterator<Item = &'a AgentOptions> {
    let added = queue.added_queues().filter_map(|added| staff.get(added));
    servers_by_step(queue, staff).chain(added.flatten().copied())
}

/// Whether a rule sooner or later takes every contact to other agents, or ends it.
fn hands_on_all(queue: &QueueOptions) -> bool {
    queue.escalations.iter().any(|rule| {
        let is_certain = match rule.when {
            Some(Trigger::TargetPercent(_) | Trigger::After(_) | Trigger::NobodyStaffed) => true,
            Some(
                Trigger::PredictedBreach
                | Trigger::OffersEnded(_)
                | Trigger::WaitingOver(_)
                | Trigger::SentimentBelow(_),
            )
            | None => false,
        };
        let hands_on =
            |action: &Action| action.takes_away() || matches!(action, Action::AddQueue(_));
        let for_all = rule.only_if.is_none() && rule.tiers.is_empty();
        is_certain && for_all && rule.actions.iter().any(hands_on)
    })
}

/// Whether `skills` contain every required skill at its level or above.
fn has(skills: &Requirements, required: &Requirements) -> bool {
    required.iter().all(|(skill, level)| {
        let mut same = skills.iter().filter(|(name, _)| *name == skill);
        same.any(|(_, own)| own >= level)
    })
}
