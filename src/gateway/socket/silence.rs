//! When a socket is looked at, and when nobody is behind it any more.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::stopwatch::Stopwatch;

/// How often the other side is asked whether it is still there, and told so.
pub(in crate::gateway) const HEARTBEAT_S: u64 = 10;
/// How often a socket is looked at: twice a heartbeat.
const TICK: Duration = Duration::from_secs(HEARTBEAT_S / 2);
/// So long without anything from the other side, and it is lost.
const SILENT_MAX: Duration = Duration::from_secs(25);

/// When something was last heard.
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

    /// Something has come in.
    pub(in crate::gateway) fn note(&self) {
        self.last_ms.store(self.open_ms(), Ordering::Relaxed);
    }

    /// How long ago something came in.
    pub(in crate::gateway) fn age(&self) -> Duration {
        let last_ms = self.last_ms.load(Ordering::Relaxed);
        Duration::from_millis(self.open_ms().saturating_sub(last_ms))
    }

    fn open_ms(&self) -> u64 {
        u64::try_from(self.open.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// How long nothing has come, as far as it was listened for: a server that stood still has
/// heard nothing either.
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

    /// Until the socket is looked at again.
    pub(in crate::gateway) const fn pause(&self) -> Duration {
        self.pause
    }

    /// Whether it has lasted too long, after a pause; `age` is how long ago something came.
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

    /// After which span it is over, where something comes at these milliseconds.
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
