//! A hash map that grows in many small steps instead of few large ones.
//!
//! Doubling a table of half a million entries in one go takes milliseconds, during which nothing
//! else is served. Here the keys are spread over parts that double at different moments, each in a
//! fraction of one.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, Hash};

use hashbrown::HashTable;

use crate::engine::state::contacts::Slot;

const PARTS: usize = 256;
/// Parts are chosen by the middle bits of the hash: the tables use its ends.
const PART_SHIFT: u32 = 32;

#[derive(Clone)]
pub(in crate::engine) struct SpreadMap<K, V, S> {
    parts: Box<[HashMap<K, V, S>]>,
    hasher: S,
}

impl<K, V, S> fmt::Debug for SpreadMap<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let len: usize = self.parts.iter().map(HashMap::len).sum();
        write!(f, "{len} entries")
    }
}

impl<K, V, S: BuildHasher + Clone + Default> Default for SpreadMap<K, V, S> {
    fn default() -> Self {
        let hasher = S::default();
        let part = || HashMap::with_hasher(hasher.clone());
        Self {
            parts: (0..PARTS).map(|_| part()).collect(),
            hasher,
        }
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> SpreadMap<K, V, S> {
    pub(in crate::engine) fn get(&self, key: &K) -> Option<&V> {
        self.parts[self.part(key)].get(key)
    }

    pub(in crate::engine) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let part = self.part(key);
        self.parts[part].get_mut(key)
    }

    /// What there is, or the default, now kept under this key.
    pub(in crate::engine) fn get_or_default(&mut self, key: &K) -> &mut V
    where
        K: Clone,
        V: Default,
    {
        let part = self.part(key);
        self.parts[part].entry(key.clone()).or_default()
    }

    pub(in crate::engine) fn insert(&mut self, key: K, value: V) {
        self.parts[self.part(&key)].insert(key, value);
    }

    pub(in crate::engine) fn remove(&mut self, key: &K) {
        self.parts[self.part(key)].remove(key);
    }

    fn part(&self, key: &K) -> usize {
        part(self.hasher.hash_one(key))
    }
}

fn part(hash: u64) -> usize {
    usize::try_from(hash >> PART_SHIFT).unwrap_or(0) % PARTS
}

/// The same for slots whose keys are stored where the slots lead. The hash of the key is kept beside
/// the slot, because looking for it there, whenever a part grows, would read every contact.
#[derive(Clone)]
pub(in crate::engine) struct SpreadSlots {
    parts: Box<[HashTable<(u32, Slot)>]>,
}

impl fmt::Debug for SpreadSlots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let len: usize = self.parts.iter().map(HashTable::len).sum();
        write!(f, "{len} slots")
    }
}

impl Default for SpreadSlots {
    fn default() -> Self {
        Self {
            parts: (0..PARTS).map(|_| HashTable::new()).collect(),
        }
    }
}

impl SpreadSlots {
    /// `is_it` tells whether a slot has the key of this hash.
    pub(in crate::engine) fn find(&self, hash: u32, is_it: impl Fn(Slot) -> bool) -> Option<Slot> {
        let found = self.parts[part(spread(hash))]
            .find(spread(hash), |(known, slot)| *known == hash && is_it(*slot));
        found.map(|(_, slot)| *slot)
    }

    pub(in crate::engine) fn insert(&mut self, hash: u32, slot: Slot) {
        let part = &mut self.parts[part(spread(hash))];
        part.insert_unique(spread(hash), (hash, slot), |(hash, _)| spread(*hash));
    }

    pub(in crate::engine) fn remove(&mut self, hash: u32, slot: Slot) {
        let part = &mut self.parts[part(spread(hash))];
        if let Ok(entry) = part.find_entry(spread(hash), |(_, known)| *known == slot) {
            entry.remove();
        }
    }
}

/// All the bits that a table and the choice of a part look at, from the 32 that are kept.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use std::hash::RandomState;

    use super::*;

    #[test]
    fn it_agrees_with_a_map() {
        let mut spread: SpreadMap<u32, u32, RandomState> = SpreadMap::default();
        for key in 0..10_000 {
            spread.insert(key, key * 2);
        }
        spread.insert(7, 1);
        spread.remove(&8);
        assert_eq!(spread.get(&7), Some(&1));
        assert_eq!(spread.get(&8), None);
        assert!((9..10_000).all(|key| spread.get(&key) == Some(&(key * 2))));
        assert!(spread.parts.iter().all(|part| !part.is_empty()));
    }

    #[test]
    fn slots_are_found_by_what_they_lead_to() {
        let hasher = RandomState::new();
        let keys: Vec<u64> = (0..10_000).map(|key| key * 3).collect();
        #[expect(clippy::cast_possible_truncation, reason = "a hash is cut")]
        let hash_of = |key: u64| hasher.hash_one(key) as u32;
        let mut slots = SpreadSlots::default();
        for slot in (0..10_000).map(Slot) {
            slots.insert(hash_of(keys[slot.index()]), slot);
        }
        slots.remove(hash_of(keys[8]), Slot(8));
        let find = |key: u64| slots.find(hash_of(key), |slot| keys[slot.index()] == key);
        assert_eq!((find(21), find(24), find(25)), (Some(Slot(7)), None, None));
        assert!(
            (9..10_000)
                .map(Slot)
                .all(|slot| find(keys[slot.index()]) == Some(slot))
        );
    }
}
