//! Who is calling, and what they may do.
//!
//! [`Guard`] turns a credential into a [`Caller`]; the table in [`route`](crate::gateway::route)
//! lists the roles that may make a call. Whatever cannot be verified is refused.
//!
//! **Invariant:** no credential is logged, and none is accepted in a URL.

mod dev;
pub mod jwt;
pub mod keys;
mod public_key;
pub mod role;
pub mod ticket;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Uri};

use crate::domain::{Name, Text, Timestamp};
use crate::gateway::auth::dev::DevCallers;
use crate::gateway::auth::jwt::Jwts;
use crate::gateway::auth::keys::ApiKeys;
use crate::gateway::auth::role::{Role, Roles};
use crate::wire::problem::Problem;

/// The longest credential, in bytes.
const TOKEN_BYTES_MAX: usize = 8 * 1_024;

/// How callers are authenticated.
#[derive(Debug)]
pub enum Credentials {
    /// `dev-adapter`, `dev-agent:ID` and so on: on a loopback address only.
    Dev,
    Keys {
        keys: ApiKeys,
        jwts: Jwts,
    },
}

/// An authenticated caller.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The name of the key, or the subject of the token.
    pub name: Text,
    pub roles: Roles,
    /// The agent whose desktop it is, for agents.
    pub agent: Option<Name>,
    pub expires_at: Option<Timestamp>,
    proof: Proof,
    /// The generation of the credentials it was checked against.
    generation: u64,
}

/// A token that expires later than this gets no timer.
const EXPIRY_MAX: Duration = Duration::from_secs(24 * 3_600);

impl Caller {
    /// The time until the token expires, if a timer can be set for it.
    pub(super) fn expires_in(&self, wall: Timestamp) -> Option<Duration> {
        let left = self.expires_at? - wall;
        let left = Duration::from_millis(u64::try_from(left.0).unwrap_or(0));
        (left < EXPIRY_MAX).then_some(left)
    }
}

/// What a caller authenticated with, to be checked again when the credentials change.
#[derive(Clone, Debug)]
enum Proof {
    Dev,
    Key([u8; 32]),
    /// The hash of the key that signed it, including its issuer and audience.
    Jwt([u8; 32]),
}

/// Checks credentials, which can be replaced while it is in use.
pub struct Guard {
    current: ArcSwap<Current>,
    generations: AtomicU64,
}

struct Current {
    credentials: Credentials,
    dev: DevCallers,
    generation: u64,
}

impl Guard {
    pub fn new(credentials: Credentials) -> Self {
        let guard = Self {
            current: ArcSwap::from_pointee(Current::new(Credentials::Dev, 0)),
            generations: AtomicU64::new(0),
        };
        guard.exchange(credentials);
        guard
    }

    /// Replaces the credentials, for open sockets as well.
    pub fn exchange(&self, credentials: Credentials) {
        let generation = self.generations.fetch_add(1, Ordering::SeqCst) + 1;
        let current = Current::new(credentials, generation);
        self.current.store(Arc::new(current));
    }

    /// The caller of a request, from its header alone.
    pub fn identify(
        &self,
        headers: &HeaderMap,
        uri: &Uri,
        now: Timestamp,
    ) -> Result<Caller, Problem> {
        let header = headers.get(AUTHORIZATION);
        if uri.query().is_some_and(carries_a_token) {
            return Err(token_in_url(header.is_some()));
        }
        let Some(header) = header else {
            return Err(unauthenticated("no Authorization header"));
        };
        if headers.get_all(AUTHORIZATION).iter().nth(1).is_some() {
            return Err(unauthenticated("more than one Authorization header"));
        }
        let token = header.to_str().ok().and_then(bearer);
        let token = token.filter(|token| (1..=TOKEN_BYTES_MAX).contains(&token.len()));
        let token = token.ok_or_else(|| unauthenticated("not of the form: Bearer TOKEN"))?;
        self.current
            .load()
            .identify(token, now)
            .ok_or_else(|| unauthenticated("the token is unknown, wrong or expired"))
    }

    /// Whether an earlier caller may still act in one of `roles`.
    pub fn still_allows(&self, caller: &Caller, roles: Roles, now: Timestamp) -> bool {
        if caller.expires_at.is_some_and(|at| at <= now) || !caller.roles.meets(roles) {
            return false;
        }
        let current = self.current.load();
        current.generation == caller.generation || current.still_knows(caller, roles)
    }
}

impl Current {
    fn new(credentials: Credentials, generation: u64) -> Self {
        Self {
            credentials,
            dev: DevCallers::new(generation),
            generation,
        }
    }

    fn identify(&self, token: &str, now: Timestamp) -> Option<Caller> {
        match &self.credentials {
            Credentials::Dev => self.dev.identify(token),
            Credentials::Keys { keys, jwts } => keys
                .identify(token, self.generation)
                .or_else(|| jwts.identify(token, self.generation, now)),
        }
    }

