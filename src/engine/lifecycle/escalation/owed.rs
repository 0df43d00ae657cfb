//! Owed moves: a rule has fired, and its contact could not leave its queue then, because an agent
//! was being asked or the next queue did not take it.
//!
//! It goes as soon as it can, the one due first before all others; no timer is involved.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Channel, Name, Timestamp};
use crate::engine::Engine;
use crate::engine::event::{Event, RuleEvent};
use crate::engine::lifecycle::escalation::fire::Moved;
use crate::engine::lifecycle::escalation::owes_move;
use crate::engine::options::{Action, EscalationRule};
use crate::engine::state::contact::{Contact, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::line::Place;
use crate::engine::state::place::place_of;
use crate::engine::state::registry::QueueKey;

/// By the queue that they go to, none for those that end; and by channel, because a queue's limits
/// are.
pub(in crate::engine) type Owed = BTreeMap<(Option<QueueKey>, Channel), BTreeSet<Place>>;

impl Engine {
    /// Moves all contacts that can leave their queue now to where rules have sent them; returns
    /// whether any could.
    pub(in crate::engine) fn move_owed(&mut self, now: Timestamp) -> bool {
        let mut is_any = false;
        while let Some(slot) = self.first_owed() {
            is_any = true;
            self.pay_owed(slot, now);
            if matches!(self.contact_stage(slot), Some(Stage::Moving)) {
                self.enter_line(slot, now);
            }
        }
        is_any
    }

    /// The contact due first among those that can go.
    fn first_owed(&self) -> Option<Slot> {
        let takes = |queue: Option<QueueKey>, channel| {
            queue.is_none_or(|queue| self.takes_in(queue, channel))
        };
        let open = self.owed.iter();
        let open = open.filter(|((queue, channel), _)| takes(*queue, *channel));
        let firsts = open.filter_map(|((queue, _), places)| {
            let goes = |place: &&Place| {
                let contact = self.contact_at(place.slot);
                queue.is_none_or(|queue| self.goes_on_in(queue, contact))
            };
            places.iter().find(goes)
        });
        firsts.min().map(|place| place.slot)
    }

    /// Carries out the moves owed to a contact that is with nobody, if possible now; afterwards it
    /// may be elsewhere, or have ended.
    pub(in crate::engine) fn pay_owed(&mut self, slot: Slot, now: Timestamp) {
        let contact = self.contact_at(slot);
        let queue = contact.labels.queue;
        let mut rules = self.rules[queue.index()].options.escalations.iter();
        let owed = rules.position(|rule| self.can_leave_by(contact, rule));
        if let Some(number) = owed {
            self.move_on(slot, queue, number, now);
        }
    }

    /// Retries what a fired rule still owes.
    pub(super) fn move_on(&mut self, slot: Slot, queue: QueueKey, number: usize, now: Timestamp) {
        let rule = self.rule_at(queue, number).clone();
        match self.leave(slot, &rule, now) {
            Moved::Away => {}
            Moved::NotNow => self.owe_move(slot, queue, rule.name, now),
            // The configuration has changed, or the contact need not be moved any more.
            Moved::NeedNot => {
                self.say_owed(slot, queue, rule.name, false, now);
                self.tell_routable(slot, now);
            }
        }
    }

    /// Recorded once, whatever else the rule does meanwhile.
    pub(super) fn owe_move(&mut self, slot: Slot, queue: QueueKey, rule: Name, now: Timestamp) {
        let fired = self.contact_at(slot).fired(&rule);
        if !fired.is_some_and(|fired| fired.owes_move) {
            self.say_owed(slot, queue, rule, true, now);
        }
    }

    fn say_owed(&mut self, slot: Slot, queue: QueueKey, name: Name, is_owed: bool, now: Timestamp) {
        let event = RuleEvent::MoveOwed {
            queue,
            name,
            is_owed,
        };
        self.emit(now, Event::Rule(self.contact_at(slot).id, event));
    }

    /// Whether a rule owes this contact, which is with nobody, a move that can be made now or is
    /// void.
    pub(super) fn can_leave_by(&self, contact: &Contact, rule: &EscalationRule) -> bool {
        let goes_on = |queue| self.goes_on_in(queue, contact);
        owes_move(contact, rule) && self.goes_to(contact, rule).is_none_or(goes_on)
    }

    /// The queue to which the rule moves this contact; none if it ends the contact, or need not
    /// move it.
    fn goes_to(&self, contact: &Contact, rule: &EscalationRule) -> Option<QueueKey> {
        let leaving = rule.actions.iter().find(|action| action.takes_away())?;
        if let Action::MoveTo(queue) = leaving {
            self.other_queue(queue, contact)
        } else {
            None
        }
    }

    pub(super) fn other_queue(&self, queue: &Name, contact: &Contact) -> Option<QueueKey> {
        let next = self.registry.queues.key(queue.as_str());
        next.filter(|next| *next != contact.labels.queue)
    }

    /// When the queue opens to which a rule still owes the contact a move, if it is closed.
    pub(in crate::engine) fn owed_opens_at(
        &self,
        contact: &Contact,
        rule: &EscalationRule,
    ) -> Option<Timestamp> {
        let next = self.goes_to(contact, rule)?;
        let next = &self.queues[next.index()];
        next.changes_at.filter(|_| next.closed)
    }

    /// Updates the index as a contact enters or leaves its line.
    pub(in crate::engine) fn index_owed(&mut self, slot: Slot, place: Place, enters: bool) {
        for of in self.owed_to(&self.contacts[slot]) {
            let places = self.owed.entry(of).or_default();
            if enters {
                places.insert(place);
            } else {
                places.remove(&place);
            }
            if places.is_empty() {
                self.owed.remove(&of);
            }
        }
    }

    /// Where fired rules still have to take a contact of a queue.
    fn owed_to(&self, contact: &Contact) -> Vec<(Option<QueueKey>, Channel)> {
        if !contact.escalated.fired.iter().any(|fired| fired.owes_move) {
            return Vec::new();
        }
        let rules = self.rules[contact.labels.queue.index()]
            .options
            .escalations
            .iter();
        let owed = rules.filter(|rule| owes_move(contact, rule));
        let channel = contact.labels.channel;
        owed.map(|rule| (self.goes_to(contact, rule), channel))
            .collect()
    }

    /// For tests.
    pub(in crate::engine) fn audit_owed(&self, faults: &mut Vec<String>) {
        let mut owed = Owed::new();
        for (slot, contact) in self.contacts.open_after(0) {
            if let Stage::Queued { due } = contact.stage {
                for of in self.owed_to(contact) {
                    let places = owed.entry(of).or_default();
                    places.insert(place_of(contact, slot, due));
                }
            }
        }
        if owed != self.owed {
            faults.push("owed moves differ from the list".to_owned());
        }
        if self.first_owed().is_some() {
            faults.push("a contact could make its owed move".to_owned());
        }
    }

    pub(super) fn contact_stage(&self, slot: Slot) -> Option<&Stage> {
        self.contacts.get(slot).map(|contact| &contact.stage)
    }
}
