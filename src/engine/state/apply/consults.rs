//! What events do to consultations.

use crate::domain::{OfferId, Timestamp};
use crate::engine::Engine;
use crate::engine::event::ConsultEvent;
use crate::engine::state::contact::{Consult, Consulting};

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
}
