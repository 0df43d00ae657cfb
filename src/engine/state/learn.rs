//! What is learned from finished work: how much of an agent's attention a topic takes, who is
//! quicker with it, and who resolves it.
//!
//! Work is measured in undivided attention (see [`attention`](super::attention)), so that a chat
//! beside two others is not mistaken for a long one. Agents are told apart by their levels in the
//! skills that the queue and the contact ask for: their *grade*. Estimates for a grade are shrunk
//! towards the topic's mean, as if [`SHRINK`] more pieces of work had been exactly average, so that
//! few of them prove little:
//!
//! ```text
//! expected = (n · mean + SHRINK · mean of all) / (n + SHRINK)
//! ```
//!
//! **Invariant:** everything here is a fold over finished work by plain arithmetic, so the result
//! is the same wherever the journal is read.

use smallvec::SmallVec;

use crate::domain::{Channel, Millis, PerChannel};
use crate::engine::state::queue::Skills;
use crate::engine::state::registry::{QueueKey, SkillKey, TopicKey};

/// How many pieces of exactly average work are assumed of every grade.
const SHRINK: f64 = 20.0;
/// About this many of the newest pieces of work count; older ones fade.
const WINDOW: f64 = 2_000.0;
/// The effort before anything was learned, by channel: app, hotline, WeChat, storefront.
pub(in crate::engine) const EFFORT_PRIOR_MS: PerChannel<f64> =
    PerChannel([420_000.0, 270_000.0, 480_000.0, 540_000.0]);
/// The share of contacts resolved, before anything was learned.
const RESOLVED_PRIOR: f64 = 0.86;
/// One piece of work counts at most as this many average ones.
const PACE_MAX: f64 = 8.0;

/// What work is about: a configured topic, or the queue of a contact without one.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, minicbor::Encode, minicbor::Decode,
)]
pub(in crate::engine) enum Subject {
    #[n(0)]
    Topic(#[n(0)] TopicKey),
    #[n(1)]
    Queue(#[n(0)] QueueKey),
}

/// An agent's levels in the relevant skills, sorted by skill; missing skills are left out.
pub(in crate::engine) type Grade = SmallVec<[(SkillKey, u8); 2]>;

/// The grade of an agent with `skills` if the skills of `asked` (sorted) are relevant.
pub(in crate::engine) fn grade(asked: &[SkillKey], skills: &Skills) -> Grade {
    let mut grade = Grade::new();
    for (skill, level) in skills {
        if asked.binary_search(skill).is_ok() {
            grade.push((*skill, level.get()));
        }
    }
    grade
}

/// A fading mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, minicbor::Encode, minicbor::Decode)]
struct Mean {
    #[n(0)]
    count: f64,
    #[n(1)]
    mean: f64,
}

impl Mean {
    fn measure(&mut self, value: f64) {
        self.count = (self.count + 1.0).min(WINDOW);
        self.mean += (value - self.mean) / self.count;
    }

    fn shrunk(self, towards: f64) -> f64 {
        (self.count * self.mean + SHRINK * towards) / (self.count + SHRINK)
    }
}

/// What is known of one subject.
#[derive(Clone, Debug, Default, PartialEq, minicbor::Encode, minicbor::Decode)]
struct Lore {
    /// Undivided attention in milliseconds, by channel.
    #[n(0)]
    effort_ms: PerChannel<Mean>,
    /// 1 for every contact that was resolved, 0 for every other.
    #[n(1)]
    resolved: Mean,
    #[n(2)]
    grades: Vec<GradeLore>,
}

/// What is known of one grade with one subject.
#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
struct GradeLore {
    #[cbor(n(0), with = "crate::engine::codec::few")]
    grade: Grade,
    /// Effort as a share of the subject's average.
    #[n(1)]
    pace: Mean,
    #[n(2)]
    resolved: Mean,
}

/// A finished piece of work.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Work {
    pub channel: Channel,
    pub subject: Subject,
    /// Undivided attention.
    pub effort: Millis,
    pub resolved: bool,
}

/// The expected result of an agent with a contact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::engine) struct Expectation {
    /// Undivided attention in milliseconds.
    pub effort_ms: f64,
    /// The same as a share of the average effort.
    pub pace: f64,
    /// The probability that the contact is resolved.
    pub resolves: f64,
    /// How much of this is learned rather than assumed, 0 to 1.
    pub certainty: f64,
}

/// Indexed by the subjects' own keys, so that a look-up needs no search.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::engine) struct Learned {
    topics: Vec<Lore>,
    queues: Vec<Lore>,
}

impl Learned {
    pub(in crate::engine) fn measure(&mut self, work: Work, grade: Grade) {
        let lore = self.lore(work.subject);
        #[expect(clippy::cast_precision_loss, reason = "spans stay far below 2^53 ms")]
        let effort_ms = work.effort.0.max(0) as f64;
        let pace = (effort_ms / lore.effort_ms(work.channel)).min(PACE_MAX);
        let resolved = f64::from(u8::from(work.resolved));
        lore.effort_ms.get_mut(work.channel).measure(effort_ms);
        lore.resolved.measure(resolved);
        let at = lore
            .grades
            .binary_search_by(|known| known.grade.cmp(&grade));
        let at = at.unwrap_or_else(|at| {
            let new = GradeLore {
                grade,
                pace: Mean::default(),
                resolved: Mean::default(),
            };
            lore.grades.insert(at, new);
            at
        });
        lore.grades[at].pace.measure(pace);
        lore.grades[at].resolved.measure(resolved);
    }

