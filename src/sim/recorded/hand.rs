//! An agent's state while a journal is read: the contacts in hand with the attention they have
//! received, and when the agent was there.

use crate::domain::{Channel, ContactId, Millis, PerChannel, Timestamp};
use crate::engine::state::attention::speed;
use crate::sim::recorded::Span;

#[derive(Clone, Debug, Default)]
pub(super) struct Hand {
    pub(super) connected: bool,
    pub(super) ready: bool,
    /// Channels without offers until the agent is ready again.
    suspended: PerChannel<bool>,
    suspended_since: Option<Timestamp>,
    /// Suspensions of any channel.
    pub(super) suspensions: Vec<Span>,
    since: Option<Timestamp>,
    pub(super) spans: Vec<Span>,
    pub(super) active: Vec<Active>,
    pub(super) wrapping: Vec<ContactId>,
    worked_upto: Timestamp,
    pub(super) accepted_after: Vec<Millis>,
}

/// A contact that is being served.
#[derive(Clone, Debug)]
pub(super) struct Active {
    pub(super) contact: ContactId,
    /// The undivided attention that it has received.
    effort_ms: f64,
    /// On hold for another contact: it receives none.
    is_interrupted: bool,
}

impl Hand {
    /// Call after session or intent may have changed.
    pub(super) fn stand(&mut self, at: Timestamp) {
        match (self.since, self.connected && self.ready) {
            (None, true) => self.since = Some(at),
            (Some(from), false) => {
                self.since = None;
                if from < at {
                    self.spans.push(Span { from, until: at });
                }
            }
            (None, false) | (Some(_), true) => {}
        }
    }

    pub(super) fn end(&mut self, at: Timestamp) {
        self.work(at);
        if let Some(from) = self.since.take() {
            self.spans.push(Span { from, until: at });
        }
        self.end_suspension(at);
    }

    /// Nothing is known of this time: it is neither duty nor work. The duty ends just after the
    /// last event, with which the agent may have taken a contact.
    pub(super) fn was_out(&mut self, down: Span) {
        if let Some(span) = self
            .spans
            .last_mut()
            .filter(|span| span.until == down.until)
        {
            span.until = down.from + Millis(1);
        }
        if self.worked_upto < down.until {
            self.work(down.from);
            self.worked_upto = down.until;
        }
    }

    /// Returns whether it was suspended before.
    pub(super) fn is_suspended(&mut self, channel: Channel, is: bool, at: Timestamp) -> bool {
        let was = std::mem::replace(self.suspended.get_mut(channel), is);
        if is {
            self.suspended_since.get_or_insert(at);
        } else if !self.suspended.iter().any(|(_, suspended)| *suspended) {
            self.end_suspension(at);
        }
        was
    }

    fn end_suspension(&mut self, at: Timestamp) {
        if let Some(from) = self.suspended_since.take() {
            self.suspensions.push(Span { from, until: at });
        }
    }

    /// Connected and ready.
    pub(super) fn is_there(&self) -> bool {
        self.since.is_some()
    }

    pub(super) fn is_at_work(&self) -> bool {
        !self.active.is_empty() || !self.wrapping.is_empty()
    }

    /// An agent with work in hand counts as on duty.
    pub(super) fn is_on_duty(&self) -> bool {
        self.is_there() || self.is_at_work()
    }

    fn work(&mut self, at: Timestamp) {
        let worked_on = self.active.iter().filter(|active| !active.is_interrupted);
        let contacts = u32::try_from(worked_on.count()).unwrap_or(u32::MAX);
        if contacts > 0 {
            let each = speed(contacts) / f64::from(contacts);
            let got = (at - self.worked_upto).as_s_f64() * 1_000.0 * each;
            let active = self.active.iter_mut();
            for worked_on in active.filter(|active| !active.is_interrupted) {
                worked_on.effort_ms += got;
            }
        }
        self.worked_upto = at;
    }

    pub(super) fn take(&mut self, contact: ContactId, at: Timestamp) {
        self.work(at);
        self.active.push(Active {
            contact,
            effort_ms: 0.0,
            is_interrupted: false,
        });
    }

    /// A contact is put on hold for another one, or is no longer.
    pub(super) fn is_interrupted(&mut self, contact: ContactId, is: bool, at: Timestamp) {
        self.work(at);
        let mut active = self.active.iter_mut();
        if let Some(found) = active.find(|active| active.contact == contact) {
            found.is_interrupted = is;
        }
    }

    /// Removes a contact, and returns the attention it has received.
    pub(super) fn put(&mut self, contact: ContactId, at: Timestamp) -> f64 {
        self.work(at);
        let mut active = self.active.iter();
        let Some(found) = active.position(|active| active.contact == contact) else {
            return 0.0;
        };
        self.active.remove(found).effort_ms
    }
}

/// The median; none of an empty list.
pub(super) fn median(mut spans: Vec<Millis>) -> Option<Millis> {
    spans.sort_unstable();
    spans.get(spans.len() / 2).copied()
}
