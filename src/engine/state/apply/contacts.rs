//! What events do to contacts, from their arrival until they are forgotten.

use std::sync::Arc;

use crate::domain::{ContactId, Intake, Millis, Recognition, Text, Timestamp};
use crate::engine::Engine;
use crate::engine::command::Change;
use crate::engine::event::{Labels, Return};
use crate::engine::state::contact::Ending;
use crate::engine::state::contact::{
    Closing, Contact, CustomerFirst, Index, Service, Stage, Transferred,
};
use crate::engine::state::contacts::{Contacts, Slot};
use crate::engine::state::registry::AgentKey;

/// The most closed contacts forgotten when another one closes, and the most requests when another
/// one comes: after a quiet day more than that may be too old at once.
pub(super) const FORGOTTEN_AT_ONCE: usize = 64;

/// A contact that is new.
pub(super) struct Arrival<'a> {
    pub(super) id: ContactId,
    pub(super) posted_by: Option<&'a Text>,
    pub(super) intake: &'a Arc<Intake>,
    pub(super) recognition: &'a Arc<Recognition>,
    pub(super) labels: Labels,
    pub(super) at: Timestamp,
    pub(super) first_queued_at: Timestamp,
}

impl Engine {
    pub(super) fn arrived(
        &mut self,
        Arrival {
            id,
            posted_by,
            intake,
            recognition,
            labels,
            at,
            first_queued_at,
        }: Arrival<'_>,
    ) {
        self.note_channel(labels);
        let (queue, channel, tier) = (labels.queue, labels.channel, labels.tier);
        self.forecast.note_arrival(queue, channel, tier, at);
        self.arrivals += 1;
        let slot = self.contacts.insert(Contact {
            id,
            arrival: self.arrivals,
            intake: Arc::clone(intake),
            recognition: Arc::clone(recognition),
            labels,
            created_at: at,
            first_queued_at,
            step: 0,
            boost: Millis::ZERO,
            sentiment: None,
            offers: 0,
            offers_ended: 0,
            cooldowns: Vec::new(),
            fired: Vec::new(),
            stage: Stage::Moving,
            direct: None,
            breach_check_at: None,
            direct_until: None,
            callback: None,
            recalls: 0,
            no_shows: 0,
            is_unroutable: false,
            offered_at: None,
            also: Vec::new(),
            is_reserved: false,
            beside_max: 0,
            is_end_made_up: false,
            callback_offered: false,
            message: None,
            owner_before: None,
            consult_note: None,
            posted_by: posted_by.cloned(),
            transferred: None,
            unheard: Vec::new(),
            put_back: Millis::ZERO,
            handed_over_to: None,
            ordered_for: None,
            room_kept_by: None,
            out_of_line: Millis::ZERO,
            out_of_line_since: None,
            was_served: false,
            has_new_topic: false,
            agents_let_go: false,
            in_line_before: Millis::ZERO,
            claims_by: None,
            teaches_nothing: false,
            has_lost_agent: false,
            index: Index::default(),
        });
        self.note_promise(slot);
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
            contact.transferred = Some(Box::new(Transferred { by, note }));
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
            contact.out_of_line = contact.out_of_line + (at - since);
        }
    }

    /// It has left the agent who served it.
    pub(super) fn returned(&mut self, slot: Slot, why: &Return) {
        let contact = &mut self.contacts[slot];
        contact.recalls = 0;
        match why {
            // The customer did not answer.
            Return::CallbackFailed { .. } => {
                if let Some(callback) = &mut contact.callback {
                    callback.attempts += 1;
                    callback.first = callback.first.map(|_| CustomerFirst::Waits);
                }
            }
            Return::NoShow { boost } => {
                contact.put_back = contact.put_back + (contact.boost - *boost);
                contact.boost = *boost;
                contact.no_shows += 1;
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
        contact.first_queued_at = at;
        contact.out_of_line = Millis::ZERO;
        contact.in_line_before = Millis::ZERO;
        contact.agents_let_go = false;
        contact.step = 0;
        contact.breach_check_at = None;
        contact.boost = Millis::ZERO;
        contact.put_back = Millis::ZERO;
        contact.beside_max = 0;
        contact.offers_ended = 0;
        contact.also.clear();
        contact.fired.clear();
    }

    pub(super) fn wrap_up_started(&mut self, contact: ContactId, until: Timestamp, ending: Ending) {
        let slot = self.known(contact);
        let Stage::Active(service) = self.contacts[slot].stage else {
            unreachable!("only an active contact is wrapped up");
        };
        let wrap_up = Stage::WrapUp {
            service: Service {
                owed: None,
                held: None,
                on_hold: service.held_for(self.last_at),
                ..self.goes_on(service, self.last_at)
            },
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
        contact.claims_by = None;
        if std::mem::take(&mut contact.is_reserved) {
            self.queues[contact.labels.queue.index()].reserved -= 1;
        }
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
        let room_kept_by = self.contacts[slot].room_kept_by;
        self.place(slot, Stage::Moving);
        alter(&mut self.contacts, slot);
        let contact = &mut self.contacts[slot];
        // A customer who is called first takes no agent's room before they answer.
        contact.room_kept_by = room_kept_by.filter(|_| !contact.is_to_be_dialled());
        self.set(slot, next);
    }
}

pub(super) fn update(contact: &mut Contact, change: &Change) {
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

/// Resets what belongs to the queue that it leaves and not to the one that it goes to.
pub(super) fn leave_behind(contact: &mut Contact, keeps_agent: bool, loses_boost: bool) {
    if !keeps_agent {
        contact.direct = None;
        contact.direct_until = None;
    }
    contact.beside_max = 0;
    contact.boost = contact.boost + std::mem::take(&mut contact.put_back);
    if loses_boost {
        contact.boost = Millis::ZERO;
    }
}

/// Fired rules no longer take the contact out of its queue.
pub(super) fn forget_owed(contact: &mut Contact) {
    for fired in &mut contact.fired {
        fired.owes_move = false;
    }
}
