//! Look-ups for routing: who a customer is, within a time budget.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::customer::event::Recorded;
use crate::customer::{CustomerEvent, CustomerId, HistoryEntry, Profile};
use crate::domain::{Identities, Identity, Name, Text};
use crate::stopwatch::now;
use crate::store::profiles::cache::{Cache, Glance};
use crate::store::profiles::late::LATE_MAX;
use crate::store::profiles::troubles::Troubles;
use crate::store::profiles::{
    Edit, Found, ImportRefusal, Late, PatchError, ProfileOptions, ProfileStore, Put, PutError,
    Record, StoreFault,
};

/// The profiles of one site: the store behind a cache. Clones share both.
#[derive(Clone)]
pub struct Profiles(Arc<Shared>);

pub(super) struct Shared {
    pub(super) store: ProfileStore,
    cache: Cache,
    lookups: Semaphore,
    pub(super) lates: Arc<Semaphore>,
    lookup_within: Duration,
    pub(super) given_up: AtomicBool,
    troubles: Troubles,
}

/// The outcome of a look-up, and how long it took.
#[derive(Debug)]
pub struct Lookup {
    pub outcome: LookupOutcome,
    pub took: Duration,
}

#[derive(Debug)]
pub enum LookupOutcome {
    Found {
        found: Found,
        cached: bool,
    },
    Stranger,
    /// The answer may still come.
    TimedOut(Late),
    /// The store failed. The answer may still come, unless too many are waiting.
    Failed(StoreFault, Option<Late>),
}

/// How a look-up ended, as a label of the metrics.
#[derive(Clone, Copy, Debug)]
pub enum LookedUp {
    /// In the cache.
    Hit,
    Found,
    Stranger,
    Timeout,
    Failed,
}

impl LookedUp {
    /// By [`Self::index`].
    pub const ALL: [Self; 5] = [
        Self::Hit,
        Self::Found,
        Self::Stranger,
        Self::Timeout,
        Self::Failed,
    ];

    pub const fn index(self) -> usize {
        self as usize
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Found => "found",
            Self::Stranger => "stranger",
            Self::Timeout => "timeout",
            Self::Failed => "failed",
        }
    }
}

impl LookupOutcome {
    /// Its label in the metrics.
    pub fn counted(&self) -> LookedUp {
        match self {
            Self::Found { cached: true, .. } => LookedUp::Hit,
            Self::Found { cached: false, .. } => LookedUp::Found,
            Self::Stranger => LookedUp::Stranger,
            Self::TimedOut(_) => LookedUp::Timeout,
            Self::Failed(..) => LookedUp::Failed,
        }
    }
}

impl Profiles {
    pub async fn open(site: &Name, options: &ProfileOptions) -> Result<Self, StoreFault> {
        let store = ProfileStore::open(site, &options.kind).await?;
        Ok(Self(Arc::new(Shared {
            store,
            cache: Cache::new(options.cache_for, options.cache_max),
            lookups: Semaphore::new(options.lookups_max),
            lates: Arc::new(Semaphore::new(LATE_MAX)),
            lookup_within: options.lookup_within,
            // An earlier process may have given up look-ups.
            given_up: AtomicBool::new(true),
            troubles: Troubles::new(),
        })))
    }

    /// The time budget of the configuration.
    pub fn lookup_within(&self) -> Duration {
        self.0.lookup_within
    }

    /// Whether the store is expected to answer.
    pub fn is_reachable(&self) -> bool {
        self.0.store.is_reachable()
    }

    /// Whether the store is expected to carry out all requests.
    pub fn is_well(&self) -> bool {
        self.0.store.is_well()
    }

    /// Whether a look-up may have been given up since the last call; resets it.
    pub fn take_given_up(&self) -> bool {
        self.0.given_up.swap(false, Ordering::Relaxed)
    }

    /// The customer with this id, if one was found recently.
    pub fn cached(&self, id: &Text) -> Option<Found> {
        self.0.cache.customer(id, now())
    }

    /// The customer of these identities. Takes as long as the store does, so routing must not wait
    /// for it.
    pub async fn find(&self, identities: &Identities) -> Result<Option<Found>, StoreFault> {
        match self.0.cache.glance(identities, now()) {
            Glance::Found(found) => Ok(Some(found)),
            Glance::Stranger => Ok(None),
            Glance::Unknown => Arc::clone(&self.0).resolve(identities.clone()).await,
        }
    }

    /// Answers in little more than `within`, whatever the store does.
    pub async fn lookup(&self, identities: &Identities, within: Duration) -> Lookup {
        let started = now();
        let outcome = match self.0.cache.glance(identities, started) {
            Glance::Found(found) => LookupOutcome::Found {
                found,
                cached: true,
            },
            Glance::Stranger => LookupOutcome::Stranger,
            Glance::Unknown => self.ask(identities, within).await,
        };
        Lookup {
            outcome,
            took: now().saturating_duration_since(started),
        }
    }

