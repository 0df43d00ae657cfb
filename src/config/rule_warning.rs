//! Warnings about the escalations of a queue.

use std::collections::BTreeSet;

use crate::config::names::did_you_mean;
use crate::config::warning::Warnings;
use crate::domain::{Channel, Name};
use crate::engine::condition::{Condition, Field};
use crate::engine::options::{Action, EscalationRule, Options, QueueOptions};

/// The texts that some fields of a condition can have.
pub(super) struct Values<'a> {
    tiers: BTreeSet<&'a str>,
    queues: BTreeSet<&'a str>,
    topics: BTreeSet<&'a str>,
}

impl<'a> Values<'a> {
    pub(super) fn of(options: &'a Options) -> Self {
        let queues = options.queues.iter();
        let topics = options.queues.iter().flat_map(|queue| &queue.topics);
        Self {
            tiers: options
                .tiers
                .iter()
                .map(|tier| tier.name.as_str())
                .collect(),
            queues: queues.map(|queue| queue.id.as_str()).collect(),
            // A contact without a topic has an empty one.
            topics: topics.map(Name::as_str).chain([""]).collect(),
        }
    }

    /// What is wrong with a text that the field is compared with.
    fn check(&self, field: Field, text: &str) -> Option<String> {
        let (known, what) = match field {
            Field::Tier => (&self.tiers, "no tier has this name"),
            Field::QueueId => (&self.queues, "no queue has this id"),
            Field::Topic => (&self.topics, "no queue lists this topic"),
            Field::Channel => {
                let names = Channel::ALL.map(Channel::name);
                return told(names.into_iter(), text, "no channel has this name");
            }
            Field::Text
            | Field::Language
            | Field::Sentiment
            | Field::Attributes
            | Field::WaitedS
            | Field::Step
            | Field::Offers
            | Field::OffersEnded
            | Field::CustomerKnown
            | Field::CustomerId
            | Field::AccountManager
            | Field::LastAgent
            | Field::Waiting
            | Field::BeingOffered
            | Field::Staffed
            | Field::LongestWaitS
            | Field::Paused => return None,
        };
        told(known.iter().copied(), text, what)
    }
}

fn told<'a>(
    mut known: impl Iterator<Item = &'a str> + Clone,
    text: &str,
    what: &str,
) -> Option<String> {
    let hint = did_you_mean(text, known.clone());
    (!known.any(|name| name == text)).then(|| format!("{text:?}: {what}{hint}"))
}

impl Warnings {
    pub(super) fn of_rules(&mut self, queue: &QueueOptions, values: &Values<'_>) {
        for (index, rule) in queue.escalations.iter().enumerate() {
            let key = format!("escalation[{index}]");
            let has = |action: &Action| rule.actions.contains(action);
            if queue.steps.is_empty() && has(&Action::NextStep) {
                let text = "next_step, but this queue has no steps";
                self.add(&format!("{key}.do"), text.to_owned());
            }
            if has(&Action::ReserveNext) && rule.actions.iter().any(Action::takes_away) {
                let text = "reserve_next, which ends when this rule takes the contact away";
                self.add(&format!("{key}.do"), text.to_owned());
            }
            self.of_condition(rule, &format!("{key}.if"), values);
        }
    }

    fn of_condition(&mut self, rule: &EscalationRule, key: &str, values: &Values<'_>) {
        let condition = rule.only_if.as_ref().map(|source| Condition::new(source));
        let Some(Ok(condition)) = condition else {
            return;
        };
        for (field, text) in condition.compared() {
            if let Some(told) = values.check(field, text) {
                self.add(key, told);
            }
        }
    }
}
