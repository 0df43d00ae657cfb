//! What events do to replies that customers wait for.

use crate::domain::{ContactId, Timestamp};
use crate::engine::Engine;
use crate::engine::state::contact::{Owed, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::deadline::{ContactRef, Reason};
use crate::engine::state::registry::AgentKey;

impl Engine {
    /// The customer's first message starts the clock of a contact that is with an agent; an agent's
    /// message stops it.
    pub(super) fn message_sent(
        &mut self,
        contact: ContactId,
        from: Option<AgentKey>,
        at: Timestamp,
    ) {
        let slot = self.known(contact);
        if self.contacts[slot].labels.channel.is_synchronous() {
            return;
        }
        self.alter_owed(slot, |owed| {
            if from.is_some() {
                *owed = None;
            } else {
                owed.get_or_insert(Owed {
                    since: at,
                    is_late: false,
                });
            }
        });
    }

    pub(super) fn response_late(&mut self, contact: ContactId) {
        let slot = self.known(contact);
        self.alter_owed(slot, |owed| {
            if let Some(owed) = owed {
                owed.is_late = true;
            }
        });
    }

    /// No index but the deadline depends on it.
    fn alter_owed(&mut self, slot: Slot, alter: impl FnOnce(&mut Option<Owed>)) {
        let service = match &mut self.contacts[slot].stage {
            Stage::Active(service) => service,
            Stage::Parked(parked) => &mut parked.service,
            Stage::Moving
            | Stage::Scheduled { .. }
            | Stage::Queued { .. }
            | Stage::Offered { .. }
            | Stage::WrapUp { .. }
            | Stage::Closed(_) => return,
        };
        alter(&mut service.owed);
        self.arm_response(slot);
    }

    /// The deadline of the reply by the current rules, replacing the previous one.
    pub(in crate::engine) fn arm_response(&mut self, slot: Slot) {
        let contact = &self.contacts[slot];
        let (who, until) = (ContactRef::of(contact, slot), self.respond_by(contact));
        let respond_at = &mut self.contacts[slot].index.respond_at;
        let before = std::mem::replace(respond_at, until.into());
        if let Some(before) = before.get() {
            self.deadlines.disarm(before, Reason::Response(who));
        }
        if let Some(until) = until {
            self.deadlines.arm(until, Reason::Response(who));
        }
    }
}
