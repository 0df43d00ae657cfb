//! Callbacks in which the customer is called first, and an agent is asked once somebody answers.
//!
//! The contact keeps its place in line like any other callback. When an agent is found for it, it
//! is not offered: the adapter is asked to call, and the agent goes on. Meanwhile the contact is
//! `scheduled`, out of its line, for as long as the queue lets it ring. For each agent one customer
//! is called at a time, so that no more answer than there are agents who could have taken them. A
//! customer who answers comes before all others of the queue if no other contact has the next agent
//! reserved, and otherwise returns to the place that it has kept.
//!
//! Past the line (called by an agent, assigned by a supervisor) the contact is a callback like any
//! other: the agent who takes it dials.

use crate::domain::{ContactId, Millis, Text, Timestamp};
use crate::engine::Engine;
use crate::engine::event::{CallbackEvent, Event};
use crate::engine::lifecycle::callback::FAILED;
use crate::engine::lifecycle::ending::End;
use crate::engine::refusal::Refusal;
use crate::engine::state::contact::{Contact, CustomerFirst, EndedBy, Final};
use crate::engine::state::contacts::Slot;
use crate::engine::state::needs::NeedLine;
use crate::engine::state::registry::{AgentKey, QueueKey};
use crate::engine::view::DialView;

/// The call that an adapter reports on.
enum Attempt {
    /// The call in progress, for this agent.
    Now(AgentKey),
    /// The same report was made before.
    Known,
}

/// The result of a call, as the adapter reports it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Went {
    Answered,
    Failed,
}

impl Engine {
    /// Starts the call: it is the contact's turn with this agent.
    pub(in crate::engine) fn dial(&mut self, slot: Slot, agent: AgentKey, now: Timestamp) {
        let contact = self.contact_at(slot);
        let Some(callback) = &contact.callback else {
            unreachable!("only callbacks are dialled");
        };
        let queue = contact.labels.queue;
        let event = CallbackEvent::Dialled {
            queue,
            agent,
            phone: callback.phone.clone(),
            attempt: callback.call_number(),
            until: now + self.dial_within(queue),
        };
        self.emit(now, Event::Callback(contact.id, event));
        self.tell_routable(slot, now);
    }

    fn dial_within(&self, queue: QueueKey) -> Millis {
        let callback = &self.rules[queue.index()].options.callback;
        callback.dial_within
    }

    /// Calls that may still be answered after `now`, in the order of their contacts' arrival.
    pub fn dials(&self, now: Timestamp) -> Vec<DialView> {
        let open = self.contacts.open_after(0);
        open.filter_map(|(_, contact)| self.dial_view(contact))
            .filter(|dial| dial.until > now)
            .collect()
    }

    fn dial_view(&self, contact: &Contact) -> Option<DialView> {
        let callback = contact.callback.as_ref()?;
        let CustomerFirst::Dialled { until, .. } = callback.first? else {
            return None;
        };
        let queue = contact.labels.queue;
        Some(DialView {
            contact: contact.id,
            queue: self.registry.queues.name(queue).clone(),
            phone: callback.phone.clone(),
            attempt: callback.call_number(),
            at: until - self.dial_within(queue),
            until,
        })
    }

    /// The customer has answered; `attempt` says which call is meant.
    pub(in crate::engine) fn answer_dial(
        &mut self,
        now: Timestamp,
        id: ContactId,
        attempt: Option<u32>,
    ) -> Result<(), Refusal> {
        let slot = self.slot(id)?;
        let contact = self.contact_at(slot);
        let agent = match dialled(contact, attempt, Went::Answered)? {
            Attempt::Known => return Ok(()),
            Attempt::Now(agent) => agent,
        };
        let queue = contact.labels.queue;
        let event = CallbackEvent::Answered {
            queue,
            reserved: self.queues[queue.index()].reserved == 0,
        };
        self.emit(now, Event::Callback(id, event));
        match self.meant_alone(slot) {
            Some(meant) => self.direct_until(slot, meant, None, now),
            None => self.enter_line(slot, now),
        }
        self.serve(agent, now);
        Ok(())
    }

