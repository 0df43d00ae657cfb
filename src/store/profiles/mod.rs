//! The profiles of a site's customers: [`Profiles`] is the interface for the rest, [`ProfileStore`]
//! the storage behind it, a local file or Redis.
//!
//! **Invariant:** nothing that routing waits for takes longer than its time budget, whatever the
//! store does.

mod cache;
mod connection;
mod embedded;
pub mod fault;
mod file;
pub mod import;
pub mod late;
mod lines;
pub mod lookup;
pub mod options;
mod reader;
mod record;
mod redis;
mod troubles;
mod writer;

use std::sync::Arc;

use crate::customer::event::Recorded;
use crate::customer::{CustomerEvent, CustomerId, HistoryEntry, Profile};
use crate::domain::{Identities, IdentityKind, Name};
use crate::store::profiles::embedded::EmbeddedProfiles;
use crate::store::profiles::redis::RedisProfiles;

pub use fault::StoreFault;
pub use late::Late;
pub use lookup::LookedUp;
pub use lookup::Lookup;
pub use lookup::LookupOutcome;
pub use lookup::Profiles;
pub use options::Kind;
pub use options::ProfileOptions;

/// A customer, as far as routing needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub profile: Arc<Profile>,
    /// The newest entries, newest first.
    pub history: Arc<[HistoryEntry]>,
    /// The most recent events, last reported first.
    pub events: Arc<[CustomerEvent]>,
}

/// Everything stored about a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub profile: Arc<Profile>,
    /// Newest first.
    pub history: Arc<[HistoryEntry]>,
    /// Last reported first.
    pub events: Vec<CustomerEvent>,
    /// How many times the profile has been written.
    version: u64,
}

/// An identity belongs to another customer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {kind} belongs to customer {by}")]
pub struct Taken {
    pub kind: IdentityKind,
    pub by: CustomerId,
}

