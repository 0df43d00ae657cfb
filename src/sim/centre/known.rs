//! What is fixed before the day: agents' grades, and the queues of the topics with their targets.

use crate::domain::{Channel, Name, PerChannel};
use crate::engine::options::Options;
use crate::sim::centre::Entry;
use crate::sim::promise::Promise;
use crate::sim::staff::Staff;
use crate::sim::workload::{GradeWork, Workload};

pub(super) fn grades(workload: &Workload, staff: &Staff) -> Vec<Vec<usize>> {
    let reaches = |grade: &GradeWork, level: i64| {
        grade
            .level_min
            .is_none_or(|least| level >= i64::from(least.get()))
    };
    let in_topic = |member: &crate::sim::staff::Member, skill: &Option<Name>| {
        let Some(skill) = skill else {
            return workload.grades.len().saturating_sub(2);
        };
        let mut skills = member.skills.iter();
        let level = skills.find(|(name, _)| *name == skill);
        let level = level.map_or(0, |(_, level)| i64::from(level.get()));
        let found = workload
            .grades
            .iter()
            .position(|grade| reaches(grade, level));
        found.unwrap_or(workload.grades.len() - 1)
    };
    let members = staff.members.iter();
    members
        .map(|member| {
            workload
                .topics
                .iter()
                .map(|topic| in_topic(member, &topic.skill))
                .collect()
        })
        .collect()
}

pub(super) fn queues_by_topic(
    workload: &Workload,
    entry: &Entry,
    options: &Options,
) -> Vec<PerChannel<Name>> {
    match entry {
        Entry::Asked(queues) => queues.clone(),
        Entry::ByTopic => {
            let topics = workload.topics.iter().map(|topic| {
                let lists = |queue: &&crate::engine::options::QueueOptions| {
                    queue.topics.contains(&topic.name)
                };
                let queue = options.queues.iter().find(lists);
                let queue = queue.map_or(&options.default_queue, |queue| &queue.id);
                PerChannel(std::array::from_fn(|_| queue.clone()))
            });
            topics.collect()
        }
    }
}

/// The workload's target, or else the queue's, within the hours of the queue.
pub(super) fn promises(
    workload: &Workload,
    queues: &[PerChannel<Name>],
    options: &Options,
) -> Vec<PerChannel<Promise>> {
    let promise = |channel: Channel, queue: &Name| {
        let promise = Promise::of(options, queue);
        match workload.channels.get(channel).answer_within {
            Some(within) => promise.within(within),
            None => promise,
        }
    };
    let of = |queues: &PerChannel<Name>| {
        PerChannel(Channel::ALL.map(|channel| promise(channel, queues.get(channel))))
    };
    queues.iter().map(of).collect()
}
