//! Keeping the promise: relaxation steps widen who may serve as time passes,
//! escalations (in `escalation`) act before the promise is broken.
//!
//! Times count from first queued. A contact that waits has one deadline armed,
//! for whichever of its steps and rules comes next, and costs nothing until
//! then.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::contact::{Contact, Promise, Stage};
use crate::engine::contacts::Slot;
use crate::engine::event::{Event, Labels};
use crate::engine::needs::NeedLine;
use crate::engine::registry::{AgentKey, QueueKey};
use crate::engine::shortlist::Looking;

impl Engine {
    /// When the next step or escalation of a contact is due by the clock.
    pub(super) fn next_sla(&self, contact: &Contact) -> Option<Timestamp> {
        let rules = &self.rules[contact.labels.queue.index()];
        let step = rules
            .rings
            .get(contact.step as usize + 1)
            .filter(|_| contact.takes_steps())
            .map(|ring| contact.first_queued_at + ring.after);
        let escalation = self.next_escalation(contact);
        step.into_iter().chain(escalation).min()
    }

    /// The deadline of a step or an escalation has come.
    pub(super) fn keep_promise(&mut self, slot: Slot, now: Timestamp) {
        self.take_steps(slot, now);
        self.escalate(slot, now);
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
    }

    /// Puts a contact that stands nowhere to where it belongs: to an agent who
    /// is free, or into its line.
    pub(super) fn enter_line(&mut self, slot: Slot, now: Timestamp) {
        // Another agent still has an offer of it.
        if self.is_offered_to_someone(slot) {
            return self.escalate(slot, now);
        }
        if self.put_off(slot, now) {
            return;
        }
        self.leave_vanished(slot, now);
        self.pay_owed(slot, now);
        if !self.is_open(slot) {
            return;
        }
        self.take_steps(slot, now);
        // Where agents are kept back, others may wait who are due first and just now let go.
        let at_once = (!self.keeps_back)
            .then(|| self.find_agent(slot, now))
            .flatten();
        if let Some(agent) = at_once {
            self.make_offer(slot, agent, Looking::Contact, now);
            self.escalate(slot, now);
            return;
        }
        self.queue_up(slot, now);
        self.escalate(slot, now);
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
    }

    /// Into line, together with an agent who has just got room: that agent takes whoever is due
    /// first, this contact included.
    pub(super) fn enter_line_beside(
        &mut self,
        slot: Slot,
        freed: Option<AgentKey>,
        now: Timestamp,
    ) {
        let Some(agent) = freed else {
            return self.enter_line(slot, now);
        };
        self.leave_vanished(slot, now);
        self.take_steps(slot, now);
        self.queue_up(slot, now);
        self.go_on(agent, now);
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
        self.escalate(slot, now);
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
    }

    /// Contacts that come back together with an agent who may have become free
    /// stand in line before that agent looks for the one who is due first.
    pub(super) fn return_to_line(&mut self, slots: &[Slot], freed: AgentKey, now: Timestamp) {
        for slot in slots {
            if !self.is_offered_to_someone(*slot) && !self.put_off(*slot, now) {
                self.leave_vanished(*slot, now);
                self.pay_owed(*slot, now);
                if self.is_open(*slot) {
                    self.take_steps(*slot, now);
                    self.queue_up(*slot, now);
                }
            }
        }
        self.serve(freed, now);
        for slot in slots {
            self.seek_in_turn(*slot, now);
            self.escalate(*slot, now);
            self.seek_in_turn(*slot, now);
        }
    }

    /// Into the line of its need, by its `due`.
    pub(super) fn queue_up(&mut self, slot: Slot, now: Timestamp) {
        let contact = self.contact_at(slot);
        let is_there = |agent: AgentKey| self.agent_at(agent).configured;
        let is_held = contact.direct_until.is_none_or(|until| until > now)
            && contact.direct.is_none_or(is_there);
        let event = Event::ContactQueued {
            contact: contact.id,
            queue: contact.labels.queue,
            step: contact.step,
            due: self.due_of(contact),
            direct: contact.direct.filter(|_| is_held),
            direct_until: contact.direct_until.filter(|_| is_held),
        };
        self.emit(now, event);
        self.tell_routable(slot, now);
        if !is_held {
            self.take_steps(slot, now);
        }
    }

