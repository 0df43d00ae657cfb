//! Recently found customers, so that a customer's next contact is recognised without asking the
//! store.
//!
//! **Invariant:** an answer requested before a write of this process is never kept after it.

use std::hash::{BuildHasher, Hash};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use quick_cache::sync::{Cache as Recent, EntryAction};
use rustc_hash::FxBuildHasher;

use crate::customer::history::{HISTORY_SHOWN, remember};
use crate::customer::{CustomerId, HistoryEntry};
use crate::domain::{Identities, Identity, IdentityKind, Text};
use crate::store::profiles::Found;

/// Customers and identities share these marks of their last write; a collision only prevents
/// caching.
const STRIPES: usize = 1_024;

pub(super) struct Cache {
    customers: Recent<Text, Kept<Found>>,
    /// The customer of an identity; none if it belongs to nobody.
    pointers: Recent<Identity, Kept<Option<Text>>>,
    /// The number of the last write, by stripe.
    written: Box<[AtomicU64]>,
    writes: AtomicU64,
    keep_for: Duration,
}

#[derive(Clone)]
struct Kept<T> {
    value: T,
    since: Instant,
}

/// What the cache knows.
pub(super) enum Glance {
    Found(Found),
    Stranger,
    Unknown,
}

/// The moment before the store was asked.
#[derive(Clone, Copy)]
pub(super) struct Mark(u64);

impl Cache {
    /// Keeps about `max` customers and as many identities, each for up to `keep_for`.
    pub(super) fn new(keep_for: Duration, max: usize) -> Self {
        Self {
            customers: Recent::new(max),
            pointers: Recent::new(max),
            written: (0..STRIPES).map(|_| AtomicU64::new(0)).collect(),
            writes: AtomicU64::new(0),
            keep_for,
        }
    }

    /// What the store would answer, if that is known of every identity up to the first that leads
    /// to a customer.
    pub(super) fn glance(&self, identities: &Identities, now: Instant) -> Glance {
        for identity in identities.iter() {
            match self.pointer(identity, now) {
                Some(Some(id)) => {
                    return match self.customer(&id, now) {
                        Some(found) if found.profile.answers_to(identity) => Glance::Found(found),
                        Some(_) | None => Glance::Unknown,
                    };
                }
                Some(None) => {}
                None => return Glance::Unknown,
            }
        }
        Glance::Stranger
    }

    pub(super) fn mark(&self) -> Mark {
        Mark(self.writes.load(Ordering::SeqCst))
    }

    /// Keeps what the store answered when asked at `mark`.
    pub(super) fn learn(
        &self,
        identities: &Identities,
        found: Option<&Found>,
        mark: Mark,
        now: Instant,
    ) {
        if self.keep_for.is_zero() {
            return;
        }
        for identity in identities.iter() {
            let leads = found.filter(|found| found.profile.answers_to(identity));
            let to = leads.map(|found| found.profile.id.text());
            self.keep(&self.pointers, identity, to, now, mark);
            if let Some(found) = leads {
                let id = found.profile.id.text();
                self.keep(&self.customers, &id, found.clone(), now, mark);
                // Weaker identities were not looked up.
                return;
            }
        }
    }

