//! What an agent can do and what a contact requires, in levels.

use crate::domain::Name;

/// How well: 1 (a little) to 10 (the best).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, minicbor::Encode, minicbor::Decode,
)]
#[cbor(transparent)]
pub struct Level(#[n(0)] u8);

pub const LEVEL_MAX: u8 = 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("allowed: 1..={LEVEL_MAX}")]
pub struct BadLevel;

impl Level {
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<i64> for Level {
    type Error = BadLevel;
    fn try_from(raw: i64) -> Result<Self, BadLevel> {
        u8::try_from(raw)
            .ok()
            .filter(|level| (1..=LEVEL_MAX).contains(level))
            .map(Self)
            .ok_or(BadLevel)
    }
}

/// The most skills that one queue, step, agent or contact names.
pub const REQUIREMENTS_MAX: usize = 32;

/// Skills with the level of each, sorted by name, each named once.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, minicbor::Encode, minicbor::Decode,
)]
#[cbor(transparent)]
pub struct Requirements(#[n(0)] Box<[(Name, Level)]>);

impl Requirements {
    /// Keeps the higher level if a skill is named twice.
    pub fn new(mut skills: Vec<(Name, Level)>) -> Self {
        skills.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        skills.dedup_by(|later, first| later.0 == first.0);
        Self(skills.into())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Name, Level)> {
        self.0.iter().map(|(name, level)| (name, *level))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }
}