    /// Says so when nobody could ever take a contact that waits, and when that is over.
    pub(super) fn tell_routable(&mut self, slot: Slot, now: Timestamp) {
        let is_routable = self.is_routable(slot);
        let contact = self.contact_at(slot);
        if is_routable != contact.is_unroutable {
            return;
        }
        let (contact, labels) = (contact.id, contact.labels);
        self.emit(
            now,
            if is_routable {
                Event::ContactRoutable { contact }
            } else {
                Event::ContactUnroutable { contact, labels }
            },
        );
    }

    fn is_routable(&mut self, slot: Slot) -> bool {
        // Somebody was just found for whoever is being called.
        if self.contact_at(slot).is_dialled() {
            return true;
        }
        let contact = self.contact_at(slot);
        if self.is_queued(slot) {
            return self.needs.get(contact.index.line).is_routable(contact);
        }
        let line = self.line_of(slot);
        let is_routable = self.needs.get(line).is_routable(self.contact_at(slot));
        self.needs.release(line);
        is_routable
    }

    pub(super) fn due_of(&self, contact: &Contact) -> Timestamp {
        self.due_with(contact, contact.labels)
    }

    pub(super) fn due_with(&self, contact: &Contact, labels: Labels) -> Timestamp {
        let promised = self.promised_in(labels.queue, contact);
        super::due::due(contact, promised, self.head_starts[labels.tier.index()])
    }

    /// By when the contact should be answered.
    pub(super) fn promised(&self, contact: &Contact) -> Timestamp {
        self.promised_in(contact.labels.queue, contact)
    }

    fn promised_in(&self, queue: QueueKey, contact: &Contact) -> Timestamp {
        let known = contact.index.promise.filter(|known| {
            known.queue == queue
                && known.first_queued_at == contact.first_queued_at
                && known.configurations == self.configurations
        });
        known.map_or_else(
            || self.rules[queue.index()].promised(contact.first_queued_at),
            |known| known.at,
        )
    }

    /// Keeps by when the contact should be answered, where working that out takes a walk through
    /// the timetable of its queue.
    pub(super) fn note_promise(&mut self, slot: Slot) {
        let contact = &self.contacts[slot];
        let queue = contact.labels.queue;
        if self.rules[queue.index()].hours.is_none() {
            return;
        }
        let promise = Promise {
            queue,
            first_queued_at: contact.first_queued_at,
            configurations: self.configurations,
            at: self.promised(contact),
        };
        if contact.index.promise != Some(promise) {
            self.contacts[slot].index.promise = Some(promise);
        }
    }

    pub(super) fn is_queued(&self, slot: Slot) -> bool {
        let contact = self.contacts.get(slot);
        contact.is_some_and(|contact| matches!(contact.stage, Stage::Queued { .. }))
    }

    /// It has not ended, or been forgotten since.
    fn is_open(&self, slot: Slot) -> bool {
        let contact = self.contacts.get(slot);
        contact.is_some_and(|contact| !contact.is_closed())
    }

    pub(super) fn is_offered_to_someone(&self, slot: Slot) -> bool {
        matches!(self.contact_at(slot).stage, Stage::Offered { .. })
    }

    /// Goes on to the step that the contact's age has reached, and on from there if nobody
    /// is there for it.
    pub(super) fn take_steps(&mut self, slot: Slot, now: Timestamp) {
        let contact = self.contact_at(slot);
        if self.is_offered_to_someone(slot) && !contact.is_fanned_out() {
            return;
        }
        let (id, rules) = (contact.id, &self.rules[contact.labels.queue.index()]);
        let step = rules.step_at(now - contact.first_queued_at);
        if step > contact.step {
            self.emit(now, Event::StepTaken { contact: id, step });
        }
        // Whoever is asked is there.
        if !self.is_offered_to_someone(slot)
            && let Some(step) = self.step_with_staff(slot)
        {
            self.emit(now, Event::StepTaken { contact: id, step });
        }
    }

