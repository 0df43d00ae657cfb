//! How long something takes: spans of the monotonic clock, which nobody sets.
//!
//! What time it is, the clock of the node says.

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

/// For spans that others measure: no instant of it says what time it is.
#[expect(
    clippy::disallowed_methods,
    reason = "this file reads the monotonic clock for all"
)]
pub fn now() -> Instant {
    Instant::now()
}
