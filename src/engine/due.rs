//! The order: every contact has one instant at which it is due.
//!
//! `due = first queued + target of its queue − head start of its tier − boosts`
//!
//! and for one agent, `due − fit`. It does not drift as time passes, so a line
//! is sorted once; see `docs/order.md` for what follows from it.

use crate::domain::{Level, Millis, Timestamp};
use crate::engine::contact::Contact;
use crate::engine::queue::QueueRules;
use crate::engine::registry::SkillKey;

/// The instant at which `contact` is due in a queue with this target.
pub fn due(contact: &Contact, target: Millis, head_start: Millis) -> Timestamp {
    contact.first_queued_at + target - head_start - contact.boost
}

/// How many seconds of `due` it is worth that this agent takes this contact:
/// the mean, over the skills that the contact requires, of how far the agent's
/// level exceeds the required one, as a share of it and at most the whole of
/// `specialist`. Someone who merely satisfies the requirement, or who came in
/// by a relaxation step, has no fit.
pub fn fit(
    required: &[(SkillKey, Level)],
    skills: &[(SkillKey, Level)],
    specialist: Millis,
) -> Millis {
    if required.is_empty() {
        return Millis::ZERO;
    }
    let mut permille_sum = 0;
    for (skill, required) in required {
        let level = level_of(skills, *skill);
        let above = level.saturating_sub(i64::from(required.get()));
        permille_sum += (above * 1_000 / i64::from(required.get())).clamp(0, 1_000);
    }
    let count = i64::try_from(required.len()).expect("requirements are few");
    Millis(specialist.0 * (permille_sum / count) / 1_000)
}

/// The agent's level in `skill`, 0 without it.
pub fn level_of(skills: &[(SkillKey, Level)], skill: SkillKey) -> i64 {
    skills
        .binary_search_by_key(&skill, |(key, _)| *key)
        .map_or(0, |at| i64::from(skills[at].1.get()))
}

/// `due` as a supervisor reads it: what it is made of, in seconds to add up
/// from first queued.
pub fn terms(
    contact: &Contact,
    rules: &QueueRules,
    head_start: Millis,
) -> Vec<(&'static str, Millis)> {
    let zero = Millis::ZERO;
    vec![
        ("target", rules.options.target.answer_within),
        ("head_start", zero - head_start),
        ("boost", zero - contact.boost),
    ]
}
