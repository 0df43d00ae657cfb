//! Contacts in the order of arrival.
//!
//! Arrivals are numbered, and contacts end and are forgotten nearly in the order in which they
//! came: a deque is enough, in which those removed out of turn leave gaps.
//!
//! **Invariant:** apart from a few, never more gaps than entries.

use std::collections::VecDeque;

use crate::engine::state::contacts::Slot;

/// Marks a removed entry.
const GAP: Slot = Slot(u32::MAX);
/// Fewer gaps than this are not worth compacting.
const GAPS_MIN: usize = 1_024;

#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Arrivals {
    /// Ordered by arrival.
    entries: VecDeque<(u64, Slot)>,
    gaps: usize,
}

impl Arrivals {
    /// Adds a contact; nearly always the last one.
    pub(in crate::engine) fn insert(&mut self, arrival: u64, slot: Slot) {
        let at = self.place(arrival);
        match self.entries.get_mut(at) {
            None => self.entries.push_back((arrival, slot)),
            Some((known, held)) if *known == arrival => {
                self.gaps -= usize::from(*held == GAP);
                *held = slot;
            }
            Some(_) => self.entries.insert(at, (arrival, slot)),
        }
    }

    pub(in crate::engine) fn remove(&mut self, arrival: u64) {
        let at = self.place(arrival);
        let Some((known, slot)) = self.entries.get_mut(at) else {
            return;
        };
        if *known != arrival || *slot == GAP {
            return;
        }
        *slot = GAP;
        self.gaps += 1;
        while self.entries.front().is_some_and(|(_, slot)| *slot == GAP) {
            self.entries.pop_front();
            self.gaps -= 1;
        }
        if self.gaps > GAPS_MIN.max(self.entries.len() / 2) {
            self.entries.retain(|(_, slot)| *slot != GAP);
            self.gaps = 0;
        }
    }

    pub(in crate::engine) fn len(&self) -> usize {
        self.entries.len() - self.gaps
    }

    /// The slots of contacts that arrived after `after`, in order.
    pub(in crate::engine) fn after(&self, after: u64) -> impl DoubleEndedIterator<Item = Slot> {
        let from = self.place(after.saturating_add(1));
        let later = self.entries.range(from..).map(|(_, slot)| *slot);
        later.filter(|slot| *slot != GAP)
    }

    /// The index of this arrival, present or not. Arrivals are numbered, so between two entries
    /// there are at most as many others as their numbers differ by; usually, counted from the first
    /// or the last, exactly that many, and no search is needed.
    fn place(&self, arrival: u64) -> usize {
        let ends = self.entries.front().zip(self.entries.back());
        let Some(((first, _), (last, _))) = ends.filter(|(_, (last, _))| *last >= arrival) else {
            return self.entries.len();
        };
        if *first >= arrival {
            return 0;
        }
        let apart = |from: u64, upto: u64| usize::try_from(upto - from).unwrap_or(usize::MAX);
        let end = self.entries.len() - 1;
        let latest = apart(*first, arrival).min(end);
        let soonest = end.saturating_sub(apart(arrival, *last));
        let mut guesses = [latest, soonest].into_iter();
        guesses
            .find(|at| self.entries[*at].0 == arrival)
            .unwrap_or_else(|| self.entries.partition_point(|(known, _)| *known < arrival))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_agrees_with_an_ordered_map(
            steps in prop::collection::vec((0..4_u8, 0..4_000_u64), 0..6_000),
        ) {
            let (mut arrivals, mut oracle) = (Arrivals::default(), BTreeMap::new());
            let mut arrived = 0;
            for (what, number) in steps {
                match what {
                    0 | 1 => {
                        arrived += 1;
                        arrivals.insert(arrived, Slot(u32::try_from(arrived).unwrap() + 7));
                        oracle.insert(arrived, Slot(u32::try_from(arrived).unwrap() + 7));
                    }
                    2 => {
                        arrivals.remove(number);
                        oracle.remove(&number);
                    }
                    _ => {
                        let told: Vec<Slot> = arrivals.after(number).collect();
                        let known: Vec<Slot> =
                            oracle.range(number + 1..).map(|(_, slot)| *slot).collect();
                        prop_assert_eq!(told, known);
                    }
                }
            }
            prop_assert_eq!(arrivals.len(), oracle.len());
            prop_assert!(arrivals.gaps <= GAPS_MIN.max(arrivals.entries.len() / 2));
        }
    }
}
