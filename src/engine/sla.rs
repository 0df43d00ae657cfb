//! Keeping the promise: relaxation steps widen who may serve as time passes,
//! escalations act before the promise is broken.
//!
//! Times count from first queued. A contact that waits has one deadline armed,
//! for whichever of its steps and rules comes next, and costs nothing until
//! then.

use crate::domain::{Millis, Name, Timestamp};
use crate::engine::Engine;
use crate::engine::contact::{Contact, Stage};
use crate::engine::event::{Event, Labels};
use crate::engine::options::{Action, Audience, EscalationRule, Trigger};
use crate::engine::queue::moves;
use crate::engine::registry::{AgentKey, QueueKey};
use crate::engine::shortlist::Looking;
use crate::engine::view::WaitEstimate;

/// A predicted breach is looked at again no sooner than this.
const REVIEW_MIN: Millis = Millis::from_s(1);

impl Engine {
    /// When the next step or escalation of a contact is due by the clock.
    pub(super) fn next_sla(&self, contact: &Contact) -> Option<Timestamp> {
        let rules = &self.rules[contact.labels.queue.index()];
        let queued = matches!(contact.stage, Stage::Queued { .. });
        let step = rules
            .rings
            .get(contact.step as usize + 1)
            .filter(|_| queued)
            .map(|ring| contact.first_queued_at + ring.after);
        let escalation = rules
            .options
            .escalations
            .iter()
            .filter(|rule| {
                (queued || !moves(rule)) && !contact.has_fired(contact.labels.queue, &rule.name)
            })
            .filter_map(|rule| match rule.when {
                Trigger::PredictedBreach => contact.breach_check_at.filter(|_| queued),
                Trigger::TargetPercent(_)
                | Trigger::After(_)
                | Trigger::OffersEnded(_)
                | Trigger::WaitingOver(_)
                | Trigger::NobodyStaffed
                | Trigger::SentimentBelow(_) => rules.time_of(rule.when, contact.first_queued_at),
            })
            .min();
        step.into_iter().chain(escalation).min()
    }

    /// The deadline of a step or an escalation has come.
    pub(super) fn keep_promise(&mut self, slot: u32, now: Timestamp) {
        self.take_steps(slot, now);
        self.escalate(slot, now);
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
    }

    /// Puts a contact that stands nowhere to where it belongs: to an agent who
    /// is free, or into its line.
    pub(super) fn enter_line(&mut self, slot: u32, now: Timestamp) {
        self.take_steps(slot, now);
        // Where agents are kept back, others may wait who are due first and just now let go.
        let at_once = (!self.keeps_back)
            .then(|| self.find_agent(slot, now))
            .flatten();
        if let Some(agent) = at_once {
            self.make_offer(slot, agent, Looking::Contact, now);
            return;
        }
        self.queue_up(slot, now);
        self.escalate(slot, now);
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
    }

    /// Contacts that come back together with an agent who may have become free
    /// stand in line before that agent looks for the one who is due first.
    pub(super) fn return_to_line(&mut self, slots: &[u32], freed: AgentKey, now: Timestamp) {
        for slot in slots {
            self.take_steps(*slot, now);
            self.queue_up(*slot, now);
        }
        self.serve(freed, now);
        for slot in slots {
            if self.is_queued(*slot) {
                self.seek(*slot, now);
            }
            self.escalate(*slot, now);
            if self.is_queued(*slot) {
                self.seek(*slot, now);
            }
        }
    }

    /// Into the line of its need, by its `due`.
    pub(super) fn queue_up(&mut self, slot: u32, now: Timestamp) {
        let contact = self.contact_at(slot);
        let is_held = contact.direct_until.is_none_or(|until| until > now);
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
    }

