//! How long something takes, by the monotonic clock, which cannot be set.
//!
//! The time of day comes from the clock of the node.

use std::time::{Duration, Instant};

/// Measures a span.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    started: Instant,
}

impl Stopwatch {
    pub fn start() -> Self {
        Self { started: now() }
    }

    pub fn elapsed(&self) -> Duration {
        now().saturating_duration_since(self.started)
    }
}

/// The start or end of a span that the caller measures; not a time of day.
#[expect(
    clippy::disallowed_methods,
    reason = "the only place that reads the monotonic clock"
)]
pub fn now() -> Instant {
    Instant::now()
}
