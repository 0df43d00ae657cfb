//! The clock of the process: wall time that never goes back and never jumps.
//!
//! An instant is the time since boot (including suspension) plus an anchor. [`Clock::regulate`]
//! moves the anchor slowly towards the machine's wall clock; if that clock is set by more than two
//! seconds, the step is counted and not followed. If the last instant on record is ahead of the
//! wall clock at the start, time runs a tenth slower until the lead is gone, or until the wall
//! clock is put forward, which shows that the record was right. Spans are measured with a
//! [`Stopwatch`](crate::stopwatch::Stopwatch).
//!
//! **Invariant:** everywhere else an instant is an argument.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::domain::{Millis, Timestamp};

/// A larger difference to the wall clock is a step, not drift.
const STEP_MIN_NS: i64 = 2_000_000_000;
/// Drift is corrected by 5 ms per second, twice what any clock drifts.
const SLEW_DIVISOR: i64 = 200;
/// A lead is reduced by a tenth: offers then last longer by too little for agents to notice.
const LEAD_DIVISOR: i64 = 10;
/// The longest single sleep, which bounds how far a suspended machine can oversleep.
const SLEEP_MAX: Duration = Duration::from_secs(1);
const NS_PER_MS: i64 = 1_000_000;

/// A cheap handle to the one clock.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Hands>);

#[derive(Debug)]
struct Hands {
    /// Added to the time since boot, together with the remaining lead.
    offset_ns: AtomicI64,
    /// The time since boot at which the lead is gone.
    level_at_ns: AtomicI64,
    /// The latest instant returned, in ms.
    last: AtomicI64,
    steps: AtomicU64,
    anchor: Mutex<Anchor>,
}

/// The relation of the time since boot to the wall clock.
#[derive(Debug)]
struct Anchor {
    offset_ns: i64,
    /// The sum of the steps not followed.
    ignored_ns: i64,
    regulated_at_ns: i64,
    lead: Lead,
}

/// The wall clock was set; this clock continues unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub by: Millis,
}

/// How far the record was ahead of the wall clock at the start.
#[derive(Clone, Copy, Debug)]
struct Lead {
    /// The time since boot at which the lead is gone.
    level_at_ns: i64,
}

impl Lead {
    fn new(ahead_ns: i64, boot_ns: i64) -> Self {
        Self {
            level_at_ns: boot_ns.saturating_add(ahead_ns.saturating_mul(LEAD_DIVISOR)),
        }
    }

    fn left_ns(self, boot_ns: i64) -> i64 {
        self.level_at_ns.saturating_sub(boot_ns).max(0) / LEAD_DIVISOR
    }

    fn shorten(&mut self, by_ns: i64) {
        self.level_at_ns -= by_ns * LEAD_DIVISOR;
    }
}

impl Anchor {
    fn new(wall_ns: i64, boot_ns: i64, lead: Lead) -> Self {
        Self {
            offset_ns: wall_ns - boot_ns,
            ignored_ns: 0,
            regulated_at_ns: boot_ns,
            lead,
        }
    }

    fn regulate(&mut self, wall_ns: i64, boot_ns: i64) -> Option<Step> {
        let elapsed_ns = boot_ns - self.regulated_at_ns;
        self.regulated_at_ns = boot_ns;
        let wanted_ns = wall_ns - boot_ns - self.ignored_ns;
        let drift_ns = wanted_ns - self.offset_ns;
        if drift_ns.abs() > STEP_MIN_NS {
            let right_ns = drift_ns.clamp(0, self.lead.left_ns(boot_ns));
            self.lead.shorten(right_ns);
            self.offset_ns += right_ns;
            self.ignored_ns += drift_ns - right_ns;
            return Some(Step::of(drift_ns));
        }
        let slew_ns = elapsed_ns / SLEW_DIVISOR;
        self.offset_ns += drift_ns.clamp(-slew_ns, slew_ns);
        None
    }
}

impl Step {
    fn of(ns: i64) -> Self {
        Self {
            by: Millis(ns / NS_PER_MS),
        }
    }
}

