//! Tokens of an identity provider (RFC 7519).
//!
//! Which algorithm counts is said by the key in the configuration, never by
//! the token; `kid` only looks the key up, and headers that bring or point to
//! keys are not read.
//!
//! The claims that count: `sub`, who calls; `roles`, an array of the words of [`Role`], of
//! which one must be known; `exp`, `iss` and `aud`; and `nbf`, where there is one.

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::{Millis, Name, Text, Timestamp};
use crate::gateway::auth::role::{Role, Roles};
use crate::gateway::auth::{Caller, Proof};
use dashmap::DashMap;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use rustc_hash::FxBuildHasher;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// How far the clocks of issuer and server may be apart.
const LEEWAY: Millis = Millis::from_s(30);
/// Verified tokens that are remembered; a full table begins anew.
const VERIFIED_MAX: usize = 4_096;

/// A key that tokens are verified with.
pub struct JwtKey {
    kid: String,
    key: DecodingKey,
    validation: Validation,
    /// Of all that makes it this key: under one id there may be another one later.
    hash: [u8; 32],
}

/// The shortest shared secret, in bytes.
const SECRET_BYTES_MIN: usize = 32;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadJwtKey {
    #[error("allowed: a public key in PEM that fits the algorithm")]
    Public,
    #[error("allowed: at least {SECRET_BYTES_MIN} bytes of secret")]
    Secret,
    #[error("an algorithm that this server does not know")]
    Algorithm,
}

impl JwtKey {
    /// `material` is a public key in PEM, or the secret itself for the HS algorithms.
    pub fn new(
        kid: &str,
        algorithm: Algorithm,
        material: &[u8],
        issuer: &str,
        audience: &str,
    ) -> Result<Self, BadJwtKey> {
        let key = match algorithm {
            Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => {
                if material.len() < SECRET_BYTES_MIN {
                    return Err(BadJwtKey::Secret);
                }
                Ok(DecodingKey::from_secret(material))
            }
            Algorithm::RS256
            | Algorithm::RS384
            | Algorithm::RS512
            | Algorithm::PS256
            | Algorithm::PS384
            | Algorithm::PS512 => DecodingKey::from_rsa_pem(material),
            Algorithm::ES256 | Algorithm::ES384 => DecodingKey::from_ec_pem(material),
            Algorithm::EdDSA => DecodingKey::from_ed_pem(material),
            _ => return Err(BadJwtKey::Algorithm),
        };
        let mut validation = Validation::new(algorithm);
        // By the server's one clock, see `verify`.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        // A required claim must also be of the right type: one that is not
        // counts as absent, and an absent claim is not compared.
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let mut hash = Sha256::new().chain_update(format!("{algorithm:?}"));
        for part in [material, issuer.as_bytes(), audience.as_bytes()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Ok(Self {
            kid: kid.to_owned(),
            key: key.map_err(|_| BadJwtKey::Public)?,
            validation,
            hash: hash.finalize().into(),
        })
    }
}

impl fmt::Debug for JwtKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JwtKey({})", self.kid)
    }
}

/// The keys by id, and the tokens that they have verified.
#[derive(Debug, Default)]
pub struct Jwts {
    keys: BTreeMap<String, JwtKey>,
    verified: DashMap<[u8; 32], Caller, FxBuildHasher>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    exp: f64,
    nbf: Option<f64>,
    #[serde(default)]
    roles: Vec<String>,
}

impl Jwts {
    /// Of two keys with one id the later one counts.
    pub fn new(keys: Vec<JwtKey>) -> Self {
        let keys = keys.into_iter().map(|key| (key.kid.clone(), key));
        Self {
            keys: keys.collect(),
            verified: DashMap::default(),
        }
    }

    pub(super) fn has(&self, hash: &[u8; 32]) -> bool {
        self.keys.values().any(|key| key.hash == *hash)
    }