    /// Call it after a write of this customer, with the identities in it.
    pub(super) fn forget<'a>(
        &self,
        id: &CustomerId,
        identities: impl IntoIterator<Item = &'a Identity>,
    ) {
        let number = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        let id = id.text();
        self.stripe(&id).fetch_max(number, Ordering::SeqCst);
        self.customers.remove(&id);
        if let Ok(identity) = Identity::new(IdentityKind::Id, &id) {
            self.forget_pointer(&identity, number);
        }
        for identity in identities {
            self.forget_pointer(identity, number);
        }
    }

    /// Call it after `entry` was added to this customer's history, to update the cached one.
    pub(super) fn append(&self, id: &CustomerId, entry: &HistoryEntry) {
        let number = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        let id = id.text();
        self.stripe(&id).fetch_max(number, Ordering::SeqCst);
        // In place, so that what is forgotten meanwhile does not come back.
        let add = |_: &Text, kept: &mut Kept<Found>| {
            let mut history = kept.value.history.to_vec();
            remember(&mut history, entry.clone());
            history.truncate(HISTORY_SHOWN);
            kept.value.history = history.into();
            EntryAction::Retain(())
        };
        // A customer not cached stays so.
        drop(self.customers.entry(&id, Some(Duration::ZERO), add));
    }

    fn forget_pointer(&self, identity: &Identity, number: u64) {
        self.stripe(identity).fetch_max(number, Ordering::SeqCst);
        self.pointers.remove(identity);
    }

    fn pointer(&self, identity: &Identity, now: Instant) -> Option<Option<Text>> {
        let kept = self.pointers.get(identity)?;
        self.is_fresh(kept.since, now).then(|| kept.value.clone())
    }

    /// The customer with this id.
    pub(super) fn customer(&self, id: &Text, now: Instant) -> Option<Found> {
        let kept = self.customers.get(id)?;
        self.is_fresh(kept.since, now).then(|| kept.value.clone())
    }

    fn is_fresh(&self, since: Instant, now: Instant) -> bool {
        now.saturating_duration_since(since) < self.keep_for
    }

    fn is_unwritten(&self, key: &impl Hash, mark: Mark) -> bool {
        self.stripe(key).load(Ordering::SeqCst) <= mark.0
    }

    fn stripe(&self, key: &impl Hash) -> &AtomicU64 {
        let hash = FxBuildHasher.hash_one(key);
        let stripes = self.written.len() as u64;
        let stripe = usize::try_from(hash % stripes).unwrap_or(0);
        &self.written[stripe]
    }

    /// Keeps a value unless the key was written after `mark`. A concurrent write either finds the
    /// value and removes it, or is seen here.
    fn keep<K: Clone + Eq + Hash, V: Clone>(
        &self,
        recent: &Recent<K, Kept<V>>,
        key: &K,
        value: V,
        since: Instant,
        mark: Mark,
    ) {
        if !self.is_unwritten(key, mark) {
            return;
        }
        recent.insert(key.clone(), Kept { value, since });
        if !self.is_unwritten(key, mark) {
            recent.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::customer::Profile;
    use crate::domain::{Channel, ContactId, Timestamp};
    use crate::stopwatch::now;

    const KEEP_FOR: Duration = Duration::from_secs(5);

    fn phone(number: u32) -> Identity {
        Identity::new(IdentityKind::Phone, &format!("+861380000{number:04}")).unwrap()
    }

    fn customer(number: u32) -> Found {
        let id = CustomerId::new(&format!("c-{number}")).unwrap();
        let mut profile = Profile::new(id, Timestamp(0));
        profile.identities = Identities::new(vec![phone(number)]);
        Found {
            profile: Arc::new(profile),
            history: Arc::new([]),
            events: Arc::new([]),
        }
    }

    fn by(number: u32) -> Identities {
        Identities::new(vec![phone(number)])
    }

    fn glance(cache: &Cache, number: u32, now: Instant) -> &'static str {
        match cache.glance(&by(number), now) {
            Glance::Found(_) => "found",
            Glance::Stranger => "stranger",
            Glance::Unknown => "unknown",
        }
    }

    #[test]
    fn what_is_learnt_is_known_for_a_while() {
        let now = now();
        let cache = Cache::new(KEEP_FOR, 10);
        assert_eq!(glance(&cache, 1, now), "unknown");
        cache.learn(&by(1), Some(&customer(1)), cache.mark(), now);
        cache.learn(&by(2), None, cache.mark(), now);
        let later = now + KEEP_FOR - Duration::from_millis(1);
        assert_eq!(glance(&cache, 1, later), "found");
        assert_eq!(glance(&cache, 2, later), "stranger");
        assert_eq!(glance(&cache, 1, now + KEEP_FOR), "unknown");
        assert_eq!(glance(&cache, 2, now + KEEP_FOR), "unknown");
    }

    #[test]
    fn an_answer_from_before_a_write_is_not_kept_after_it() {
        let now = now();
        let cache = Cache::new(KEEP_FOR, 10);
        let mark = cache.mark();
        cache.forget(&customer(1).profile.id, [&phone(1)]);
        cache.learn(&by(1), Some(&customer(1)), mark, now);
        assert_eq!(glance(&cache, 1, now), "unknown");
        cache.learn(&by(1), None, mark, now);
        assert_eq!(glance(&cache, 1, now), "unknown");
        cache.learn(&by(1), Some(&customer(1)), cache.mark(), now);
        assert_eq!(glance(&cache, 1, now), "found");
    }

    #[test]
    fn what_is_added_to_a_history_is_known_at_once() {
        let now = now();
        let cache = Cache::new(KEEP_FOR, 10);
        let found = customer(1);
        let before = cache.mark();
        cache.learn(&by(1), Some(&found), before, now);
        let entry = HistoryEntry {
            contact: ContactId(7),
            at: Timestamp(7),
            channel: Channel::App,
            topic: None,
            agent: None,
            outcome: None,
        };
        cache.append(&found.profile.id, &entry);
        cache.append(&found.profile.id, &entry);
        // Requested before the entry was added.
        cache.learn(&by(1), Some(&found), before, now);
        let Glance::Found(known) = cache.glance(&by(1), now) else {
            panic!("the customer is known");
        };
        assert_eq!(known.history[..], [entry]);
    }

    #[test]
    fn a_full_cache_makes_room_for_what_is_new() {
        let now = now();
        let cache = Cache::new(KEEP_FOR, 100);
        for number in 1..=1_000 {
            cache.learn(&by(number), Some(&customer(number)), cache.mark(), now);
            assert_eq!(glance(&cache, number, now), "found");
        }
        assert!(cache.customers.len() <= 200);
    }

    #[test]
    fn a_cache_that_keeps_nothing_is_none() {
        let now = now();
        let cache = Cache::new(Duration::ZERO, 2);
        cache.learn(&by(1), None, cache.mark(), now);
        assert_eq!(glance(&cache, 1, now), "unknown");
        assert_eq!(cache.pointers.len(), 0);
    }
}
