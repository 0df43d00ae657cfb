//! The part of a customer's profile and history that routing uses.

use crate::customer::{HistoryEntry, Profile};
use crate::domain::{Name, Recognition};

/// Where a customer's tier comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TierSource {
    /// A person or a billing system wrote it.
    Set,
    /// Not set: the configuration's default.
    Default,
}

impl TierSource {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Default => "default",
        }
    }
}

/// The customer's tier, if the profile sets one, and its source.
pub fn tier(profile: &Profile) -> (Option<&Name>, TierSource) {
    match &profile.tier {
        Some(tier) => (Some(tier), TierSource::Set),
        None => (None, TierSource::Default),
    }
}

/// `history` is newest first.
pub fn recognise(profile: &Profile, history: &[HistoryEntry]) -> Recognition {
    Recognition {
        customer: Some(profile.id.text()),
        tier: tier(profile).0.cloned(),
        account_manager: profile.account_manager.clone(),
        last_agent: history.iter().find_map(|entry| entry.agent.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customer::CustomerId;
    use crate::domain::{Channel, ContactId, Timestamp};

    fn entry(agent: Option<&str>) -> HistoryEntry {
        HistoryEntry {
            contact: ContactId(1),
            at: Timestamp(1),
            channel: Channel::Hotline,
            topic: None,
            agent: agent.map(|name| Name::new(name).unwrap()),
            outcome: None,
        }
    }

    #[test]
    fn the_last_agent_is_of_the_newest_contact_that_had_one() {
        let profile = Profile::new(CustomerId::new("c-81").unwrap(), Timestamp(1));
        let history = [entry(None), entry(Some("a3")), entry(Some("a9"))];
        let recognition = recognise(&profile, &history);
        assert_eq!(recognition.customer.as_deref(), Some("c-81"));
        assert_eq!(recognition.last_agent, Name::new("a3").ok());
        assert_eq!(recognition.tier, None);
    }

    #[test]
    fn a_tier_that_was_written_is_said_to_be_set() {
        let mut profile = Profile::new(CustomerId::new("c-81").unwrap(), Timestamp(1));
        assert_eq!(tier(&profile), (None, TierSource::Default));
        let diamond = Name::new("diamond").unwrap();
        profile.tier = Some(diamond.clone());
        profile.account_manager = Name::new("a7").ok();
        assert_eq!(tier(&profile), (Some(&diamond), TierSource::Set));
        let recognition = recognise(&profile, &[]);
        assert_eq!(recognition.tier, Some(diamond));
        assert_eq!(recognition.account_manager, Name::new("a7").ok());
        assert_eq!(recognition.last_agent, None);
    }
}
