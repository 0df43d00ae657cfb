//! What events do to callbacks.

use crate::domain::{ContactId, Phone, Timestamp};
use crate::engine::Engine;
use crate::engine::event::CallbackEvent;
use crate::engine::state::contact::{Callback, CustomerFirst, Escalated, Meant, Moment, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::AgentKey;

impl Engine {
    pub(super) fn fold_callback(
        &mut self,
        contact: ContactId,
        event: &CallbackEvent,
        at: Timestamp,
    ) {
        match event {
            CallbackEvent::Requested {
                phone,
                customer_first,
                ..
            } => self.callback_requested(contact, phone, *customer_first, at),
            CallbackEvent::Dialled { agent, until, .. } => {
                self.callback_dialled(contact, *agent, *until);
            }
            CallbackEvent::Answered { reserved, .. } => self.callback_answered(contact, *reserved),
            CallbackEvent::Missed { attempts, .. } => self.callback_missed(contact, *attempts),
            CallbackEvent::GivenUp { attempts } => self.callback_given_up(contact, *attempts),
        }
    }

    pub(super) fn callback_requested(
        &mut self,
        contact: ContactId,
        phone: &Phone,
        customer_first: bool,
        at: Timestamp,
    ) {
        // A customer who hangs up has been patient for this long, and need not be from now on.
        if let Some(waited) = self.patience_shown(self.known(contact), at) {
            self.forecast.note_wait(waited, false);
        }
        let callback = Callback {
            phone: phone.clone(),
            attempts: 0,
            first: customer_first.then_some(CustomerFirst::Waits),
            is_handed_on: false,
            is_given_up: false,
            hung_up: 0,
        };
        self.alter_waiting(contact, None, |contacts, slot| {
            contacts[slot].callback = Some(Box::new(callback));
        });
        self.index_callback(self.known(contact));
    }

    /// Out of its line until the result is reported or the time is over.
    pub(super) fn callback_dialled(
        &mut self,
        contact: ContactId,
        agent: AgentKey,
        until: Timestamp,
    ) {
        let slot = self.put(contact, Stage::Scheduled { until });
        self.leave_line(slot, self.last_at);
        // No agent is waited for meanwhile.
        self.contacts[slot].meant.reset(Meant::anyone);
        self.go_on_with_call(slot, CustomerFirst::Dialled { agent, until });
    }

    pub(super) fn callback_answered(&mut self, contact: ContactId, reserved: bool) {
        let slot = self.put(contact, Stage::Moving);
        self.go_on_with_call(slot, CustomerFirst::Answered);
        let contact = &mut self.contacts[slot];
        // It was called for an agent of this queue.
        contact.escalated.reset(Escalated::owe_nothing);
        contact.wait.ordered_for = Moment::NONE;
        if reserved || contact.escalated.is_reserved {
            contact.escalated.alter(Escalated::reserve_next);
        }
        self.queues[contact.labels.queue.index()].reserved += u32::from(reserved);
    }

    pub(super) fn callback_missed(&mut self, contact: ContactId, attempts: u32) {
        let slot = self.known(contact);
        self.go_on_with_call(slot, CustomerFirst::Waits);
        self.free_reserved(slot);
        self.callback_tried(slot, attempts);
    }

    pub(super) fn callback_tried(&mut self, slot: Slot, attempts: u32) {
        if let Some(callback) = &mut self.contacts[slot].callback {
            callback.attempts = attempts;
        }
    }

    pub(super) fn callback_given_up(&mut self, contact: ContactId, attempts: u32) {
        let slot = self.known(contact);
        self.callback_tried(slot, attempts);
        if let Some(callback) = &mut self.contacts[slot].callback {
            callback.is_given_up = true;
        }
    }

    /// For a contact whose customer is called first, and that is in no line.
    pub(super) fn go_on_with_call(&mut self, slot: Slot, next: CustomerFirst) {
        self.forget_dial(slot);
        if let Some(callback) = &mut self.contacts[slot].callback
            && let Some(first) = &mut callback.first
        {
            *first = next;
        }
        self.index_dial(slot);
    }
}
