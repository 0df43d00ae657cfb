//! The centres that stories are told in: small, and the same unless a story says otherwise.

use switchboard::domain::period::Period;
use switchboard::domain::skill::Level;
use switchboard::domain::{Hours, Millis, Name, PerChannel, Requirements, Text};
use switchboard::engine::options::{
    AgentOptions, CapacityRules, ChannelOptions, HoursOptions, Limits, Options, Order,
    QueueOptions, TierOptions,
};

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn skills(text: &str) -> Requirements {
    let pairs = text.split(',').filter(|pair| !pair.trim().is_empty());
    let pair = |pair: &str| {
        let (skill, level) = pair.trim().split_once(' ').unwrap();
        (
            name(skill),
            Level::try_from(level.parse::<i64>().unwrap()).unwrap(),
        )
    };
    Requirements::new(pairs.map(pair).collect())
}

pub(crate) fn queue(id: &str) -> QueueOptions {
    QueueOptions {
        served_max: None,
        ..QueueOptions::ordinary(name(id))
    }
}

pub(crate) fn agent(id: &str, queues: &str, has: &str) -> AgentOptions {
    AgentOptions {
        id: name(id),
        label: Text::from(id),
        queues: queues.split(' ').map(name).collect(),
        skills: skills(has),
        capacity: 100,
    }
}

/// Voice takes an agent whole, text a fifth; diamond is worth 300 s.
pub(crate) fn centre(queues: Vec<QueueOptions>, agents: Vec<AgentOptions>) -> Options {
    let tier = |id: &str, head_start: i64| TierOptions {
        name: name(id),
        head_start: Millis::from_s(head_start),
    };
    let text = ChannelOptions { cost: 20, max: 5 };
    let voice = ChannelOptions { cost: 100, max: 1 };
    Options {
        site: name("test"),
        tiers: vec![
            tier("diamond", 300),
            tier("gold", 200),
            tier("silver", 60),
            tier("basic", 0),
        ],
        default_tier: name("basic"),
        channels: PerChannel([text, voice, text, voice]),
        specialist: Millis::from_s(120),
        overtake_max: Millis::from_s(900),
        unresolved: vec!["unresolved".into()],
        order: Order::Due,
        hours: Vec::new(),
        direct_wait: Millis::from_s(60),
        direct_to_manager: None,
        capacity: CapacityRules::default(),
        default_queue: queues[0].id.clone(),
        queues,
        agents,
        limits: Limits::DEFAULT,
    }
}

/// One queue `q` and these agents, without skills.
pub(crate) fn plain(agents: &str) -> Options {
    centre(
        vec![queue("q")],
        agents.split(' ').map(|id| agent(id, "q", "")).collect(),
    )
}

/// A timetable of every day in UTC, where a story begins at midnight.
pub(crate) fn hours(id: &str, periods: &str) -> HoursOptions {
    let day: Vec<Period> = periods
        .split(' ')
        .map(|period| period.parse().unwrap())
        .collect();
    let week = [(); 7].map(|()| day.clone());
    HoursOptions {
        id: name(id),
        hours: Hours::new("Etc/UTC".parse().unwrap(), week, Vec::new()).unwrap(),
    }
}
