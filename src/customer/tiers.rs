//! The tiers that may be written.

use crate::customer::Malformed;
use crate::domain::Name;

/// The tiers that a profile may be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tiers {
    /// Any name: a tier already written is kept.
    Any,
    /// Those of the configuration.
    Of {
        known: Vec<Name>,
        /// Of customers for whom none is set.
        default: Name,
    },
}

impl Tiers {
    /// Whether a view may show this tier although nobody set it.
    pub(super) fn is_default(&self, tier: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Of { default, .. } => default.as_str() == tier,
        }
    }

    pub(super) fn check(&self, tier: Option<Name>, faults: &mut Vec<Malformed>) -> Option<Name> {
        if let (Self::Of { known, .. }, Some(tier)) = (self, &tier)
            && !known.contains(tier)
        {
            let known: Vec<&str> = known.iter().map(Name::as_str).collect();
            faults.push(Malformed::unknown_tier(tier, &known.join(", ")));
        }
        tier
    }
}
