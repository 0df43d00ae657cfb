//! One table of all deadlines, each with its reason.
//!
//! Armed and disarmed only where state is written, so that no entry is ever out of date.

use std::collections::BTreeSet;

use crate::domain::{Channel, Timestamp};
use crate::engine::state::contact::Contact;
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::{AgentKey, QueueKey};

/// Why the engine has to wake up. Contacts are ordered by arrival; the slot only locates one and
/// never decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::engine) enum Reason {
    /// A queue opens or closes: before anything else due at the same instant.
    Hours(QueueKey),
    /// An agent's channel recovers.
    Health(AgentKey, Channel),
    /// The grace period of a lost agent is over.
    Grace(AgentKey),
    /// A scheduled contact comes in.
    Schedule(ContactRef),
    /// A wrap-up reaches its limit.
    WrapUp(ContactRef),
    /// An offer was not delivered, or not answered.
    Offer(ContactRef),
    /// A contact may be offered to an agent again.
    Cooldown(ContactRef, AgentKey),
    /// The same, earlier, if no other agent could take it.
    Lift(ContactRef, AgentKey),
    /// A contact no longer waits for one agent alone.
    Direct(ContactRef),
    /// A relaxation step or an escalation.
    Sla(ContactRef),
    /// A parked contact wakes, or has waited long enough for its agent.
    Parked(ContactRef),
    /// An offer to help was not delivered, or not answered.
    Consult(ContactRef),
    /// The next parked contact may come back to an agent.
    Rest(AgentKey),
    /// An agent may have a contact whose end was never reported.
    Unended(AgentKey),
    /// The reply to a customer who is being served is late.
    Response(ContactRef),
}

/// A contact by its arrival number and slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::engine) struct ContactRef {
    pub arrival: u64,
    pub slot: Slot,
}

impl ContactRef {
    pub(in crate::engine) const fn of(contact: &Contact, slot: Slot) -> Self {
        Self {
            arrival: contact.arrival,
            slot,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Deadlines {
    table: BTreeSet<(Timestamp, Reason)>,
}

impl Deadlines {
    pub(in crate::engine) fn arm(&mut self, at: Timestamp, reason: Reason) {
        self.table.insert((at, reason));
    }

    pub(in crate::engine) fn disarm(&mut self, at: Timestamp, reason: Reason) {
        self.table.remove(&(at, reason));
    }

    pub(in crate::engine) fn next(&self) -> Option<Timestamp> {
        self.table.first().map(|(at, _)| *at)
    }

    /// The earliest deadline that is due, still armed.
    pub(in crate::engine) fn due(&self, now: Timestamp) -> Option<(Timestamp, Reason)> {
        self.table.first().copied().filter(|(at, _)| *at <= now)
    }

    /// The contacts scheduled for now or earlier.
    pub(in crate::engine) fn scheduled(&self, now: Timestamp) -> Vec<Slot> {
        let due = self.all_due(now);
        due.filter_map(|reason| {
            if let Reason::Schedule(who) = reason {
                Some(who.slot)
            } else {
                None
            }
        })
        .collect()
    }

    /// The contacts of which an offer, or an offer to help, ends now or has ended.
    pub(in crate::engine) fn unanswered(&self, now: Timestamp) -> Vec<Slot> {
        let due = self.all_due(now);
        due.filter_map(|reason| {
            if let Reason::Offer(who) | Reason::Consult(who) = reason {
                Some(who.slot)
            } else {
                None
            }
        })
        .collect()
    }

    fn all_due(&self, now: Timestamp) -> impl Iterator<Item = Reason> {
        let due = self.table.iter().take_while(move |(at, _)| *at <= now);
        due.map(|(_, reason)| *reason)
    }

    pub(in crate::engine) fn contains(&self, at: Timestamp, reason: Reason) -> bool {
        self.table.contains(&(at, reason))
    }
}