    /// Says so when nobody could ever take a contact that waits, and when that is over.
    pub(super) fn tell_routable(&mut self, slot: u32, now: Timestamp) {
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

    fn is_routable(&mut self, slot: u32) -> bool {
        if self.is_queued(slot) {
            return self.needs.get(self.contact_at(slot).index.line).is_routable;
        }
        let line = self.line_of(slot);
        let is_routable = self.needs.get(line).is_routable;
        self.needs.release(line);
        is_routable
    }

    pub(super) fn due_of(&self, contact: &Contact) -> Timestamp {
        self.due_with(contact, contact.labels)
    }

    pub(super) fn due_with(&self, contact: &Contact, labels: Labels) -> Timestamp {
        let promised = self.rules[labels.queue.index()].promised(contact.first_queued_at);
        super::due::due(contact, promised, self.head_starts[labels.tier.index()])
    }

    pub(super) fn is_queued(&self, slot: u32) -> bool {
        matches!(self.contact_at(slot).stage, Stage::Queued { .. })
    }

    /// Goes on to the step that the contact's age has reached.
    fn take_steps(&mut self, slot: u32, now: Timestamp) {
        let contact = self.contact_at(slot);
        let rules = &self.rules[contact.labels.queue.index()];
        let step = rules.step_at(now - contact.first_queued_at);
        if step > contact.step && !matches!(contact.stage, Stage::Offered(_)) {
            let contact = contact.id;
            self.emit(now, Event::StepTaken { contact, step });
        }
    }

    /// Fires every rule whose time or condition has come, once per contact.
    pub(super) fn escalate(&mut self, slot: u32, now: Timestamp) {
        while let Some((queue, rule)) = self.due_rule(slot, now) {
            self.fire(slot, queue, &rule, now);
            // What it was moved to has rules of its own, and some may be due.
            if matches!(self.contact_at(slot).stage, Stage::Moving) {
                self.enter_line(slot, now);
            }
        }
        self.review_wait(slot, now);
    }

    fn due_rule(&self, slot: u32, now: Timestamp) -> Option<(QueueKey, EscalationRule)> {
        let contact = self.contact_at(slot);
        let offered = match contact.stage {
            Stage::Queued { .. } => false,
            Stage::Offered(_) => true,
            Stage::Moving
            | Stage::Scheduled { .. }
            | Stage::Active(_)
            | Stage::WrapUp { .. }
            | Stage::Closed(_) => return None,
        };
        let queue = contact.labels.queue;
        let rules = &self.rules[queue.index()].options.escalations;
        rules
            .iter()
            .filter(|rule| (!offered || !moves(rule)) && !contact.has_fired(queue, &rule.name))
            .find(|rule| self.has_come(slot, rule.when, now))
            .map(|rule| (queue, rule.clone()))
    }

    fn has_come(&self, slot: u32, when: Trigger, now: Timestamp) -> bool {
        let contact = self.contact_at(slot);
        let queue = contact.labels.queue.index();
        match when {
            Trigger::TargetPercent(_) | Trigger::After(_) => self.rules[queue]
                .time_of(when, contact.first_queued_at)
                .is_some_and(|at| at <= now),
            Trigger::PredictedBreach => self
                .breach_check(slot, now)
                .is_some_and(|check_at| check_at <= now),
            Trigger::OffersEnded(count) => contact.offers_ended >= count,
            Trigger::WaitingOver(count) => self.queues[queue].counts.waiting() > u64::from(count),
            Trigger::NobodyStaffed => !self.queues[queue].closed && self.queues[queue].staffed == 0,
            Trigger::SentimentBelow(bound) => {
                contact.sentiment.is_some_and(|sentiment| sentiment < bound)
            }
        }
    }

    /// When a breach has to be looked for again: now, if one is predicted.
    fn breach_check(&self, slot: u32, now: Timestamp) -> Option<Timestamp> {
        let contact = self.contact_at(slot);
        let Stage::Queued { .. } = contact.stage else {
            return None;
        };
        let rules = &self.rules[contact.labels.queue.index()];
        let promised = rules.promised(contact.first_queued_at);
        match self.estimate(slot) {
            WaitEstimate::Within { p90, .. } if now + p90 > promised => Some(now),
            WaitEstimate::Within { p90, .. } => Some((promised - p90).max(now + REVIEW_MIN)),
            WaitEstimate::NobodyStaffed => Some(now),
            WaitEstimate::NotWaiting | WaitEstimate::NotOffered | WaitEstimate::Closed => {
                Some(promised.max(now))
            }
        }
    }

    /// Says when a predicted breach is looked at again.
    fn review_wait(&mut self, slot: u32, now: Timestamp) {
        let contact = self.contact_at(slot);
        let queue = contact.labels.queue;
        let rules = &self.rules[queue.index()].options.escalations;
        let open = rules.iter().any(|rule| {
            rule.when == Trigger::PredictedBreach && !contact.has_fired(queue, &rule.name)
        });
        if !open
            || contact
                .breach_check_at
                .is_some_and(|check_at| check_at > now)
        {
            return;
        }
        if let Some(check_at) = self.breach_check(slot, now) {
            let contact = contact.id;
            self.emit(now, Event::WaitReviewed { contact, check_at });
        }
    }

    /// Carries out one rule: it has fired, whatever its actions come to.
    pub(super) fn fire(
        &mut self,
        slot: u32,
        queue: QueueKey,
        rule: &EscalationRule,
        now: Timestamp,
    ) {
        let mut boost = self.contact_at(slot).boost;
        let mut notify: Vec<Audience> = Vec::new();
        for action in &rule.actions {
            match action {
                Action::Boost(span) => boost = boost + *span,
                Action::Notify(audience) => notify.push(*audience),
                Action::NextStep | Action::MoveTo(_) => {}
            }
        }
        let contact = self.contact_at(slot);
        let number = self.rules[queue.index()]
            .options
            .escalations
            .iter()
            .position(|known| known.name == rule.name);
        let event = Event::EscalationFired {
            contact: contact.id,
            queue,
            rule: u32::try_from(number.unwrap_or(0)).expect("rules are few"),
            name: rule.name.clone(),
            boost,
            due: self.due_of(contact) - (boost - contact.boost),
            notify,
        };
        self.emit(now, event);
        for action in &rule.actions {
            match action {
                Action::NextStep => self.next_step(slot, now),
                Action::MoveTo(queue) => self.move_to(slot, queue, now),
                Action::Boost(_) | Action::Notify(_) => {}
            }
        }
    }

    fn next_step(&mut self, slot: u32, now: Timestamp) {
        let contact = self.contact_at(slot);
        let rules = &self.rules[contact.labels.queue.index()];
        if contact.step < rules.last_step() && self.is_queued(slot) {
            let (contact, step) = (contact.id, contact.step + 1);
            self.emit(now, Event::StepTaken { contact, step });
        }
    }

    /// On in another queue, unless that one is full or closed; it then stands nowhere.
    fn move_to(&mut self, slot: u32, queue: &Name, now: Timestamp) {
        let Some(queue) = self.registry.queues.key(queue.as_str()) else {
            return;
        };
        let labels = self.contact_at(slot).labels;
        if queue != labels.queue && self.takes_in(queue, labels.channel) {
            self.change_queue(slot, queue, now);
        }
    }

    /// Takes a contact that nobody serves over to another queue.
    pub(super) fn change_queue(&mut self, slot: u32, queue: QueueKey, now: Timestamp) {
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

    /// Nobody is left who could serve these queues: their rules may say so.
    pub(super) fn escalate_unstaffed(&mut self, queues: &[QueueKey], now: Timestamp) {
        for queue in queues {
            let escalates = self.rules[queue.index()]
                .options
                .escalations
                .iter()
                .any(|rule| rule.when == Trigger::NobodyStaffed);
            if !escalates || self.queues[queue.index()].staffed > 0 {
                continue;
            }
            let mut waiting: Vec<_> = self
                .needs
                .iter()
                .filter(|(_, need)| need.need.queue == *queue)
                .flat_map(|(_, need)| need.line.iter())
                .collect();
            waiting.sort_unstable();
            for place in waiting {
                self.escalate(place.slot, now);
                if self.is_queued(place.slot) {
                    self.seek(place.slot, now);
                }
            }
        }
    }
}