/// What a write did to a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    Created,
    Replaced,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PutError {
    #[error(transparent)]
    Taken(#[from] Taken),
    #[error(transparent)]
    Fault(#[from] StoreFault),
}

impl PutError {
    fn fault(&self) -> Option<&StoreFault> {
        match self {
            Self::Fault(fault) => Some(fault),
            Self::Taken(_) => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatchError<E> {
    #[error("there is no such customer")]
    Unknown,
    /// The edit itself was refused.
    #[error("{0}")]
    Refused(E),
    #[error(transparent)]
    Taken(Taken),
    #[error(transparent)]
    Fault(StoreFault),
}

impl<E> PatchError<E> {
    fn fault(&self) -> Option<&StoreFault> {
        match self {
            Self::Fault(fault) => Some(fault),
            Self::Unknown | Self::Refused(_) | Self::Taken(_) => None,
        }
    }
}

/// A change of one customer in an import.
pub struct Edit<E> {
    pub id: CustomerId,
    pub edit: Box<Editing<E>>,
}

/// Makes the profile to write from the one that is stored, if there is one that can be read.
pub type Editing<E> = dyn Fn(Option<&Profile>) -> Result<Profile, E> + Send + Sync;

impl<E> Edit<E> {
    fn order(&self, stored: &Stored) -> Result<Order, ImportRefusal<E>> {
        let (old, version) = match stored {
            Stored::Nothing => (None, 0),
            Stored::Readable(profile, version) => (Some(profile), *version),
            Stored::Unreadable => return Err(ImportRefusal::Unreadable(self.id.clone())),
        };
        let profile = (self.edit)(old).map_err(ImportRefusal::Refused)?;
        Ok(Order {
            profile: Arc::new(profile),
            expected: Expected::Version(version),
        })
    }
}

/// Why a change of an import was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportRefusal<E> {
    /// The edit itself was refused.
    Refused(E),
    Taken(Taken),
    /// The profile of this customer cannot be read, so nobody knows what to keep of it.
    Unreadable(CustomerId),
}

/// What a store has of a customer's profile.
enum Stored {
    Nothing,
    Readable(Profile, u64),
    Unreadable,
}

/// The version that a profile must have to be overwritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Any,
    Version(u64),
}

/// A profile to be written.
#[derive(Clone, Debug)]
struct Order {
    profile: Arc<Profile>,
    expected: Expected,
}

/// The result of an [`Order`].
#[derive(Clone, Debug, PartialEq, Eq)]
enum Written {
    Stored { version: u64 },
    Stale,
    Taken(Taken),
}

/// A write is given up after this many concurrent changes of the same profile.
const ATTEMPTS_MAX: u32 = 64;

/// The storage backend.
pub struct ProfileStore(Backend);

enum Backend {
    /// A local file.
    Embedded(EmbeddedProfiles),
    /// A Redis that several nodes may share.
    Redis(Box<RedisProfiles>),
}

impl ProfileStore {
    pub async fn open(site: &Name, kind: &Kind) -> Result<Self, StoreFault> {
        Ok(Self(match kind {
            Kind::Embedded { path } => {
                Backend::Embedded(EmbeddedProfiles::open(site, path.clone()).await?)
            }
            Kind::Redis { url } => Backend::Redis(Box::new(RedisProfiles::open(site, url).await?)),
        }))
    }

    /// Whether the store is expected to answer.
    pub fn is_reachable(&self) -> bool {
        match &self.0 {
            Backend::Embedded(store) => store.is_well(),
            Backend::Redis(store) => store.is_reachable(),
        }
    }

    /// Whether the store is expected to carry out all requests.
    pub fn is_well(&self) -> bool {
        match &self.0 {
            Backend::Embedded(store) => store.is_well(),
            Backend::Redis(store) => store.is_well(),
        }
    }

    /// The customer of the strongest known identity.
    pub async fn find(&self, identities: &Identities) -> Result<Option<Found>, StoreFault> {
        if identities.is_empty() {
            return Ok(None);
        }
        match &self.0 {
            Backend::Embedded(store) => store.find(identities).await,
            Backend::Redis(store) => store.find(identities).await,
        }
    }

    pub async fn get(&self, id: &CustomerId) -> Result<Option<Record>, StoreFault> {
        match &self.0 {
            Backend::Embedded(store) => store.get(id).await,
            Backend::Redis(store) => store.get(id).await,
        }
    }

    /// Overwrites the profile, again after each concurrent change.
    pub async fn put(&self, profile: Arc<Profile>) -> Result<Put, PutError> {
        for _ in 0..ATTEMPTS_MAX {
            let order = Order {
                profile: Arc::clone(&profile),
                expected: self.replaced(&profile.id).await?,
            };
            let written = self.write(vec![order]).await?;
            match written.first() {
                Some(Written::Stored { version: 1 }) => return Ok(Put::Created),
                Some(Written::Stored { .. }) => return Ok(Put::Replaced),
                Some(Written::Taken(taken)) => return Err(taken.clone().into()),
                Some(Written::Stale) => {}
                None => return Err(no_answer().into()),
            }
        }
        Err(StoreFault::Busy.into())
    }

    /// What a write is to replace. Redis may carry out a write whose answer was given up after a
    /// newer one: as each names the version that it replaces, it changes nothing then.
    async fn replaced(&self, id: &CustomerId) -> Result<Expected, StoreFault> {
        let Backend::Redis(store) = &self.0 else {
            return Ok(Expected::Any);
        };
        match store.version(id).await {
            Ok(version) => Ok(Expected::Version(version)),
            // What cannot be read may be overwritten.
            Err(StoreFault::Corrupt(_)) => Ok(Expected::Any),
            Err(fault) => Err(fault),
        }
    }

    /// Makes all the changes that it can, again after each concurrent one; returns the results in
    /// the same order. Each is of another customer.
    pub async fn import<E>(
        &self,
        changes: &[Edit<E>],
    ) -> Result<Vec<Result<Put, ImportRefusal<E>>>, StoreFault> {
        let mut results: Vec<Option<Result<Put, ImportRefusal<E>>>> = Vec::new();
        results.resize_with(changes.len(), || None);
        for _ in 0..ATTEMPTS_MAX {
            let (mut open, mut ids) = (Vec::new(), Vec::new());
            for (place, change) in changes.iter().enumerate() {
                if results[place].is_none() {
                    open.push(place);
                    ids.push(change.id.clone());
                }
            }
            if open.is_empty() {
                break;
            }
            let (mut places, mut orders) = (Vec::new(), Vec::new());
            for (place, stored) in open.into_iter().zip(self.stored(&ids).await?) {
                match changes[place].order(&stored) {
                    Ok(order) => {
                        places.push(place);
                        orders.push(order);
                    }
                    Err(refused) => results[place] = Some(Err(refused)),
                }
            }
            for (place, written) in places.into_iter().zip(self.write(orders).await?) {
                results[place] = match written {
                    Written::Stored { version: 1 } => Some(Ok(Put::Created)),
                    Written::Stored { .. } => Some(Ok(Put::Replaced)),
                    Written::Taken(taken) => Some(Err(ImportRefusal::Taken(taken))),
                    Written::Stale => None,
                };
            }
        }
        let results: Option<Vec<_>> = results.into_iter().collect();
        results.ok_or(StoreFault::Busy)
    }

    /// What there is of each of these customers, in the same order.
    async fn stored(&self, ids: &[CustomerId]) -> Result<Vec<Stored>, StoreFault> {
        match &self.0 {
            Backend::Embedded(store) => store.stored(ids.to_vec()).await,
            Backend::Redis(store) => store.stored(ids).await,
        }
    }

    /// Applies `edit` to a profile, again after each concurrent change, with the newest version.
    pub async fn patch<E>(
        &self,
        id: &CustomerId,
        edit: impl Fn(&Profile) -> Result<Profile, E>,
    ) -> Result<Arc<Profile>, PatchError<E>> {
        for _ in 0..ATTEMPTS_MAX {
            let record = self.get(id).await.map_err(PatchError::Fault)?;
            let record = record.ok_or(PatchError::Unknown)?;
            let profile = Arc::new(edit(&record.profile).map_err(PatchError::Refused)?);
            let order = Order {
                profile: Arc::clone(&profile),
                expected: Expected::Version(record.version),
            };
            let written = self.write(vec![order]).await.map_err(PatchError::Fault)?;
            match written.first() {
                Some(Written::Stored { .. }) => return Ok(profile),
                Some(Written::Taken(taken)) => return Err(PatchError::Taken(taken.clone())),
                Some(Written::Stale) => {}
                None => return Err(PatchError::Fault(no_answer())),
            }
        }
        Err(PatchError::Fault(StoreFault::Busy))
    }

    /// Adds to histories; an entry for the same contact is replaced.
    pub async fn append_history(
        &self,
        batch: Arc<[(CustomerId, HistoryEntry)]>,
    ) -> Result<(), StoreFault> {
        match &self.0 {
            Backend::Embedded(store) => store.append_history(batch).await,
            Backend::Redis(store) => store.append_history(&batch).await,
        }
    }

    /// Adds the event to this customer's, unless it is already there.
    pub async fn append_event(
        &self,
        id: &CustomerId,
        event: CustomerEvent,
    ) -> Result<Recorded, StoreFault> {
        match &self.0 {
            Backend::Embedded(store) => store.append_event(id, event).await,
            Backend::Redis(store) => store.append_event(id, &event).await,
        }
    }

    async fn write(&self, orders: Vec<Order>) -> Result<Vec<Written>, StoreFault> {
        match &self.0 {
            Backend::Embedded(store) => store.write(orders).await,
            Backend::Redis(store) => store.write(&orders).await,
        }
    }
}

fn no_answer() -> StoreFault {
    StoreFault::Corrupt("an answer with fewer parts than the question".to_owned())
}