    /// The customer has not answered.
    pub(in crate::engine) fn fail_dial(
        &mut self,
        now: Timestamp,
        id: ContactId,
        attempt: Option<u32>,
        outcome: Option<Text>,
    ) -> Result<(), Refusal> {
        let slot = self.slot(id)?;
        match dialled(self.contact_at(slot), attempt, Went::Failed)? {
            Attempt::Known => {}
            Attempt::Now(agent) => {
                let reason = outcome.unwrap_or_else(|| Text::from(FAILED));
                self.miss_dial(slot, agent, reason, now);
            }
        }
        Ok(())
    }

    /// The adapter has not reported the result in time.
    pub(in crate::engine) fn dial_is_over(&mut self, slot: Slot, agent: AgentKey, now: Timestamp) {
        self.miss_dial(slot, agent, Text::from(FAILED), now);
    }

    /// The call is tried again later, a few times.
    fn miss_dial(&mut self, slot: Slot, agent: AgentKey, reason: Text, now: Timestamp) {
        let contact = self.contact_at(slot);
        let (id, queue) = (contact.id, contact.labels.queue);
        let Some(callback) = &contact.callback else {
            unreachable!("only callbacks are dialled");
        };
        let attempts = callback.attempts + 1;
        let event = CallbackEvent::Missed {
            queue,
            attempts,
            reason: reason.clone(),
        };
        self.emit(now, Event::Callback(id, event));
        if attempts >= self.rules[queue.index()].options.callback.attempts_max {
            let end = End::of(Final::Completed, EndedBy::System, Some(reason));
            self.close(slot, now, end);
        } else {
            let until = self.tried_again_at(queue, now);
            self.schedule(id, until, now);
            self.tell_routable(slot, now);
        }
        self.serve(agent, now);
    }

    /// The agent on whose behalf the customer is being called.
    pub(in crate::engine) fn dialled_for(&self, slot: Slot) -> Option<AgentKey> {
        match self.contact_at(slot).customer_first()? {
            CustomerFirst::Dialled { agent, .. } => Some(agent),
            CustomerFirst::Waits | CustomerFirst::Answered => None,
        }
    }

    /// No second customer is called for an agent while one is being called.
    pub(in crate::engine) fn has_dialled_for(&self, agent: AgentKey, need: &NeedLine) -> bool {
        need.need.is_to_be_dialled() && self.dialled_for.contains_key(&agent)
    }

    pub(in crate::engine) fn index_dial(&mut self, slot: Slot) {
        let agent = self.dialled_for(slot);
        self.dialled_for.extend(agent.map(|agent| (agent, slot)));
    }

    pub(in crate::engine) fn forget_dial(&mut self, slot: Slot) {
        if let Some(agent) = self.dialled_for(slot) {
            self.dialled_for.remove(&agent);
        }
    }
}

/// Which call is meant: without a number, the one in progress.
fn dialled(contact: &Contact, attempt: Option<u32>, went: Went) -> Result<Attempt, Refusal> {
    let callback = contact.callback.as_ref();
    let callback = callback.ok_or(Refusal::NotACallback)?;
    let first = callback.first.ok_or(Refusal::NotACallback)?;
    let this = callback.call_number();
    let failed = went == Went::Failed;
    // A contact that was cancelled while it rang has no call in progress.
    let is_this = !contact.is_closed() && attempt.is_none_or(|attempt| attempt == this);
    match first {
        CustomerFirst::Dialled { agent, .. } if is_this => Ok(Attempt::Now(agent)),
        CustomerFirst::Answered if !failed && is_this => Ok(Attempt::Known),
        CustomerFirst::Waits | CustomerFirst::Dialled { .. } | CustomerFirst::Answered
            if failed && attempt.is_some_and(|attempt| attempt < this) =>
        {
            Ok(Attempt::Known)
        }
        CustomerFirst::Waits | CustomerFirst::Dialled { .. } | CustomerFirst::Answered => {
            Err(Refusal::NotDialled)
        }
    }
}
