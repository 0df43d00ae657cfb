//! Claims to the next agent: a rule has asked for it while it was reserved for another contact of
//! the queue. The claimant due first gets it next.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::event::{Event, RuleEvent};
use crate::engine::state::contacts::Slot;
use crate::engine::state::line::Place;
use crate::engine::state::registry::QueueKey;

pub(in crate::engine) type Claims = BTreeMap<QueueKey, BTreeSet<Place>>;

impl Engine {
    /// Once no agent is reserved any more, reserves the next one for the claimant due first;
    /// returns whether there was any.
    pub(in crate::engine) fn reserve_next(&mut self, now: Timestamp) -> bool {
        let mut is_any = false;
        while let Some(slot) = self.first_claim() {
            is_any = true;
            let contact = self.contact_at(slot);
            let event = RuleEvent::NextReserved {
                queue: contact.labels.queue,
                name: contact.escalated.claims_by.clone().expect("it has a claim"),
            };
            self.emit(now, Event::Rule(contact.id, event));
            self.seek(slot, now);
        }
        is_any
    }

    fn first_claim(&self) -> Option<Slot> {
        let mut claims = self.claims.iter();
        let (_, places) = claims.find(|(queue, _)| self.queues[queue.index()].reserved == 0)?;
        places.first().map(|place| place.slot)
    }

    /// Updates the index as a contact enters or leaves its line.
    pub(in crate::engine) fn index_claim(&mut self, slot: Slot, place: Place, enters: bool) {
        let contact = &self.contacts[slot];
        if contact.escalated.claims_by.is_none() {
            return;
        }
        let queue = contact.labels.queue;
        let places = self.claims.entry(queue).or_default();
        if enters {
            places.insert(place);
        } else {
            places.remove(&place);
        }
        if places.is_empty() {
            self.claims.remove(&queue);
        }
    }
}
