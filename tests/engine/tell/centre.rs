//! The centres of the stories: small, and alike unless a story changes something.

use switchboard::domain::period::Period;
use switchboard::domain::skill::Level;
use switchboard::domain::{Hours, Millis, Name, Requirements};
use switchboard::engine::options::{
    AgentOptions, HoursOptions, Options, QueueOptions, TierOptions,
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
        skills: skills(has),
        ..AgentOptions::ordinary(name(id), queues.split(' ').map(name).collect())
    }
}

/// Voice takes a whole agent, text a fifth; diamond is worth 300 s.
pub(crate) fn centre(queues: Vec<QueueOptions>, agents: Vec<AgentOptions>) -> Options {
    let tier = |id: &str, head_start: i64| TierOptions {
        name: name(id),
        head_start: Millis::from_s(head_start),
    };
    Options {
        tiers: vec![
            tier("diamond", 300),
            tier("gold", 200),
            tier("silver", 60),
            tier("basic", 0),
        ],
        ..Options::ordinary(name("test"), queues, agents)
    }
}

/// One queue `q` and these agents, without skills.
pub(crate) fn plain(agents: &str) -> Options {
    centre(
        vec![queue("q")],
        agents.split(' ').map(|id| agent(id, "q", "")).collect(),
    )
}

/// A daily timetable in UTC; stories start at midnight.
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
