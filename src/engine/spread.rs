//! A hash map that grows in many small steps instead of few large ones.
//!
//! A table of half a million entries that doubles in one go holds everybody up for
//! milliseconds. Here the keys are spread over parts that double at different moments,
//! each in a fraction of one.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, Hash};

const PARTS: usize = 256;
/// Parts are chosen by the middle of the hash: the tables use its ends.
const PART_SHIFT: u32 = 32;

#[derive(Clone)]
pub(super) struct SpreadMap<K, V, S> {
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
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.parts[self.part(key)].get(key)
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        self.parts[self.part(&key)].insert(key, value);
    }

    pub(super) fn remove(&mut self, key: &K) {
        self.parts[self.part(key)].remove(key);
    }

    fn part(&self, key: &K) -> usize {
        let hash = self.hasher.hash_one(key) >> PART_SHIFT;
        usize::try_from(hash).unwrap_or(0) % PARTS
    }
}

#[cfg(test)]
mod tests {
    use std::hash::RandomState;

    use super::*;

    #[test]
    fn it_keeps_what_a_map_keeps() {
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
}
