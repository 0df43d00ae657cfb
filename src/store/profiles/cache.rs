//! What was found a moment ago, so that a customer's next contact finds it
//! without asking the store.
//!
//! **Invariant:** an answer that was asked for before a write of this process
//! is never kept after it.

use std::hash::BuildHasher;
use std::hash::Hash;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::customer::CustomerId;
use crate::customer::HistoryEntry;
use crate::customer::history::HISTORY_SHOWN;
use crate::customer::history::remember;
use crate::domain::Identities;
use crate::domain::Identity;
use crate::domain::IdentityKind;
use crate::domain::Text;
use crate::store::profiles::Found;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use rustc_hash::FxBuildHasher;
use tokio::time::Instant;

/// Customers and identities share these marks of their last write; a clash
/// only keeps an answer from being cached.
const STRIPES: usize = 1_024;
/// A full cache is swept at most this often.
const SWEEP_EVERY: Duration = Duration::from_secs(1);

pub(super) struct Cache {
    customers: DashMap<Text, Kept<Found>>,
    /// Where an identity leads; none is nowhere.
    pointers: DashMap<Identity, Kept<Option<Text>>>,
    /// The number of the last write by stripe.
    written: Box<[AtomicU64]>,
    writes: AtomicU64,
    keep_for: Duration,
    max: usize,
    started: Instant,
    /// Milliseconds after `started`.
    swept: AtomicU64,
}

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
    pub(super) fn new(keep_for: Duration, max: usize, now: Instant) -> Self {
        Self {
            customers: DashMap::new(),
            pointers: DashMap::new(),
            written: (0..STRIPES).map(|_| AtomicU64::new(0)).collect(),
            writes: AtomicU64::new(0),
            keep_for,
            max,
            started: now,
            swept: AtomicU64::new(0),
        }
    }

    /// What the store would answer, if that is known of every identity up to
    /// the first that leads to a customer.
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

    /// Keeps what the store answered when it was asked at `mark`.
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
        self.sweep_if_full(now);
        for identity in identities.iter() {
            let leads = found.filter(|found| found.profile.answers_to(identity));
            let to = leads.map(|found| found.profile.id.text());
            keep(&self.pointers, identity.clone(), to, now, self.max, |key| {
                self.is_unwritten(key, mark)
            });
            if let Some(found) = leads {
                let id = found.profile.id.text();
                keep(&self.customers, id, found.clone(), now, self.max, |key| {
                    self.is_unwritten(key, mark)
                });
                // Whether weaker identities lead anywhere was not asked.
                return;
            }
        }
    }

    /// To be called after a write of this customer, with the identities that
    /// it gave them.
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

    /// To be called after `entry` was added to this customer's history: what is cached
    /// has it, too.
    pub(super) fn append(&self, id: &CustomerId, entry: &HistoryEntry) {
        let number = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        let id = id.text();
        self.stripe(&id).fetch_max(number, Ordering::SeqCst);
        if let Some(mut kept) = self.customers.get_mut(&id) {
            let mut history = kept.value.history.to_vec();
            remember(&mut history, entry.clone());
            history.truncate(HISTORY_SHOWN);
            kept.value.history = history.into();
        }
    }

    fn forget_pointer(&self, identity: &Identity, number: u64) {
        self.stripe(identity).fetch_max(number, Ordering::SeqCst);
        self.pointers.remove(identity);
    }

    fn pointer(&self, identity: &Identity, now: Instant) -> Option<Option<Text>> {
        let kept = self.pointers.get(identity)?;
        self.is_fresh(kept.since, now).then(|| kept.value.clone())
    }

    fn customer(&self, id: &Text, now: Instant) -> Option<Found> {
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

    fn sweep_if_full(&self, now: Instant) {
        if self.customers.len() < self.max && self.pointers.len() < self.max {
            return;
        }
        let elapsed = now.saturating_duration_since(self.started).as_millis();
        let elapsed = u64::try_from(elapsed).unwrap_or(u64::MAX);
        let swept = self.swept.load(Ordering::Relaxed);
        let due = Duration::from_millis(elapsed.saturating_sub(swept)) >= SWEEP_EVERY;
        let mine = due
            && self
                .swept
                .compare_exchange(swept, elapsed, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if mine {
            self.customers
                .retain(|_, kept| self.is_fresh(kept.since, now));
            self.pointers
                .retain(|_, kept| self.is_fresh(kept.since, now));
        }
    }
}

/// Keeps a value unless `allowed` says no while the key is locked: a write
/// that forgets the key afterwards waits for the lock. What is new does not
/// enter a full map.
fn keep<K: Eq + Hash, V>(
    map: &DashMap<K, Kept<V>>,
    key: K,
    value: V,
    since: Instant,
    max: usize,
    allowed: impl Fn(&K) -> bool,
) {
    let is_full = map.len() >= max;
    let kept = Kept { value, since };
    match map.entry(key) {
        Entry::Occupied(mut entry) if allowed(entry.key()) => {
            entry.insert(kept);
        }
        Entry::Vacant(entry) if !is_full && allowed(entry.key()) => {
            entry.insert(kept);
        }
        Entry::Occupied(_) | Entry::Vacant(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::customer::Profile;
    use crate::domain::{Channel, ContactId, Timestamp};
    use crate::store::profiles::lookup::now;

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
        let cache = Cache::new(KEEP_FOR, 10, now);
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
        let cache = Cache::new(KEEP_FOR, 10, now);
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
        let cache = Cache::new(KEEP_FOR, 10, now);
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
        // Asked for before the entry was added.
        cache.learn(&by(1), Some(&found), before, now);
        let Glance::Found(known) = cache.glance(&by(1), now) else {
            panic!("the customer is known");
        };
        assert_eq!(known.history[..], [entry]);
    }

    #[test]
    fn a_full_cache_takes_nothing_new_until_the_old_is_stale() {
        let now = now();
        let cache = Cache::new(KEEP_FOR, 2, now);
        for number in 1..=3 {
            cache.learn(&by(number), Some(&customer(number)), cache.mark(), now);
        }
        assert_eq!(glance(&cache, 2, now), "found");
        assert_eq!(glance(&cache, 3, now), "unknown");
        let later = now + KEEP_FOR;
        cache.learn(&by(3), Some(&customer(3)), cache.mark(), later);
        assert_eq!(glance(&cache, 3, later), "found");
        assert_eq!(cache.customers.len(), 1);
    }

    #[test]
    fn a_cache_that_keeps_nothing_is_none() {
        let now = now();
        let cache = Cache::new(Duration::ZERO, 2, now);
        cache.learn(&by(1), None, cache.mark(), now);
        assert_eq!(glance(&cache, 1, now), "unknown");
        assert!(cache.pointers.is_empty());
    }
}
