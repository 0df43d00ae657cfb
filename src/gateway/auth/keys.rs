//! API keys: only their hashes are kept.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::domain::{Name, Text};
use crate::gateway::auth::role::Roles;
use crate::gateway::auth::{Caller, Proof};

/// A key as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// The caller's name: in audits, and the scope of idempotency keys.
    pub name: Name,
    pub sha256: [u8; 32],
    pub roles: Roles,
    /// The agent whose desktop it opens, for the role agent.
    pub agent: Option<Name>,
}

/// The keys, by the first bytes of their hashes.
#[derive(Debug, Default)]
pub struct ApiKeys(BTreeMap<[u8; 8], Vec<ApiKey>>);

impl ApiKeys {
    pub fn new(keys: Vec<ApiKey>) -> Self {
        let mut by_prefix = BTreeMap::<_, Vec<ApiKey>>::new();
        for key in keys {
            let prefix = prefix(&key.sha256);
            by_prefix.entry(prefix).or_default().push(key);
        }
        Self(by_prefix)
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

    /// The timing of the look-up reveals at most the first bytes of a hash, which does not help to
    /// find a key; the rest is compared in constant time.
    pub(super) fn by_hash(&self, hash: &[u8; 32]) -> Option<&ApiKey> {
        let mut keys = self.0.get(&prefix(hash))?.iter();
        keys.find(|key| bool::from(key.sha256.ct_eq(hash)))
    }
}

fn prefix(hash: &[u8; 32]) -> [u8; 8] {
    *hash
        .first_chunk()
        .expect("a hash is longer than its prefix")
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
        let keys = ApiKeys::new(vec![key("app", "s3cret"), key("pbx", "other")]);
        let caller = keys.identify("other", 1).unwrap();
        assert_eq!(&*caller.name, "pbx");
        assert!(keys.identify("s3cret2", 1).is_none());
        assert!(keys.identify("", 1).is_none());
    }
}
