//! How long a contact can be overtaken, from the configuration alone.
//!
//! Of two contacts that wait for the same agent, the one with the earlier
//!
//! ```text
//! first_queued_at + target - head_start - boosts - fit
//! ```
//!
//! goes first. Let a contact of tier A wait in queue P, and let one of tier B arrive in queue Q
//! `gap` seconds later. At worst the earlier one has no boost and no fit, and the later one has the
//! most of both, so it goes first only while
//!
//! ```text
//! gap < head_start(B) - head_start(A) + target(P) - target(Q) + specialist + boosts(Q)
//! ```
//!
//! The right-hand side, or zero, is the bound: a contact that arrives later than that goes later.
//! `boosts(Q)` is the sum of all boosts by the escalations of Q, and the most that escalations add
//! to a contact on its way to Q, from queue to queue, if they move it; contacts that are moved by
//! anything else leave all of that behind. Decisions of people, such as an assignment, are not
//! about order and not in the bound.
//!
//! A target in working time puts off the due of the earlier contact by the time that its queue is
//! closed, so a bound on `gap` would be as long as the longest holiday. Between two queues with the
//! same hours the inequality holds for the working time in `gap`, because working time between two
//! instants is never longer than the time between them. If the other queue has other hours or none,
//! the later contact goes first only if it arrives before `promised(P) + bound - target(P)`, and
//! the working time until then is at most the bound or `target(P)`, whichever is longer. Hours of
//! the later contact alone only put off its own due.
//!
//! A contact that has the next agent reserved goes before all others, however late it arrived: for
//! that no bound holds, and the rules that reserve are listed instead. They allow this to one
//! contact of a queue at a time, and the same goes for customers who are called first.
//!
//! Contacts that idle agents are withheld from (`reserve`) can be overtaken by all those for which
//! they are reserved, but not by contacts that arrive more than `overtake_max` later: by then no
//! agent is withheld any more.
//!
//! All of this is about contacts that the agent has room for. A contact that needs more room than
//! is left can be overtaken by contacts that need less, but not by those that arrive more than
//! `overtake_max` later without an agent keeping room from then on (`room`).
//!
//! The contacts of a queue that agents pull from compete only with each other; all other queues
//! compete with each other, because an agent may serve several. A contact that was pulled and then
//! transferred to a named agent also waits for that agent by due; that is a person's decision, and
//! not in the bound.

mod provisos;

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::{Millis, Name};
use crate::engine::options::{Action, Options, QueueOptions, TierOptions};

pub use crate::engine::shown::fairness::provisos::{
    BY_WISH, KeepsBack, Unbounded, after_a_loss, after_a_no_show, at_a_limit, called_first,
    for_want_of_room, keeping_back, unbounded,
};

/// A queue with a longer target is deferrable: its contacts are meant to be overtaken, so its
/// bounds are no reason to refuse a configuration.
pub const DEFERRABLE_ABOVE: Millis = Millis::from_s(3_600);

/// The terms of one bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound<'o> {
    pub overtaken: Side<'o>,
    pub by: Side<'o>,
    /// Of the later contact, less that of the earlier.
    pub head_starts: Millis,
    /// Of the earlier contact, less that of the later.
    pub targets: Millis,
    pub specialist: Millis,
    pub boosts: Millis,
}

/// One of the two contacts that are compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Side<'o> {
    pub tier: &'o TierOptions,
    pub queue: &'o QueueOptions,
}

impl Bound<'_> {
    /// How long after its arrival the earlier contact can still be overtaken.
    pub fn longest(&self) -> Millis {
        self.with(self.head_starts)
    }

    /// The same in working time: a head start runs by the clock, so that closed hours can use up
    /// the advantage of the earlier contact.
    fn longest_over_a_closing(&self) -> Millis {
        self.with(self.head_starts.max(Millis::ZERO))
    }

    fn with(&self, head_starts: Millis) -> Millis {
        let sum = head_starts + self.targets + self.specialist + self.boosts;
        sum.max(Millis::ZERO)
    }
}