    fn still_knows(&self, caller: &Caller, roles: Roles) -> bool {
        match (&self.credentials, &caller.proof) {
            (Credentials::Dev, Proof::Dev) => true,
            (Credentials::Keys { keys, .. }, Proof::Key(hash)) => keys
                .by_hash(hash)
                .is_some_and(|key| key.roles.meets(roles) && key.agent == caller.agent),
            (Credentials::Keys { jwts, .. }, Proof::Jwt(key)) => jwts.has(key),
            (Credentials::Dev, Proof::Key(_) | Proof::Jwt(_))
            | (Credentials::Keys { .. }, Proof::Dev) => false,
        }
    }
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.contains(' ')).then_some(token)
}

/// URLs end up in logs, histories and referrers.
pub(super) fn carries_a_token(query: &str) -> bool {
    query.split('&').any(|pair| {
        let name = pair.split('=').next().unwrap_or(pair);
        [
            "token",
            "access_token",
            "api_key",
            "apikey",
            "authorization",
            "bearer",
            "jwt",
            "key",
            "ticket",
        ]
        .iter()
        .any(|secret| name.eq_ignore_ascii_case(secret))
    })
}

fn token_in_url(has_header: bool) -> Problem {
    let status = if has_header { 400 } else { 401 };
    let detail = "credentials do not belong in a URL: send Authorization: Bearer TOKEN";
    Problem::new(status, "token_in_url", detail)
}

pub(super) fn unauthenticated(detail: &'static str) -> Problem {
    Problem::new(401, "unauthenticated", detail)
}

pub(super) fn forbidden(roles: Roles) -> Problem {
    let names: Vec<&str> = Role::ALL
        .into_iter()
        .filter(|role| roles.has(*role))
        .map(Role::name)
        .collect();
    let detail = format!("this call is for: {}", names.join(", "));
    Problem::new(403, "forbidden", detail)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn identify(
        guard: &Guard,
        uri: &'static str,
        header: Option<&'static str>,
    ) -> Result<Caller, Problem> {
        let mut headers = HeaderMap::new();
        if let Some(header) = header {
            headers.insert(AUTHORIZATION, HeaderValue::from_static(header));
        }
        guard.identify(&headers, &Uri::from_static(uri), Timestamp(0))
    }

    #[test]
    fn a_caller_in_development_is_who_the_token_says() {
        let guard = Guard::new(Credentials::Dev);
        let caller = identify(&guard, "/v1/agent", Some("Bearer dev-agent:a1")).unwrap();
        assert_eq!(caller.roles, Roles::of(&[Role::Agent]));
        assert_eq!(caller.agent, Name::new("a1").ok());
        assert!(guard.still_allows(&caller, Roles::of(&[Role::Agent]), Timestamp(0)));
        assert!(!guard.still_allows(&caller, Roles::of(&[Role::Admin]), Timestamp(0)));
    }

    #[test]
    fn what_is_no_credential_is_refused() {
        let guard = Guard::new(Credentials::Dev);
        for header in [
            None,
            Some("dev-adapter"),
            Some("Basic dev-adapter"),
            Some("Bearer"),
            Some("Bearer "),
            Some("Bearer dev-god"),
            Some("Bearer dev-agent:"),
            Some("Bearer dev-agent:a b"),
            Some("Bearer dev-adapter dev-admin"),
        ] {
            let problem = identify(&guard, "/", header).unwrap_err();
            assert_eq!(
                (problem.status, problem.code),
                (401, "unauthenticated"),
                "{header:?}"
            );
        }
    }

    #[test]
    fn a_token_in_a_url_is_refused_even_beside_a_good_header() {
        let guard = Guard::new(Credentials::Dev);
        for uri in [
            "/v1/agent?token=dev-agent:a1",
            "/?a=b&ACCESS_TOKEN=x",
            "/?ticket",
        ] {
            assert_eq!(
                identify(&guard, uri, None).unwrap_err().code,
                "token_in_url"
            );
            let both = identify(&guard, uri, Some("Bearer dev-adapter")).unwrap_err();
            assert_eq!((both.status, both.code), (400, "token_in_url"));
        }
    }

    #[test]
    fn open_sockets_feel_that_credentials_have_changed() {
        let guard = Guard::new(Credentials::Dev);
        let caller = identify(&guard, "/", Some("Bearer dev-supervisor")).unwrap();
        let roles = Roles::of(&[Role::Supervisor]);
        assert!(guard.still_allows(&caller, roles, Timestamp(0)));
        guard.exchange(Credentials::Keys {
            keys: ApiKeys::default(),
            jwts: Jwts::default(),
        });
        assert!(!guard.still_allows(&caller, roles, Timestamp(0)));
    }
}