impl Clock {
    /// Starts at wall time, but not before `not_before`, the last instant on record.
    pub fn start(not_before: Timestamp) -> Self {
        let (wall_ns, boot_ns) = (wall_ns(), boot_ns());
        let ahead_ns = not_before.0.saturating_mul(NS_PER_MS) - wall_ns;
        let ahead_ns = ahead_ns.max(0);
        let was_set = ahead_ns > STEP_MIN_NS;
        if was_set {
            tracing::error!(
                by_ms = ahead_ns / NS_PER_MS,
                "the journal is ahead of the system clock, which was set back: the server's time \
                 runs a tenth slower until they agree"
            );
        }
        let anchor = Anchor::new(wall_ns, boot_ns, Lead::new(ahead_ns, boot_ns));
        Self(Arc::new(Hands {
            offset_ns: AtomicI64::new(anchor.offset_ns),
            level_at_ns: AtomicI64::new(anchor.lead.level_at_ns),
            last: AtomicI64::new(not_before.0),
            steps: AtomicU64::new(u64::from(was_set)),
            anchor: Mutex::new(anchor),
        }))
    }

    /// The present; never before an instant returned earlier.
    pub fn now(&self) -> Timestamp {
        let boot_ns = boot_ns();
        // Loaded first: a reader between the two stores of `regulate` is behind, never ahead.
        let offset_ns = self.0.offset_ns.load(Ordering::Acquire);
        let lead = Lead {
            level_at_ns: self.0.level_at_ns.load(Ordering::Acquire),
        };
        let ms = (boot_ns + offset_ns + lead.left_ns(boot_ns)) / NS_PER_MS;
        Timestamp(self.0.last.fetch_max(ms, Ordering::Relaxed).max(ms))
    }

    /// The machine's wall clock, however it was set: for times that others wrote or will check
    /// against their own clock, such as tokens and signatures. Never for decisions.
    pub fn wall(&self) -> Timestamp {
        Timestamp(wall_ns() / NS_PER_MS)
    }

    /// How far the present is ahead of the machine's wall clock; negative if behind.
    pub fn ahead(&self) -> Millis {
        self.now() - self.wall()
    }

    /// Compares with the wall clock; call it about once a second.
    pub fn regulate(&self) {
        let mut anchor = self
            .0
            .anchor
            .lock()
            .expect("nothing panics under this lock");
        let step = anchor.regulate(wall_ns(), boot_ns());
        let level_at_ns = anchor.lead.level_at_ns;
        self.0.level_at_ns.store(level_at_ns, Ordering::Release);
        self.0.offset_ns.store(anchor.offset_ns, Ordering::Release);
        drop(anchor);
        self.report(step);
    }

    /// How many times the wall clock was found to have been set.
    pub fn steps(&self) -> u64 {
        self.0.steps.load(Ordering::Relaxed)
    }

    /// Returns once `at` is reached, never before.
    pub async fn wait_until(&self, at: Timestamp) {
        loop {
            let left = at - self.now();
            let Ok(left_ms) = u64::try_from(left.0) else {
                return;
            };
            if left_ms == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(left_ms).min(SLEEP_MAX)).await;
        }
    }

    fn report(&self, step: Option<Step>) {
        if let Some(Step { by }) = step {
            self.0.steps.fetch_add(1, Ordering::Relaxed);
            tracing::error!(
                by_ms = by.0,
                "the system clock was set; the server keeps its own time until it is restarted"
            );
        }
    }
}

fn wall_ns() -> i64 {
    read_ns(ClockId::Realtime)
}

fn boot_ns() -> i64 {
    read_ns(ClockId::Boottime)
}

