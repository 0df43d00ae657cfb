//! Which skills count for a contact, and whether an agent has those that are required.

use std::borrow::Cow;

use crate::engine::state::due;
use crate::engine::state::queue::{QueueRules, Skills};
use crate::engine::state::registry::SkillKey;

/// The skills by which agents are distinguished for a contact of this queue that requires `extra`.
pub(in crate::engine) fn asked_of<'a>(
    rules: &'a QueueRules,
    extra: &Skills,
) -> Cow<'a, [SkillKey]> {
    if extra.is_empty() {
        return Cow::Borrowed(&rules.asked);
    }
    let own = rules.asked.iter().copied();
    let mut asked: Vec<SkillKey> = own.chain(extra.iter().map(|(skill, _)| *skill)).collect();
    asked.sort_unstable();
    asked.dedup();
    Cow::Owned(asked)
}

/// The union of both sets of skills, with the higher level of each.
pub(super) fn merge(a: &Skills, b: &Skills) -> Skills {
    let mut all: Skills = a.iter().chain(b).copied().collect();
    all.sort_unstable_by(|x, y| x.0.cmp(&y.0).then(y.1.cmp(&x.1)));
    all.dedup_by_key(|(skill, _)| *skill);
    all
}

pub(in crate::engine) fn satisfies(skills: &Skills, requires: &Skills) -> bool {
    missing(skills, requires).is_none()
}

/// The first requirement that is not met.
pub(in crate::engine) fn missing(skills: &Skills, requires: &Skills) -> Option<(SkillKey, u8)> {
    requires
        .iter()
        .find(|(skill, level)| due::level_of(skills, *skill) < i64::from(level.get()))
        .map(|(skill, level)| (*skill, level.get()))
}
