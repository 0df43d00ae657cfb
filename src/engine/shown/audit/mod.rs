//! Consistency checks of the state: every index against what it indexes, and the invariants that
//! hold after every command.
//!
//! For tests: it looks at everything and is slow.

mod agents;

use std::collections::BTreeMap;

use crate::domain::{Channel, PerChannel, Text, Timestamp};
use crate::engine::Engine;
use crate::engine::state::agent::Health;
use crate::engine::state::contact::{Consulting, Contact, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::deadline::{ContactRef, Reason};
use crate::engine::state::place::{self, place_of};
use crate::engine::state::pool::GroupKey;
use crate::engine::state::registry::{AgentKey, QueueKey};

impl Engine {
    /// Every violation, in words; empty if there are none.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        self.audit_contacts(&mut faults);
        self.audit_agents(&mut faults);
        self.audit_order(&mut faults);
        self.audit_hours(&mut faults);
        self.audit_reserved(&mut faults);
        self.audit_owed(&mut faults);
        self.audit_posters(&mut faults);
        self.audit_wrap_ups(&mut faults);
        self.audit_staffing(&mut faults);
        faults
    }

    fn audit_staffing(&self, faults: &mut Vec<String>) {
        for (queue, name) in (0..).map(QueueKey).zip(self.registry.queues.all()) {
            let counted = &self.queues[queue.index()];
            let serves = |agent| self.queues_served_by(agent).contains(&queue);
            let (staffed, away, _) = self.staffing(serves);
            if (staffed, away) != (counted.staffed, counted.away) {
                faults.push(format!("{name} has other staff than counted"));
            }
        }
        for (key, group) in (0..).map(GroupKey).zip(self.pool.groups()) {
            let is_member = |agent| self.pool.group_of(agent) == Some(key);
            let counted = (group.staffed, group.away, group.ailing);
            if self.staffing(is_member) != counted {
                faults.push(format!("{key:?} has other staff than counted"));
            }
            let rests = Channel::ALL.map(|channel| {
                let of = self.agents.iter().filter(|agent| is_member(agent.key));
                let rests = of.filter_map(|agent| match *agent.ails().get(channel) {
                    Health::CoolingDown { until, .. } => Some((until, agent.key)),
                    Health::Ok | Health::Suspended => None,
                });
                rests.collect()
            });
            if PerChannel(rests) != group.resting {
                faults.push(format!(
                    "the resting agents of {key:?} differ from the list"
                ));
            }
        }
    }

    /// How many of these agents are staffed, away, and staffed but not trusted with a channel.
    fn staffing(&self, counts: impl Fn(AgentKey) -> bool) -> (u32, u32, PerChannel<u32>) {
        let (mut staffed, mut away, mut ailing) = (0, 0, PerChannel::default());
        for agent in self.agents.iter().filter(|agent| counts(agent.key)) {
            staffed += u32::from(agent.is_staffed());
            away += u32::from(agent.is_away());
            for (channel, ails) in agent.ails().iter() {
                *ailing.get_mut(channel) += u32::from(*ails != Health::Ok);
            }
        }
        (staffed, away, ailing)
    }

    fn audit_wrap_ups(&self, faults: &mut Vec<String>) {
        let mut until = vec![0; self.queues.len()];
        for (_, contact) in self.contacts.open_after(0) {
            if let Stage::WrapUp { until: end, .. } = contact.stage {
                until[contact.labels.queue.index()] += end.0;
            }
        }
        for ((queue, until), name) in self
            .queues
            .iter()
            .zip(until)
            .zip(self.registry.queues.all())
        {
            if queue.wrap_ups_until.0.iter().sum::<i64>() != until {
                faults.push(format!("the wrap-up ends of {name} differ from the count"));
            }
        }
    }

    fn audit_hours(&self, faults: &mut Vec<String>) {
        for ((index, queue), rules) in (0..).zip(&self.queues).zip(&self.rules) {
            let id = &rules.options.id;
            let armed = |at| self.deadlines.contains(at, Reason::Hours(QueueKey(index)));
            if queue.changes_at.is_some_and(|at| !armed(at)) {
                faults.push(format!("{id} has no deadline to open or close"));
            }
            let hours = rules.hours.as_ref();
            let open = hours.is_none_or(|hours| hours.is_open(self.last_at));
            // A deadline that is due and not carried out yet is no fault.
            let is_late = queue.changes_at.is_some_and(|at| at <= self.last_at);
            if open == queue.closed && !is_late {
                faults.push(format!("{id} is not open according to its hours"));
            }
        }
    }

    fn audit_contacts(&self, faults: &mut Vec<String>) {
        let (mut in_line, mut closed) = (0, 0);
        for (slot, contact) in self.contacts.after(0) {
            if self.contacts.slot(contact.id) != Some(slot) {
                faults.push(format!("{} is not found by its id", contact.id));
            }
            let before = contact.arrival - 1;
            let open = self.contacts.open_after(before).next();
            if (open.is_some_and(|(open, _)| open == slot)) == contact.is_closed() {
                faults.push(format!("{} is in the wrong list", contact.id));
            }
            if let Some(customer) = &contact.recognition.customer {
                let first = self.contacts.of_customer(customer, before).next();
                let mut open = self.contacts.open_of_customer(customer);
                let is_open = open.any(|open| open.id == contact.id);
                let is_first = first.is_some_and(|(first, _)| first == slot);
                let number = self.contacts.closed_as(customer, contact.arrival);
                if !is_first || is_open == contact.is_closed() || number != contact.closing_number()
                {
                    faults.push(format!("{} is not found by its customer", contact.id));
                }
            }
            self.audit_stranger(contact, faults);
            match &contact.stage {
                Stage::Moving => faults.push(format!("{} is still moving", contact.id)),
                Stage::Queued { .. } => in_line += 1,
                Stage::Closed(_) => closed += 1,
                Stage::Scheduled { .. }
                | Stage::Offered { .. }
                | Stage::Active(_)
                | Stage::Parked(_)
                | Stage::WrapUp { .. } => {}
            }
            self.audit_places(contact, slot, faults);
        }
        self.audit_callbacks(faults);
        let lines: usize = self.needs.iter().map(|(_, need)| need.line.len()).sum();
        if lines != in_line {
            faults.push(format!("{in_line} contacts wait, {lines} are in lines"));
        }
        if closed != self.closed.len() {
            faults.push(format!(
                "{closed} contacts are closed, {} are listed",
                self.closed.len()
            ));
        }
        let open = self.contacts.open_after(0).count() as u64;
        if self.census().open != open {
            faults.push(format!(
                "{open} contacts are open, the census says {}",
                self.census().open
            ));
        }
    }

    fn audit_callbacks(&self, faults: &mut Vec<String>) {
        let open_callbacks = self.contacts.open_after(0);
        let open_callbacks = open_callbacks.filter(|(_, contact)| contact.callback.is_some());
        let listed: usize = self.callbacks.values().map(Vec::len).sum();
        if open_callbacks.count() != listed {
            faults.push(format!(
                "{listed} callbacks are listed, but others are open"
            ));
        }
        let dialled = self.contacts.open_after(0);
        let dialled: BTreeMap<AgentKey, Slot> = dialled
            .filter_map(|(slot, _)| Some((self.dialled_for(slot)?, slot)))
            .collect();
        if dialled != self.dialled_for {
            faults.push("customers are called for other agents than listed".to_owned());
        }
    }

    fn audit_stranger(&self, contact: &Contact, faults: &mut Vec<String>) {
        let is_stranger = !contact.is_closed() && !contact.recognition.is_known();
        for identity in contact.intake.identities.iter() {
            let mut strangers = self.contacts.strangers_with(identity);
            if strangers.any(|stranger| stranger.id == contact.id) != is_stranger {
                faults.push(format!(
                    "{} is wrongly listed as a stranger, or not",
                    contact.id
                ));
            }
        }
    }

    fn audit_posters(&self, faults: &mut Vec<String>) {
        let mut posted: BTreeMap<Text, u32> = BTreeMap::new();
        for (_, contact) in self.contacts.after(0) {
            if let Some(name) = &contact.posted_by {
                *posted.entry(name.clone()).or_default() += 1;
            }
        }
        if posted != *self.contacts.posters().counts() {
            faults.push(format!(
                "adapters have posted {posted:?}, but others are listed"
            ));
        }
    }

    fn audit_reserved(&self, faults: &mut Vec<String>) {
        for (queue, name) in self.queues.iter().zip(self.registry.queues.all()) {
            if queue.reserved > 1 {
                faults.push(format!("{} agents are reserved in {name}", queue.reserved));
            }
        }
    }

    fn audit_places(&self, contact: &Contact, slot: Slot, faults: &mut Vec<String>) {
        let queue = &self.queues[contact.labels.queue.index()];
        let age = (contact.wait.since(), contact.arrival);
        if queue.unanswered.contains(&age) != place::is_unanswered(&contact.stage) {
            faults.push(format!("{} is not counted by its age", contact.id));
        }
        let rules = &self.rules[contact.labels.queue.index()];
        if self.promised(contact) != rules.promised(contact.wait.first_queued_at) {
            faults.push(format!("{} has another promise", contact.id));
        }
        let who = ContactRef::of(contact, slot);
        let mut armed = |at: Timestamp, reason: Reason| {
            if !self.deadlines.contains(at, reason) {
                faults.push(format!("{}: {reason:?} is not armed", contact.id));
            }
        };
        if let Some(at) = contact.index.sla_at.get() {
            armed(at, Reason::Sla(who));
        }
        if let Some(at) = self.respond_by(contact) {
            armed(at, Reason::Response(who));
        }
        match &contact.stage {
            Stage::Scheduled { until } => armed(*until, Reason::Schedule(who)),
            stage @ Stage::Offered { .. } => {
                if let Some(until) = stage.offers_until() {
                    armed(until, Reason::Offer(who));
                }
                if contact.wants_more_offers() != self.wide.contains(&(who.arrival, slot)) {
                    faults.push(format!("{} is not listed for fan-out", contact.id));
                }
            }
            Stage::WrapUp { until, .. } => armed(*until, Reason::WrapUp(who)),
            Stage::Parked(parked) => armed(parked.until, Reason::Parked(who)),
            Stage::Queued { due } => {
                if let Some(until) = contact.meant.direct_until {
                    armed(until, Reason::Direct(who));
                }
                let need = self.needs.get(contact.index.line);
                let place = place_of(contact, slot, *due);
                if need.line.iter().filter(|other| *other == place).count() != 1 {
                    faults.push(format!("{} is not in its line exactly once", contact.id));
                }
                if *due != self.due_of(contact) {
                    faults.push(format!("{} is due at the wrong time", contact.id));
                }
            }
            Stage::Active(service) => {
                let consult = service.aside.consult.map(|consult| consult.stage);
                if let Some(Consulting::Offered { until, .. }) = consult {
                    armed(until, Reason::Consult(who));
                }
            }
            Stage::Moving | Stage::Closed(_) => {}
        }
    }

    /// Work conservation by brute force: every waiting contact against every agent.
    fn audit_order(&self, faults: &mut Vec<String>) {
        for (_, need) in self.needs.iter().filter(|(_, need)| self.is_offered(need)) {
            for place in need.line.iter() {
                let contact = self.contact_at(place.slot);
                if self.is_routable_by(need, contact) == contact.is_unroutable {
                    faults.push(format!(
                        "{} is wrongly marked routable or unroutable",
                        contact.id
                    ));
                }
                for agent in self.agents.iter().filter(|agent| agent.configured) {
                    if self.test(contact, agent) == Some(None) {
                        let agent = self.registry.agents.name(agent.key);
                        faults.push(format!("{} waits beside {agent}", contact.id));
                    }
                }
            }
        }
    }
}
