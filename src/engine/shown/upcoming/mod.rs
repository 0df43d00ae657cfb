//! What the clock alone will change for a contact, soonest first, and only what matters for this
//! contact as it is.

mod agents;

use crate::domain::{Level, Name, Requirements, Timestamp};
use crate::engine::Engine;
use crate::engine::lifecycle::escalation::{look_at, owes_move};
use crate::engine::options::{Action, EscalationRule, Trigger};
use crate::engine::state::agent::Session;
use crate::engine::state::contact::{Consulting, Contact, Service, Stage};
use crate::engine::state::registry::AgentKey;
use crate::engine::view::{Upcoming, UpcomingChange};

/// How many upcoming changes an explanation lists.
const UPCOMING_MAX: usize = 16;

type Changes = Vec<(Timestamp, UpcomingChange)>;

impl Engine {
    pub(in crate::engine) fn upcoming(&self, contact: &Contact) -> Vec<Upcoming> {
        let mut changes = Changes::new();
        match &contact.stage {
            Stage::Scheduled { until } if contact.is_dialled() => {
                let is_last = self.is_last_attempt(contact);
                changes.push((*until, UpcomingChange::DialEnds { is_last }));
            }
            Stage::Scheduled { until } => changes.push((*until, UpcomingChange::Scheduled)),
            Stage::Queued { .. } => {
                self.hours_and_holding(contact, &mut changes);
                self.steps_to_come(contact, &mut changes);
                changes.extend(self.release_to_come(contact));
                self.escalations_to_come(contact, &mut changes);
                self.agents_to_come(contact, &mut changes);
                changes.extend(self.graces_to_come(contact));
            }
            stage @ Stage::Offered { .. } => {
                let live = stage.live_offers();
                changes.extend(live.map(|offer| (offer.until, self.offer_ends(offer.agent))));
                if contact.is_fanned_out() {
                    self.steps_to_come(contact, &mut changes);
                    changes.extend(self.release_to_come(contact));
                }
                self.escalations_to_come(contact, &mut changes);
            }
            Stage::WrapUp { service, until, .. } => {
                let agent = self.agent_name(service.agent);
                // It is waited for no longer than its agent is.
                let away_until = self.agent_away_until(contact);
                let until = away_until.map_or(*until, |away| away.min(*until));
                changes.push((until, UpcomingChange::WrapUpEnds { agent }));
            }
            Stage::Parked(parked) => {
                let is_awake = parked.woken.is_some();
                let what = UpcomingChange::ParkingEnds {
                    is_awake,
                    goes_back: is_awake || self.is_gone_at(parked.service.agent, parked.until),
                };
                changes.push((parked.until, what));
                let slot = self.contacts.slot(contact.id).filter(|_| is_awake);
                changes.extend(slot.and_then(|slot| self.taken_up_at(parked, slot)));
            }
            Stage::Active(service) => {
                changes.extend(self.help_that_ends(service));
                let over = self.served_until(contact);
                changes.extend(over.map(|at| (at, UpcomingChange::EndMissed)));
            }
            Stage::Moving | Stage::Closed(_) => {}
        }
        let is_served = matches!(contact.stage, Stage::Active(_) | Stage::Parked(_));
        let away_until = self.agent_away_until(contact).filter(|_| is_served);
        if let Some((agent, until)) = contact.agent().zip(away_until) {
            let agent = self.agent_name(agent);
            changes.push((until, UpcomingChange::GraceEnds { agent }));
        }
        let late = self.respond_by(contact);
        changes.extend(late.map(|at| (at, UpcomingChange::ResponseLate)));
        changes.sort_by_key(|(at, _)| *at);
        changes.truncate(UPCOMING_MAX);
        let changes = changes.into_iter();
        changes.map(|(at, what)| Upcoming { at, what }).collect()
    }

    pub(in crate::engine) fn agent_name(&self, agent: AgentKey) -> Name {
        self.registry.agents.name(agent).clone()
    }

    fn offer_ends(&self, agent: AgentKey) -> UpcomingChange {
        let agent = self.agent_name(agent);
        UpcomingChange::OfferEnds { agent }
    }

    /// The end of an unanswered offer to help, and of help by an agent who does not come back.
    fn help_that_ends(&self, service: &Service) -> Option<(Timestamp, UpcomingChange)> {
        let consult = service.aside.consult?;
        match consult.stage {
            Consulting::Offered { until, .. } => Some((until, self.offer_ends(consult.agent))),
            Consulting::Joined | Consulting::Conference => {
                let Session::Grace { until } = self.agent_at(consult.agent).session else {
                    return None;
                };
                let agent = self.agent_name(consult.agent);
                Some((until, UpcomingChange::GraceEnds { agent }))
            }
        }
    }

