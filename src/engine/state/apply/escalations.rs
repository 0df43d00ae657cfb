//! What events do to the rules of a contact: fired, waiting for a change, or owing a move.

use crate::domain::{ContactId, Millis, Name, Timestamp};
use crate::engine::Engine;
use crate::engine::state::contact::{Contact, Fired};
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

impl Engine {
    pub(super) fn rule_fired(&mut self, firing: &Firing<'_>) {
        if firing.calls_webhook {
            self.keep_untold(firing);
        }
        self.alter_waiting(firing.contact, Some(firing.due), |contacts, slot| {
            let contact = &mut contacts[slot];
            contact.boost = firing.boost;
            contact.also = firing.also.to_vec();
            contact.is_reserved |= firing.reserved;
            if contact.is_reserved {
                contact.claims_by = None;
            } else if firing.claims {
                contact.claims_by = Some(firing.rule.clone());
            }
            contact.callback_offered |= firing.callback_offered;
            contact.beside_max = contact.beside_max.max(firing.beside_max);
            let fired = rule_of(contact, firing.queue, firing.rule);
            fired.repeats += u32::from(!fired.is_pending);
            fired.is_pending = false;
            fired.waits_for_change = false;
            fired.again_at = firing.again_at;
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
            contacts[slot].is_reserved = true;
            contacts[slot].claims_by = None;
        });
        self.queues[queue.index()].reserved += 1;
    }

    pub(super) fn rule_waits(&mut self, contact: ContactId, queue: QueueKey, rule: &Name) {
        self.alter_waiting(contact, None, |contacts, slot| {
            rule_of(&mut contacts[slot], queue, rule).waits_for_change = true;
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
            contact.breach_check_at = Some(check_at);
            for rule in lets_go {
                rule_of(contact, contact.labels.queue, rule).waits_for_change = false;
            }
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
            rule_of(&mut contacts[slot], queue, rule).owes_move = is_owed;
        });
    }

    pub(super) fn condition_failed(&mut self, contact: ContactId, queue: QueueKey, rule: &Name) {
        let slot = self.known(contact);
        rule_of(&mut self.contacts[slot], queue, rule).is_troubled = true;
    }
}

/// The record of a rule for this contact, created if there is none.
pub(super) fn rule_of<'a>(contact: &'a mut Contact, queue: QueueKey, rule: &Name) -> &'a mut Fired {
    let known = contact.fired.iter();
    let mut known = known.zip(0..);
    let at = known.find(|(fired, _)| fired.queue == queue && fired.rule == *rule);
    let at = at.map_or(contact.fired.len(), |(_, at)| at);
    if at == contact.fired.len() {
        contact.fired.push(Fired::pending(queue, rule.clone()));
    }
    &mut contact.fired[at]
}