    /// What is known of a subject, to be asked about several agents.
    pub(in crate::engine) fn about(&self, channel: Channel, subject: Subject) -> About<'_> {
        let lore = match subject {
            Subject::Topic(topic) => self.topics.get(topic.index()),
            Subject::Queue(queue) => self.queues.get(queue.index()),
        };
        About {
            lore,
            effort_ms: match lore {
                Some(lore) => lore.effort_ms(channel),
                None => *EFFORT_PRIOR_MS.get(channel),
            },
        }
    }

    fn lore(&mut self, subject: Subject) -> &mut Lore {
        let (table, at) = match subject {
            Subject::Topic(topic) => (&mut self.topics, topic.index()),
            Subject::Queue(queue) => (&mut self.queues, queue.index()),
        };
        if table.len() <= at {
            table.resize_with(at + 1, Lore::default);
        }
        &mut table[at]
    }

    pub(in crate::engine) fn write(&self) -> Vec<LoreState> {
        let topics = (0..).map(|at| Subject::Topic(TopicKey(at)));
        let queues = (0..).map(|at| Subject::Queue(QueueKey(at)));
        let subjects = topics.zip(&self.topics).chain(queues.zip(&self.queues));
        let learned = subjects.filter(|(_, lore)| !lore.grades.is_empty());
        learned
            .map(|(subject, lore)| LoreState {
                subject,
                lore: lore.clone(),
            })
            .collect()
    }

    pub(in crate::engine) fn restore(states: Vec<LoreState>) -> Self {
        let mut learned = Self::default();
        for state in states {
            *learned.lore(state.subject) = state.lore;
        }
        learned
    }
}

/// One subject in a snapshot.
#[derive(Clone, Debug, minicbor::Encode, minicbor::Decode)]
pub(in crate::engine) struct LoreState {
    #[n(0)]
    subject: Subject,
    #[n(1)]
    lore: Lore,
}

impl Lore {
    fn effort_ms(&self, channel: Channel) -> f64 {
        let mean = *self.effort_ms.get(channel);
        mean.shrunk(*EFFORT_PRIOR_MS.get(channel))
    }
}

pub(in crate::engine) struct About<'a> {
    lore: Option<&'a Lore>,
    /// The average effort.
    pub effort_ms: f64,
}

impl About<'_> {
    pub(in crate::engine) fn expect(&self, grade: &Grade) -> Expectation {
        let resolved = self
            .lore
            .map_or(RESOLVED_PRIOR, |lore| lore.resolved.shrunk(RESOLVED_PRIOR));
        let known = self.lore.and_then(|lore| {
            let found = lore.grades.binary_search_by(|known| known.grade.cmp(grade));
            found.ok().map(|at| &lore.grades[at])
        });
        let Some(known) = known else {
            return Expectation {
                effort_ms: self.effort_ms,
                pace: 1.0,
                resolves: resolved,
                certainty: 0.0,
            };
        };
        let pace = known.pace.shrunk(1.0);
        Expectation {
            effort_ms: self.effort_ms * pace,
            pace,
            resolves: known.resolved.shrunk(resolved),
            certainty: known.pace.count / (known.pace.count + SHRINK),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BILLING: Subject = Subject::Topic(TopicKey(0));

    fn level(level: u8) -> Grade {
        Grade::from_slice(&[(SkillKey(0), level)])
    }

    fn call(effort_s: i64, resolved: bool) -> Work {
        Work {
            channel: Channel::Hotline,
            subject: BILLING,
            effort: Millis::from_s(effort_s),
            resolved,
        }
    }

    #[test]
    fn everyone_is_average_before_anything_is_learned() {
        let learned = Learned::default();
        let expected = learned.about(Channel::Hotline, BILLING).expect(&level(3));
        assert_eq!(expected.effort_ms, 270_000.0);
        assert_eq!((expected.pace, expected.certainty), (1.0, 0.0));
    }

    #[test]
    fn a_grade_that_is_quicker_and_resolves_more_is_recognised() {
        let mut learned = Learned::default();
        for number in 0..400 {
            learned.measure(call(100, number % 10 > 0), level(3));
            learned.measure(call(300, number % 2 > 0), level(1));
        }
        let about = learned.about(Channel::Hotline, BILLING);
        let (expert, novice) = (about.expect(&level(3)), about.expect(&level(1)));
        assert!((about.effort_ms - 200_000.0).abs() < 5_000.0);
        assert!(
            (expert.effort_ms - 100_000.0).abs() < 10_000.0,
            "{expert:?}"
        );
        assert!(
            (novice.effort_ms - 300_000.0).abs() < 15_000.0,
            "{novice:?}"
        );
        assert!(expert.resolves > 0.85 && novice.resolves < 0.56);
        let stranger = about.expect(&level(2));
        assert_eq!(stranger.pace, 1.0, "a grade that was never seen is average");
    }

    #[test]
    fn a_single_piece_of_work_proves_little() {
        let mut learned = Learned::default();
        for _ in 0..100 {
            learned.measure(call(270, true), level(1));
        }
        learned.measure(call(10, false), level(3));
        let once = learned.about(Channel::Hotline, BILLING).expect(&level(3));
        assert!(once.pace > 0.9 && once.resolves > 0.9, "{once:?}");
    }

    #[test]
    fn what_is_learned_survives_a_snapshot() {
        let mut learned = Learned::default();
        learned.measure(call(100, true), level(3));
        let bytes = minicbor::to_vec(learned.write()).unwrap();
        let states: Vec<LoreState> = minicbor::decode(&bytes).unwrap();
        assert_eq!(Learned::restore(states), learned);
    }
}
