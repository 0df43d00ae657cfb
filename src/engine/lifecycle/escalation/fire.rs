//! What a rule does when it fires.

use crate::domain::{Name, Text, Timestamp};
use crate::engine::Engine;
use crate::engine::event::{Event, LineEvent, RuleEvent};
use crate::engine::lifecycle::ending::End;
use crate::engine::options::{Action, Audience, EscalationRule};
use crate::engine::state::agent::Session;
use crate::engine::state::contact::{Contact, EndedBy, Final, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::{AgentKey, QueueKey};

/// The result of trying to move a contact elsewhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Moved {
    /// It has left its line, or has ended.
    Away,
    NotNow,
    NeedNot,
}

impl Engine {
    /// Carries out one rule: it has fired, whether or not its actions have an effect.
    pub(super) fn fire(&mut self, slot: Slot, queue: QueueKey, number: usize, now: Timestamp) {
        let rule = self.rule_at(queue, number).clone();
        let event = self.fired(slot, queue, &rule, now);
        self.emit(now, event);
        let is_to_leave = rule.actions.iter().any(Action::takes_away);
        if !is_to_leave {
            // Agents of a further queue may be the first who could ever take it.
            self.tell_routable(slot, now);
        }
        let is_offered = self.is_offered_to_someone(slot);
        for action in &rule.actions {
            match action {
                // A message about leaving is sent only when it leaves.
                Action::Message(_) if is_to_leave => {}
                Action::NextStep => self.next_step(slot, now),
                Action::Notify(Audience::AccountManager) => {
                    self.notify_account_manager(slot, queue, &rule.name, now);
                }
                Action::Message(text) => self.tell_customer(slot, &rule.name, text, now),
                Action::Boost(_)
                | Action::Notify(Audience::Supervisor | Audience::Webhook)
                | Action::AddQueue(_)
                | Action::ReserveNext
                | Action::OfferCallback
                | Action::MoveTo(_)
                | Action::Deflect(_)
                // The event has recorded it; all further offers are made at the end.
                | Action::FanOut(_) => {}
            }
        }
        // Added agents may belong to a later step, and a further step may have no agents either.
        if self.is_queued(slot) {
            self.take_steps(slot, now);
        }
        // What takes it out of its line comes last, and only one of them; while an agent is being
        // asked, it stays and leaves when that has come to nothing.
        if is_to_leave && (is_offered || self.leave(slot, &rule, now) == Moved::NotNow) {
            self.owe_move(slot, queue, rule.name, now);
        }
        if is_to_leave && (self.is_queued(slot) || is_offered) {
            self.tell_routable(slot, now);
        }
    }

    /// The event of a rule that fires, with everything decided by it.
    fn fired(&self, slot: Slot, queue: QueueKey, rule: &EscalationRule, now: Timestamp) -> Event {
        let contact = self.contact_at(slot);
        let mut boost = contact.escalated.boost;
        let mut notify: Vec<Audience> = Vec::new();
        let mut also = contact.escalated.also.clone();
        let (mut reserved, mut claims, mut callback_offered) = (false, false, false);
        let mut beside_max = contact.escalated.beside_max;
        for action in &rule.actions {
            match action {
                Action::Boost(span) => boost = boost + *span,
                Action::Notify(audience) => notify.push(*audience),
                Action::AddQueue(name) => also.extend(self.registry.queues.key(name.as_str())),
                Action::ReserveNext => {
                    let free = self.queues[queue.index()].reserved == 0;
                    let waits =
                        matches!(contact.stage, Stage::Queued { .. } | Stage::Offered { .. });
                    reserved = free && waits;
                    claims = !free && waits && !contact.escalated.is_reserved;
                }
                Action::OfferCallback => callback_offered = true,
                Action::FanOut(agents) => beside_max = beside_max.max(agents.saturating_sub(1)),
                Action::NextStep | Action::MoveTo(_) | Action::Message(_) | Action::Deflect(_) => {}
            }
        }
        also.sort_unstable();
        also.dedup();
        let event = RuleEvent::Fired {
            queue,
            name: rule.name.clone(),
            boost,
            due: self.due_of(contact) - (boost - contact.escalated.boost),
            notify,
            again_at: again_at(contact, rule, now),
            also,
            reserved,
            claims,
            callback_offered,
            beside_max,
        };
        Event::Rule(contact.id, event)
    }