    fn is_last_attempt(&self, contact: &Contact) -> bool {
        let made = contact.callback.as_ref().map_or(0, |call| call.attempts);
        let rules = &self.rules[contact.labels.queue.index()];
        made + 1 >= rules.options.callback.attempts_max
    }

    /// Whether the grace period of the agent's lost desktop is over by then.
    fn is_gone_at(&self, agent: AgentKey, at: Timestamp) -> bool {
        let agent = self.agent_at(agent);
        let is_gone = match agent.session {
            Session::Gone => true,
            Session::Grace { until } => until <= at,
            Session::Connected { .. } => false,
        };
        is_gone || !agent.configured
    }

    fn hours_and_holding(&self, contact: &Contact, changes: &mut Changes) {
        if let Some(opens_at) = self.opens_at(contact) {
            let queue = self.registry.queues.name(contact.labels.queue).clone();
            changes.push((opens_at, UpcomingChange::QueueOpens { queue }));
        }
        if let Some(closes_at) = self.closes_at(contact) {
            let queue = self.registry.queues.name(contact.labels.queue).clone();
            changes.push((closes_at, UpcomingChange::QueueCloses { queue }));
        }
        if let Some((agent, until)) = contact.meant.direct.zip(contact.meant.direct_until) {
            let agent = self.agent_name(agent);
            changes.push((until, UpcomingChange::HoldingEnds { agent }));
        }
    }

    /// When the queue closes for a waiting contact; queues that agents pull from serve at any hour.
    pub(in crate::engine) fn closes_at(&self, contact: &Contact) -> Option<Timestamp> {
        let queue = &self.queues[contact.labels.queue.index()];
        let is_called = self.rules[contact.labels.queue.index()].options.pull;
        let is_held_up_then = !contact.passes().closing() && !is_called;
        let is_offered = !queue.closed && !queue.is_paused();
        queue.changes_at.filter(|_| is_held_up_then && is_offered)
    }

    /// Steps that add agents. No step relaxes the contact's own requirements.
    fn steps_to_come(&self, contact: &Contact, changes: &mut Changes) {
        let options = &self.rules[contact.labels.queue.index()].options;
        let own = &contact.intake.requires;
        let mut required = both(own, &options.requires);
        let also = contact.escalated.also.iter();
        let mut queues: Vec<&Name> = also.map(|key| self.registry.queues.name(*key)).collect();
        queues.push(&options.id);
        for (number, step) in (1..).zip(&options.steps) {
            let next = step.requires.as_ref();
            let next = next.map_or_else(|| required.clone(), |next| both(own, next));
            let new = step.also_agents_of.iter();
            let new: Vec<&Name> = new.filter(|queue| !queues.contains(queue)).collect();
            queues.extend(&new);
            let is_relaxed = is_relaxed(&required, &next);
            let requires = (required != next).then(|| next.clone());
            required = next;
            let at = contact.wait.first_queued_at + step.after;
            let is_ahead = number > contact.wait.step && !self.is_held_for_one(contact, at);
            if is_ahead && (is_relaxed || !new.is_empty()) {
                let what = UpcomingChange::Step {
                    step: number,
                    requires,
                    also_agents_of: new.into_iter().cloned().collect(),
                };
                changes.push((at, what));
            }
        }
    }

    /// When idle agents are no longer reserved for others.
    fn release_to_come(&self, contact: &Contact) -> Option<(Timestamp, UpcomingChange)> {
        let at = self.lets_go_at(contact)?;
        (!self.is_held_for_one(contact, at)).then_some((at, UpcomingChange::AgentsLetGo))
    }

    /// Whether it will still wait for one agent alone.
    fn is_held_for_one(&self, contact: &Contact, at: Timestamp) -> bool {
        contact.meant.direct.is_some() && contact.meant.direct_until.is_none_or(|until| at < until)
    }

    fn escalations_to_come(&self, contact: &Contact, changes: &mut Changes) {
        let rules = &self.rules[contact.labels.queue.index()];
        let tier = self.registry.tiers.name(contact.labels.tier);
        let is_meant = |rule: &&EscalationRule| rule.tiers.is_empty() || rule.tiers.contains(tier);
        for rule in rules.options.escalations.iter().filter(is_meant) {
            let at = look_at(contact, rules, rule);
            let at = at.or_else(|| self.deserted_at(contact, rule));
            if owes_move(contact, rule) {
                owed_to_come(
                    contact,
                    rule,
                    at,
                    self.owed_opens_at(contact, rule),
                    changes,
                );
            } else if let Some(at) = at {
                escalation_to_come(contact, rule, at, changes);
            }
        }
    }

