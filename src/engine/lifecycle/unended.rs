//! Ends that nobody reports: a channel that loses the end of a contact must not keep its agent
//! for ever.
//!
//! One deadline for each agent, left where it is when a contact ends in time: it comes once in
//! the time for which the oldest contact may be served, and then says when it comes again. A
//! deadline for each contact would cost each of them, for what nearly never happens.

use crate::domain::{Text, Timestamp};
use crate::engine::Engine;
use crate::engine::event::Event;
use crate::engine::lifecycle::ending::End;
use crate::engine::state::contact::{Contact, EndedBy, Final, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::deadline::Reason;
use crate::engine::state::registry::AgentKey;

impl Engine {
    /// How long a contact may be served, the time for which it was parked left out.
    pub(in crate::engine) fn served_until(&self, contact: &Contact) -> Option<Timestamp> {
        let Stage::Active(service) = &contact.stage else {
            return None;
        };
        let longest = self.rules[contact.labels.queue.index()]
            .options
            .served_max?;
        Some(service.since + service.parked + longest)
    }

    /// Sees to it that its agent's contacts are looked at in time for this one.
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

    /// Ends what the agent has had for longer than anything lasts.
    pub(in crate::engine) fn check_ends(&mut self, agent: AgentKey, now: Timestamp) {
        let over = self.ends_of(agent).filter(|(until, _)| *until <= now);
        let mut over: Vec<Slot> = over.map(|(_, slot)| slot).collect();
        self.sort_by_turn(&mut over);
        for slot in over {
            self.end_unreported(slot, now);
        }
        // Last: what the first of them had interrupted went on, and was watched again.
        let next = self.ends_of(agent).map(|(until, _)| until).min();
        self.emit(now, Event::EndsChecked { agent, next });
    }

    /// Whom the agent serves, and for how long that is allowed.
    fn ends_of(&self, agent: AgentKey) -> impl Iterator<Item = (Timestamp, Slot)> {
        let held = self.agent_at(agent).load.held.iter().copied();
        held.filter_map(move |slot| {
            let contact = self.contact_at(slot);
            let is_theirs = contact.agent() == Some(agent);
            let until = self.served_until(contact).filter(|_| is_theirs)?;
            Some((until, slot))
        })
    }

    /// Writes when the agent's contacts are looked at next.
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
        let event = Event::EndMissed {
            contact: contact.id,
            labels: contact.labels,
        };
        self.emit(now, event);
        let outcome = Some(Text::from("no_end"));
        let end = End::of(Final::Completed, EndedBy::System, outcome);
        self.close(slot, now, end);
    }
}