fn read_ns(clock: ClockId) -> i64 {
    let time = clock_gettime(clock);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: i64 = 1_000_000_000;

    fn anchored(wall_ns: i64) -> Anchor {
        Anchor::new(wall_ns, 0, Lead::new(0, 0))
    }

    #[test]
    fn time_never_runs_behind_the_last_instant_on_record() {
        let future = Timestamp(Clock::start(Timestamp(0)).now().0 + 3_600_000);
        let clock = Clock::start(future);
        let first = clock.now();
        assert!(first >= future);
        assert_eq!(clock.steps(), 1);
        std::thread::sleep(Duration::from_millis(5));
        assert!(clock.now() > first, "it goes on from there");
    }

    #[test]
    fn a_record_ahead_of_the_wall_is_caught_up_with_a_tenth_slower() {
        let lead = Lead::new(3 * 3_600 * S, 100 * S);
        let after = |hours: i64| lead.left_ns(100 * S + hours * 3_600 * S) / (3_600 * S);
        assert_eq!([0, 10, 20, 30, 40].map(after), [3, 2, 1, 0, 0]);

        let clock = Clock::start(Timestamp(Clock::start(Timestamp(0)).now().0 + 60_000));
        let (before, ahead) = (clock.now(), clock.ahead());
        assert!((59_000..=60_000).contains(&ahead.0), "{ahead:?}");
        std::thread::sleep(Duration::from_millis(400));
        clock.regulate();
        assert!(clock.now() > before, "it goes on");
        let gained = ahead - clock.ahead();
        assert!(gained >= Millis(38), "{gained:?}");
        assert_eq!(clock.steps(), 1, "what is known is no step");
    }

    #[test]
    fn a_record_that_was_right_is_so_when_the_wall_has_been_put_right() {
        let hour = 3_600 * S;
        let mut anchor = Anchor::new(1_000 * S, 0, Lead::new(3 * hour, 0));
        let now = |anchor: &Anchor, at: i64| at + anchor.offset_ns + anchor.lead.left_ns(at);
        let before = now(&anchor, 60 * S);
        assert!(
            anchor
                .regulate(1_000 * S + 60 * S + 3 * hour, 60 * S)
                .is_some()
        );
        assert_eq!(now(&anchor, 60 * S), before, "nothing jumps");
        for second in 61..=10_000 {
            let wall = 1_000 * S + second * S + 3 * hour;
            assert_eq!(anchor.regulate(wall, second * S), None, "{second}");
        }
        let wall = 1_000 * S + 10_000 * S + 3 * hour;
        // Less the time lost by running slower in the first minute.
        assert_eq!(now(&anchor, 10_000 * S), wall - 6 * S);
    }

    #[test]
    fn drift_is_made_good_slowly() {
        let mut anchor = anchored(1_000 * S);
        // The wall clock gains half a second; a hundred seconds later all of it is corrected.
        for second in 1..=100 {
            assert_eq!(
                anchor.regulate(1_000 * S + S / 2 + second * S, second * S),
                None
            );
            let gained = anchor.offset_ns - 1_000 * S;
            assert_eq!(gained, (second * S / SLEW_DIVISOR).min(S / 2));
        }
    }

    #[test]
    fn a_step_of_the_wall_clock_is_told_once_and_not_followed() {
        let mut anchor = anchored(1_000 * S);
        let hour = 3_600 * S;
        let told = anchor.regulate(1_000 * S + S + hour, S);
        assert_eq!(
            told,
            Some(Step {
                by: Millis(3_600_000)
            })
        );
        assert_eq!(anchor.regulate(1_000 * S + 2 * S + hour, 2 * S), None);
        assert_eq!(anchor.offset_ns, 1_000 * S);
        let told = anchor.regulate(1_000 * S + 3 * S, 3 * S);
        assert_eq!(
            told,
            Some(Step {
                by: Millis(-3_600_000)
            })
        );
        assert_eq!(anchor.offset_ns, 1_000 * S);
    }

    #[tokio::test]
    async fn a_wait_ends_when_its_instant_has_come() {
        let clock = Clock::start(Timestamp(0));
        let at = clock.now() + Millis(20);
        clock.wait_until(at).await;
        assert!(clock.now() >= at);
        clock.wait_until(Timestamp(0)).await;
    }
}
