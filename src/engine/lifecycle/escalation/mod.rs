//! Escalations: rules that act on contacts that wait too long, or are about to.
//!
//! A rule fires when its trigger has come and it applies: the customer is of one of its tiers, and
//! its condition holds. Rules are evaluated when the clock says so, when the contact enters its
//! line or is offered, and when it changes. Each fires once for a contact, or again at its
//! intervals until the contact is answered.

mod breach;
mod claims;
mod fire;
mod length;
mod owed;

use crate::domain::{Name, Timestamp};
use crate::engine::Engine;
use crate::engine::condition::{Condition, Fact, Field, Trouble, Verdict};
use crate::engine::event::{Event, RuleEvent};
use crate::engine::options::{EscalationRule, Trigger};
use crate::engine::state::contact::{Contact, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::needs::NeedLine;
use crate::engine::state::queue::QueueRules;
use crate::engine::state::registry::{AgentKey, QueueKey};

pub(in crate::engine) use crate::engine::lifecycle::escalation::claims::Claims;
pub(in crate::engine) use crate::engine::lifecycle::escalation::owed::Owed;

/// The result of evaluating one rule.
enum Look {
    /// Not its time yet, or it is done.
    Nothing,
    Fires,
    /// It has fired, and the contact, which still has to leave its queue by it, now can.
    Owes,
    /// Its time came by the clock, but it does not apply.
    NotApplicable,
    Troubled(Trouble),
}

impl Engine {
    /// When the clock next evaluates the rules of a contact.
    pub(in crate::engine) fn next_escalation(&self, contact: &Contact) -> Option<Timestamp> {
        let rules = &self.rules[contact.labels.queue.index()];
        let open = rules.options.escalations.iter();
        open.filter_map(|rule| look_at(contact, rules, rule)).min()
    }

    /// Evaluates every rule, and fires those that have come and apply.
    pub(in crate::engine) fn escalate(&mut self, slot: Slot, now: Timestamp) {
        let Some(queue) = self.contacts.get(slot).map(|contact| contact.labels.queue) else {
            return;
        };
        for number in 0..self.rules[queue.index()].options.escalations.len() {
            match self.look_at_rule(slot, number, now) {
                Look::Nothing => {}
                Look::Fires => self.fire(slot, queue, number, now),
                Look::Owes => self.move_on(slot, queue, number, now),
                Look::NotApplicable => self.note_not_applicable(slot, queue, number, now),
                Look::Troubled(trouble) => self.say_trouble(slot, queue, number, trouble, now),
            }
            match self.contact_stage(slot) {
                Some(Stage::Queued { .. } | Stage::Offered { .. }) => {}
                Some(Stage::Moving) => return self.enter_line(slot, now),
                None
                | Some(
                    Stage::Scheduled { .. }
                    | Stage::Active(_)
                    | Stage::Parked(_)
                    | Stage::WrapUp { .. }
                    | Stage::Closed(_),
                ) => return,
            }
        }
        self.review_wait(slot, now);
    }

    fn look_at_rule(&self, slot: Slot, number: usize, now: Timestamp) -> Look {
        let contact = self.contact_at(slot);
        let queued = match contact.stage {
            Stage::Queued { .. } => true,
            Stage::Offered { .. } => false,
            Stage::Moving
            | Stage::Scheduled { .. }
            | Stage::Active(_)
            | Stage::Parked(_)
            | Stage::WrapUp { .. }
            | Stage::Closed(_) => return Look::Nothing,
        };
        let rules = &self.rules[contact.labels.queue.index()];
        let rule = &rules.options.escalations[number];
        let fired = contact.fired(&rule.name);
        if queued && self.can_leave_by(contact, rule) {
            return Look::Owes;
        }
        if !fired.is_none_or(|fired| fired.is_open(now)) {
            return Look::Nothing;
        }
        let by_clock = look_at(contact, rules, rule).is_some_and(|at| at <= now);
        if !rule.when.is_none_or(|when| self.has_come(slot, when, now)) {
            // A breach that is no longer predicted is checked again later, not marked as not
            // applicable.
            let repeats = fired.is_some_and(|fired| !fired.is_pending);
            let is_reviewed = rule.when == Some(Trigger::PredictedBreach);
            return if by_clock && repeats && !is_reviewed {
                Look::NotApplicable
            } else {
                Look::Nothing
            };
        }
        // A breach may be predicted at any evaluation; if its rule does not apply, it is not
        // checked again by the clock either.
        let by_clock = by_clock || rule.when == Some(Trigger::PredictedBreach);
        match self.applies(contact, rule, rules.conditions[number].as_ref(), now) {
            Verdict::Holds => Look::Fires,
            Verdict::Trouble(trouble) if !fired.is_some_and(|fired| fired.is_troubled) => {
                Look::Troubled(trouble)
            }
            Verdict::Fails | Verdict::Trouble(_) if by_clock => Look::NotApplicable,
            Verdict::Fails | Verdict::Trouble(_) => Look::Nothing,
        }
    }

    fn has_come(&self, slot: Slot, when: Trigger, now: Timestamp) -> bool {
        let contact = self.contact_at(slot);
        let queue = contact.labels.queue.index();
        let queued = matches!(contact.stage, Stage::Queued { .. });
        match when {
            Trigger::TargetPercent(_) | Trigger::After(_) => self.rules[queue]
                .time_of(when, contact)
                .is_some_and(|at| at <= now),
            Trigger::PredictedBreach => self
                .breach_check(slot, now)
                .is_some_and(|check_at| check_at <= now),
            Trigger::OffersEnded(count) => contact.missed.offers >= count,
            // While a queue has just grown too long, its earliest contacts are evaluated before the
            // newest.
            Trigger::WaitingOver(count) => {
                queued
                    && self.queues[queue].counts.waiting() > u64::from(count)
                    && !self.grown.contains(&contact.labels.queue)
            }
            Trigger::NobodyStaffed => {
                let is_closed = self.queues[queue].closed && !contact.passes().closing();
                queued && !is_closed && self.is_deserted(contact, now)
            }
            Trigger::SentimentBelow(bound) => {
                contact.sentiment.is_some_and(|sentiment| sentiment < bound)
            }
        }
    }

    /// Whether a rule applies to this contact as it is.
    fn applies(
        &self,
        contact: &Contact,
        rule: &EscalationRule,
        condition: Option<&Result<Condition, Trouble>>,
        now: Timestamp,
    ) -> Verdict {
        let tier = self.registry.tiers.name(contact.labels.tier);
        if !rule.tiers.is_empty() && !rule.tiers.contains(tier) {
            return Verdict::Fails;
        }
        match condition {
            None => Verdict::Holds,
            Some(Ok(condition)) => condition.evaluate(|field| self.fact(contact, field, now)),
            Some(Err(trouble)) => Verdict::Trouble(*trouble),
        }
    }

    fn fact<'a>(&'a self, contact: &'a Contact, field: Field, now: Timestamp) -> Fact<'a> {
        let (intake, recognition) = (&*contact.intake, &*contact.recognition);
        let queue = &self.queues[contact.labels.queue.index()];
        let name = |name: &'a Option<Name>| Fact::Text(name.as_ref().map_or("", Name::as_str));
        let text = |text: &'a Option<crate::domain::Text>| {
            Fact::Text(text.as_ref().map_or("", |text| &**text))
        };
        let whole = |count: u64| Fact::Whole(i64::try_from(count).unwrap_or(i64::MAX));
        let seconds = |since: Timestamp| Fact::Whole((now - since).0.max(0) / 1_000);
        match field {
            Field::Channel => Fact::Text(contact.labels.channel.name()),
            Field::Topic => name(&intake.topic),
            Field::Text => text(&intake.text),
            Field::Language => text(&intake.language),
            Field::Sentiment => Fact::Decimal(contact.sentiment.unwrap_or(0.0)),
            Field::Attributes => Fact::Attributes(&intake.attributes),
            Field::WaitedS => seconds(contact.wait.since()),
            Field::Step => whole(contact.wait.step.into()),
            Field::Offers => whole(contact.offers_made().into()),
            Field::OffersEnded => whole(contact.missed.offers.into()),
            Field::CustomerKnown => Fact::Flag(recognition.is_known()),
            Field::CustomerId => text(&recognition.customer),
            Field::Tier => Fact::Text(self.registry.tiers.name(contact.labels.tier).as_str()),
            Field::AccountManager => name(&recognition.account_manager),
            Field::LastAgent => name(&recognition.last_agent),
            Field::QueueId => Fact::Text(self.registry.queues.name(contact.labels.queue).as_str()),
            Field::Waiting => whole(queue.counts.waiting()),
            Field::BeingOffered => whole(queue.counts.offered.0.iter().sum()),
            Field::Staffed => whole(queue.staffed.into()),
            Field::LongestWaitS => seconds(queue.longest_waiting_since().unwrap_or(now)),
            Field::Paused => Fact::Flag(queue.is_paused()),
        }
    }

    fn has_rule(&self, queue: QueueKey, counts: impl Fn(Trigger) -> bool) -> bool {
        let mut rules = self.rules[queue.index()].options.escalations.iter();
        rules.any(|rule| rule.when.is_some_and(&counts))
    }

    fn note_not_applicable(&mut self, slot: Slot, queue: QueueKey, number: usize, now: Timestamp) {
        let event = RuleEvent::NotApplicable {
            queue,
            name: self.rule_at(queue, number).name.clone(),
        };
        self.emit(now, Event::Rule(self.contact_at(slot).id, event));
    }

    fn say_trouble(
        &mut self,
        slot: Slot,
        queue: QueueKey,
        number: usize,
        trouble: Trouble,
        now: Timestamp,
    ) {
        let event = RuleEvent::ConditionFailed {
            queue,
            name: self.rule_at(queue, number).name.clone(),
            trouble,
        };
        self.emit(now, Event::Rule(self.contact_at(slot).id, event));
        let rules = &self.rules[queue.index()];
        let rule = &rules.options.escalations[number];
        let predicted = rule.when == Some(Trigger::PredictedBreach);
        if predicted || look_at(self.contact_at(slot), rules, rule).is_some_and(|at| at <= now) {
            self.note_not_applicable(slot, queue, number, now);
        }
    }

    fn rule_at(&self, queue: QueueKey, number: usize) -> &EscalationRule {
        &self.rules[queue.index()].options.escalations[number]
    }

    /// Agents of these queues have left: fires `nobody_staffed` rules for contacts that nobody can
    /// serve now.
    pub(in crate::engine) fn escalate_unstaffed(&mut self, queues: &[QueueKey], now: Timestamp) {
        for queue in queues {
            if !self.has_rule(*queue, asks_who_is_there) {
                continue;
            }
            // All contacts of a line that is not for one agent can be taken by the same agents.
            let is_deserted = |need: &NeedLine| {
                let head = need.line.head();
                need.need.direct.is_none()
                    && head.is_some_and(|head| self.is_deserted(self.contact_at(head.slot), now))
            };
            for slot in self.waiting_by_due(*queue, is_deserted) {
                self.escalate_in_line(slot, now);
            }
        }
    }

    /// The same when one agent may have gone. As long as another one of the group is there, this
    /// changes nothing except for contacts that wait for this agent alone.
    pub(in crate::engine) fn note_staffing(&mut self, agent: AgentKey, now: Timestamp) {
        let Some(group) = self.pool.group_of(agent) else {
            return;
        };
        let held = self.pool.group(group);
        if held.staffed + held.away == 0 {
            let queues = (0..self.queues.len()).map(QueueKey::from);
            let queues: Vec<QueueKey> = queues
                .filter(|queue| self.may_call_from(*queue, group))
                .collect();
            self.escalate_unstaffed(&queues, now);
        }
        if !self.agent_at(agent).is_staffed() {
            let lines = self.needs.direct_lines(agent).iter();
            let places = lines.flat_map(|line| self.needs.get(*line).line.iter());
            let slots = places.map(|place| place.slot).filter(|slot| {
                let queue = self.contact_at(*slot).labels.queue;
                self.has_rule(queue, asks_who_is_there)
            });
            let slots: Vec<Slot> = slots.collect();
            for slot in slots {
                self.escalate_in_line(slot, now);
            }
        }
    }

    /// The contacts in such lines of a queue, earliest due first.
    fn waiting_by_due(&self, queue: QueueKey, counts: impl Fn(&NeedLine) -> bool) -> Vec<Slot> {
        let lines = self.needs.iter().map(|(_, need)| need);
        let lines = lines.filter(|need| need.need.queue == queue && counts(need));
        let mut waiting: Vec<_> = lines.flat_map(|need| need.line.iter()).collect();
        waiting.sort_unstable();
        waiting.into_iter().map(|place| place.slot).collect()
    }

    /// Evaluates the rules of a waiting contact; they may make it eligible for a free agent.
    pub(in crate::engine) fn escalate_in_line(&mut self, slot: Slot, now: Timestamp) {
        self.escalate(slot, now);
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
    }
}

