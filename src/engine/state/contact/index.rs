//! Where the indexes hold a contact.

use crate::domain::Timestamp;
use crate::engine::state::contact::moment::Moment;
use crate::engine::state::line::LineKey;
use crate::engine::state::registry::QueueKey;

/// Where the indexes hold a contact; written only by `place`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Index {
    pub line: LineKey,
    /// Counted among the unanswered of this queue, as waiting since then.
    pub unanswered_in: QueueKey,
    pub unanswered_since: Moment,
    pub sla_at: Moment,
    pub respond_at: Moment,
    pub promise: Promise,
}

/// By when a contact should be answered, and the inputs of that: if one changes, it is void.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Promise {
    pub queue: QueueKey,
    pub first_queued_at: Timestamp,
    /// The number of the configuration whose rules were used, counted from 1.
    pub configurations: u32,
    pub at: Timestamp,
}

impl Index {
    /// Counted among the unanswered of a queue, as waiting since then.
    pub fn unanswered(&self) -> Option<(QueueKey, Timestamp)> {
        let since = self.unanswered_since.get()?;
        Some((self.unanswered_in, since))
    }

    /// Returns what it was.
    pub(in crate::engine) fn count_unanswered(
        &mut self,
        next: Option<(QueueKey, Timestamp)>,
    ) -> Option<(QueueKey, Timestamp)> {
        let before = self.unanswered();
        match next {
            Some((queue, since)) => {
                self.unanswered_in = queue;
                self.unanswered_since = Moment::at(since);
            }
            None => self.unanswered_since = Moment::NONE,
        }
        before
    }
}
