//! Commands about a contact that come from outside: a new one, what is learned
//! about it, and its end.

use std::sync::Arc;

use crate::domain::{ContactId, Intake, Name, Recognition, Text, Timestamp};
use crate::engine::admission::How;
use crate::engine::capacity::Class;
use crate::engine::command::{CUSTOMER_LEFT, Change, ContactCommand, Patch, RequestKey};
use crate::engine::contact::{EndedBy, Final, Stage};
use crate::engine::contacts::{NaturalKey, Slot};
use crate::engine::ending::End;
use crate::engine::event::{Event, Labels, Withdrawal};
use crate::engine::place::holds;
use crate::engine::refusal::Refusal;
use crate::engine::registry::TierKey;
use crate::engine::{Done, Engine, Request};

impl Engine {
    #[expect(clippy::too_many_lines, reason = "one arm for each command")]
    pub(super) fn handle_contact(
        &mut self,
        now: Timestamp,
        command: ContactCommand,
    ) -> Result<Done, Refusal> {
        match command {
            ContactCommand::Submit {
                id,
                intake,
                recognition,
                key,
            } => self.submit(now, (id, None), *intake, recognition, key),
            ContactCommand::Recognise {
                contact,
                recognition,
            } => self.recognise(now, contact, recognition),
            ContactCommand::Cancel {
                contact,
                reason,
                key,
            } => self.once(now, key, contact, |engine| {
                engine.cancel(now, contact, reason)
            }),
            ContactCommand::End {
                contact,
                outcome,
                key,
            } => self.once(now, key, contact, |engine| {
                engine.end_by_customer(now, contact, outcome)
            }),
            ContactCommand::Message { contact, text, key } => {
                self.once(now, key, contact, |engine| {
                    engine.message_from_customer(now, contact, text)
                })
            }
            ContactCommand::Callback {
                contact,
                phone,
                mode,
                key,
            } => self.once(now, key, contact, |engine| {
                engine.request_callback(now, contact, phone, mode)
            }),
            ContactCommand::CallbackAnswered {
                contact,
                attempt,
                key,
            } => self.once(now, key, contact, |engine| {
                engine.answer_dial(now, contact, attempt)
            }),
            ContactCommand::CallbackFailed {
                contact,
                attempt,
                outcome,
                key,
            } => self.once(now, key, contact, |engine| {
                engine.fail_dial(now, contact, attempt, outcome)
            }),
            ContactCommand::Update { contact, patch } => self.update(now, contact, patch),
            ContactCommand::Assign {
                contact,
                agent,
                by,
                key,
            } => self.once(now, key, contact, |engine| {
                engine.assign(now, contact, &agent, by)
            }),
            ContactCommand::Requeue { contact, by, key } => {
                self.once(now, key, contact, |engine| engine.requeue(now, contact, by))
            }
        }
    }

    /// What is known of a request that came before; a mismatch is refused.
    pub(super) fn request(
        &self,
        now: Timestamp,
        key: Option<RequestKey>,
    ) -> Result<Option<&Request>, Refusal> {
        let Some(key) = key else {
            return Ok(None);
        };
        // They are forgotten only as others come.
        let closed_for = self.configuration().limits.closed_for;
        let known = self.requests.get(&key.key);
        match known.filter(|known| now - known.at < closed_for) {
            Some(known) if known.key.fingerprint != key.fingerprint => {
                Err(Refusal::IdempotencyMismatch)
            }
            known => Ok(known),
        }
    }

    /// The contact of a request that came before.
    fn repeated(
        &self,
        now: Timestamp,
        key: Option<RequestKey>,
    ) -> Result<Option<ContactId>, Refusal> {
        Ok(self.request(now, key)?.and_then(|known| known.contact))
    }

    /// Carries out a request about one contact unless it was carried out before.
    fn once(
        &mut self,
        now: Timestamp,
        key: Option<RequestKey>,
        contact: ContactId,
        act: impl FnOnce(&mut Self) -> Result<(), Refusal>,
    ) -> Result<Done, Refusal> {
        if let Some(contact) = self.repeated(now, key)? {
            return Ok(Done::Contact {
                contact,
                fresh: false,
            });
        }
        act(self)?;
        self.keep_request(now, key, Some(contact));
        Ok(Done::contact(contact))
    }

    pub(super) fn keep_request(
        &mut self,
        now: Timestamp,
        key: Option<RequestKey>,
        contact: Option<ContactId>,
    ) {
        if let Some(key) = key {
            self.emit(now, Event::RequestRemembered { key, contact });
        }
    }

