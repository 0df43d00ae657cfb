//! What every configuration must satisfy, whatever it was read from.

use crate::engine::condition::Condition;
use crate::engine::options::{Options, QueueOptions};
use crate::engine::refusal::Refusal;

impl Options {
    pub(in crate::engine) fn check(&self) -> Result<(), Refusal> {
        if self.tiers.is_empty() || self.queues.is_empty() {
            return Err(Refusal::Configuration(
                "at least one tier and one queue".to_owned(),
            ));
        }
        let mut queues = self.queues.iter();
        let mut tiers = self.tiers.iter();
        if !queues.any(|queue| queue.id == self.default_queue)
            || !tiers.any(|tier| tier.name == self.default_tier)
        {
            return Err(Refusal::Configuration(
                "default queue and tier must be configured".to_owned(),
            ));
        }
        let known = |queue: &QueueOptions| {
            let hours = queue.hours.as_ref();
            hours.is_none_or(|hours| self.hours(hours).is_some())
        };
        let rules = self.queues.iter().flat_map(|queue| &queue.escalations);
        for source in rules.filter_map(|rule| rule.only_if.as_ref()) {
            if let Err(bad) = Condition::new(source) {
                return Err(Refusal::Configuration(bad.to_string()));
            }
        }
        if let Some(queue) = self.queues.iter().find(|queue| !known(queue)) {
            let text = format!("the hours of queue {} must be configured", queue.id);
            return Err(Refusal::Configuration(text));
        }
        Ok(())
    }
}
