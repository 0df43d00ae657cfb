//! Faults in data written about a customer.

use std::fmt;

use crate::domain::Name;

/// The most characters of a wrong value that a message quotes.
const FOUND_CHARS_MAX: usize = 48;
/// The most characters of a path, which may contain an unknown name.
const PATH_CHARS_MAX: usize = 128;

/// One wrong value or member.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {found}, allowed: {allowed}")]
pub struct Malformed {
    pub path: String,
    pub found: String,
    pub allowed: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Value,
    /// The member has to be there, and is not.
    Missing,
    /// The member itself is not allowed, whatever its value.
    UnknownField,
    /// A name that another configuration may have.
    UnknownTier,
}

impl Malformed {
    /// The stable code that clients rely on.
    pub const fn code(&self) -> &'static str {
        match self.kind {
            Kind::Value => "bad_value",
            Kind::Missing => "missing_field",
            Kind::UnknownField => "unknown_field",
            Kind::UnknownTier => "unknown_tier",
        }
    }

    pub(super) fn missing(path: &str, allowed: impl fmt::Display) -> Self {
        Self {
            kind: Kind::Missing,
            ..Self::new(path, "missing", allowed)
        }
    }

    pub(super) fn unknown_field(path: &str, known: &str) -> Self {
        Self {
            kind: Kind::UnknownField,
            ..Self::new(path, "unknown field", known)
        }
    }

    pub(super) fn unknown_tier(tier: &Name, known: &str) -> Self {
        Self {
            kind: Kind::UnknownTier,
            ..Self::new("tier", format!("{:?}", tier.as_str()), known)
        }
    }

    /// `allowed` may be an error message that begins with "allowed: ".
    pub(super) fn new(path: &str, found: impl fmt::Display, allowed: impl fmt::Display) -> Self {
        let allowed = allowed.to_string();
        Self {
            path: shortened(path, PATH_CHARS_MAX),
            found: shortened(&found.to_string(), FOUND_CHARS_MAX),
            allowed: allowed
                .strip_prefix("allowed: ")
                .unwrap_or(&allowed)
                .to_owned(),
            kind: Kind::Value,
        }
    }
}

fn shortened(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// All faults of one document; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(Vec<Malformed>);

impl Faults {
    pub(super) fn none_or<T>(value: T, faults: Vec<Malformed>) -> Result<T, Self> {
        if faults.is_empty() {
            Ok(value)
        } else {
            Err(Self(faults))
        }
    }

    /// `faults` must not be empty.
    pub(super) fn of(faults: Vec<Malformed>) -> Self {
        debug_assert!(!faults.is_empty(), "a refusal names its faults");
        Self(faults)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Malformed> {
        self.0.iter()
    }
}

impl From<Malformed> for Faults {
    fn from(fault: Malformed) -> Self {
        Self(vec![fault])
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, fault) in self.0.iter().enumerate() {
            let separator = if number == 0 { "" } else { "\n" };
            write!(f, "{separator}{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
