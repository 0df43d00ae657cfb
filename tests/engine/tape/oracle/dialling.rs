//! What must hold for callbacks, agent-first and customer-first.

use switchboard::domain::{ContactId, Phone, Timestamp};
use switchboard::engine::state::contact::CustomerFirst;
use switchboard::engine::state::registry::{AgentKey, QueueKey};

use super::{Known, Oracle, Place};

/// Of all queues.
const ATTEMPTS_MAX: u32 = 3;

impl Oracle {
    /// One open callback for each number and queue.
    pub(super) fn call_back(
        &mut self,
        contact: ContactId,
        queue: QueueKey,
        phone: &Phone,
        customer_first: bool,
    ) {
        let queue = self.registry.queues.name(queue).clone();
        let open = self.contacts.values().filter(|known| {
            let calls = known.callback.as_ref();
            calls.is_some_and(|(number, _)| number == phone)
                && !matches!(known.place, Place::Closed(_))
        });
        for known in open {
            assert_ne!(known.queue, queue, "{phone:?} is called once");
        }
        let known = self.known(contact);
        assert_eq!(known.queue, queue);
        known.callback = Some((phone.clone(), 0));
        known.first = customer_first.then_some(CustomerFirst::Waits);
        // A customer who requests a callback has hung up.
        known.is_reached = false;
        if customer_first {
            self.give_up_rooms(|_, kept_for, _| kept_for == contact);
        }
    }

    /// Called in its turn, for an agent for whom no other customer is being called.
    pub(super) fn dialled(
        &mut self,
        contact: ContactId,
        agent: AgentKey,
        attempt: u32,
        until: Timestamp,
    ) {
        let known = &self.contacts[&contact];
        assert_eq!(known.first, Some(CustomerFirst::Waits));
        let free = matches!(
            known.place,
            Place::Nowhere | Place::Waiting | Place::Scheduled(_)
        );
        assert!(free, "{contact} is called while it waits");
        let (_, attempts) = known.callback.as_ref().expect("callbacks are called");
        assert_eq!(
            attempt,
            attempts + known.hung_up + 1,
            "no two calls have one number"
        );
        assert!(*attempts < ATTEMPTS_MAX, "there are only so many attempts");
        assert!(!self.is_dialled_for(agent), "one call for each agent");
        assert!(until > self.at);
        let desk = &self.desks[&agent];
        assert!(desk.takes_offers());
        if self.judge_order {
            assert!(self.may_serve(known, agent), "for an agent who may take it");
            self.judge(contact, agent);
            self.judge_overtaking(contact, agent);
        }
        let known = self.known(contact);
        known.first = Some(CustomerFirst::Dialled { agent, until });
        (known.direct, known.direct_until) = (None, None);
        self.go(contact, Place::Scheduled(until));
    }

    pub(super) fn picked_up(&mut self, contact: ContactId, reserved: bool) {
        let known = &self.contacts[&contact];
        assert!(matches!(known.first, Some(CustomerFirst::Dialled { .. })));
        let taken = self.has_reserved(&known.queue);
        assert_eq!(reserved, !taken, "one agent is reserved at a time");
        let known = self.known(contact);
        known.first = Some(CustomerFirst::Answered);
        known.ordered_for = None;
        if reserved && !known.reserved {
            known.reserved_by = None;
        }
        known.reserved |= reserved;
        self.go(contact, Place::Nowhere);
    }

    /// By report or by timeout.
    pub(super) fn rung_out(&mut self, contact: ContactId, attempts: u32) {
        let (at, reported) = (self.at, self.reported);
        let known = self.known(contact);
        let Some(CustomerFirst::Dialled { until, .. }) = known.first else {
            panic!("{contact} was not called");
        };
        assert!(
            until <= at || reported == Some(contact),
            "not before its time"
        );
        let callback = known.callback.as_mut().expect("callbacks are called");
        callback.1 += 1;
        assert_eq!(attempts, callback.1);
        known.first = Some(CustomerFirst::Waits);
        known.reserved = false;
    }

    fn is_dialled_for(&self, agent: AgentKey) -> bool {
        let mut calls = self.contacts.values().filter_map(|known| known.first);
        calls.any(|call| matches!(call, CustomerFirst::Dialled { agent: of, .. } if of == agent))
    }

    /// Only one customer at a time is called for an agent.
    pub(in super::super) fn waits_for_a_call(&self, known: &Known, agent: AgentKey) -> bool {
        known.first == Some(CustomerFirst::Waits) && self.is_dialled_for(agent)
    }

    /// A contact whose customer is to be called first is not offered.
    pub(super) fn judge_first(&self, contact: ContactId, is_assigned: bool) {
        let first = self.contacts[&contact].first;
        let is_called = matches!(first, Some(CustomerFirst::Dialled { .. }));
        assert!(!is_called, "{contact} is offered while it is called");
        let waits = first == Some(CustomerFirst::Waits);
        assert!(
            !waits || is_assigned,
            "{contact} is offered before it answers"
        );
    }

    /// No call rings for longer than it may.
    pub(in super::super) fn judge_calls(&self, now: Timestamp) {
        for (id, known) in &self.contacts {
            if let Some(CustomerFirst::Dialled { until, .. }) = known.first {
                assert_eq!(
                    known.place,
                    Place::Scheduled(until),
                    "{id} waits in no line"
                );
                assert!(until > now, "{id} rings for ever");
            }
        }
    }
}
