//! Callbacks that keep their place: the customer hangs up, the contact keeps waiting.
//!
//! The agent who takes it dials the number; an unanswered call is tried again later, a few times,
//! and the contact keeps its age.

use crate::domain::{Channel, ContactId, Identity, Intake, Phone, Text, Timestamp};
use crate::engine::command::CallbackMode;
use crate::engine::event::{CallbackEvent, ConsultEnd, Event, Return};
use crate::engine::refusal::Refusal;
use crate::engine::state::contact::Ending;
use crate::engine::state::contact::{Contact, EndedBy, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::{AgentKey, QueueKey};
use crate::engine::{Done, Engine};

/// The channels whose customers can be called back.
pub(in crate::engine) const CALLED_BACK: [Channel; 2] = [Channel::Hotline, Channel::App];
/// The outcome of a callback that nobody answered.
pub(in crate::engine) const FAILED: &str = "callback_failed";
/// How many of a customer's newest contacts are searched for a callback.
const LOOKED_AT: usize = 64;

impl Engine {
    /// The customer of a waiting contact asks to be called instead.
    pub(in crate::engine) fn request_callback(
        &mut self,
        now: Timestamp,
        id: ContactId,
        phone: Option<Phone>,
        mode: CallbackMode,
    ) -> Result<(), Refusal> {
        let customer_first = mode == CallbackMode::CustomerFirst;
        let slot = self.slot(id)?;
        let contact = self.contact_at(slot);
        let told = match &contact.stage {
            Stage::Queued { .. } => None,
            Stage::Offered { offer, .. } => Some(offer.agent),
            Stage::Moving
            | Stage::Scheduled { .. }
            | Stage::Active(_)
            | Stage::Parked(_)
            | Stage::WrapUp { .. }
            | Stage::Closed(_) => return Err(Refusal::WrongState(contact.state())),
        };
        if contact.callback.is_some() {
            return Err(Refusal::CallbackExists);
        }
        let customer = contact.recognition.customer.as_ref();
        let queue = contact.labels.queue;
        let phone = self.callback_phone(&contact.intake, phone, customer, queue)?;
        if customer_first && self.rules[queue.index()].options.pull {
            let queue = self.registry.queues.name(queue).clone();
            return Err(Refusal::AgentFirstOnly(queue));
        }
        let event = CallbackEvent::Requested {
            queue,
            phone,
            told,
            customer_first,
        };
        self.emit(now, Event::Callback(id, event));
        self.show_beside(slot, now);
        Ok(())
    }

    /// The number to dial, if this customer may request a callback in this queue.
    pub(in crate::engine) fn callback_phone(
        &self,
        intake: &Intake,
        phone: Option<Phone>,
        customer: Option<&Text>,
        queue: QueueKey,
    ) -> Result<Phone, Refusal> {
        if !CALLED_BACK.contains(&intake.channel) {
            return Err(Refusal::NoCallback(intake.channel));
        }
        let mut known = intake.identities.iter();
        let phone = phone.or_else(|| known.find_map(Identity::phone));
        let phone = phone.ok_or(Refusal::NoPhone)?;
        let mut open = self.open_callbacks(&phone, customer, queue);
        if open.next().is_some() {
            return Err(Refusal::CallbackExists);
        }
        drop(open);
        Ok(phone)
    }

    /// The open callbacks in a queue to this number or of this customer.
    fn open_callbacks(
        &self,
        phone: &Phone,
        customer: Option<&Text>,
        queue: QueueKey,
    ) -> impl Iterator<Item = &Contact> {
        let same_phone = self.callbacks.get(phone).into_iter().flatten();
        let same_phone = same_phone.map(|slot| self.contact_at(*slot));
        let of_customer = customer.map(|customer| self.contacts.of_customer(customer, 0).rev());
        let of_customer = of_customer.into_iter().flatten().take(LOOKED_AT);
        let open = same_phone
            .chain(of_customer.map(|(_, contact)| contact))
            .filter(|other| other.callback.is_some() && !other.is_closed());
        open.filter(move |other| other.labels.queue == queue)
    }

    /// Whether this contact is a callback and its customer or number has another one in that queue.
    pub(in crate::engine) fn has_callback_beside(
        &self,
        queue: QueueKey,
        contact: &Contact,
    ) -> bool {
        let customer = contact.recognition.customer.as_ref();
        contact.callback.as_ref().is_some_and(|callback| {
            let mut open = self.open_callbacks(&callback.phone, customer, queue);
            open.any(|other| other.id != contact.id)
        })
    }

    /// The agent has dialled, and nobody answered.
    pub(in crate::engine) fn fail_callback(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
        outcome: Option<Text>,
    ) -> Result<Done, Refusal> {
        let done = Done::contact(id);
        let (slot, _) = self.active_with(agent, id)?;
        let contact = self.contact_at(slot);
        let Some(callback) = &contact.callback else {
            return Err(Refusal::NotACallback);
        };
        let rules = &self.rules[contact.labels.queue.index()];
        let reason = outcome.unwrap_or_else(|| Text::from(FAILED));
        let attempts = callback.attempts + 1;
        if attempts >= rules.options.callback.attempts_max {
            self.emit(
                now,
                Event::Callback(id, CallbackEvent::GivenUp { attempts }),
            );
            let ending = Ending {
                outcome: reason,
                notes: None,
                ended_by: EndedBy::Agent,
            };
            self.finish(slot, agent, now, ending);
            return Ok(done);
        }
        let until = self.tried_again_at(contact.labels.queue, now);
        let helper = self.stop_consult(slot, ConsultEnd::Left, now);
        self.give_back(slot, now, Return::CallbackFailed { reason });
        self.schedule(id, until, now);
        self.tell_routable(slot, now);
        for agent in [agent].into_iter().chain(helper) {
            self.go_on(agent, now);
        }
        Ok(done)
    }

    /// After the retry delay, and not before the queue is open.
    pub(in crate::engine) fn tried_again_at(&self, queue: QueueKey, now: Timestamp) -> Timestamp {
        let rules = &self.rules[queue.index()];
        let again = now + rules.options.callback.retry_delay;
        let hours = rules.hours.as_ref();
        let opens = hours.and_then(|hours| hours.next_opening(again));
        opens.unwrap_or(again)
    }

    /// Makes a callback findable by its number.
    pub(in crate::engine) fn index_callback(&mut self, slot: Slot) {
        if let Some(callback) = &self.contacts[slot].callback {
            let slots = self.callbacks.entry(callback.phone.clone());
            slots.or_default().push(slot);
        }
        self.index_dial(slot);
    }

    /// A callback has ended.
    pub(in crate::engine) fn forget_callback(&mut self, slot: Slot) {
        self.forget_dial(slot);
        let Some(callback) = &self.contacts[slot].callback else {
            return;
        };
        let phone = &callback.phone;
        if let Some(slots) = self.callbacks.get_mut(phone) {
            slots.retain(|other| *other != slot);
            if slots.is_empty() {
                self.callbacks.remove(phone);
            }
        }
    }
}
