//! The pace of agents of each grade with each subject on the recorded day: how long a contact takes
//! another agent than the one who really served it.
//!
//! As in the engine's learning, a grade is the agent's levels in the skills that queue and contact
//! require, and its pace is shrunk towards the average. If fewer than [`ENOUGH`] pieces of work are
//! known of either grade, the recorded time is kept.

use std::collections::BTreeMap;

use crate::domain::{Channel, Name, Requirements};
use crate::engine::options::{Options, QueueOptions};
use crate::sim::day::count;

const ENOUGH: u64 = 20;
const SHRINK: f64 = 20.0;

/// Levels in the required skills, in the order of their names; 0: none.
pub(super) type Grade = Vec<u8>;

/// What a piece of work was about, and the skills it requires.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The topic, or else the queue.
    pub name: Name,
    pub channel: Channel,
    pub asked: Vec<Name>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    pieces: u64,
    effort_ms: f64,
}

/// The measured paces.
#[derive(Clone, Debug, Default)]
pub struct Paces {
    all: BTreeMap<Subject, Sum>,
    grades: BTreeMap<(Subject, Grade), Sum>,
}

impl Paces {
    pub fn measure(&mut self, subject: &Subject, grade: &Grade, effort_ms: f64) {
        let all = self.all.entry(subject.clone()).or_default();
        let graded = (subject.clone(), grade.clone());
        let graded = self.grades.entry(graded).or_default();
        for sum in [all, graded] {
            sum.pieces += 1;
            sum.effort_ms += effort_ms;
        }
    }

    /// The effort for an agent of grade `to`, relative to that for grade `from`.
    pub fn ratio(&self, subject: &Subject, to: &Grade, from: &Grade) -> f64 {
        if to == from {
            return 1.0;
        }
        let pace = |grade: &Grade| self.pace(subject, grade);
        match (pace(to), pace(from)) {
            (Some(to), Some(from)) => to / from,
            (_, _) => 1.0,
        }
    }

    fn pace(&self, subject: &Subject, grade: &Grade) -> Option<f64> {
        let all = self.all.get(subject)?;
        let known = self.grades.get(&(subject.clone(), grade.clone()))?;
        if known.pieces < ENOUGH || all.effort_ms <= 0.0 {
            return None;
        }
        let mean = all.effort_ms / count(all.pieces);
        let pieces = count(known.pieces);
        let pace = known.effort_ms / pieces / mean;
        Some((pieces * pace + SHRINK) / (pieces + SHRINK))
    }
}

/// The skills that a queue, its steps and a contact require.
pub(super) fn asked(options: &Options, queue: &Name, own: &Requirements) -> Vec<Name> {
    let steps = |queue: &QueueOptions| -> Vec<Name> {
        let steps = queue.steps.iter().filter_map(|step| step.requires.as_ref());
        let all = steps.chain([&queue.requires]);
        all.flat_map(|requires| requires.iter().map(|(name, _)| name.clone()))
            .collect()
    };
    let mut asked = options.queue(queue).map(steps).unwrap_or_default();
    asked.extend(own.iter().map(|(name, _)| name.clone()));
    asked.sort();
    asked.dedup();
    asked
}

pub(super) fn grade(skills: &Requirements, asked: &[Name]) -> Grade {
    let level = |wanted: &Name| {
        let mut skills = skills.iter();
        let found = skills.find(|(name, _)| *name == wanted);
        found.map_or(0, |(_, level)| level.get())
    };
    asked.iter().map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject() -> Subject {
        Subject {
            name: Name::new("billing").unwrap(),
            channel: Channel::Hotline,
            asked: vec![Name::new("billing").unwrap()],
        }
    }

    #[test]
    fn a_novice_takes_as_much_longer_as_novices_did() {
        let mut paces = Paces::default();
        for _ in 0..400 {
            paces.measure(&subject(), &vec![3], 100_000.0);
            paces.measure(&subject(), &vec![1], 300_000.0);
        }
        let ratio = paces.ratio(&subject(), &vec![1], &vec![3]);
        assert!((ratio - 3.0).abs() < 0.2, "{ratio}");
        assert_eq!(paces.ratio(&subject(), &vec![3], &vec![3]), 1.0);
    }

    #[test]
    fn little_work_of_a_grade_changes_nothing() {
        let mut paces = Paces::default();
        for _ in 0..400 {
            paces.measure(&subject(), &vec![3], 100_000.0);
        }
        for _ in 0..19 {
            paces.measure(&subject(), &vec![1], 300_000.0);
        }
        assert_eq!(paces.ratio(&subject(), &vec![1], &vec![3]), 1.0);
    }
}
