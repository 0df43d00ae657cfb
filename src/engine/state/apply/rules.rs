//! What events do to the rules of a contact: fired, waiting for a change, or owing a move.

use crate::domain::{ContactId, Millis, Name, Timestamp};
use crate::engine::Engine;
use crate::engine::event::RuleEvent;
use crate::engine::options::Audience;
use crate::engine::state::contact::Escalated;
use crate::engine::state::registry::QueueKey;
use crate::engine::state::untold::{UNTOLD_MAX, Untold};

/// A rule has fired.
pub(super) struct Firing<'a> {
    pub contact: ContactId,
    pub queue: QueueKey,
    pub rule: &'a Name,
    pub at: Timestamp,
    pub boost: Millis,
    pub due: Timestamp,
    pub again_at: Option<Timestamp>,
    pub also: &'a [QueueKey],
    pub reserved: bool,
    pub callback_offered: bool,
    pub beside_max: u32,
    pub claims: bool,
    pub calls_webhook: bool,
}

impl Firing<'_> {
    /// What it makes of the contact.
    fn leave_marks(&self, made: &mut Escalated) {
        made.boost = self.boost;
        made.also = self.also.to_vec();
        made.beside_max = made.beside_max.max(self.beside_max);
        if self.reserved || made.is_reserved {
            made.reserve_next();
        } else if self.claims {
            made.claims_by = Some(self.rule.clone());
        }
        let fired = made.rule(self.queue, self.rule);
        fired.repeats += u32::from(!fired.is_pending);
        fired.is_pending = false;
        fired.waits_for_change = false;
        fired.again_at = self.again_at;
    }
}

impl Engine {
    pub(super) fn fold_rule(&mut self, contact: ContactId, event: &RuleEvent, at: Timestamp) {
        match event {
            RuleEvent::WaitReviewed { check_at, lets_go } => {
                self.wait_reviewed(contact, *check_at, lets_go);
            }
            RuleEvent::Fired {
                queue,
                name,
                boost,
                due,
                again_at,
                also,
                reserved,
                callback_offered,
                beside_max,
                claims,
                notify,
            } => self.rule_fired(&Firing {
                contact,
                queue: *queue,
                rule: name,
                at,
                boost: *boost,
                due: *due,
                again_at: *again_at,
                also,
                reserved: *reserved,
                callback_offered: *callback_offered,
                beside_max: *beside_max,
                claims: *claims,
                calls_webhook: notify.contains(&Audience::Webhook),
            }),
            RuleEvent::NextReserved { queue, .. } => self.next_reserved(contact, *queue),
            RuleEvent::NotApplicable { queue, name } => self.rule_waits(contact, *queue, name),
            RuleEvent::MoveOwed {
                queue,
                name,
                is_owed,
            } => self.move_is_owed(contact, *queue, name, *is_owed),
            RuleEvent::ConditionFailed { queue, name, .. } => {
                self.condition_failed(contact, *queue, name);
            }
            RuleEvent::CustomerTold { text, .. } => {
                let slot = self.known(contact);
                let past = &mut self.contacts[slot].past;
                past.alter(|past| past.message = Some(text.clone()));
            }
            RuleEvent::AgentNotified { .. } => {}
        }
    }

    pub(super) fn rule_fired(&mut self, firing: &Firing<'_>) {
        if firing.calls_webhook {
            self.keep_untold(firing);
        }
        self.alter_waiting(firing.contact, Some(firing.due), |contacts, slot| {
            let contact = &mut contacts[slot];
            contact.escalated.alter(|made| firing.leave_marks(made));
            if firing.callback_offered {
                contact.past.alter(|past| past.callback_offered = true);
            }
        });
        self.queues[firing.queue.index()].reserved += u32::from(firing.reserved);
    }

    /// If too many calls are waiting for the webhook, the oldest is dropped.
    fn keep_untold(&mut self, firing: &Firing<'_>) {
        if self.untold.len() == UNTOLD_MAX {
            self.untold.pop_front();
        }
        self.untold.push_back(Untold {
            seq: self.seq,
            at: firing.at,
            contact: firing.contact,
            queue: firing.queue,
            rule: firing.rule.clone(),
        });
    }

    pub(super) fn escalations_told(&mut self, upto_seq: u64) {
        let told = self.untold.partition_point(|kept| kept.seq <= upto_seq);
        self.untold.drain(..told);
    }

    pub(super) fn next_reserved(&mut self, contact: ContactId, queue: QueueKey) {
        self.alter_waiting(contact, None, |contacts, slot| {
            contacts[slot].escalated.alter(Escalated::reserve_next);
        });
        self.queues[queue.index()].reserved += 1;
    }

    pub(super) fn rule_waits(&mut self, contact: ContactId, queue: QueueKey, rule: &Name) {
        self.alter_waiting(contact, None, |contacts, slot| {
            let escalated = &mut contacts[slot].escalated;
            escalated.alter(|made| made.rule(queue, rule).waits_for_change = true);
        });
    }

    pub(super) fn wait_reviewed(
        &mut self,
        contact: ContactId,
        check_at: Timestamp,
        lets_go: &[Name],
    ) {
        self.alter_waiting(contact, None, |contacts, slot| {
            let contact = &mut contacts[slot];
            contact.escalated.alter(|made| {
                made.breach_check_at = Some(check_at);
                for rule in lets_go {
                    made.rule(contact.labels.queue, rule).waits_for_change = false;
                }
            });
        });
    }

    pub(super) fn move_is_owed(
        &mut self,
        contact: ContactId,
        queue: QueueKey,
        rule: &Name,
        is_owed: bool,
    ) {
        self.alter_waiting(contact, None, |contacts, slot| {
            let escalated = &mut contacts[slot].escalated;
            escalated.alter(|made| made.rule(queue, rule).owes_move = is_owed);
        });
    }

    pub(super) fn condition_failed(&mut self, contact: ContactId, queue: QueueKey, rule: &Name) {
        let slot = self.known(contact);
        let escalated = &mut self.contacts[slot].escalated;
        escalated.alter(|made| made.rule(queue, rule).is_troubled = true);
    }
}