    pub(super) fn identify(&self, token: &str, generation: u64, now: Timestamp) -> Option<Caller> {
        let hash: [u8; 32] = Sha256::digest(token).into();
        let known = self.verified.get(&hash).map(|caller| caller.clone());
        if let Some(caller) = known {
            return caller
                .expires_at
                .is_some_and(|at| at > now)
                .then_some(caller);
        }
        let caller = self.verify(token, generation, now)?;
        if self.verified.len() >= VERIFIED_MAX {
            self.verified.clear();
        }
        self.verified.insert(hash, caller.clone());
        Some(caller)
    }

    fn verify(&self, token: &str, generation: u64, now: Timestamp) -> Option<Caller> {
        let header = decode_header(token).ok()?;
        if header.crit.is_some() {
            return None;
        }
        let key = self.keys.get(header.kid?.as_str())?;
        let claims = decode::<Claims>(token, &key.key, &key.validation)
            .ok()?
            .claims;
        let expires_at = instant(claims.exp) + LEEWAY;
        let begins_at = claims.nbf.map(|nbf| instant(nbf) - LEEWAY);
        if expires_at <= now || begins_at.is_some_and(|at| at > now) {
            return None;
        }
        let roles = claims.roles.iter().filter_map(|name| Role::named(name));
        let roles = roles.fold(Roles::NONE, Roles::with);
        let agent = Name::new(&claims.sub).ok();
        if roles.is_empty() || claims.sub.len() > 128 || (roles.has(Role::Agent) && agent.is_none())
        {
            return None;
        }
        Some(Caller {
            name: Text::from(claims.sub),
            roles,
            agent: agent.filter(|_| roles.has(Role::Agent)),
            expires_at: Some(expires_at),
            proof: Proof::Jwt(key.hash),
            generation,
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast of a float saturates"
)]
fn instant(since_epoch_s: f64) -> Timestamp {
    // Beyond these it is any time, or none, and sums still fit.
    let ms = (since_epoch_s * 1_000.0).clamp(0.0, 1e15);
    Timestamp(ms as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::{Value, json};

    const SECRET: &[u8] = b"a secret of at least thirty-two bytes";
    const PAST: i64 = 1_600_000_000;
    const FUTURE: i64 = 4_000_000_000;
    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    fn jwts() -> Jwts {
        let key = JwtKey::new("k1", Algorithm::HS256, SECRET, "idp", "switchboard").unwrap();
        Jwts::new(vec![key])
    }

    fn good() -> Value {
        json!({"sub": "a1", "iss": "idp", "aud": "switchboard", "exp": FUTURE, "roles": ["agent", "other"]})
    }

    fn signed(kid: Option<&str>, algorithm: Algorithm, secret: &[u8], claims: &Value) -> String {
        let mut header = Header::new(algorithm);
        header.kid = kid.map(str::to_owned);
        encode(&header, claims, &EncodingKey::from_secret(secret)).unwrap()
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = good();
        claims[name] = value;
        claims
    }

    fn without(name: &str) -> Value {
        let mut claims = good();
        claims.as_object_mut().unwrap().remove(name);
        claims
    }

    #[test]
    fn a_good_token_names_its_subject() {
        let token = signed(Some("k1"), Algorithm::HS256, SECRET, &good());
        let jwts = jwts();
        for _ in 0..2 {
            let caller = jwts.identify(&token, 1, Timestamp(0)).unwrap();
            assert_eq!(caller.agent, Name::new("a1").ok());
            assert_eq!(caller.roles, Roles::of(&[Role::Agent]));
            let expires_at = Timestamp(FUTURE * 1_000) + LEEWAY;
            assert_eq!(caller.expires_at, Some(expires_at));
            let just_before = expires_at - Millis(1);
            assert!(jwts.identify(&token, 1, just_before).is_some());
        }
        let later = Timestamp(FUTURE * 1_000) + LEEWAY;
        assert!(
            jwts.identify(&token, 1, later).is_none(),
            "remembered, but expired"
        );
    }

    #[test]
    fn what_has_expired_or_not_begun_is_good_for_as_long_as_clocks_may_be_apart() {
        let jwts = jwts();
        let now_s = NOW.0 / 1_000;
        for (name, at_s, is_good) in [
            ("exp", now_s - 29, true),
            ("exp", now_s - 30, false),
            ("nbf", now_s + 30, true),
            ("nbf", now_s + 31, false),
        ] {
            let token = signed(
                Some("k1"),
                Algorithm::HS256,
                SECRET,
                &with(name, json!(at_s)),
            );
            // The second time it is remembered.
            for _ in 0..2 {
                let caller = jwts.identify(&token, 1, NOW);
                assert_eq!(caller.is_some(), is_good, "{name} {at_s}");
            }
        }
    }

    #[test]
    fn another_key_of_the_same_id_is_another_key() {
        let new = |secret: &[u8], issuer| {
            JwtKey::new("k1", Algorithm::HS256, secret, issuer, "switchboard").unwrap()
        };
        let key = new(SECRET, "idp").hash;
        let has = |key: JwtKey| Jwts::new(vec![key]).has(&new(SECRET, "idp").hash);
        assert!(Jwts::new(vec![new(SECRET, "idp")]).has(&key));
        assert!(!has(new(
            b"another secret of thirty-two bytes and more",
            "idp"
        )));
        assert!(!has(new(SECRET, "other")));
    }

    #[test]
    fn a_key_has_to_fit_its_algorithm() {
        let new =
            |algorithm, material| JwtKey::new("k", algorithm, material, "idp", "us").map(drop);
        assert_eq!(new(Algorithm::HS256, b"short"), Err(BadJwtKey::Secret));
        assert_eq!(new(Algorithm::RS256, SECRET), Err(BadJwtKey::Public));
        assert_eq!(new(Algorithm::EdDSA, b""), Err(BadJwtKey::Public));
    }

    #[test]
    fn every_claim_that_matters_is_checked() {
        let jwts = jwts();
        for claims in [
            without("exp"),
            without("iss"),
            without("aud"),
            without("sub"),
            without("roles"),
            with("exp", json!(PAST)),
            with("exp", json!(FUTURE.to_string())),
            with("nbf", json!(FUTURE)),
            with("nbf", json!("soon")),
            with("iss", json!("other")),
            with("iss", json!(5)),
            with("aud", json!("other")),
            with("aud", json!([])),
            with("sub", json!(["a1"])),
            with("sub", json!("no agent's name")),
            with("roles", json!(["root"])),
            with("roles", json!("agent")),
        ] {
            let token = signed(Some("k1"), Algorithm::HS256, SECRET, &claims);
            assert!(jwts.verify(&token, 1, NOW).is_none(), "{claims}");
        }
    }

    #[test]
    fn the_header_of_a_token_decides_nothing() {
        let jwts = jwts();
        for token in [
            signed(None, Algorithm::HS256, SECRET, &good()),
            signed(Some("k2"), Algorithm::HS256, SECRET, &good()),
            signed(Some("../k1"), Algorithm::HS256, SECRET, &good()),
            signed(Some("k1"), Algorithm::HS512, SECRET, &good()),
            signed(
                Some("k1"),
                Algorithm::HS256,
                b"another secret of thirty-two bytes and more",
                &good(),
            ),
        ] {
            assert!(jwts.verify(&token, 1, NOW).is_none());
        }
        // {"alg":"none","kid":"k1"}
        let payload = signed(Some("k1"), Algorithm::HS256, SECRET, &good());
        let payload = payload.split('.').nth(1).unwrap();
        let none = format!("eyJhbGciOiJub25lIiwia2lkIjoiazEifQ.{payload}.");
        assert!(jwts.verify(&none, 1, NOW).is_none());
        for text in ["", ".", "..", "a.b.c", "dev-admin.x.y"] {
            assert!(jwts.verify(text, 1, NOW).is_none());
        }
    }
}
