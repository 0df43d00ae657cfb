//! Commands about a contact from outside: dispatch, a new contact, and its end. Changes to a known
//! contact are in `update`.

use std::sync::Arc;

use crate::domain::{ContactId, Intake, Name, Recognition, Text, Timestamp};
use crate::engine::command::{CUSTOMER_LEFT, ContactCommand, ContactRequest, RequestKey};
use crate::engine::event::{CallbackEvent, ContactEvent, Event, Labels};
use crate::engine::handlers::admission::{Admission, WayIn};
use crate::engine::lifecycle::ending::End;
use crate::engine::refusal::Refusal;
use crate::engine::state::contact::{EndedBy, Final, Stage};
use crate::engine::state::contacts::{NaturalKey, Slot};
use crate::engine::state::registry::TierKey;
use crate::engine::{Done, Engine};

/// A contact that is to come in.
pub(in crate::engine) struct Submission {
    pub id: ContactId,
    /// None if no adapter is involved.
    pub posted_by: Option<Text>,
    pub intake: Intake,
    pub recognition: Recognition,
}

impl Engine {
    pub(in crate::engine) fn handle_contact(
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
            } => {
                let submission = Submission {
                    id,
                    posted_by: None,
                    intake: *intake,
                    recognition,
                };
                self.submit(now, submission, key)
            }
            ContactCommand::Recognise {
                contact,
                recognition,
            } => self.recognise(now, contact, recognition),
            ContactCommand::Update { contact, patch } => self.update(now, contact, patch),
            ContactCommand::Request {
                contact,
                request,
                key,
            } => self.once(now, key, contact, |engine| {
                engine.handle_request(now, contact, request)
            }),
        }
    }

    fn handle_request(
        &mut self,
        now: Timestamp,
        contact: ContactId,
        request: ContactRequest,
    ) -> Result<(), Refusal> {
        match request {
            ContactRequest::Cancel { reason } => self.cancel(now, contact, reason),
            ContactRequest::End { outcome } => self.end_by_customer(now, contact, outcome),
            ContactRequest::Message { text } => self.message_from_customer(now, contact, text),
            ContactRequest::Callback { phone, mode } => {
                self.request_callback(now, contact, phone, mode)
            }
            ContactRequest::CallbackAnswered { attempt } => self.answer_dial(now, contact, attempt),
            ContactRequest::CallbackFailed { attempt, outcome } => {
                self.fail_dial(now, contact, attempt, outcome)
            }
            ContactRequest::Assign { agent, by } => self.assign(now, contact, &agent, by),
            ContactRequest::Requeue { by } => self.requeue(now, contact, by),
        }
    }

    pub(in crate::engine) fn submit(
        &mut self,
        now: Timestamp,
        submission: Submission,
        key: Option<RequestKey>,
    ) -> Result<Done, Refusal> {
        let Submission {
            id,
            posted_by,
            intake,
            recognition,
        } = submission;
        let fresh = false;
        if let Some(contact) = self.repeated(now, key)? {
            return Ok(Done::Contact { contact, fresh });
        }
        if let Some(contact) = self.same_natural_key(&intake, posted_by.as_ref(), now) {
            self.keep_request(now, key, Some(contact));
            return Ok(Done::Contact { contact, fresh });
        }
        let admission = self.admit(now, &intake, &recognition)?;
        let first_queued_at = admission.how.comes_in_at(now);
        let labels = Labels {
            queue: admission.came_to,
            channel: intake.channel,
            tier: self.tier_of(&recognition),
        };
        let event = ContactEvent::Arrived {
            intake: self.contacts.share(intake),
            recognition: self.share(recognition),
            labels,
            first_queued_at,
            posted_by,
        };
        self.emit(now, Event::Contact(id, event));
        self.keep_request(now, key, Some(id));
        let slot = self.slot(id)?;
        if admission.queue != admission.came_to {
            self.change_queue(slot, admission.queue, now);
        }
        self.let_in(slot, admission, now);
        Ok(Done::contact(id))
    }

    /// The contact has arrived, and goes where its queue has decided.
    fn let_in(&mut self, slot: Slot, admission: Admission, now: Timestamp) {
        let id = self.contact_at(slot).id;
        match admission.how {
            WayIn::Enter => self.come_in(slot, now),
            WayIn::Schedule(until) => {
                self.schedule(id, until, now);
                self.tell_routable(slot, now);
            }
            WayIn::CallBack(phone) => {
                let event = CallbackEvent::Requested {
                    queue: admission.queue,
                    phone,
                    told: None,
                    customer_first: false,
                };
                self.emit(now, Event::Callback(id, event));
                self.come_in(slot, now);
            }
            WayIn::Deflect(text) => {
                let end = End::of(Final::Deflected, EndedBy::System, Some(text));
                self.close(slot, now, end);
            }
        }
    }

    /// Unknown customers all share one recognition.
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
            let key: NaturalKey<'_> = (by, intake.channel, external);
            let contact = self.contacts.with_natural_key(key)?;
            (!self.is_to_be_forgotten(contact, now)).then_some(contact)
        };
        known(posted_by).or_else(|| posted_by.and_then(|_| known(None)))
    }

    /// It was closed so long ago that it will be forgotten as others close.
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
    pub(in crate::engine) fn tier_of(&self, recognition: &Recognition) -> TierKey {
        let options = self.configuration();
        let configured = |name: &&Name| options.tiers.iter().any(|tier| tier.name == **name);
        let name = recognition.tier.as_ref().filter(configured);
        let name = name.unwrap_or(&options.default_tier);
        let key = self.registry.tiers.key(name.as_str());
        key.expect("every configured tier is registered")
    }

    fn cancel(&mut self, now: Timestamp, id: ContactId, reason: Text) -> Result<(), Refusal> {
        let slot = self.slot(id)?;
        let contact = self.contact_at(slot);
        if contact.is_closed() {
            return Err(Refusal::WrongState(contact.state()));
        }
        let has_left = &*reason == CUSTOMER_LEFT;
        // A customer who is to be called back is expected to hang up, as is one whose contact is
        // finished; the report of it may come after an agent has accepted or completed.
        let is_to_be_called = contact.callback.is_some() && !contact.is_on_the_line();
        let is_finished = matches!(contact.stage, Stage::WrapUp { .. });
        if has_left && (is_finished || is_to_be_called) {
            return Ok(());
        }
        // The outcome that its agent reported stands.
        if is_finished {
            return Err(Refusal::WrongState(contact.state()));
        }
        let (how, ended_by) = if has_left {
            (Final::Abandoned, EndedBy::Customer)
        } else {
            (Final::Cancelled, EndedBy::System)
        };
        self.close(slot, now, End::of(how, ended_by, Some(reason)));
        Ok(())
    }
}