    /// The further step that is taken at once, because nobody of the steps so far is there:
    /// the first one of which somebody is.
    fn step_with_staff(&mut self, slot: Slot) -> Option<u32> {
        let contact = self.contact_at(slot);
        let rules = &self.rules[contact.labels.queue.index()];
        let (from, steps) = (contact.step, rules.options.steps.len());
        let further = rules.options.steps[steps.min(from as usize)..].iter();
        let skips = further.take_while(|step| step.skip_unstaffed).count();
        if skips == 0 || contact.direct.is_some() || self.staff_at(slot, from) != (0, 0) {
            return None;
        }
        let last = from + u32::try_from(skips).expect("steps are few");
        (from + 1..=last).find(|step| self.staff_at(slot, *step).0 > 0)
    }

    /// Agents who are there for the contact at a step, and those who may be again in a moment.
    fn staff_at(&mut self, slot: Slot, step: u32) -> (u32, u32) {
        let line = self.line_at(slot, step);
        let staff = self.staff_of(self.needs.get(line));
        self.needs.release(line);
        staff
    }

    /// Of those into whose empty hands it fits: for anybody else nobody waits.
    fn staff_of(&self, need: &NeedLine) -> (u32, u32) {
        let ground = self.ground();
        let groups = need.eligible.iter().map(|eligible| eligible.group);
        groups
            .filter(|group| ground.fits(*group, need.need.class.channel))
            .map(|group| self.pool.group(group))
            .fold((0, 0), |(staffed, away), group| {
                (staffed + group.staffed, away + group.away)
            })
    }

    /// Takes the steps of contacts that wait for nobody, where agents of these queues have
    /// come or gone.
    pub(super) fn hurry(&mut self, queues: &[QueueKey], now: Timestamp) -> Vec<Slot> {
        let waits_for_nobody = |need: &NeedLine| {
            let steps = &self.rules[need.need.queue.index()].options.steps;
            let next = steps.get(need.need.step as usize);
            next.is_some_and(|next| next.skip_unstaffed) && self.staff_of(need) == (0, 0)
        };
        let queue = |key: &QueueKey| &self.queues[key.index()];
        let concerned = queues
            .iter()
            .flat_map(|key| queue(key).widens.iter().chain([key]));
        let mut lines: Vec<_> = concerned.flat_map(|key| &queue(key).active_lines).collect();
        lines.sort_unstable();
        lines.dedup();
        let lines = lines.into_iter().map(|line| self.needs.get(*line));
        let lines = lines.filter(|need| waits_for_nobody(need));
        let mut waiting: Vec<_> = lines.flat_map(|need| need.line.iter()).collect();
        waiting.sort_unstable();
        let slots: Vec<Slot> = waiting.iter().map(|place| place.slot).collect();
        for slot in &slots {
            self.take_steps(*slot, now);
        }
        slots
    }

    /// An agent has gone: contacts that waited for nobody else go on, and those who are idle
    /// take what is due first for them.
    pub(super) fn hurry_on(&mut self, gone: AgentKey, now: Timestamp) {
        for slot in self.hurry(&self.queues_served_by(gone), now) {
            while self.is_queued(slot)
                && let Some(agent) = self.find_agent(slot, now)
            {
                self.serve(agent, now);
            }
        }
    }

    /// The queues that an agent serves, none for one who is not configured.
    pub(super) fn queues_served_by(&self, agent: AgentKey) -> Vec<QueueKey> {
        let group = self.pool.group_of(agent);
        group.map_or_else(Vec::new, |group| {
            self.pool.group(group).signature.queues.clone()
        })
    }

    /// Takes a contact that nobody serves over to another queue.
    pub(super) fn change_queue(&mut self, slot: Slot, queue: QueueKey, now: Timestamp) {
        let contact = self.contact_at(slot);
        let event = Event::ContactMoved {
            contact: contact.id,
            from: contact.labels.queue,
            labels: Labels {
                queue,
                ..contact.labels
            },
        };
        self.emit(now, event);
    }
}