    async fn ask(&self, identities: &Identities, within: Duration) -> LookupOutcome {
        let mut question = Box::pin(Arc::clone(&self.0).resolve(identities.clone()));
        match timeout(within, &mut question).await {
            Ok(Ok(Some(found))) => LookupOutcome::Found {
                found,
                cached: false,
            },
            Ok(Ok(None)) => LookupOutcome::Stranger,
            Ok(Err(fault)) => {
                let late = fault
                    .is_passing()
                    .then(|| Late::again(&self.0, identities))
                    .flatten();
                if late.is_none() && fault.is_passing() {
                    self.0.give_up();
                }
                LookupOutcome::Failed(fault, late)
            }
            Err(_) => LookupOutcome::TimedOut(Late::first(&self.0, identities, question)),
        }
    }

    /// Read from the store, without the cache.
    pub async fn get(&self, id: &CustomerId) -> Result<Option<Record>, StoreFault> {
        let record = self.0.store.get(id).await;
        self.0.troubles.of_read(record.as_ref().err());
        record
    }

    /// Overwrites the profile.
    pub async fn put(&self, profile: Profile) -> Result<Put, PutError> {
        let profile = Arc::new(profile);
        let _forget = self.forget_after(&profile);
        let put = self.0.store.put(Arc::clone(&profile)).await;
        let fault = put.as_ref().err().and_then(PutError::fault);
        self.0.troubles.of_change(fault, put.is_ok());
        put
    }

    /// Applies `edit` to a profile, again after each concurrent change.
    pub async fn patch<E>(
        &self,
        id: &CustomerId,
        edit: impl Fn(&Profile) -> Result<Profile, E>,
    ) -> Result<Arc<Profile>, PatchError<E>> {
        let mut forget = Forget {
            cache: &self.0.cache,
            written: vec![(id.clone(), Vec::new())],
        };
        let patched = self.0.store.patch(id, edit).await;
        let fault = patched.as_ref().err().and_then(PatchError::fault);
        self.0.troubles.of_change(fault, patched.is_ok());
        let patched = patched?;
        forget.written = vec![identified(&patched)];
        Ok(patched)
    }

    /// Makes all the changes that it can; returns the results in the same order. Whoever was a
    /// stranger a moment ago may stay one for as long as answers are cached.
    pub async fn import<E>(
        &self,
        changes: &[Edit<E>],
    ) -> Result<Vec<Result<Put, ImportRefusal<E>>>, StoreFault> {
        let ids = changes.iter().map(|change| (change.id.clone(), Vec::new()));
        let _forget = Forget {
            cache: &self.0.cache,
            written: ids.collect(),
        };
        self.0.store.import(changes).await
    }

    /// Adds to histories. An entry for the same contact is replaced, so a batch can be sent again.
    pub async fn append_history(
        &self,
        batch: impl Into<Arc<[(CustomerId, HistoryEntry)]>>,
    ) -> Result<(), StoreFault> {
        let batch = batch.into();
        let ids = batch.iter().map(|(id, _)| (id.clone(), Vec::new()));
        let mut forget = Forget {
            cache: &self.0.cache,
            written: ids.collect(),
        };
        self.0.store.append_history(Arc::clone(&batch)).await?;
        forget.written.clear();
        for (id, entry) in batch.iter() {
            self.0.cache.append(id, entry);
        }
        Ok(())
    }

    /// Adds the event to this customer's; repeats are recorded once.
    pub async fn append_event(
        &self,
        id: &CustomerId,
        event: CustomerEvent,
    ) -> Result<Recorded, StoreFault> {
        let _forget = Forget {
            cache: &self.0.cache,
            written: vec![(id.clone(), Vec::new())],
        };
        let told = self.0.store.append_event(id, event).await;
        let is_kept = matches!(told, Ok(Recorded::Added));
        self.0.troubles.of_change(told.as_ref().err(), is_kept);
        told
    }

    fn forget_after(&self, profile: &Profile) -> Forget<'_> {
        Forget {
            cache: &self.0.cache,
            written: vec![identified(profile)],
        }
    }
}

impl Shared {
    /// A repeated look-up may recognise somebody.
    pub(super) fn give_up(&self) {
        self.given_up.store(true, Ordering::Relaxed);
    }

    /// Asks the store and keeps the answer.
    pub(super) async fn resolve(
        self: Arc<Self>,
        identities: Identities,
    ) -> Result<Option<Found>, StoreFault> {
        let _place = self.lookups.try_acquire().map_err(|_| StoreFault::Busy)?;
        let mark = self.cache.mark();
        let found = self.store.find(&identities).await;
        self.troubles.of_read(found.as_ref().err());
        let found = found?;
        self.cache.learn(&identities, found.as_ref(), mark, now());
        Ok(found)
    }
}

/// Clears the cache when a write ends, however it ends: a failed or abandoned one may still have
/// happened.
struct Forget<'a> {
    cache: &'a Cache,
    written: Vec<(CustomerId, Vec<Identity>)>,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        for (id, identities) in &self.written {
            self.cache.forget(id, identities);
        }
    }
}

fn identified(profile: &Profile) -> (CustomerId, Vec<Identity>) {
    let identities = profile.identities.iter().cloned().collect();
    (profile.id.clone(), identities)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_is_found_by_its_index() {
        assert!(LookedUp::ALL.map(LookedUp::index).into_iter().eq(0..5));
    }
}
