//! What is learned from the work, computed the slow way: every contact in hand gets its share of
//! every moment.

use std::collections::BTreeMap;

use switchboard::domain::{Channel, Millis, Name};

/// An agent's speed with this many contacts in hand, per mille.
const SPEEDS: [i64; 6] = [1_000, 1_700, 2_100, 2_400, 2_600, 2_700];
const SHRINK: f64 = 20.0;
const WINDOW: f64 = 2_000.0;

/// The attention that one of `count` contacts in hand gets during a span, in thousandths of a
/// millisecond.
pub(super) fn share(count: usize, span: Millis) -> i64 {
    let speed = SPEEDS[(count - 1).min(SPEEDS.len() - 1)];
    span.0 * (speed / i64::try_from(count).unwrap())
}

/// The configured topic, or the queue of a contact without one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    Topic(Name),
    Queue(Name),
}

/// Levels by skill, for the skills that matter.
pub(super) type Grade = BTreeMap<Name, u8>;

#[derive(Clone, Copy, Debug, Default)]
struct Mean(f64, f64);

impl Mean {
    fn add(&mut self, value: f64) {
        self.0 = (self.0 + 1.0).min(WINDOW);
        self.1 += (value - self.1) / self.0;
    }

    fn or(self, prior: f64) -> f64 {
        (self.0 * self.1 + SHRINK * prior) / (self.0 + SHRINK)
    }
}

/// The effort of a contact before anything was learned.
fn prior(channel: Channel) -> f64 {
    match channel {
        Channel::App => 420_000.0,
        Channel::Hotline => 270_000.0,
        Channel::Wechat => 480_000.0,
        Channel::Storefront => 540_000.0,
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Lore {
    effort: BTreeMap<(Subject, Channel), Mean>,
    resolved: BTreeMap<Subject, Mean>,
    paces: BTreeMap<(Subject, Grade), Mean>,
    grades_resolved: BTreeMap<(Subject, Grade), Mean>,
}

impl Lore {
    pub(super) fn learn(
        &mut self,
        (subject, channel): (Subject, Channel),
        grade: Grade,
        effort_permille: i64,
        resolved: bool,
    ) {
        let prior = prior(channel);
        let effort = (effort_permille / 1_000) as f64;
        let known = self.effort.entry((subject.clone(), channel)).or_default();
        let pace = (effort / known.or(prior)).min(8.0);
        known.add(effort);
        let resolved = if resolved { 1.0 } else { 0.0 };
        self.resolved
            .entry(subject.clone())
            .or_default()
            .add(resolved);
        let key = (subject, grade);
        self.paces.entry(key.clone()).or_default().add(pace);
        self.grades_resolved.entry(key).or_default().add(resolved);
    }

    /// The expected undivided attention of a contact, and the probability that it is resolved.
    pub(super) fn expect(&self, subject: Subject, channel: Channel, grade: Grade) -> (f64, f64) {
        let effort = self.effort.get(&(subject.clone(), channel));
        let effort = effort.copied().unwrap_or_default().or(prior(channel));
        let resolved = self
            .resolved
            .get(&subject)
            .map_or(0.86, |mean| mean.or(0.86));
        let key = (subject, grade);
        let pace = self.paces.get(&key);
        let resolves = self.grades_resolved.get(&key);
        (
            effort * pace.map_or(1.0, |pace| pace.or(1.0)),
            resolves.map_or(resolved, |mean| mean.or(resolved)),
        )
    }

    /// The value of a fit, given how far the levels exceed the required ones.
    pub(super) fn fit(
        &self,
        subject: Subject,
        grade: Grade,
        excess_permille: i64,
        specialist: Millis,
    ) -> Millis {
        let resolved = self
            .resolved
            .get(&subject)
            .map_or(0.86, |mean| mean.or(0.86));
        let key = (subject, grade);
        let pace = self.paces.get(&key).copied().unwrap_or_default();
        let mine = self.grades_resolved.get(&key);
        let resolves = mine.map_or(resolved, |mean| mean.or(resolved));
        let worth = (1.15 * resolves / pace.or(1.0)).clamp(0.5, 2.0);
        let third = 1.0 / 3.0;
        let share = if worth < 0.989 {
            third * (worth - 0.5) / (0.989 - 0.5)
        } else {
            third + (1.0 - third) * (worth - 0.989) / (1.25 - 0.989)
        };
        let certainty = pace.0 / (pace.0 + SHRINK);
        let excess = excess_permille as f64 / 1_000.0;
        let share = excess + certainty * (share.clamp(0.0, 1.0) - excess);
        Millis((specialist.0 as f64 * share) as i64)
    }
}
