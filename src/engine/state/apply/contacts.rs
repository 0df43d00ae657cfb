//! What events do to contacts, from their arrival until they are forgotten.

use std::sync::Arc;

use crate::domain::{ContactId, Timestamp};
use crate::engine::Engine;
use crate::engine::command::Change;
use crate::engine::event::{ContactEvent, Return};
use crate::engine::state::contact::{
    Arrival, Closing, Contact, CustomerFirst, Ending, Escalated, Rare, Service, Stage, Transferred,
    Wait,
};
use crate::engine::state::contacts::{Contacts, Slot};
use crate::engine::state::registry::AgentKey;

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

    pub(super) fn mark_routable(&mut self, contact: ContactId) {
        let slot = self.known(contact);
        self.contacts[slot].is_unroutable = false;
    }

    pub(super) fn mark_unroutable(&mut self, contact: ContactId) {
        let slot = self.known(contact);
        self.contacts[slot].is_unroutable = true;
    }

    /// The next agent is shown who transferred it and the note.
    pub(super) fn hand_on(&mut self, slot: Slot, by: AgentKey, why: &Return) {
        if let Return::Transferred { note } | Return::TransferredAnew { note, .. } = why {
            let note = note.clone();
            let contact = &mut self.contacts[slot];
            let transferred = Some(Transferred { by, note });
            contact.past.alter(|past| past.transferred = transferred);
            if let Some(callback) = &mut contact.callback {
                callback.is_handed_on = true;
                callback.first = callback.first.map(|_| CustomerFirst::Answered);
            }
        }
    }

    /// It is about to leave the agent who served it.
    pub(super) fn note_served(&mut self, slot: Slot, at: Timestamp) {
        let contact = &mut self.contacts[slot];
        if let Some(since) = contact.service().map(|service| service.since) {
            contact.wait.out_of_line = contact.wait.out_of_line + (at - since);
        }
    }

    /// It has left the agent who served it.
    pub(super) fn returned(&mut self, slot: Slot, why: &Return) {
        let contact = &mut self.contacts[slot];
        contact.past.reset(|past| past.recalls = 0);
        match why {
            // The customer did not answer.
            Return::CallbackFailed { .. } => {
                if let Some(callback) = &mut contact.callback {
                    callback.attempts += 1;
                    callback.first = callback.first.map(|_| CustomerFirst::Waits);
                }
            }
            Return::NoShow { boost } => {
                contact.escalated.alter(|made| made.put_back_to(*boost));
                contact.past.alter(|past| past.no_shows += 1);
            }
            Return::Transferred { .. } | Return::TransferredAnew { .. } => {
                contact.was_served = true;
                // The agent decided where it goes.
                contact.has_new_topic = false;
            }
            Return::AgentLost | Return::Requeued { .. } | Return::Woken => {
                contact.was_served = true;
            }
        }
        if let Some(callback) = &mut contact.callback {
            callback.is_handed_on = false;
        }
    }

    /// A moving contact waits as if it had just come: it gives up its age, the steps taken by it,
    /// and what rules and offers have made of it.
    pub(super) fn begin_anew(&mut self, slot: Slot, at: Timestamp) {
        let contact = &mut self.contacts[slot];
        contact.wait = Wait::from(at);
        contact.escalated = Rare::default();
        contact.missed.reset(|missed| missed.offers = 0);
    }

    pub(super) fn wrap_up_started(&mut self, contact: ContactId, until: Timestamp, ending: Ending) {
        let slot = self.known(contact);
        let Stage::Active(service) = &self.contacts[slot].stage else {
            unreachable!("only an active contact is wrapped up");
        };
        let (service, on_hold) = (service.clone(), service.held_for(self.last_at));
        let mut service = Service {
            owed: None,
            ..self.goes_on(service, self.last_at)
        };
        service.aside.reset(|aside| {
            aside.held = None;
            aside.on_hold = on_hold;
        });
        let wrap_up = Stage::WrapUp {
            service,
            until,
            extended: false,
            outcome: ending.outcome,
            notes: ending.notes,
            ended_by: ending.ended_by,
        };
        self.place(slot, wrap_up);
    }

    pub(super) fn wrap_up_extended(&mut self, contact: ContactId, longer: Timestamp) {
        let slot = self.known(contact);
        let mut stage = self.contacts[slot].stage.clone();
        if let Stage::WrapUp {
            until, extended, ..
        } = &mut stage
        {
            *until = longer;
            *extended = true;
        }
        self.place(slot, stage);
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
