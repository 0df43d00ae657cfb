//! What events do to consultations.

use crate::domain::{ContactId, OfferId, Text, Timestamp};
use crate::engine::Engine;
use crate::engine::event::ConsultEvent;
use crate::engine::state::contact::{Aside, Consult, Consulting};
use crate::engine::state::contacts::Slot;

impl Engine {
    pub(super) fn fold_consult(&mut self, offer: OfferId, event: &ConsultEvent, at: Timestamp) {
        match event {
            ConsultEvent::Offered {
                agent,
                deliver_by,
                answer_within,
                note,
                ..
            } => {
                let consult = Consult::asked(*agent, offer.number, at, *deliver_by, *answer_within);
                self.consult_offered(offer.contact, consult, note.as_ref());
            }
            ConsultEvent::Delivered { answer_by } => {
                self.consult_delivered(offer.contact, *answer_by);
            }
            ConsultEvent::Accepted { .. } => {
                self.consult_stage(offer.contact, Consulting::Joined);
            }
            ConsultEvent::ConferenceBegun { .. } => {
                self.consult_stage(offer.contact, Consulting::Conference);
            }
            ConsultEvent::Ended {
                agent,
                how,
                cooldown,
                ..
            } => {
                self.consult_ended(offer.contact, at);
                self.cool_after_consult(offer.contact, *agent, *cooldown, how);
            }
        }
    }

    fn consult_offered(&mut self, contact: ContactId, consult: Consult, note: Option<&Text>) {
        let slot = self.known(contact);
        let asked = &mut self.contacts[slot];
        asked.newest_offer = consult.number;
        asked.past.alter(|past| past.asked_to_help += 1);
        self.alter_served(slot, |aside| {
            aside.consult = Some(consult);
            aside.consult_note = note.cloned();
        });
    }

    /// The same offer with another deadline: what its agent holds does not change.
    fn consult_delivered(&mut self, contact: ContactId, answer_by: Timestamp) {
        let slot = self.known(contact);
        self.alter_served(slot, |aside| {
            if let Some(consult) = &mut aside.consult
                && let Consulting::Offered {
                    delivered, until, ..
                } = &mut consult.stage
            {
                *delivered = true;
                *until = answer_by;
            }
        });
    }

    fn consult_stage(&mut self, contact: ContactId, stage: Consulting) {
        let slot = self.known(contact);
        self.alter_served(slot, |aside| {
            if let Some(consult) = &mut aside.consult {
                consult.stage = stage;
            }
        });
    }

    fn consult_ended(&mut self, contact: ContactId, at: Timestamp) {
        let slot = self.known(contact);
        let consult = self.contacts[slot]
            .service()
            .and_then(|service| service.aside.consult);
        self.alter_served(slot, |aside| {
            aside.consult = None;
            aside.consult_note = None;
        });
        // An agent who was only asked has not worked.
        if let Some(consult) = consult.filter(|consult| !consult.is_offered()) {
            self.idle_from(consult.agent, at);
        }
    }

    /// Alters what goes on beside the work with a contact that is being served.
    fn alter_served(&mut self, slot: Slot, alter: impl FnOnce(&mut Aside)) {
        self.alter_aside(slot, self.served(slot), alter);
    }
}