impl fmt::Display for Bound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} in {} can be overtaken by {} in {}: head starts {:+} s, targets {:+} s, \
             specialist {:+} s, boosts {:+} s",
            self.overtaken.tier.name,
            self.overtaken.queue.id,
            self.by.tier.name,
            self.by.queue.id,
            self.head_starts.whole_s(),
            self.targets.whole_s(),
            self.specialist.whole_s(),
            self.boosts.whole_s(),
        )
    }
}

/// For each pair of tiers (the overtaken one first, in the order of the configuration) the longest
/// bound over all the queues in which they can meet, if the overtaken contact waits in a queue of
/// this kind.
pub fn bounds(options: &Options, deferral: Deferral) -> Vec<Bound<'_>> {
    let Some((waiting, other, boosts)) = worst_queues(options, deferral) else {
        return Vec::new();
    };
    let mut bounds = Vec::new();
    for tier in &options.tiers {
        for by in &options.tiers {
            let overtaken = Side {
                tier,
                queue: waiting,
            };
            let by = Side {
                tier: by,
                queue: other,
            };
            bounds.push(bound(overtaken, by, options.specialist, boosts));
        }
    }
    bounds
}

/// The bound of one pair of queues and tiers, disregarding all others.
pub fn between<'o>(options: &'o Options, overtaken: Side<'o>, by: Side<'o>) -> Bound<'o> {
    let mut all = options.queues.iter().zip(boosts(options));
    let boosts = all.find(|(queue, _)| queue.id == by.queue.id);
    let boosts = boosts.map_or(Millis::ZERO, |(_, boosts)| boosts);
    bound(overtaken, by, options.specialist, boosts)
}

fn bound<'o>(overtaken: Side<'o>, by: Side<'o>, specialist: Millis, boosts: Millis) -> Bound<'o> {
    Bound {
        overtaken,
        by,
        head_starts: by.tier.head_start - overtaken.tier.head_start,
        targets: overtaken.queue.target.answer_within - by.queue.target.answer_within,
        specialist,
        boosts,
    }
}

/// A queue whose bounds are seconds of working time, by its business hours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InWorkingTime<'o> {
    pub queue: &'o QueueOptions,
    pub hours: &'o Name,
    /// It competes with queues that have other hours, or none.
    pub meets_others: bool,
}

impl InWorkingTime<'_> {
    /// The longest bound for contacts that wait here is at least this. Closed hours that use up
    /// head starts do not raise it: the longest bound by the clock is between two tiers of which
    /// the overtaken one has no larger head start.
    pub fn at_least(&self) -> Millis {
        if self.meets_others {
            self.queue.target.answer_within
        } else {
            Millis::ZERO
        }
    }

    /// The bound for contacts that wait here and are overtaken from a queue with these hours.
    pub fn longest(&self, bound: &Bound<'_>, hours: Option<&Name>) -> Millis {
        let longest = bound.longest_over_a_closing();
        if hours == Some(self.hours) {
            longest
        } else {
            longest.max(self.queue.target.answer_within)
        }
    }
}

impl fmt::Display for InWorkingTime<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { queue, hours, .. } = self;
        write!(
            f,
            "in {} seconds are working time of {hours}, and closed hours can use up a head start",
            queue.id
        )?;
        if self.meets_others {
            let target = queue.target.answer_within.whole_s();
            write!(f, "; by queues with other hours at least {target} s")?;
        }
        Ok(())
    }
}

/// The queues whose bounds are seconds of working time.
pub fn in_working_time(options: &Options) -> impl Iterator<Item = InWorkingTime<'_>> {
    options.queues.iter().filter_map(|queue| {
        let hours = queue.hours.as_ref()?;
        let others = options.queues.iter().filter(|other| !other.pull);
        let differs = |other: &QueueOptions| other.hours.as_ref() != Some(hours);
        let meets_others = !queue.pull && others.into_iter().any(differs);
        Some(InWorkingTime {
            queue,
            hours,
            meets_others,
        })
    })
}

