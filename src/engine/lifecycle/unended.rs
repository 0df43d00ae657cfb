//! Contacts whose end is never reported are closed after `served_max`: a channel that loses an end
//! must not keep an agent forever.
//!
//! One deadline per agent, not per contact, because this nearly never happens. It is left in place
//! when a contact ends in time: it comes at most once in the time for which the oldest contact may
//! be served, and is then set again.

use crate::domain::{Text, Timestamp};
use crate::engine::Engine;
use crate::engine::event::{AgentEvent, ContactEvent, Event};
use crate::engine::lifecycle::ending::End;
use crate::engine::state::contact::{Contact, EndedBy, Final, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::deadline::Reason;
use crate::engine::state::registry::AgentKey;

impl Engine {
    /// Until when a contact may be served, not counting the time parked.
    pub(in crate::engine) fn served_until(&self, contact: &Contact) -> Option<Timestamp> {
        let Stage::Active(service) = &contact.stage else {
            return None;
        };
        let longest = self.rules[contact.labels.queue.index()]
            .options
            .served_max?;
        Some(service.since + service.aside.parked + longest)
    }

    /// Makes sure that its agent's contacts are checked in time for this one.
    pub(in crate::engine) fn watch_end(&mut self, slot: Slot) {
        let contact = self.contact_at(slot);
        let Some((until, agent)) = self.served_until(contact).zip(contact.agent()) else {
            return;
        };
        let checked_at = self.agent_at(agent).ends_checked_at;
        if checked_at.is_none_or(|at| until < at) {
            self.ends_checked(agent, Some(until));
        }
    }

    /// Ends contacts that the agent has had for too long.
    pub(in crate::engine) fn check_ends(&mut self, agent: AgentKey, now: Timestamp) {
        let over = self.ends_of(agent).filter(|(until, _)| *until <= now);
        let mut over: Vec<Slot> = over.map(|(_, slot)| slot).collect();
        self.sort_by_turn(&mut over);
        for slot in over {
            self.end_unreported(slot, now);
        }
        // Last: contacts that the ended ones had interrupted have resumed, and are watched again.
        let next = self.ends_of(agent).map(|(until, _)| until).min();
        self.emit(now, Event::Agent(agent, AgentEvent::EndsChecked { next }));
    }

    /// The contacts that the agent serves, and until when that is allowed.
    fn ends_of(&self, agent: AgentKey) -> impl Iterator<Item = (Timestamp, Slot)> {
        let held = self.agent_at(agent).load.held.iter().copied();
        held.filter_map(move |slot| {
            let contact = self.contact_at(slot);
            let is_theirs = contact.agent() == Some(agent);
            let until = self.served_until(contact).filter(|_| is_theirs)?;
            Some((until, slot))
        })
    }

    /// Records when the agent's contacts are checked next.
    pub(in crate::engine) fn ends_checked(&mut self, agent: AgentKey, next: Option<Timestamp>) {
        let held = &mut self.agents[agent.index()];
        let before = std::mem::replace(&mut held.ends_checked_at, next);
        if let Some(before) = before {
            self.deadlines.disarm(before, Reason::Unended(agent));
        }
        if let Some(next) = next {
            self.deadlines.arm(next, Reason::Unended(agent));
        }
    }

    fn end_unreported(&mut self, slot: Slot, now: Timestamp) {
        let contact = self.contact_at(slot);
        let event = ContactEvent::EndMissed {
            labels: contact.labels,
        };
        self.emit(now, Event::Contact(contact.id, event));
        let outcome = Some(Text::from("no_end"));
        let end = End::of(Final::Completed, EndedBy::System, outcome);
        self.close(slot, now, end);
    }
}