/// Whether the trigger may come when an agent goes.
const fn asks_who_is_there(when: Trigger) -> bool {
    matches!(when, Trigger::NobodyStaffed | Trigger::PredictedBreach)
}

/// A rule has fired that takes the contact out of its line, and that was not possible yet.
pub(in crate::engine) fn owes_move(contact: &Contact, rule: &EscalationRule) -> bool {
    let fired = contact.fired(&rule.name);
    fired.is_some_and(|fired| fired.owes_move)
}

/// When the clock evaluates a rule.
pub(in crate::engine) fn look_at(
    contact: &Contact,
    rules: &QueueRules,
    rule: &EscalationRule,
) -> Option<Timestamp> {
    let queued = matches!(contact.stage, Stage::Queued { .. });
    match contact.fired(&rule.name) {
        Some(fired) if fired.waits_for_change => None,
        // Not before a breach may be predicted again.
        Some(fired) if !fired.is_pending && rule.when == Some(Trigger::PredictedBreach) => {
            let again_at = fired.again_at.filter(|_| queued);
            again_at.map(|again_at| {
                contact
                    .escalated
                    .breach_check_at
                    .map_or(again_at, |at| at.max(again_at))
            })
        }
        // Not before its own time, which a reload may have put off.
        Some(fired) if !fired.is_pending => {
            let comes_at = rule.when.and_then(|when| rules.time_of(when, contact));
            fired
                .again_at
                .map(|again_at| comes_at.map_or(again_at, |at| at.max(again_at)))
        }
        Some(_) | None => match rule.when? {
            Trigger::PredictedBreach => contact.escalated.breach_check_at.filter(|_| queued),
            when @ (Trigger::TargetPercent(_)
            | Trigger::After(_)
            | Trigger::OffersEnded(_)
            | Trigger::WaitingOver(_)
            | Trigger::NobodyStaffed
            | Trigger::SentimentBelow(_)) => rules.time_of(when, contact),
        },
    }
}
