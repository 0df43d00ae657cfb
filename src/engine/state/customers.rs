//! The known contacts of each recognised customer, in the order of arrival.
//!
//! Beside each contact is kept under which number it was closed, so that those that are not filed
//! are found without reading the others, which have long left the caches.

use std::collections::VecDeque;

use rustc_hash::FxBuildHasher;
use smallvec::SmallVec;

use crate::domain::Text;
use crate::engine::state::contacts::Slot;
use crate::engine::state::spread::SpreadMap;

/// A contact of a customer.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Kept {
    pub arrival: u64,
    pub slot: Slot,
    /// Its closing number; none while it is open.
    pub closed: Option<u64>,
}

#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Customers {
    /// The ids come from the operator's own records, so the hash need not be seeded.
    lists: SpreadMap<Text, List, FxBuildHasher>,
}

/// Both by arrival.
#[derive(Clone, Debug, Default)]
struct List {
    all: VecDeque<Kept>,
    open: SmallVec<[(u64, Slot); 1]>,
}

impl Customers {
    pub(in crate::engine) fn insert(&mut self, customer: &Text, contact: Kept) {
        let list = self.lists.get_or_default(customer);
        // Nearly always the last.
        list.all.insert(list.place(contact.arrival), contact);
        if contact.closed.is_none() {
            let place = list.open_place(contact.arrival);
            list.open.insert(place, (contact.arrival, contact.slot));
        }
    }

    pub(in crate::engine) fn remove(&mut self, customer: &Text, arrival: u64) {
        let Some(list) = self.lists.get_mut(customer) else {
            return;
        };
        let place = list.place(arrival);
        if list
            .all
            .get(place)
            .is_some_and(|kept| kept.arrival == arrival)
        {
            list.all.remove(place);
        }
        list.no_longer_open(arrival);
        if list.all.is_empty() {
            self.lists.remove(customer);
        }
    }

    pub(in crate::engine) fn close(&mut self, customer: &Text, arrival: u64, number: u64) {
        let Some(list) = self.lists.get_mut(customer) else {
            return;
        };
        let place = list.place(arrival);
        let kept = list.all.get_mut(place);
        if let Some(kept) = kept.filter(|kept| kept.arrival == arrival) {
            kept.closed = Some(number);
        }
        list.no_longer_open(arrival);
    }

    /// Those that arrived after `after`.
    pub(in crate::engine) fn after(
        &self,
        customer: &Text,
        after: u64,
    ) -> impl DoubleEndedIterator<Item = &Kept> + use<'_> {
        let list = self.lists.get(customer).into_iter();
        list.flat_map(move |list| list.all.range(list.place(after + 1)..))
    }

    pub(in crate::engine) fn open(&self, customer: &Text) -> impl Iterator<Item = Slot> + use<'_> {
        let open = self.lists.get(customer).into_iter();
        open.flat_map(|list| &list.open).map(|(_, slot)| *slot)
    }
}

impl List {
    /// Where a contact of this arrival stands, or would stand.
    fn place(&self, arrival: u64) -> usize {
        self.all.partition_point(|kept| kept.arrival < arrival)
    }

    fn open_place(&self, arrival: u64) -> usize {
        self.open.partition_point(|(known, _)| *known < arrival)
    }

    fn no_longer_open(&mut self, arrival: u64) {
        let place = self.open_place(arrival);
        if self
            .open
            .get(place)
            .is_some_and(|(known, _)| *known == arrival)
        {
            self.open.remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Change {
        Insert(u8, u64, Option<u64>),
        Remove(u8, u64),
        Close(u8, u64, u64),
    }

    fn change() -> impl Strategy<Value = Change> {
        let (customer, arrival) = (0..3_u8, 1..20_u64);
        prop_oneof![
            3 => (customer.clone(), arrival.clone(), prop::option::of(1..99_u64))
                .prop_map(|(of, arrival, closed)| Change::Insert(of, arrival, closed)),
            1 => (customer.clone(), arrival.clone())
                .prop_map(|(of, arrival)| Change::Remove(of, arrival)),
            2 => (customer, arrival, 1..99_u64)
                .prop_map(|(of, arrival, number)| Change::Close(of, arrival, number)),
        ]
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_sorted_map(changes in prop::collection::vec(change(), 0..80)) {
            let text = |of: u8| Text::from(format!("c{of}").as_str());
            let mut customers = Customers::default();
            let mut known: BTreeMap<(u8, u64), Option<u64>> = BTreeMap::new();
            for change in changes {
                match change {
                    Change::Insert(of, arrival, closed) => {
                        if known.insert((of, arrival), closed).is_some() {
                            customers.remove(&text(of), arrival);
                        }
                        let slot = Slot(u32::try_from(arrival).unwrap());
                        customers.insert(&text(of), Kept { arrival, slot, closed });
                    }
                    Change::Remove(of, arrival) => {
                        known.remove(&(of, arrival));
                        customers.remove(&text(of), arrival);
                    }
                    Change::Close(of, arrival, number) => {
                        if let Some(closed) = known.get_mut(&(of, arrival)) {
                            *closed = Some(number);
                        }
                        customers.close(&text(of), arrival, number);
                    }
                }
                for of in 0..3 {
                    let id = text(of);
                    let all = known.range((of, 6)..=(of, u64::MAX));
                    let all: Vec<_> = all.map(|((_, arrival), closed)| (*arrival, *closed)).collect();
                    let found = customers.after(&id, 5).map(|kept| (kept.arrival, kept.closed));
                    prop_assert_eq!(found.collect::<Vec<_>>(), all);
                    let open = known.range((of, 0)..=(of, u64::MAX));
                    let open = open.filter(|(_, closed)| closed.is_none());
                    let open: Vec<u64> = open.map(|((_, arrival), _)| *arrival).collect();
                    let found = customers.open(&id).map(|slot| u64::from(slot.0));
                    prop_assert_eq!(found.collect::<Vec<_>>(), open);
                }
            }
        }
    }
}
