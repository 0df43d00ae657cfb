//! The known contacts, and the indexes to find them: by slot, by id, by the key of the channel, by
//! customer, in the order of arrival.
//!
//! **Invariant:** every contact is in every index that its fields call for; of stages, only whether
//! a contact is closed matters here.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::ops::{Index, IndexMut};
use std::sync::Arc;

use rustc_hash::FxBuildHasher;
use slab::Slab;

use crate::domain::{Channel, ContactId, Identity, Intake, Recognition, Text};
use crate::engine::state::arrivals::Arrivals;
use crate::engine::state::contact::Contact;
use crate::engine::state::customers::{Customers, Kept};
use crate::engine::state::posters::Posters;
use crate::engine::state::spread::SpreadSlots;

/// The adapter that posted a contact, and how its channel identifies it.
pub(in crate::engine) type NaturalKey<'a> = (Option<&'a Text>, Channel, &'a Text);

/// Where a contact is held. It is in no event, and is reused when the contact is forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);

impl Slot {
    pub(in crate::engine) const fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Contacts {
    /// Boxed, so that the table stays small and growing it is cheap.
    slots: Slab<Box<Contact>>,
    /// The allocation of the contact that was forgotten last, for the next one.
    spare: Option<Box<Contact>>,
    by_id: SpreadSlots,
    /// The slot written last: usually the next one asked for.
    written: Slot,
    /// The newest contact of each key.
    by_natural_key: SpreadSlots,
    /// The keys come from outside, so the hash is seeded and cannot be predicted.
    natural_hasher: RandomState,
    by_arrival: Arrivals,
    /// Those of `by_arrival` that are not closed.
    open: Arrivals,
    by_customer: Customers,
    posters: Posters,
    /// Open contacts of unknown customers, by each identity that they brought, and arrival.
    strangers: BTreeMap<(Identity, u64), Slot>,
}

impl Contacts {
    /// Gives a contact its slot, in the allocation of the last one forgotten.
    pub(in crate::engine) fn insert(&mut self, contact: Contact) -> Slot {
        let boxed = match self.spare.take() {
            Some(mut spare) => {
                *spare = contact;
                spare
            }
            None => Box::new(contact),
        };
        self.insert_boxed(boxed)
    }

    pub(in crate::engine) fn insert_boxed(&mut self, mut contact: Box<Contact>) -> Slot {
        contact.posted_by = contact.posted_by.map(|name| self.posters.share(name));
        let (id, arrival, is_closed) = (contact.id, contact.arrival, contact.is_closed());
        let slot = self.slots.insert(contact);
        let slot = Slot(u32::try_from(slot).expect("contacts are bounded"));
        self.by_id.insert(hash(id), slot);
        self.note_natural_key(slot);
        self.by_arrival.insert(arrival, slot);
        if !is_closed {
            self.open.insert(arrival, slot);
        }
        self.note_customer(slot);
        self.note_stranger(slot);
        self.written = slot;
        slot
    }

    /// Shares an intake, reusing the allocation of the last one forgotten if nobody holds it.
    pub(in crate::engine) fn share(&mut self, intake: Intake) -> Arc<Intake> {
        if let Some(spare) = &mut self.spare
            && let Some(forgotten) = Arc::get_mut(&mut spare.intake)
        {
            *forgotten = intake;
            return Arc::clone(&spare.intake);
        }
        Arc::new(intake)
    }

    /// Forgets a contact.
    pub(in crate::engine) fn remove(&mut self, slot: Slot) {
        self.slots[slot.index()].fetch();
        if !self.slots[slot.index()].is_closed() {
            self.no_stranger(slot);
        }
        let contact = self.slots.remove(slot.index());
        self.by_id.remove(hash(contact.id), slot);
        self.by_arrival.remove(contact.arrival);
        if !contact.is_closed() {
            self.open.remove(contact.arrival);
        }
        if let Some(name) = &contact.posted_by {
            self.posters.forget(name);
        }
        if let Some(key) = natural_key(&contact) {
            self.by_natural_key.remove(self.natural_hash(key), slot);
        }
        if let Some(customer) = &contact.recognition.customer {
            self.by_customer.remove(customer, contact.arrival);
        }
        self.spare = Some(contact);
    }

    /// None if it has been forgotten.
    pub(in crate::engine) fn get(&self, slot: Slot) -> Option<&Contact> {
        self.slots.get(slot.index()).map(|contact| &**contact)
    }

    /// Notes that a contact has been closed.
    pub(in crate::engine) fn close(&mut self, slot: Slot) {
        self.no_stranger(slot);
        let contact = &self.slots[slot.index()];
        let arrival = contact.arrival;
        self.open.remove(arrival);
        let customer = contact.recognition.customer.as_ref();
        if let Some((customer, number)) = customer.zip(contact.closing_number()) {
            self.by_customer.close(customer, arrival, number);
        }
    }

    pub(in crate::engine) fn recognise(&mut self, slot: Slot, recognition: &Arc<Recognition>) {
        self.no_stranger(slot);
        let contact = &mut self.slots[slot.index()];
        let before = std::mem::replace(&mut contact.recognition, Arc::clone(recognition));
        if let Some(customer) = &before.customer {
            self.by_customer.remove(customer, contact.arrival);
        }
        self.note_customer(slot);
        self.note_stranger(slot);
    }

    fn note_customer(&mut self, slot: Slot) {
        let contact = &self.slots[slot.index()];
        if let Some(customer) = &contact.recognition.customer {
            let kept = Kept {
                arrival: contact.arrival,
                slot,
                closed: contact.closing_number(),
            };
            self.by_customer.insert(customer, kept);
        }
    }

