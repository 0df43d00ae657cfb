//! API keys: only their hashes are known here.

use crate::domain::{Name, Text};
use crate::gateway::auth::role::Roles;
use crate::gateway::auth::{Caller, Proof};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The most keys of one configuration: each request is compared with all.
pub const KEYS_MAX: usize = 256;

/// A key as the configuration has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Whose it is: in audits, and the scope of idempotency keys.
    pub name: Name,
    pub sha256: [u8; 32],
    pub roles: Roles,
    /// Whose desktop it opens, for the role of an agent.
    pub agent: Option<Name>,
}

#[derive(Debug, Default)]
pub struct ApiKeys(Vec<ApiKey>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("allowed: at most {KEYS_MAX} keys")]
pub struct TooManyKeys;

impl ApiKeys {
    pub fn new(keys: Vec<ApiKey>) -> Result<Self, TooManyKeys> {
        if keys.len() > KEYS_MAX {
            return Err(TooManyKeys);
        }
        Ok(Self(keys))
    }

    pub(super) fn identify(&self, token: &str, generation: u64) -> Option<Caller> {
        let hash: [u8; 32] = Sha256::digest(token).into();
        let key = self.by_hash(&hash)?;
        Some(Caller {
            name: Text::from(key.name.as_str()),
            roles: key.roles,
            agent: key.agent.clone(),
            expires_at: None,
            proof: Proof::Key(hash),
            generation,
        })
    }

    /// Compares with every key, so that the time it takes tells nothing.
    pub(super) fn by_hash(&self, hash: &[u8; 32]) -> Option<&ApiKey> {
        let mut found = None;
        for key in &self.0 {
            if bool::from(key.sha256.ct_eq(hash)) {
                found = Some(key);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::auth::role::Role;

    #[test]
    fn a_key_is_known_by_its_hash() {
        let key = |name: &str, secret: &str| ApiKey {
            name: Name::new(name).unwrap(),
            sha256: Sha256::digest(secret).into(),
            roles: Roles::of(&[Role::Adapter]),
            agent: None,
        };
        let keys = ApiKeys::new(vec![key("app", "s3cret"), key("pbx", "other")]).unwrap();
        let caller = keys.identify("other", 1).unwrap();
        assert_eq!(&*caller.name, "pbx");
        assert!(keys.identify("s3cret2", 1).is_none());
        assert!(keys.identify("", 1).is_none());
    }
}
