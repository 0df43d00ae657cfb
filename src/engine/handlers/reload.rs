//! A reload: what a new configuration does to contacts in progress.
//!
//! The preview of this is in `foresee`, the fold of the configuration in `apply`.

use std::sync::Arc;

use crate::domain::{Text, Timestamp};
use crate::engine::event::{Event, QueueEvent, SiteEvent, Withdrawal};
use crate::engine::options::{Options, WhenClosed};
use crate::engine::refusal::Refusal;
use crate::engine::state::agent::{BY_SYSTEM, Intent, Unready};
use crate::engine::state::contact::{Contact, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::{AgentKey, QueueKey};
use crate::engine::{Done, Engine};

impl Engine {
    /// Applies a new configuration: contacts of removed queues go to the queue of their topic;
    /// removed agents finish what they have and are offered nothing.
    pub(in crate::engine) fn reconfigure(
        &mut self,
        now: Timestamp,
        options: Arc<Options>,
    ) -> Result<Done, Refusal> {
        // Computed before anything changes, so that the report equals the preview.
        let foreseen = match &self.options {
            Some(_) => Some(Box::new(self.foresee_reload(&options)?)),
            None => {
                options.check()?;
                None
            }
        };
        let before = self.on_desktops();
        self.emit(now, Event::Site(SiteEvent::Configured { options }));
        self.tell_reconfigured(&before, now);
        self.open_by_hours(now);
        let moved = self.set_right(now);
        let queues: Vec<QueueKey> = (0..self.queues.len()).map(QueueKey::from).collect();
        self.hurry(&queues, now);
        self.recheck_routable(now);
        for index in 0..self.agents.len() {
            let agent = AgentKey::from(index);
            self.resume_interrupted(agent, now);
            self.take_up_again(agent, now);
        }
        for slot in moved {
            self.escalate(slot, now);
        }
        self.serve_all(now);
        self.escalate_unstaffed(&queues, now);
        self.review_waits(&queues, now);
        self.reloaded = foreseen;
        Ok(Done::Nothing)
    }

    /// After a crash: completes an interrupted reload. Returns contacts that had to go to another
    /// queue.
    pub(in crate::engine) fn finish_reload(&mut self, now: Timestamp) -> Vec<Slot> {
        if self.options.is_none() {
            return Vec::new();
        }
        let moved = self.set_right(now);
        self.recheck_routable(now);
        moved
    }

    fn set_right(&mut self, now: Timestamp) -> Vec<Slot> {
        self.resume_removed(now);
        let mut moved = self.dismiss_removed(now);
        moved.extend(self.withdraw_all_excess(now));
        moved.extend(self.rehome(now));
        moved
    }

    /// Resumes removed queues: nobody could do so later, and the pause must not come back with the
    /// queue.
    fn resume_removed(&mut self, now: Timestamp) {
        for index in 0..self.queues.len() {
            if self.queues[index].is_paused() && !self.rules[index].configured {
                let event = QueueEvent::Resumed {
                    by: Text::from(BY_SYSTEM),
                };
                self.emit(now, Event::Queue(QueueKey::from(index), event));
            }
        }
    }

    /// Takes back offers that no longer fit, those due last first. Returns contacts that had to go
    /// to another queue.
    fn withdraw_all_excess(&mut self, now: Timestamp) -> Vec<Slot> {
        let mut moved = Vec::new();
        for index in 0..self.agents.len() {
            for slot in self.withdraw_excess_from(AgentKey::from(index), now) {
                if !self.is_offered_to_someone(slot) {
                    moved.extend(self.line_up(slot, now));
                }
            }
        }
        moved
    }

    /// Removed agents lose their offers, and no contact waits for them any more. Returns contacts
    /// that had to go to another queue.
    fn dismiss_removed(&mut self, now: Timestamp) -> Vec<Slot> {
        let mut moved = Vec::new();
        for index in 0..self.agents.len() {
            let agent = AgentKey::from(index);
            if self.agent_at(agent).configured {
                continue;
            }
            for slot in self.withdraw_all(agent, now, Withdrawal::Reconfigured) {
                if !self.is_offered_to_someone(slot) {
                    moved.extend(self.line_up(slot, now));
                }
            }
            if self.agent_at(agent).intent == Intent::Ready {
                self.say_not_ready(agent, Unready::Removed, now);
            }
            for slot in self.give_back_woken(agent, now) {
                let before = self.contact_at(slot).labels.queue;
                self.leave_vanished(slot, now);
                self.line_up(slot, now);
                let is_moved = self.contact_at(slot).labels.queue != before;
                moved.extend(is_moved.then_some(slot));
            }
            let lines = self.needs.direct_lines(agent).iter();
            let places = lines.flat_map(|line| self.needs.get(*line).line.iter());
            let meant: Vec<Slot> = places.map(|place| place.slot).collect();
            for slot in meant {
                moved.extend(self.line_up(slot, now));
            }
        }
        moved
    }

    /// Puts it in line for the agents who are still there; no agent is looked for until all are in
    /// place. Returns it if it had to go to another queue.
    fn line_up(&mut self, slot: Slot, now: Timestamp) -> Option<Slot> {
        let before = self.contact_at(slot).labels.queue;
        if self.put_off(slot, now) {
            let moved = self.contact_at(slot).labels.queue != before;
            return moved.then_some(slot);
        }
        if self.is_in_vanished(slot) {
            self.leave_vanished(slot, now);
        }
        let contact = self.contact_at(slot);
        let moved = (contact.labels.queue != before).then_some(slot);
        let direct = self.still_waits_for(slot);
        let direct = direct.map(|agent| (agent, contact.meant.direct_until));
        self.put_in_line(slot, direct, now);
        moved
    }

    /// Called for a contact that comes back from an agent or from being scheduled, and whose queue
    /// has been removed or whose topic has changed meanwhile: it goes on in the queue that lists
    /// its topic, or the default one.
    pub(in crate::engine) fn leave_vanished(&mut self, slot: Slot, now: Timestamp) {
        let is_vanished = self.is_in_vanished(slot);
        let contact = self.contact_at(slot);
        let queue = contact.labels.queue;
        if !is_vanished && !contact.has_new_topic {
            return;
        }
        let next = self.queue_of_topic(contact.intake.topic.as_ref());
        // A customer who has answered a call for this queue is served there first.
        let is_elsewhere =
            next != queue && self.may_follow_topic(next, contact) && !contact.has_just_answered();
        if is_vanished || (is_elsewhere && self.goes_on_in(next, contact)) {
            self.change_queue(slot, next, now);
        }
    }

    fn is_in_vanished(&self, slot: Slot) -> bool {
        !self.rules[self.contact_at(slot).labels.queue.index()].configured
    }

    /// Moves waiting contacts to their current queue and place; returns those that had to go to
    /// another queue.
    fn rehome(&mut self, now: Timestamp) -> Vec<Slot> {
        let mut waiting: Vec<_> = self
            .needs
            .iter()
            .flat_map(|(_, need)| need.line.iter())
            .collect();
        waiting.sort_unstable();
        self.reschedule(now);
        let mut moved = Vec::new();
        for place in waiting {
            let contact = self.contact_at(place.slot);
            // The agent that it names may be configured again; the one that it waits for may now
            // be of too little capacity.
            let waits_for_another = contact.meant.direct != self.still_waits_for(place.slot);
            let is_due_otherwise = self.due_of(contact) != place.due;
            if self.is_in_vanished(place.slot) || is_due_otherwise || waits_for_another {
                moved.extend(self.line_up(place.slot, now));
            }
        }
        moved
    }

    /// Scheduled contacts: those of removed queues, and those for an opening that is another now.
    fn reschedule(&mut self, now: Timestamp) {
        let open = self.contacts.open_after(0);
        let scheduled: Vec<_> = open
            .filter_map(|(slot, contact)| match contact.stage {
                Stage::Scheduled { until } => Some((slot, until)),
                Stage::Moving
                | Stage::Queued { .. }
                | Stage::Offered { .. }
                | Stage::Active(_)
                | Stage::Parked(_)
                | Stage::WrapUp { .. }
                | Stage::Closed(_) => None,
            })
            .collect();
        for (slot, before) in scheduled {
            let queue = self.contact_at(slot).labels.queue;
            if self.is_in_vanished(slot) {
                self.leave_vanished(slot, now);
            }
            let contact = self.contact_at(slot);
            let comes_at = self.comes_in_at(contact, now).unwrap_or(before);
            // One that has come in once, and is to be called again, waits no longer for it.
            let has_come = contact.wait.first_queued_at <= now;
            let until = if has_come {
                before.min(comes_at)
            } else {
                comes_at
            };
            if (contact.labels.queue, until) != (queue, before) {
                let contact = contact.id;
                self.schedule(contact, until, now);
            }
        }
    }

    /// When a contact that has not come in yet will, by the hours of its queue; none while its
    /// customer is being called.
    fn comes_in_at(&self, contact: &Contact, now: Timestamp) -> Option<Timestamp> {
        let ordered = contact.intake.not_before.unwrap_or(now).max(now);
        let rules = &self.rules[contact.labels.queue.index()];
        if contact.is_dialled() {
            return None;
        }
        if contact.is_called_again(now) {
            return Some(self.tried_again_at(contact.labels.queue, now));
        }
        match (&rules.hours, &rules.options.when_closed) {
            (Some(hours), WhenClosed::Schedule) => hours.next_opening(ordered),
            (Some(_) | None, _) => Some(ordered),
        }
    }

    /// Reports contacts that have become unroutable, or routable again.
    fn recheck_routable(&mut self, now: Timestamp) {
        let open = self.contacts.open_after(0);
        let waiting: Vec<Slot> = open
            .filter(|(_, contact)| {
                matches!(
                    contact.stage,
                    Stage::Queued { .. } | Stage::Scheduled { .. }
                )
            })
            .map(|(slot, _)| slot)
            .collect();
        for slot in waiting {
            self.tell_routable(slot, now);
        }
    }
}