    fn note_stranger(&mut self, slot: Slot) {
        let contact = &self.slots[slot.index()];
        if contact.is_closed() || contact.recognition.is_known() {
            return;
        }
        for identity in contact.intake.identities.iter() {
            let key = (identity.clone(), contact.arrival);
            self.strangers.insert(key, slot);
        }
    }

    fn no_stranger(&mut self, slot: Slot) {
        let contact = &self.slots[slot.index()];
        if contact.recognition.is_known() {
            return;
        }
        for identity in contact.intake.identities.iter() {
            let key = (identity.clone(), contact.arrival);
            self.strangers.remove(&key);
        }
    }

    pub(in crate::engine) fn slot(&self, id: ContactId) -> Option<Slot> {
        let is_it = |slot: Slot| self.slots[slot.index()].id == id;
        let written = self.get(self.written);
        if written.is_some_and(|contact| contact.id == id) {
            return Some(self.written);
        }
        self.by_id.find(hash(id), is_it)
    }

    pub(in crate::engine) fn with_natural_key(&self, key: NaturalKey<'_>) -> Option<ContactId> {
        let slot = self.slot_with_natural_key(self.natural_hash(key), key)?;
        Some(self[slot].id)
    }

    fn slot_with_natural_key(&self, hash: u32, key: NaturalKey<'_>) -> Option<Slot> {
        let is_it = |slot: Slot| natural_key(&self.slots[slot.index()]) == Some(key);
        self.by_natural_key.find(hash, is_it)
    }

    /// It takes the place of an earlier one with the same key.
    fn note_natural_key(&mut self, slot: Slot) {
        let Some(key) = natural_key(&self.slots[slot.index()]) else {
            return;
        };
        let hash = self.natural_hash(key);
        if let Some(earlier) = self.slot_with_natural_key(hash, key) {
            self.by_natural_key.remove(hash, earlier);
        }
        self.by_natural_key.insert(hash, slot);
    }

    #[expect(clippy::cast_possible_truncation, reason = "a hash is cut")]
    fn natural_hash(&self, key: NaturalKey<'_>) -> u32 {
        self.natural_hasher.hash_one(key) as u32
    }

    pub(in crate::engine) fn posters(&self) -> &Posters {
        &self.posters
    }

    /// How many are open.
    pub(in crate::engine) fn open_count(&self) -> usize {
        self.open.len()
    }

    /// Contacts that arrived after `after`, in the order of arrival.
    pub(in crate::engine) fn after(&self, after: u64) -> impl Iterator<Item = (Slot, &Contact)> {
        self.look(self.by_arrival.after(after))
    }

    /// Open contacts that arrived after `after`, in the order of arrival.
    pub(in crate::engine) fn open_after(
        &self,
        after: u64,
    ) -> impl Iterator<Item = (Slot, &Contact)> {
        self.look(self.open.after(after))
    }

    /// Contacts of a customer that arrived after `after`, in the order of arrival.
    pub(in crate::engine) fn of_customer(
        &self,
        customer: &Text,
        after: u64,
    ) -> impl DoubleEndedIterator<Item = (Slot, &Contact)> + use<'_> {
        self.look(
            self.by_customer
                .after(customer, after)
                .map(|kept| kept.slot),
        )
    }

    /// The newest contacts of a customer that were closed after this closing number, newest first,
    /// among so many that are looked at.
    pub(in crate::engine) fn closed_of_customer(
        &self,
        customer: &Text,
        after: u64,
        looked_at: usize,
    ) -> impl Iterator<Item = &Contact> + use<'_> {
        let newest = self.by_customer.after(customer, 0).rev().take(looked_at);
        newest
            .filter(move |kept| kept.closed.is_some_and(|number| number > after))
            .map(|kept| &self[kept.slot])
    }

    /// The number under which this contact of a customer was closed, as the index has it.
    pub(in crate::engine) fn closed_as(&self, customer: &Text, arrival: u64) -> Option<u64> {
        let mut from = self.by_customer.after(customer, arrival - 1);
        from.next()?.closed
    }

    /// Open contacts of a customer, in the order of arrival.
    pub(in crate::engine) fn open_of_customer(
        &self,
        customer: &Text,
    ) -> impl Iterator<Item = &Contact> + use<'_> {
        self.by_customer.open(customer).map(|slot| &self[slot])
    }

    /// Open contacts of unknown customers that brought this identity, in the order of arrival.
    pub(in crate::engine) fn strangers_with(
        &self,
        identity: &Identity,
    ) -> impl Iterator<Item = &Contact> {
        let all = (identity.clone(), 0)..=(identity.clone(), u64::MAX);
        let slots = self.strangers.range(all).map(|(_, slot)| *slot);
        self.look(slots).map(|(_, contact)| contact)
    }

    fn look(
        &self,
        slots: impl DoubleEndedIterator<Item = Slot>,
    ) -> impl DoubleEndedIterator<Item = (Slot, &Contact)> {
        slots.map(|slot| (slot, &self[slot]))
    }
}

impl Index<Slot> for Contacts {
    type Output = Contact;

    fn index(&self, slot: Slot) -> &Contact {
        &self.slots[slot.index()]
    }
}

impl IndexMut<Slot> for Contacts {
    fn index_mut(&mut self, slot: Slot) -> &mut Contact {
        self.written = slot;
        &mut self.slots[slot.index()]
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the lower bits are the better ones"
)]
fn hash(id: ContactId) -> u32 {
    FxBuildHasher.hash_one(id) as u32
}

fn natural_key(contact: &Contact) -> Option<NaturalKey<'_>> {
    let external = contact.intake.external_id.as_ref()?;
    Some((contact.posted_by.as_ref(), contact.intake.channel, external))
}
