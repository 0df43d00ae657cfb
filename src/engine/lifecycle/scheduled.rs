//! Scheduled contacts: they come in on time, all that are due together, and one that comes back
//! early is not served before.

use crate::domain::{ContactId, Timestamp};
use crate::engine::Engine;
use crate::engine::event::{Event, LineEvent};
use crate::engine::state::contacts::Slot;

impl Engine {
    /// Takes a contact out of every line until then.
    pub(in crate::engine) fn schedule(
        &mut self,
        contact: ContactId,
        until: Timestamp,
        now: Timestamp,
    ) {
        let event = LineEvent::Scheduled { until };
        self.emit(now, Event::Line(contact, event));
    }

    /// Brings in a contact scheduled for now, together with all others.
    pub(in crate::engine) fn come_in_time(&mut self, slot: Slot, now: Timestamp) {
        if self.dialled_for(slot).is_some() {
            return self.come_in(slot, now);
        }
        self.come_in_together(Vec::new(), now);
    }

    /// A contact that comes back before its scheduled time, from an agent to whom a supervisor had
    /// it offered, goes on waiting for that time.
    pub(in crate::engine) fn put_off(&mut self, slot: Slot, now: Timestamp) -> bool {
        let contact = self.contact_at(slot);
        let ordered_for = contact.wait.ordered_for.get();
        let until = ordered_for.unwrap_or(contact.wait.first_queued_at);
        if until <= now {
            return false;
        }
        let contact = contact.id;
        self.leave_vanished(slot, now);
        self.schedule(contact, until, now);
        self.tell_routable(slot, now);
        true
    }

    /// Brings in these contacts and all scheduled for now: first all enter their lines, then the
    /// one due first looks for an agent first.
    pub(in crate::engine) fn come_in_together(&mut self, mut slots: Vec<Slot>, now: Timestamp) {
        let mut ordered = self.deadlines.scheduled(now);
        ordered.retain(|slot| self.dialled_for(*slot).is_none());
        if let ([only], true) = (&ordered[..], slots.is_empty()) {
            return self.come_in(*only, now);
        }
        for slot in ordered {
            self.stand_in_line(slot, now);
            slots.push(slot);
        }
        self.sort_by_turn(&mut slots);
        for slot in slots {
            self.seek_in_turn(slot, now);
            self.stop_waiting_for_agent_in_vain(slot, now);
            self.escalate(slot, now);
            self.seek_in_turn(slot, now);
        }
    }
}
