//! What people or billing systems have written about a customer.

use std::collections::BTreeMap;

use crate::customer::id::PersonName;
use crate::customer::{CustomerId, CustomerValue};
use crate::domain::{Attributes, Identities, Identity, IdentityKind, Name, Timestamp};

/// The most purposes that a customer can agree to or refuse.
pub const CONSENT_MAX: usize = 16;

/// A customer. History and open contacts are not part of it: only the router writes those.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    pub id: CustomerId,
    pub name: Option<PersonName>,
    /// All kinds except `id`.
    pub identities: Identities,
    /// The tier that was set; none if it is determined otherwise.
    pub tier: Option<Name>,
    pub value: CustomerValue,
    pub tags: Attributes,
    /// An agent id.
    pub account_manager: Option<Name>,
    /// What the customer agreed to (true) or refused (false), by purpose.
    pub consent: BTreeMap<Name, bool>,
    pub updated_at: Timestamp,
}

impl Profile {
    /// A customer of whom only the id is known.
    pub fn new(id: CustomerId, updated_at: Timestamp) -> Self {
        Self {
            id,
            name: None,
            identities: Identities::default(),
            tier: None,
            value: CustomerValue::default(),
            tags: Attributes::default(),
            account_manager: None,
            consent: BTreeMap::new(),
            updated_at,
        }
    }

    /// All identities by which this customer is recognised.
    pub fn all_identities(&self) -> Vec<Identity> {
        let id = Identity::new(IdentityKind::Id, self.id.as_str());
        id.ok()
            .into_iter()
            .chain(self.identities.iter().cloned())
            .collect()
    }

    /// Whether the identity is one of this customer's.
    pub fn answers_to(&self, identity: &Identity) -> bool {
        match identity.kind {
            IdentityKind::Id => identity.value() == self.id.as_str(),
            IdentityKind::Account
            | IdentityKind::Phone
            | IdentityKind::WechatUnionid
            | IdentityKind::WechatOpenid
            | IdentityKind::Device => self.identities.get(identity.kind) == Some(identity),
        }
    }
}
