//! What events do to contacts that wait.

use crate::domain::{ContactId, Millis, Timestamp};
use crate::engine::Engine;
use crate::engine::event::LineEvent;
use crate::engine::state::contact::{Contact, Meant, Moment, Stage};
use crate::engine::state::contacts::Slot;

impl Engine {
    pub(super) fn fold_line(&mut self, contact: ContactId, event: &LineEvent, at: Timestamp) {
        match event {
            LineEvent::Scheduled { until } => self.scheduled(contact, *until, at),
            LineEvent::Queued {
                queue,
                step,
                due,
                direct,
                direct_until,
                stays_for_now,
            } => {
                let slot = self.put(contact, Stage::Moving);
                let contact = &mut self.contacts[slot];
                contact.labels.queue = *queue;
                contact.wait.step = *step;
                contact.has_new_topic = *stays_for_now;
                contact
                    .meant
                    .alter(|meant| meant.only(*direct, *direct_until));
                self.forecast.note_coming(slot, contact, at);
                self.place(slot, Stage::Queued { due: *due });
                self.ask_oneself(slot, at);
            }
            LineEvent::Moved {
                labels,
                keeps_agent,
                loses_boost,
                ..
            } => {
                let slot = self.moved(contact, *labels);
                let contact = &mut self.contacts[slot];
                leave_behind(contact, *keeps_agent, *loses_boost);
            }
            LineEvent::Unroutable { .. } => self.mark_unroutable(contact),
            LineEvent::Routable => self.mark_routable(contact),
            LineEvent::StepTaken { step } => {
                self.alter_waiting(contact, None, |contacts, slot| {
                    contacts[slot].wait.step = *step;
                });
            }
            LineEvent::CooldownLifted { agent } => self.end_cooldown(contact, *agent),
            LineEvent::CooldownKept { agent, lift_at } => {
                self.keep_cooldown(contact, *agent, *lift_at);
            }
            LineEvent::RoomKept { agent } => self.room_kept(self.known(contact), *agent),
            LineEvent::AgentsLetGo => {
                self.alter_waiting(contact, None, |contacts, slot| {
                    contacts[slot].wait.agents_let_go = true;
                });
            }
        }
    }

    fn scheduled(&mut self, contact: ContactId, until: Timestamp, at: Timestamp) {
        let slot = self.put(contact, Stage::Scheduled { until });
        self.leave_line(slot, at);
        if !self.contacts[slot].is_dialled() {
            self.free_reserved(slot);
        }
        let wait = &mut self.contacts[slot].wait;
        // If it has not come in yet, it may now come in sooner or later than planned.
        if wait.first_queued_at > at {
            wait.first_queued_at = until;
        }
        wait.first_queued_at = wait.first_queued_at.min(until);
        wait.ordered_for = Moment::at(until);
    }

    /// It is in no line until it comes in; a scheduled contact that has not come in yet has left
    /// none.
    pub(super) fn leave_line(&mut self, slot: Slot, at: Timestamp) {
        self.forecast.forget(slot);
        self.contacts[slot].wait.pause(at);
    }

    fn mark_routable(&mut self, contact: ContactId) {
        let slot = self.known(contact);
        self.contacts[slot].is_unroutable = false;
    }

    fn mark_unroutable(&mut self, contact: ContactId) {
        let slot = self.known(contact);
        self.contacts[slot].is_unroutable = true;
    }
}

/// Resets what belongs to the queue that it leaves and not to the one that it goes to.
fn leave_behind(contact: &mut Contact, keeps_agent: bool, loses_boost: bool) {
    if !keeps_agent {
        contact.meant.reset(Meant::anyone);
    }
    contact.escalated.reset(|made| {
        made.beside_max = 0;
        made.forgive();
        if loses_boost {
            made.boost = Millis::ZERO;
        }
    });
}
