//! Where the profiles are, and how long routing waits for them.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use redis::IntoConnectionInfo;

use crate::domain::Millis;

/// The address of a Redis, with valid syntax. `Debug` hides user and password.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisUrl(String);

impl RedisUrl {
    /// The syntax of an address.
    pub const FORM: &str = "redis://[[user]:password@]host[:port][/number]";

    /// None if it is not the address of a Redis.
    pub fn parse(url: &str) -> Option<Self> {
        url.into_connection_info().ok()?;
        Some(Self(url.to_owned()))
    }

    /// Without user and password.
    pub fn public(&self) -> String {
        without_credentials(&self.0)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.public())
    }
}

/// `text` without user and password, if it is a URL with either.
pub fn without_credentials(text: &str) -> String {
    match (text.find("://"), text.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => {
            format!("{}://•••{}", &text[..scheme], &text[at..])
        }
        _ => text.to_owned(),
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file in the folder `path`, which is created if missing.
    Embedded {
        path: PathBuf,
    },
    Redis {
        url: RedisUrl,
    },
}

/// The options of the store of one site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileOptions {
    pub(super) kind: Kind,
    pub(super) lookup_within: Duration,
    pub(super) cache_for: Duration,
    pub(super) cache_max: usize,
    pub(super) lookups_max: usize,
}

impl ProfileOptions {
    /// `kind` with the defaults: 50 ms for a look-up, 100,000 customers cached for 60 s, or for 5 s
    /// if others may write, 1,024 concurrent look-ups.
    pub fn new(kind: Kind) -> Self {
        let cache_for = match kind {
            Kind::Embedded { .. } => Duration::from_secs(60),
            Kind::Redis { .. } => Duration::from_secs(5),
        };
        Self {
            cache_for,
            kind,
            lookup_within: Duration::from_millis(50),
            cache_max: 100_000,
            lookups_max: 1_024,
        }
    }

    /// How long routing waits for a look-up.
    pub fn lookup_within(self, span: Millis) -> Self {
        let lookup_within = duration(span);
        Self {
            lookup_within,
            ..self
        }
    }

    /// The maximum age of a cached answer; zero asks the store every time.
    pub fn cache_for(self, span: Millis) -> Self {
        let cache_for = duration(span);
        Self { cache_for, ..self }
    }

    /// The most concurrent look-ups; further ones are rejected.
    pub fn lookups_max(self, lookups_max: usize) -> Self {
        Self {
            lookups_max,
            ..self
        }
    }
}

fn duration(span: Millis) -> Duration {
    Duration::from_millis(u64::try_from(span.0).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_checked_and_its_password_is_hidden() {
        assert_eq!(RedisUrl::parse("http://:secret@x"), None);
        let url = RedisUrl::parse("redis://:secret@127.0.0.1:6379/2").unwrap();
        assert_eq!(format!("{url:?}"), "redis://•••@127.0.0.1:6379/2");
    }
}
