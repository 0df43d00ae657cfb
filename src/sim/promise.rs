//! When a contact in a queue should be answered: the target's time runs while the queue is open, as
//! the server counts it.

use std::sync::Arc;

use crate::domain::{Hours, Millis, Name, Timestamp};
use crate::engine::options::Options;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Promise {
    within: Millis,
    /// None: always open.
    hours: Option<Arc<Hours>>,
}

impl Promise {
    /// The target of a queue; zero for an unknown one.
    pub fn of(options: &Options, queue: &Name) -> Self {
        options
            .queue(queue)
            .map_or_else(Self::default, |queue| Self {
                within: queue.target.answer_within,
                hours: queue
                    .hours
                    .as_ref()
                    .and_then(|hours| options.hours(hours))
                    .map(|hours| Arc::new(hours.clone())),
            })
    }

    /// A different target within the same hours.
    #[must_use]
    pub fn within(self, within: Millis) -> Self {
        Self { within, ..self }
    }

    pub fn until(&self, since: Timestamp) -> Timestamp {
        let worked = self.hours.as_ref();
        let worked = worked.and_then(|hours| hours.add_working(since, self.within).ok());
        worked.unwrap_or(since + self.within)
    }
}
