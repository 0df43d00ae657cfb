//! Tokens of an identity provider (RFC 7519).
//!
//! The algorithm is set by the key in the configuration, never by the token; `kid` only selects the
//! key, and headers that contain or refer to keys are ignored.
//!
//! The claims used: `sub`, the caller; `roles`, an array of names of [`Role`], of which at least
//! one must be known; `exp`, `iss` and `aud`; and `nbf`, if present.

use std::collections::BTreeMap;
use std::fmt;

use dashmap::DashMap;
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use rustc_hash::FxBuildHasher;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::domain::{Millis, Name, Text, Timestamp};
use crate::gateway::auth::role::{Role, Roles};
use crate::gateway::auth::{Caller, Proof, public_key};

/// The clock skew tolerated between issuer and server.
const LEEWAY: Millis = Millis::from_s(30);
/// The most verified tokens remembered; a full table is cleared.
const VERIFIED_MAX: usize = 4_096;

/// A key that tokens are verified with.
pub struct JwtKey {
    kid: String,
    key: DecodingKey,
    validation: Validation,
    /// A hash of everything that makes up this key: the same id may later belong to another key.
    hash: [u8; 32],
}

/// The shortest shared secret, in bytes.
const SECRET_BYTES_MIN: usize = 32;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadJwtKey {
    #[error("allowed: a public key in PEM that fits the algorithm")]
    Public,
    #[error("a private key, allowed: the public key that belongs to it, in PEM")]
    Private,
    #[error("allowed: a public key in PEM on the curve {0}")]
    Curve(&'static str),
    #[error("an RSA key of {0} bits, allowed: 2048..=8192 bits")]
    RsaBits(usize),
    #[error("allowed: at least {SECRET_BYTES_MIN} bytes of secret")]
    Secret,
    #[error("an algorithm that this server does not support")]
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
        let is_shared = matches!(
            algorithm,
            Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512
        );
        let key = match is_shared {
            true if material.len() < SECRET_BYTES_MIN => return Err(BadJwtKey::Secret),
            true => DecodingKey::from_secret(material),
            false => public_key::read(algorithm, material)?,
        };
        let mut validation = Validation::new(algorithm);
        // Compared with the time passed to `verify` instead.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        // A required claim must also have the right type: one that does not counts as absent, and
        // an absent claim is not compared.
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let mut hash = Sha256::new().chain_update(format!("{algorithm:?}"));
        for part in [material, issuer.as_bytes(), audience.as_bytes()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Ok(Self {
            kid: kid.to_owned(),
            key,
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

/// Why a token is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Unfit {
    #[error("not a readable JWT, or a claim has the wrong type")]
    Garbled,
    #[error("crit: unsupported critical header")]
    Critical,
    #[error("kid: missing or unknown")]
    UnknownKey,
    #[error("alg: does not match the key")]
    Algorithm,
    #[error("the signature does not match the key")]
    Signature,
    #[error("iss: does not match")]
    Issuer,
    #[error("aud: does not match")]
    Audience,
    #[error("{0}: missing, or of the wrong type")]
    Missing(String),
    #[error("exp: expired")]
    Expired,
    #[error("nbf: not valid yet")]
    NotYet,
    #[error("roles: none is known")]
    NoRole,
    #[error("sub: too long, or not an agent id")]
    Subject,
}

impl From<Error> for Unfit {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "any other error means that it is not a valid token"
    )]
    fn from(error: Error) -> Self {
        match error.into_kind() {
            ErrorKind::InvalidSignature => Self::Signature,
            ErrorKind::InvalidAlgorithm => Self::Algorithm,
            ErrorKind::InvalidIssuer => Self::Issuer,
            ErrorKind::InvalidAudience => Self::Audience,
            ErrorKind::MissingRequiredClaim(claim) | ErrorKind::InvalidClaimFormat(claim) => {
                Self::Missing(claim)
            }
            _ => Self::Garbled,
        }
    }
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
    /// Of two keys with the same id the later one is used.
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

    /// The caller of a token; the reason for a refusal is logged and not shown to the caller.
    pub(super) fn identify(&self, token: &str, generation: u64, now: Timestamp) -> Option<Caller> {
        self.known_or_verified(token, generation, now)
            .inspect_err(|why| tracing::debug!(%why, "a token was refused"))
            .ok()
    }

    fn known_or_verified(
        &self,
        token: &str,
        generation: u64,
        now: Timestamp,
    ) -> Result<Caller, Unfit> {
        let hash: [u8; 32] = Sha256::digest(token).into();
        let known = self.verified.get(&hash).map(|caller| caller.clone());
        if let Some(caller) = known {
            let is_good = caller.expires_at.is_some_and(|at| at > now);
            return is_good.then_some(caller).ok_or(Unfit::Expired);
        }
        let caller = self.verify(token, generation, now)?;
        if self.verified.len() >= VERIFIED_MAX {
            self.verified.clear();
        }
        self.verified.insert(hash, caller.clone());
        Ok(caller)
    }

    fn verify(&self, token: &str, generation: u64, now: Timestamp) -> Result<Caller, Unfit> {
        let header = decode_header(token).map_err(|_| Unfit::Garbled)?;
        if header.crit.is_some() {
            return Err(Unfit::Critical);
        }
        let key = header.kid.and_then(|kid| self.keys.get(&kid));
        let key = key.ok_or(Unfit::UnknownKey)?;
        let claims = decode::<Claims>(token, &key.key, &key.validation)?.claims;
        let expires_at = instant(claims.exp) + LEEWAY;
        let begins_at = claims.nbf.map(|nbf| instant(nbf) - LEEWAY);
        if expires_at <= now {
            return Err(Unfit::Expired);
        }
        if begins_at.is_some_and(|at| at > now) {
            return Err(Unfit::NotYet);
        }
        let roles = claims.roles.iter().filter_map(|name| Role::named(name));
        let roles = roles.fold(Roles::NONE, Roles::with);
        let agent = Name::new(&claims.sub).ok();
        if roles.is_empty() {
            return Err(Unfit::NoRole);
        }
        if !(1..=128).contains(&claims.sub.len()) || (roles.has(Role::Agent) && agent.is_none()) {
            return Err(Unfit::Subject);
        }
        Ok(Caller {
            name: Text::from(claims.sub),
            roles,
            agent: agent.filter(|_| roles.has(Role::Agent)),
            expires_at: Some(expires_at),
            proof: Proof::Jwt(key.hash),
            generation,
        })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a float cast saturates")]
fn instant(since_epoch_s: f64) -> Timestamp {
    // Beyond this bound the exact value does not matter, and sums do not overflow.
    let ms = (since_epoch_s * 1_000.0).clamp(0.0, 1e15);
    Timestamp(ms as i64)
}

#[cfg(test)]
mod tests;
