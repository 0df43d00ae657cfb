//! Where the profiles are and how long routing waits for them.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::domain::Millis;
use redis::IntoConnectionInfo;

/// The longest that routing can be told to wait for a look-up.
const LOOKUP_WITHIN_MS_MAX: i64 = 5_000;
const CACHE_FOR_MS_MAX: i64 = 60_000;
const CACHE_MAX: usize = 1_000_000;
const LOOKUPS_MAX: usize = 65_536;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {found}, allowed: {allowed}")]
pub struct BadOption {
    pub path: &'static str,
    pub found: String,
    pub allowed: String,
}

/// The address of a Redis. `Debug` hides it: it may carry a password.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisUrl(String);

impl RedisUrl {
    pub fn new(url: &str) -> Result<Self, BadOption> {
        if url.into_connection_info().is_err() {
            return Err(BadOption {
                path: "url",
                found: "something else".to_owned(),
                allowed: "redis://[user:password@]host:port[/database]".to_owned(),
            });
        }
        Ok(Self(url.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("redis://•••")
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file in the folder `path`, which is made if it is missing.
    Embedded {
        path: PathBuf,
    },
    Redis {
        url: RedisUrl,
    },
}

/// Checked options of the store of one site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    pub(super) kind: Kind,
    pub(super) lookup_within: Duration,
    pub(super) cache_for: Duration,
    pub(super) cache_max: usize,
    pub(super) lookups_max: usize,
}

impl Options {
    /// `kind` with the defaults: 50 ms for a look-up, 100,000 customers cached for 60 s,
    /// or for 5 s where others may write, 1,024 look-ups under way.
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
    pub fn lookup_within(self, span: Millis) -> Result<Self, BadOption> {
        let lookup_within = within("lookup_within_ms", span, 1, LOOKUP_WITHIN_MS_MAX)?;
        Ok(Self {
            lookup_within,
            ..self
        })
    }

    /// How old an answer may be; zero asks the store every time.
    pub fn cache_for(self, span: Millis) -> Result<Self, BadOption> {
        let cache_for = within("cache_for_ms", span, 0, CACHE_FOR_MS_MAX)?;
        Ok(Self { cache_for, ..self })
    }

    /// The most customers, and the most identities, that are cached.
    pub fn cache_max(self, cache_max: usize) -> Result<Self, BadOption> {
        bounded("cache_max", cache_max, CACHE_MAX)?;
        Ok(Self { cache_max, ..self })
    }

    /// The most look-ups under way; one more is shed.
    pub fn lookups_max(self, lookups_max: usize) -> Result<Self, BadOption> {
        bounded("lookups_max", lookups_max, LOOKUPS_MAX)?;
        Ok(Self {
            lookups_max,
            ..self
        })
    }
}

fn within(path: &'static str, span: Millis, min: i64, max: i64) -> Result<Duration, BadOption> {
    u64::try_from(span.0)
        .ok()
        .filter(|_| (min..=max).contains(&span.0))
        .map(Duration::from_millis)
        .ok_or_else(|| BadOption {
            path,
            found: span.0.to_string(),
            allowed: format!("{min}..={max}"),
        })
}

fn bounded(path: &'static str, found: usize, max: usize) -> Result<(), BadOption> {
    (1..=max)
        .contains(&found)
        .then_some(())
        .ok_or_else(|| BadOption {
            path,
            found: found.to_string(),
            allowed: format!("1..={max}"),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_none_is_refused_without_repeating_it() {
        let refused = RedisUrl::new("http://:secret@x").unwrap_err().to_string();
        assert!(refused.starts_with("url: ") && !refused.contains("secret"));
        let url = RedisUrl::new("redis://:secret@127.0.0.1:6379/2").unwrap();
        assert!(!format!("{url:?}").contains("secret"));
    }

    #[test]
    fn options_have_bounds() {
        let options = || {
            Options::new(Kind::Embedded {
                path: "data".into(),
            })
        };
        let refused = options().lookup_within(Millis(0)).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "lookup_within_ms: 0, allowed: 1..=5000"
        );
        let refused = options().lookups_max(0).unwrap_err();
        assert_eq!(refused.to_string(), "lookups_max: 0, allowed: 1..=65536");
        assert!(options().cache_for(Millis(0)).is_ok());
    }
}
