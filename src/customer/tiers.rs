//! The tiers that may be written.

use crate::customer::Malformed;
use crate::domain::Name;

/// The tiers that a profile may be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tiers {
    /// Any name: a tier already written is kept.
    Any,
    /// Those of the configuration.
    Of(Vec<Name>),
}

impl Tiers {
    pub(super) fn check(&self, tier: Option<Name>, faults: &mut Vec<Malformed>) -> Option<Name> {
        if let (Self::Of(known), Some(tier)) = (self, &tier)
            && !known.contains(tier)
        {
            let known: Vec<&str> = known.iter().map(Name::as_str).collect();
            faults.push(Malformed::unknown_tier(tier, &known.join(", ")));
        }
        tier
    }
}