    /// Whether the agent is one of those who could be offered it then.
    fn may_serve_at(&self, contact: &Contact, agent: AgentKey, at: Timestamp) -> bool {
        if self.is_held_for_one(contact, at) {
            return contact.meant.direct == Some(agent);
        }
        let rules = &self.rules[contact.labels.queue.index()];
        let step = rules.step_at(at - contact.wait.first_queued_at);
        self.admits(contact, agent, step.max(contact.wait.step))
    }
}

/// What a rule that is evaluated then will do. An open offer is not taken back: a rule that moves
/// the contact does so once the offers have come to nothing.
fn escalation_to_come(
    contact: &Contact,
    rule: &EscalationRule,
    at: Timestamp,
    changes: &mut Changes,
) {
    let is_by_clock = matches!(
        rule.when,
        Some(Trigger::TargetPercent(_) | Trigger::After(_))
    );
    let is_conditional = rule.only_if.is_some() || !is_by_clock;
    let (leaving, others) = leaving_and_others(contact, rule);
    match offers_over(contact).filter(|over| at < *over && !leaving.is_empty()) {
        Some(over) => {
            push_escalation(changes, rule, at, is_conditional, others);
            push_escalation(changes, rule, over, true, leaving);
        }
        None => {
            let is_void = |action: &Action| is_void(contact, action);
            let actions = rule.actions.iter().filter(|action| !is_void(action));
            changes.push((
                at,
                escalation(rule, is_conditional, actions.cloned().collect()),
            ));
        }
    }
}

/// What a rule will still do that has to move the contact as soon as possible: once its offers have
/// come to nothing, or its next queue opens. `at` is when it fires again.
fn owed_to_come(
    contact: &Contact,
    rule: &EscalationRule,
    at: Option<Timestamp>,
    opens_at: Option<Timestamp>,
    changes: &mut Changes,
) {
    let (leaving, others) = leaving_and_others(contact, rule);
    if let Some(at) = at {
        push_escalation(changes, rule, at, true, others);
    }
    if let Some(at) = offers_over(contact).or(opens_at) {
        push_escalation(changes, rule, at, true, leaving);
    }
}

/// The action that takes the contact out of its line, with the messages that wait for that; and all
/// others.
fn leaving_and_others(contact: &Contact, rule: &EscalationRule) -> (Vec<Action>, Vec<Action>) {
    let is_to_leave = rule.actions.iter().any(Action::takes_away);
    let of_leaving = |action: &Action| {
        action.takes_away() || is_to_leave && matches!(action, Action::Message(_))
    };
    let actions = rule.actions.iter();
    let actions = actions.filter(|action| !is_void(contact, action));
    actions.cloned().partition(of_leaving)
}

/// A customer who was called and has answered is not sent away.
fn is_void(contact: &Contact, action: &Action) -> bool {
    contact.is_on_the_line() && matches!(action, Action::Deflect(_))
}

fn offers_over(contact: &Contact) -> Option<Timestamp> {
    contact.live_offers().map(|offer| offer.until).max()
}

/// A rule with nothing left to do is left out.
fn push_escalation(
    changes: &mut Changes,
    rule: &EscalationRule,
    at: Timestamp,
    is_conditional: bool,
    actions: Vec<Action>,
) {
    if !actions.is_empty() {
        changes.push((at, escalation(rule, is_conditional, actions)));
    }
}

fn escalation(rule: &EscalationRule, is_conditional: bool, actions: Vec<Action>) -> UpcomingChange {
    UpcomingChange::Escalation {
        rule: rule.name.clone(),
        is_conditional,
        actions,
    }
}

/// The union of both: the higher level of each skill.
fn both(own: &Requirements, of_queue: &Requirements) -> Requirements {
    let all = own.iter().chain(of_queue.iter());
    Requirements::new(all.map(|(skill, level)| (skill.clone(), level)).collect())
}

/// Whether an agent who does not satisfy the one may satisfy the other.
fn is_relaxed(before: &Requirements, after: &Requirements) -> bool {
    let level_after = |skill: &Name| {
        let mut after = after.iter();
        after
            .find(|(name, _)| *name == skill)
            .map(|(_, level)| level)
    };
    let mut before = before.iter();
    before.any(|(skill, level): (&Name, Level)| level_after(skill) < Some(level))
}