/// For how long contacts of a queue may be overtaken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deferral {
    /// For no longer than `overtake_max`.
    Bounded,
    /// Without limit: the queue's target is long enough.
    Deferrable,
}

impl Deferral {
    pub fn of(queue: &QueueOptions) -> Self {
        if queue.target.answer_within > DEFERRABLE_ABOVE {
            Self::Deferrable
        } else {
            Self::Bounded
        }
    }
}

/// The two queues in which a contact can be overtaken for longest, with the boosts of the second.
/// Tiers add the same to every pair of queues, so these two are the worst for every pair of tiers.
fn worst_queues(
    options: &Options,
    deferral: Deferral,
) -> Option<(&QueueOptions, &QueueOptions, Millis)> {
    let boosts = boosts(options);
    let others = || options.queues.iter().zip(boosts.iter().copied());
    let advance = |queue: &QueueOptions, boosts| boosts - queue.target.answer_within;
    let offered = others()
        .filter(|(queue, _)| !queue.pull)
        .max_by_key(|(queue, boosts)| advance(queue, *boosts));
    let pairs = others()
        .filter(|(queue, _)| Deferral::of(queue) == deferral)
        .filter_map(|(queue, own)| {
            let (other, boosts) = if queue.pull { (queue, own) } else { offered? };
            Some((queue, other, boosts))
        });
    pairs.max_by_key(|(queue, other, boosts)| queue.target.answer_within + advance(other, *boosts))
}

/// The most that a contact of each queue can have been boosted.
fn boosts(options: &Options) -> Vec<Millis> {
    let index: BTreeMap<&Name, usize> = options
        .queues
        .iter()
        .enumerate()
        .map(|(index, queue)| (&queue.id, index))
        .collect();
    let moves_of = |queue: usize| {
        actions(&options.queues[queue]).filter_map(|action| match action {
            Action::MoveTo(to) => index.get(to).copied(),
            Action::Boost(_)
            | Action::NextStep
            | Action::Notify(_)
            | Action::AddQueue(_)
            | Action::ReserveNext
            | Action::Message(_)
            | Action::OfferCallback
            | Action::FanOut(_)
            | Action::Deflect(_) => None,
        })
    };
    let mut total: Vec<Millis> = options.queues.iter().map(own_boosts).collect();
    let own = total.clone();
    let mut ways_in = vec![0_usize; total.len()];
    for to in (0..total.len()).flat_map(moves_of) {
        ways_in[to] += 1;
    }
    // Each queue comes after all those that move contacts to it. Queues in a cycle, which a checked
    // configuration does not have, never come.
    let mut ready: Vec<usize> = (0..total.len()).filter(|i| ways_in[*i] == 0).collect();
    while let Some(from) = ready.pop() {
        for to in moves_of(from) {
            total[to] = total[to].max(own[to] + total[from]);
            ways_in[to] -= 1;
            if ways_in[to] == 0 {
                ready.push(to);
            }
        }
    }
    total
}

fn own_boosts(queue: &QueueOptions) -> Millis {
    let mut sum = Millis::ZERO;
    for rule in &queue.escalations {
        let times = 1 + i64::from(rule.repeat.map_or(0, |repeat| repeat.at_most));
        for action in &rule.actions {
            match action {
                Action::Boost(span) => sum = sum + Millis(span.0 * times),
                Action::NextStep
                | Action::MoveTo(_)
                | Action::Notify(_)
                | Action::AddQueue(_)
                | Action::ReserveNext
                | Action::Message(_)
                | Action::OfferCallback
                | Action::FanOut(_)
                | Action::Deflect(_) => {}
            }
        }
    }
    sum
}

fn actions(queue: &QueueOptions) -> impl Iterator<Item = &Action> {
    queue.escalations.iter().flat_map(|rule| &rule.actions)
}
