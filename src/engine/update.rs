//! What is learned about a contact after it has come: whose it is, its topic, its attributes.

use std::sync::Arc;

use crate::domain::{ContactId, Recognition, Timestamp};
use crate::engine::capacity::Class;
use crate::engine::command::{Change, Patch};
use crate::engine::contact::Stage;
use crate::engine::contacts::Slot;
use crate::engine::event::{Event, Labels, Withdrawal};
use crate::engine::place::involved;
use crate::engine::refusal::Refusal;
use crate::engine::{Done, Engine};

impl Engine {
    pub(super) fn recognise(
        &mut self,
        now: Timestamp,
        id: ContactId,
        recognition: Recognition,
    ) -> Result<Done, Refusal> {
        let slot = self.slot(id)?;
        let contact = self.contact_at(slot);
        if contact.is_closed() || *contact.recognition == recognition {
            return Ok(Done::Nothing);
        }
        let (tier, before) = (self.tier_of(&recognition), self.class_of(slot));
        let event = Event::ContactRecognised {
            contact: id,
            recognition: Arc::new(recognition),
            tier,
            due: self.due_with(
                contact,
                Labels {
                    tier,
                    ..contact.labels
                },
            ),
            told: contact.agent(),
        };
        self.emit(now, event);
        self.show_helper(slot, now);
        self.show_beside(slot, now);
        self.escalate(slot, now);
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
        self.look_again(slot, before, now);
        Ok(Done::Nothing)
    }

    pub(super) fn update(
        &mut self,
        now: Timestamp,
        id: ContactId,
        patch: Patch,
    ) -> Result<Done, Refusal> {
        let done = Done::contact(id);
        let slot = self.slot(id)?;
        let contact = self.contact_at(slot);
        if contact.is_closed() {
            return Err(Refusal::WrongState(contact.state()));
        }
        let attributes = patch.attributes;
        let attributes = attributes.map(|changes| contact.intake.attributes.with(changes));
        let change = Change {
            topic: patch.topic,
            sentiment: patch.sentiment,
            attributes: attributes.transpose()?,
        };
        let (told, before) = (contact.agent(), self.class_of(slot));
        let has_new_topic = change.topic.is_some();
        self.emit(
            now,
            Event::ContactUpdated {
                contact: id,
                change,
                told,
            },
        );
        self.show_helper(slot, now);
        self.show_beside(slot, now);
        self.rerank(slot, has_new_topic, now);
        self.look_again(slot, before, now);
        Ok(done)
    }

    /// A contact of another class may have room where it had none, or leave some.
    fn look_again(&mut self, slot: Slot, before: Class, now: Timestamp) {
        // A rule may have closed it, and closed contacts are forgotten some time.
        if self.contacts.get(slot).is_none() || self.class_of(slot) == before {
            return;
        }
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
        let contact = self.contact_at(slot);
        let parked_by = matches!(contact.stage, Stage::Parked(_)).then(|| contact.agent());
        let holders = involved(&contact.stage).into_iter().map(|(agent, _)| agent);
        for agent in holders.chain(parked_by.flatten()) {
            self.serve(agent, now);
        }
    }

    /// A changed topic may belong to another queue, a changed sentiment may
    /// set off a rule.
    fn rerank(&mut self, slot: Slot, has_new_topic: bool, now: Timestamp) {
        let contact = self.contact_at(slot);
        let offered = matches!(contact.stage, Stage::Offered { .. });
        if !offered && !self.is_waiting(slot) {
            return;
        }
        let chosen = contact.intake.queue.is_some();
        let queue = self.queue_of_topic(contact.intake.topic.as_ref());
        // Who calls a customer first calls for the queue that the contact is in, and agents who
        // call from a queue know no such customers.
        let is_first = contact.customer_first().is_some();
        let stays = contact.is_dialled() || (is_first && self.rules[queue.index()].options.pull);
        let is_other = !chosen && has_new_topic && queue != contact.labels.queue;
        let is_moved = is_other && !stays;
        if let Stage::Scheduled { until } = contact.stage
            && is_moved
        {
            // Whether there is room is asked when it comes in.
            let contact = contact.id;
            self.change_queue(slot, queue, now);
            self.emit(now, Event::ContactScheduled { contact, until });
            self.tell_routable(slot, now);
        } else if is_moved && self.takes_in(queue, contact.labels.channel) {
            let freed = contact.agent();
            let beside = self.offered_beside(slot);
            if offered {
                self.withdraw(slot, now, Withdrawal::ContactChanged);
            }
            self.change_queue(slot, queue, now);
            match freed {
                Some(agent) => self.return_to_line(&[slot], agent, now),
                None => self.enter_line(slot, now),
            }
            for agent in beside {
                self.serve(agent, now);
            }
            return;
        }
        self.escalate(slot, now);
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
    }
}
