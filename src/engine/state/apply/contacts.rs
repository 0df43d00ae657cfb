//! What events do to contacts, from their arrival until they are forgotten.

use std::sync::Arc;

use crate::domain::{ContactId, Timestamp};
use crate::engine::Engine;
use crate::engine::command::Change;
use crate::engine::event::ContactEvent;
use crate::engine::state::contact::{Arrival, Closing, Contact, Escalated, Stage};
use crate::engine::state::contacts::{Contacts, Slot};

/// The most closed contacts forgotten when another one closes, and the most requests when another
/// one comes: after a quiet day more than that may be too old at once.
pub(super) const FORGOTTEN_AT_ONCE: usize = 64;

impl Engine {
    pub(super) fn fold_contact(&mut self, contact: ContactId, event: &ContactEvent, at: Timestamp) {
        match event {
            ContactEvent::Arrived {
                intake,
                recognition,
                labels,
                first_queued_at,
                posted_by,
            } => self.arrived(&Arrival {
                id: contact,
                posted_by: posted_by.as_ref(),
                intake,
                recognition,
                labels: *labels,
                at,
                first_queued_at: *first_queued_at,
            }),
            ContactEvent::EndMissed { .. } => self.end_missed(contact),
            ContactEvent::Recognised {
                recognition,
                tier,
                due,
                ..
            } => self.alter_waiting(contact, Some(*due), |contacts, slot| {
                contacts[slot].labels.tier = *tier;
                contacts.recognise(slot, recognition);
            }),
            ContactEvent::Updated {
                change,
                stays_for_now,
                ..
            } => self.alter_waiting(contact, None, |contacts, slot| {
                update(&mut contacts[slot], change);
                contacts[slot].has_new_topic |= *stays_for_now;
            }),
            ContactEvent::Closed {
                how,
                ended_by,
                outcome,
                notes,
                agent,
                handled,
                number,
                unanswered,
                ..
            } => {
                let slot = self.known(contact);
                let closing = Closing {
                    how: *how,
                    at,
                    ended_by: *ended_by,
                    outcome: outcome.clone(),
                    notes: notes.clone(),
                    agent: *agent,
                    number: *number,
                    answered_at: self.contacts[slot].service().map(|service| service.since),
                };
                self.ended(slot, closing, *handled, *unanswered);
            }
        }
    }

    pub(super) fn arrived(&mut self, arrived: &Arrival<'_>) {
        let labels = arrived.labels;
        self.note_channel(labels);
        let (queue, channel, tier) = (labels.queue, labels.channel, labels.tier);
        self.forecast.note_arrival(queue, channel, tier, arrived.at);
        self.arrivals += 1;
        let contact = Contact::new(arrived, self.arrivals);
        let slot = self.contacts.insert(contact);
        self.note_promise(slot);
    }

    fn end_missed(&mut self, contact: ContactId) {
        let slot = self.known(contact);
        self.contacts[slot].is_end_made_up = true;
    }

    pub(super) fn closed(&mut self, slot: Slot, closing: Closing) {
        let at = closing.at;
        self.closed_number = closing.number;
        self.forget_callback(slot);
        self.lift(slot);
        self.free_reserved(slot);
        self.contacts[slot].unheard = Vec::new();
        self.set(slot, Stage::Closed(closing));
        self.contacts.close(slot);
        self.closed.push_back(slot);
        self.forget_closed(at);
    }

    /// The contact neither has nor claims the next agent any more; it is in no line.
    pub(super) fn free_reserved(&mut self, slot: Slot) {
        let contact = &mut self.contacts[slot];
        let was_reserved = contact.escalated.is_reserved;
        contact.escalated.reset(Escalated::claim_nothing);
        self.queues[contact.labels.queue.index()].reserved -= u32::from(was_reserved);
    }

    /// Forgets closed contacts that are too old or too many.
    fn forget_closed(&mut self, at: Timestamp) {
        let limits = self.configuration().limits;
        for _ in 0..FORGOTTEN_AT_ONCE {
            let Some(slot) = self.closed.front().copied() else {
                return;
            };
            let Stage::Closed(closing) = &self.contacts[slot].stage else {
                unreachable!("a closed contact stays closed");
            };
            // Keep at least the one that has just closed: its end is still to be reported.
            let most = limits.closed_contacts_max.max(1);
            let crowded = self.closed.len() > most as usize;
            if !crowded && at - closing.at < limits.closed_for {
                return;
            }
            self.closed.pop_front();
            self.contacts.remove(slot);
        }
    }

    /// Puts a contact, found by its id, into `next`.
    pub(super) fn put(&mut self, contact: ContactId, next: Stage) -> Slot {
        let slot = self.known(contact);
        self.place(slot, next);
        slot
    }

    pub(super) fn known(&self, contact: ContactId) -> Slot {
        self.contacts
            .slot(contact)
            .expect("events are about contacts that have arrived")
    }

    /// Alters a contact; its place in line may depend on what changes.
    pub(super) fn alter_waiting(
        &mut self,
        contact: ContactId,
        due: Option<Timestamp>,
        alter: impl FnOnce(&mut Contacts, Slot),
    ) {
        let slot = self.known(contact);
        let next = match self.contacts[slot].stage {
            Stage::Queued { due: known } => Stage::Queued {
                due: due.unwrap_or(known),
            },
            Stage::Offered { .. } => self.contacts[slot].stage.clone(),
            Stage::Moving
            | Stage::Scheduled { .. }
            | Stage::Active(_)
            | Stage::Parked(_)
            | Stage::WrapUp { .. }
            | Stage::Closed(_) => {
                let before = self.class_of(slot);
                alter(&mut self.contacts, slot);
                self.reclass(slot, before);
                return;
            }
        };
        let room_kept_by = self.contacts[slot].meant.room_kept_by;
        self.place(slot, Stage::Moving);
        alter(&mut self.contacts, slot);
        let contact = &mut self.contacts[slot];
        // A customer who is called first takes no agent's room before they answer.
        if room_kept_by.is_some() && !contact.is_to_be_dialled() {
            contact
                .meant
                .alter(|meant| meant.room_kept_by = room_kept_by);
        }
        self.set(slot, next);
    }
}

fn update(contact: &mut Contact, change: &Change) {
    let is_with_agent = contact.service().is_some();
    let intake = Arc::make_mut(&mut contact.intake);
    if let Some(topic) = &change.topic {
        contact.has_new_topic |= is_with_agent && intake.topic.as_ref() != Some(topic);
        intake.topic = Some(topic.clone());
    }
    if let Some(attributes) = &change.attributes {
        intake.attributes = attributes.clone();
    }
    if let Some(sentiment) = change.sentiment {
        contact.sentiment = Some(sentiment);
    }
}