    /// The desktop is notified if it is connected, or may be again soon.
    fn notify_account_manager(&mut self, slot: Slot, queue: QueueKey, rule: &Name, now: Timestamp) {
        let contact = self.contact_at(slot);
        let manager = contact.recognition.account_manager.as_ref();
        let manager = manager.and_then(|name| self.registry.agents.key(name.as_str()));
        let there = |agent: &AgentKey| {
            let agent = self.agent_at(*agent);
            agent.configured && agent.session != Session::Gone
        };
        if let Some(agent) = manager.filter(there) {
            let event = RuleEvent::AgentNotified {
                agent,
                queue,
                name: rule.clone(),
            };
            self.emit(now, Event::Rule(contact.id, event));
        }
    }

    fn next_step(&mut self, slot: Slot, now: Timestamp) {
        let contact = self.contact_at(slot);
        let rules = &self.rules[contact.labels.queue.index()];
        let waits = self.is_queued(slot) || self.is_offered_to_someone(slot);
        if contact.wait.step < rules.last_step() && waits {
            let (contact, step) = (contact.id, rules.taken_with(contact.wait.step + 1));
            self.emit(now, Event::Line(contact, LineEvent::StepTaken { step }));
        }
    }

    fn tell_customer(&mut self, slot: Slot, rule: &Name, text: &Text, now: Timestamp) {
        let event = RuleEvent::CustomerTold {
            name: rule.clone(),
            text: text.clone(),
        };
        self.emit(now, Event::Rule(self.contact_at(slot).id, event));
    }

    /// Takes the contact out of its line as the rule says, if that is possible now.
    pub(super) fn leave(&mut self, slot: Slot, rule: &EscalationRule, now: Timestamp) -> Moved {
        match rule.actions.iter().find(|action| action.takes_away()) {
            Some(Action::MoveTo(queue)) => self.move_to(slot, queue, rule, now),
            // A customer who was called is not sent away for having answered.
            Some(Action::Deflect(_)) if self.contact_at(slot).is_on_the_line() => Moved::NeedNot,
            Some(Action::Deflect(text)) => {
                self.tell_of_leaving(slot, rule, now);
                let text = Some(text.clone());
                let end = End::of(Final::Deflected, EndedBy::System, text);
                self.close(slot, now, end);
                Moved::Away
            }
            Some(_) | None => Moved::NeedNot,
        }
    }

    /// Moves it to another queue, unless that one is full or closed.
    fn move_to(
        &mut self,
        slot: Slot,
        queue: &Name,
        rule: &EscalationRule,
        now: Timestamp,
    ) -> Moved {
        let contact = self.contact_at(slot);
        let Some(next) = self.other_queue(queue, contact) else {
            return Moved::NeedNot;
        };
        if !self.goes_on_in(next, contact) {
            return Moved::NotNow;
        }
        self.tell_of_leaving(slot, rule, now);
        self.change_queue_by_rule(slot, next, now);
        Moved::Away
    }

    fn tell_of_leaving(&mut self, slot: Slot, rule: &EscalationRule, now: Timestamp) {
        for action in &rule.actions {
            if let Action::Message(text) = action {
                self.tell_customer(slot, &rule.name, text, now);
            }
        }
    }
}

/// When a rule that fires now will fire again.
fn again_at(contact: &Contact, rule: &EscalationRule, now: Timestamp) -> Option<Timestamp> {
    let repeat = rule.repeat?;
    let fired = contact.fired(&rule.name);
    let fired = fired.filter(|fired| !fired.is_pending);
    let repeats = fired.map_or(0, |fired| fired.repeats + 1);
    (repeats < repeat.at_most).then_some(now + repeat.every)
}
