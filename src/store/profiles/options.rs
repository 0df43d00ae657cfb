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

    /// None if it does not have this syntax.
    pub fn parse(url: &str) -> Option<Self> {
        url.into_connection_info().ok()?;
        // More than that is connected to, or silently ignored: other schemes, a query, a user
        // without a password.
        let parts = redis::parse_redis_url(url)?;
        let number = parts.path().strip_prefix('/').unwrap_or_default();
        let has_form = parts.scheme() == "redis"
            && parts.port() != Some(0)
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && (parts.username().is_empty() || parts.password().is_some())
            && parts.query().is_none()
            && parts.fragment().is_none();
        has_form.then(|| Self(url.to_owned()))
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

/// `text` without user and password, if it is a URL with either, or would be one with a scheme.
pub fn without_credentials(text: &str) -> String {
    let Some((before, after)) = text.rsplit_once('@') else {
        return text.to_owned();
    };
    match before.split_once("://") {
        Some((scheme, _)) => format!("{scheme}://•••@{after}"),
        None if before.contains(':') => format!("•••@{after}"),
        None => text.to_owned(),
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
        // Nor is one shown if the scheme was left out.
        for (text, shown) in [
            ("default:secret@10.0.0.1:6379", "•••@10.0.0.1:6379"),
            ("redis:/u:secret@h", "•••@h"),
            ("10.0.0.1:6379", "10.0.0.1:6379"),
            ("a@b", "a@b"),
        ] {
            assert_eq!(without_credentials(text), shown);
        }
    }

    #[test]
    fn an_address_has_the_form_that_is_asked_for() {
        for url in [
            "redis://h",
            "redis://h/",
            "redis://h:1/15",
            "redis://[::1]:6379/0",
            "redis://:p@10.0.0.1",
            "redis://u:p%40@redis.example.com:6379",
        ] {
            assert!(RedisUrl::parse(url).is_some(), "{url}");
        }
        for url in [
            "",
            "h:6379",
            "redis:",
            "redis://",
            "redis:///0",
            "redis://:6379",
            "rediss://h",
            "valkey://h",
            "unix:///tmp/x",
            "redis+unix:///tmp/x",
            "redis://h:0",
            "redis://h:65536",
            "redis://h/x",
            "redis://h/-1",
            "redis://h/0/",
            "redis://h/0?protocol=resp3",
            "redis://h?",
            "redis://h#x",
            "redis://u@h",
        ] {
            assert_eq!(RedisUrl::parse(url), None, "{url}");
        }
    }
}
