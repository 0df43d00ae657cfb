//! The configuration of the engine that corresponds to a queueing model.

use switchboard::domain::skill::Level;
use switchboard::domain::{Millis, Name, PerChannel, Requirements, Text};
use switchboard::engine::options::{
    AgentOptions, ChannelOptions, Limits, Options, Order, QueueOptions, Reserve, Select, Step,
    Target, TierOptions, Urgency,
};

use super::textbook::{ALWAYS, Discipline, Model, SKILL};

fn level(level: usize) -> Level {
    let level = i64::try_from(level).map(Level::try_from);
    level.expect("pools are few").expect("pools are few")
}

pub(super) fn name(text: &str) -> Name {
    Name::new(text).expect("a short word")
}

/// The engine's configuration for a model.
pub(super) fn options(model: &Model) -> Options {
    let sessions_max = model.sessions_max;
    let text = ChannelOptions {
        cost: 1,
        max: sessions_max,
    };
    let head_start = |class: usize| match &model.discipline {
        Discipline::FirstCome | Discipline::Accumulating(_) => Millis::ZERO,
        Discipline::Strict { reversed } => {
            let rank = if *reversed {
                class
            } else {
                model.classes.len() - 1 - class
            };
            Millis(ALWAYS.0 * i64::try_from(rank).expect("classes are few"))
        }
    };
    let order = match &model.discipline {
        Discipline::FirstCome | Discipline::Strict { .. } => Order::Due,
        Discipline::Accumulating(slopes) => Order::Urgency(Urgency {
            weights: slopes.clone(),
            convex: None,
            fit_power: 0.0,
        }),
    };
    let tiers = (0..model.classes.len()).map(|class| TierOptions {
        name: name(&format!("t{class}")),
        head_start: head_start(class),
    });
    Options {
        tiers: tiers.collect(),
        default_tier: name("t0"),
        channels: PerChannel([text; 4]),
        specialist: Millis::ZERO,
        overtake_max: ALWAYS,
        limits: Limits {
            closed_contacts_max: 0,
            ..Limits::DEFAULT
        },
        unresolved: Vec::new(),
        order,
        ..Options::ordinary(name("textbook"), queues(model), agents(model))
    }
}

/// One queue for each class, and one for each pool that is not the first choice of any class.
fn queues(model: &Model) -> Vec<QueueOptions> {
    let queue = |id: String, steps: Vec<Step>, select: Select| QueueOptions {
        requires: Requirements::new(vec![(name(SKILL), level(1))]),
        target: Target {
            answer_within: Millis::from_s(1),
            goal_percent: 80,
            respond_within: None,
        },
        waiting_max: 1_000_000,
        select,
        steps,
        reserve: (model.reserve > 0).then(|| Reserve {
            agents: model.reserve,
            tiers: vec![name("t0")],
        }),
        served_max: None,
        ..QueueOptions::ordinary(name(&id))
    };
    let classes = model.classes.iter().enumerate().map(|(class, kind)| {
        let pool_queue = |pool: &usize| name(&format!("pool{pool}"));
        let others = kind.rings[1..].iter().map(|ring| Step {
            after: Millis::ZERO,
            requires: None,
            also_agents_of: ring.iter().map(pool_queue).collect(),
            skip_unstaffed: false,
        });
        queue(format!("q{class}"), others.collect(), model.select)
    });
    let pools =
        (0..model.pools.len()).map(|pool| queue(format!("pool{pool}"), Vec::new(), model.select));
    classes.chain(pools).collect()
}

fn agents(model: &Model) -> Vec<AgentOptions> {
    let mut agents = Vec::new();
    for (pool, kind) in model.pools.iter().enumerate() {
        let first_choice = model.classes.iter().enumerate();
        let mut queues: Vec<Name> = first_choice
            .filter(|(_, class)| class.rings[0].contains(&pool))
            .map(|(class, _)| name(&format!("q{class}")))
            .collect();
        queues.push(name(&format!("pool{pool}")));
        // The first pool has the highest level, for queues that select by skill.
        let skill = level(model.pools.len() - pool);
        for _ in 0..kind.agents {
            let id = format!("a{}", agents.len());
            agents.push(AgentOptions {
                label: Text::from(id.as_str()),
                id: name(&id),
                queues: queues.clone(),
                skills: Requirements::new(vec![(name(SKILL), skill)]),
                capacity: model.sessions_max,
            });
        }
    }
    agents
}