    /// `posted_by` is none where no adapter has a part in it.
    pub(super) fn submit(
        &mut self,
        now: Timestamp,
        (id, posted_by): (ContactId, Option<Text>),
        intake: Intake,
        recognition: Recognition,
        key: Option<RequestKey>,
    ) -> Result<Done, Refusal> {
        let fresh = false;
        if let Some(contact) = self.repeated(now, key)? {
            return Ok(Done::Contact { contact, fresh });
        }
        if let Some(contact) = self.same_natural_key(&intake, posted_by.as_ref(), now) {
            self.keep_request(now, key, Some(contact));
            return Ok(Done::Contact { contact, fresh });
        }
        let admission = self.admit(now, &intake, &recognition)?;
        let first_queued_at = match &admission.how {
            How::Schedule(until) => *until,
            How::Enter | How::Deflect(_) | How::CallBack(_) => now,
        };
        let labels = Labels {
            queue: admission.came_to,
            channel: intake.channel,
            tier: self.tier_of(&recognition),
        };
        let event = Event::ContactArrived {
            contact: id,
            intake: self.contacts.share(intake),
            recognition: self.share(recognition),
            labels,
            first_queued_at,
            posted_by,
        };
        self.emit(now, event);
        self.keep_request(now, key, Some(id));
        let slot = self.slot(id)?;
        if admission.queue != admission.came_to {
            self.change_queue(slot, admission.queue, now);
        }
        match admission.how {
            How::Enter => self.come_in(slot, now),
            How::Schedule(until) => {
                self.emit(now, Event::ContactScheduled { contact: id, until });
                self.tell_routable(slot, now);
            }
            How::CallBack(phone) => {
                let event = Event::CallbackRequested {
                    contact: id,
                    queue: admission.queue,
                    phone,
                    told: None,
                    customer_first: false,
                };
                self.emit(now, event);
                self.come_in(slot, now);
            }
            How::Deflect(text) => {
                let end = End::of(Final::Deflected, EndedBy::System, Some(text));
                self.close(slot, now, end);
            }
        }
        Ok(Done::contact(id))
    }

    /// All of whom nothing is known share what is known of them.
    fn share(&self, recognition: Recognition) -> Arc<Recognition> {
        if recognition == *self.nothing_known {
            Arc::clone(&self.nothing_known)
        } else {
            Arc::new(recognition)
        }
    }

    /// The contact of the same adapter, or else of nobody, that came with the same key.
    fn same_natural_key(
        &self,
        intake: &Intake,
        posted_by: Option<&Text>,
        now: Timestamp,
    ) -> Option<ContactId> {
        let external = intake.external_id.as_ref()?;
        let known = |by: Option<&Text>| {
            let key: NaturalKey = (by.cloned(), intake.channel, external.clone());
            let contact = self.contacts.with_natural_key(&key)?;
            (!self.is_to_be_forgotten(contact, now)).then_some(contact)
        };
        known(posted_by).or_else(|| posted_by.and_then(|_| known(None)))
    }

    /// It was closed so long ago that it is forgotten as others close.
    fn is_to_be_forgotten(&self, id: ContactId, now: Timestamp) -> bool {
        let slot = self.contacts.slot(id);
        match slot.map(|slot| &self.contact_at(slot).stage) {
            Some(Stage::Closed(closing)) => {
                now - closing.at >= self.configuration().limits.closed_for
            }
            Some(_) | None => false,
        }
    }

    /// The customer's tier; the default one for strangers and unknown names.
    fn tier_of(&self, recognition: &Recognition) -> TierKey {
        let options = self.configuration();
        let configured = |name: &&Name| options.tiers.iter().any(|tier| tier.name == **name);
        let name = recognition.tier.as_ref().filter(configured);
        let name = name.unwrap_or(&options.default_tier);
        let key = self.registry.tiers.key(name.as_str());
        key.expect("every configured tier is registered")
    }

    fn recognise(
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

    fn cancel(&mut self, now: Timestamp, id: ContactId, reason: Text) -> Result<(), Refusal> {
        let slot = self.slot(id)?;
        let contact = self.contact_at(slot);
        if contact.is_closed() {
            return Err(Refusal::WrongState(contact.state()));
        }
        // Hanging up is what a customer does who is to be called, or with whom all is said; a
        // report of it may come when an agent has accepted already.
        let is_to_be_called = contact.callback.is_some() && !contact.is_on_the_line();
        let is_said = matches!(contact.stage, Stage::WrapUp { .. });
        if (is_to_be_called || is_said) && &*reason == CUSTOMER_LEFT {
            return Ok(());
        }
        let (how, ended_by) = if &*reason == CUSTOMER_LEFT {
            (Final::Abandoned, EndedBy::Customer)
        } else {
            (Final::Cancelled, EndedBy::System)
        };
        self.close(slot, now, End::of(how, ended_by, Some(reason)));
        Ok(())
    }

    fn update(&mut self, now: Timestamp, id: ContactId, patch: Patch) -> Result<Done, Refusal> {
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
        let holders = holds(&contact.stage).into_iter().map(|(agent, _)| agent);
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
