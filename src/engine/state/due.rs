//! The order: every contact has one instant at which it is due.
//!
//! `due = first queued + target of its queue − head start of its tier − boosts`
//!
//! where, in a queue with business hours, the target runs only while it is open, and a customer
//! whose agent was lost while they were on the line has the greatest head start of all tiers;
//!
//! and for one agent, `due − fit`. It does not drift as time passes, so a line is sorted once; see
//! `docs/order.md` for the consequences.

use crate::domain::{Level, Millis, Timestamp};
use crate::engine::state::contact::Contact;
use crate::engine::state::learn::Expectation;
use crate::engine::state::queue::QueueRules;
use crate::engine::state::registry::SkillKey;

/// What it is worth if an agent knows the customer.
const AFFINITY: Millis = Millis::from_s(25);
/// Values of [`worth`] and their fit: none at the first, the average one at the second, a perfect
/// one at the third.
const WORTH: [f64; 3] = [0.5, 0.989, 1.25];
/// The average fit, as a share of a perfect one.
const AVERAGE: f64 = 1.0 / 3.0;
/// Makes an agent of average pace who resolves 86 % (the prior of `learn`) come out at 0.989.
const WORTH_SCALE: f64 = 1.15;

/// When `contact` is due in a queue that promises to answer it by `promised`.
pub fn due(contact: &Contact, promised: Timestamp, head_start: Millis) -> Timestamp {
    promised - head_start - contact.escalated.boost
}

/// How much of `due` it is worth if this agent takes this contact: at most all of `specialist`.
///
/// What is learned of the agent's grade decides, by how quickly it resolves such contacts. While
/// little is learned, levels stand in for it: see [`excess_permille`].
pub(in crate::engine) fn fit(
    expected: Expectation,
    excess_permille: i64,
    knows_customer: bool,
    specialist: Millis,
) -> Millis {
    let worth = worth(expected);
    #[expect(clippy::cast_precision_loss, reason = "spans and shares are small")]
    let (whole, excess) = (specialist.0 as f64, excess_permille as f64 / 1_000.0);
    let share = excess + expected.certainty * (share_of(worth) - excess);
    let fit = Millis::truncated_ms(whole * share);
    let fit = if knows_customer { fit + AFFINITY } else { fit };
    fit.min(specialist)
}

/// How well an agent does with such a contact: the chance to resolve it over the pace, where an
/// average agent comes out near 1. Limited to 0.5 to 2.
pub(in crate::engine) fn worth(expected: Expectation) -> f64 {
    (WORTH_SCALE * expected.resolves / expected.pace).clamp(0.5, 2.0)
}

fn share_of(worth: f64) -> f64 {
    let [none, average, perfect] = WORTH;
    let share = if worth < average {
        AVERAGE * (worth - none) / (average - none)
    } else {
        AVERAGE + (1.0 - AVERAGE) * (worth - average) / (perfect - average)
    };
    share.clamp(0.0, 1.0)
}

/// The mean, over the skills that the contact requires, of by how much the agent's level exceeds
/// the required one, as a share of it in thousandths. It is 0 for an agent who merely meets the
/// requirements or came in by a relaxation step.
pub fn excess_permille(required: &[(SkillKey, Level)], skills: &[(SkillKey, Level)]) -> i64 {
    let mut sum = 0;
    for (skill, required) in required {
        let level = level_of(skills, *skill);
        let above = level.saturating_sub(i64::from(required.get()));
        sum += (above * 1_000 / i64::from(required.get())).clamp(0, 1_000);
    }
    let count = i64::try_from(required.len()).expect("requirements are few");
    sum / count.max(1)
}

/// The agent's level in `skill`, 0 without it.
pub fn level_of(skills: &[(SkillKey, Level)], skill: SkillKey) -> i64 {
    skills
        .binary_search_by_key(&skill, |(key, _)| *key)
        .map_or(0, |at| i64::from(skills[at].1.get()))
}

/// A part of `due`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueTerm {
    /// The target of its queue.
    Target,
    /// How long its queue is closed before the target is over.
    Closed,
    /// The head start of its tier.
    HeadStart,
    /// The boosts of escalations.
    Boost,
    /// Put back because its customer did not come when called.
    NoShow,
    /// Its agent was lost in the middle of a call or a visit: what its tier lacks of the greatest
    /// head start.
    AgentLost,
}

impl DueTerm {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Target => "target",
            Self::Closed => "closed",
            Self::HeadStart => "head_start",
            Self::Boost => "boost",
            Self::NoShow => "no_show",
            Self::AgentLost => "agent_lost",
        }
    }
}

/// `due` as shown to supervisors: its parts, which add up to the time from first queued to due.
pub fn terms(
    contact: &Contact,
    rules: &QueueRules,
    head_start: Millis,
    sooner: Millis,
) -> Vec<(DueTerm, Millis)> {
    let target = rules.options.target.answer_within;
    let closed =
        rules.promised(contact.wait.first_queued_at) - contact.wait.first_queued_at - target;
    let put_back = contact.escalated.put_back;
    let mut terms = terms_of(
        target,
        closed,
        head_start,
        sooner,
        contact.escalated.boost + put_back,
    );
    terms.extend((put_back != Millis::ZERO).then_some((DueTerm::NoShow, put_back)));
    terms
}

/// The same from its inputs; a queue that is never closed has no such term. `sooner` is what a
/// contact whose agent was lost has beside the head start of its tier.
pub fn terms_of(
    target: Millis,
    closed: Millis,
    head_start: Millis,
    sooner: Millis,
    boost: Millis,
) -> Vec<(DueTerm, Millis)> {
    let zero = Millis::ZERO;
    let mut terms = vec![(DueTerm::Target, target)];
    terms.extend((closed != zero).then_some((DueTerm::Closed, closed)));
    terms.extend([
        (DueTerm::HeadStart, zero - head_start),
        (DueTerm::Boost, zero - boost),
    ]);
    terms.extend((sooner != zero).then_some((DueTerm::AgentLost, zero - sooner)));
    terms
}
