//! When a socket is checked, and when its client counts as gone.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::stopwatch::Stopwatch;

/// The heartbeat interval, in seconds.
pub(in crate::gateway) const HEARTBEAT_S: u64 = 10;
/// Sockets are checked twice per heartbeat.
const TICK: Duration = Duration::from_secs(HEARTBEAT_S / 2);
/// A client silent for this long is lost.
const SILENT_MAX: Duration = Duration::from_secs(25);

/// When something was last received.
pub(in crate::gateway) struct Heard {
    open: Stopwatch,
    last_ms: AtomicU64,
}

impl Heard {
    pub(in crate::gateway) fn start() -> Self {
        Self {
            open: Stopwatch::start(),
            last_ms: AtomicU64::new(0),
        }
    }

    /// Something was received.
    pub(in crate::gateway) fn note(&self) {
        self.last_ms.store(self.open_ms(), Ordering::Relaxed);
    }

    /// The time since something was last received.
    pub(in crate::gateway) fn age(&self) -> Duration {
        let last_ms = self.last_ms.load(Ordering::Relaxed);
        Duration::from_millis(self.open_ms().saturating_sub(last_ms))
    }

    fn open_ms(&self) -> u64 {
        u64::try_from(self.open.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// How long a client has been silent, counting only time in which the server listened: a server
/// that stood still received nothing either.
pub(in crate::gateway) struct Silence {
    listened: Duration,
    pause: Duration,
}

impl Silence {
    pub(in crate::gateway) const fn start() -> Self {
        Self {
            listened: Duration::ZERO,
            pause: TICK,
        }
    }

    /// The time until the next check.
    pub(in crate::gateway) const fn pause(&self) -> Duration {
        self.pause
    }

    /// Whether the client has been silent too long; `age` is the time since something was received.
    pub(in crate::gateway) fn is_over(&mut self, age: Duration) -> bool {
        self.listened = (self.listened + self.pause).min(age);
        let left = SILENT_MAX.saturating_sub(self.listened);
        self.pause = left.min(TICK);
        left.is_zero()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The time until a client counts as gone if something is received at these milliseconds.
    fn over_after(heard_ms: &[u64]) -> Duration {
        let mut silence = Silence::start();
        let mut now = Duration::ZERO;
        loop {
            now += silence.pause();
            let heard = heard_ms.iter().map(|ms| Duration::from_millis(*ms));
            let last = heard.filter(|heard| *heard <= now).max();
            if silence.is_over(now.saturating_sub(last.unwrap_or_default())) {
                return now;
            }
        }
    }

    #[test]
    fn who_is_silent_is_lost_after_the_same_span_whenever_they_were_heard_last() {
        for last_ms in [0, 1, 2_300, 4_999, 5_000, 31_234] {
            let talk: Vec<u64> = (0..last_ms).step_by(7_000).chain([last_ms]).collect();
            let over = over_after(&talk);
            assert_eq!(over, Duration::from_millis(last_ms) + SILENT_MAX);
        }
    }

    #[test]
    fn a_server_that_stood_still_listens_again_before_it_gives_up() {
        let mut silence = Silence::start();
        assert!(!silence.is_over(Duration::from_secs(600)));
        assert!(!silence.is_over(Duration::from_secs(605)));
        assert!(!silence.is_over(Duration::from_millis(10)));
        assert_eq!(silence.pause(), TICK);
    }
}
