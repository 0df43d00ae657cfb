//! Contacts of one need, in the order in which they are due.
//!
//! A sorted list cut into chunks: insertion and removal move at most one chunk, the head is at
//! hand, and the position of a place is found by adding up the chunks before it. Nothing is
//! re-sorted as time passes, because `due` does not drift.

use crate::domain::Timestamp;
use crate::engine::state::contacts::Slot;

/// The engine's own number of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineKey(pub u32);

impl LineKey {
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The place of a contact: by `due`, then by arrival, so there are no ties. The slot locates the
/// contact and never decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub due: Timestamp,
    pub arrival: u64,
    pub slot: Slot,
}

/// A chunk of this size is split in two.
const CHUNK_MAX: usize = 256;

#[derive(Clone, Debug, Default)]
pub struct Line {
    /// None of them is empty.
    chunks: Vec<Vec<Place>>,
    len: usize,
}

impl Line {
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn head(&self) -> Option<Place> {
        self.chunks.first().and_then(|chunk| chunk.first()).copied()
    }

    pub fn last(&self) -> Option<Place> {
        self.chunks.last().and_then(|chunk| chunk.last()).copied()
    }

    /// The place right behind `place`.
    pub fn next_after(&self, place: Place) -> Option<Place> {
        let mut chunks = self.chunks[self.chunk_of(place)..].iter();
        chunks.find_map(|chunk| {
            let within = chunk.partition_point(|other| *other <= place);
            chunk.get(within).copied()
        })
    }

    pub fn iter(&self) -> impl Iterator<Item = Place> {
        self.chunks.iter().flatten().copied()
    }

    /// How many places are before `place`.
    pub fn rank(&self, place: Place) -> usize {
        let chunk = self.chunk_of(place);
        let before: usize = self.chunks[..chunk].iter().map(Vec::len).sum();
        let within = self
            .chunks
            .get(chunk)
            .map_or(0, |chunk| chunk.partition_point(|other| *other < place));
        before + within
    }

    pub fn insert(&mut self, place: Place) {
        self.len += 1;
        let at = self
            .chunk_of(place)
            .min(self.chunks.len().saturating_sub(1));
        let Some(chunk) = self.chunks.get_mut(at) else {
            self.chunks.push(vec![place]);
            return;
        };
        let within = chunk.partition_point(|other| *other < place);
        chunk.insert(within, place);
        if chunk.len() == CHUNK_MAX {
            let later = chunk.split_off(CHUNK_MAX / 2);
            self.chunks.insert(at + 1, later);
        }
    }

    /// Removes `place`, which must be here.
    pub fn remove(&mut self, place: Place) {
        let at = self.chunk_of(place);
        let chunk = &mut self.chunks[at];
        let within = chunk
            .binary_search(&place)
            .expect("a contact stands in the line that it was placed in");
        chunk.remove(within);
        if chunk.is_empty() {
            self.chunks.remove(at);
        }
        self.len -= 1;
    }

    /// The first chunk that ends at or after `place`.
    fn chunk_of(&self, place: Place) -> usize {
        self.chunks
            .partition_point(|chunk| chunk.last().is_some_and(|last| *last < place))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::ops::Bound;

    use proptest::prelude::*;

    use super::*;

    fn place(due: i64, arrival: u64) -> Place {
        Place {
            due: Timestamp(due),
            arrival,
            slot: Slot(0),
        }
    }

    proptest! {
        #[test]
        fn a_line_is_an_ordered_set_that_knows_ranks(
            moves in proptest::collection::vec((any::<bool>(), 0..40i64, 0..60u64), 1..900)
        ) {
            let mut line = Line::default();
            let mut oracle = BTreeSet::new();
            for (enter, due, arrival) in moves {
                let place = place(due, arrival);
                if enter && oracle.insert(place) {
                    line.insert(place);
                } else if !enter && oracle.remove(&place) {
                    line.remove(place);
                }
                prop_assert_eq!(line.len(), oracle.len());
                prop_assert_eq!(line.head(), oracle.first().copied());
                prop_assert_eq!(line.rank(place), oracle.range(..place).count());
                prop_assert_eq!(line.last(), oracle.last().copied());
                let behind = (Bound::Excluded(place), Bound::Unbounded);
                prop_assert_eq!(line.next_after(place), oracle.range(behind).next().copied());
            }
            prop_assert!(line.iter().eq(oracle));
        }
    }
}
