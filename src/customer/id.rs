//! A customer's id in the store, and a person's name on a screen.

use std::fmt;

use crate::domain::identity::BadIdentity;
use crate::domain::text::has_hidden;
use crate::domain::{Identity, IdentityKind, Text};

/// The operator's id of a customer: an identity of the kind `id`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CustomerId(Text);

impl CustomerId {
    pub fn new(raw: &str) -> Result<Self, BadIdentity> {
        Identity::new(IdentityKind::Id, raw).map(|identity| Self(identity.text()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn text(&self) -> Text {
        self.0.clone()
    }
}

impl fmt::Display for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The longest [`PersonName`], in bytes.
pub const PERSON_NAME_BYTES_MAX: usize = 256;

/// A customer's name as an agent's screen shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonName(Text);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("allowed: 1 to {PERSON_NAME_BYTES_MAX} bytes of text without control characters")]
pub struct BadPersonName;

impl PersonName {
    pub fn new(raw: &str) -> Result<Self, BadPersonName> {
        let fits = (1..=PERSON_NAME_BYTES_MAX).contains(&raw.len());
        if !fits || raw.trim().is_empty() || has_hidden(raw) {
            return Err(BadPersonName);
        }
        Ok(Self(raw.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}
