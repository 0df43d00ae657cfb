//! Defers deadlines while the journal cannot keep up.
//!
//! An offer is sent once it is durable. If that takes longer than the desktop has to confirm it,
//! the disk was slow, not the agent. Deadlines are therefore deferred until earlier decisions have
//! been sent, plus the time for an answer. Nothing that a deadline triggers could have been sent
//! any earlier.
//!
//! **Invariant:** a deadline is late, never early, and this delays it by at most [`LATE_MAX`],
//! however slow the disk stays.

use crate::domain::{Millis, Timestamp};

/// Longer than a healthy disk takes, and less than desktops have to confirm an offer.
const BEHIND_MIN: Millis = Millis::from_s(1);
/// Enough time to answer what has just been sent.
const SETTLE: Millis = Millis(400);
/// Deadlines overdue by more than this go ahead.
const LATE_MAX: Millis = Millis::from_s(10);
/// How often the backlog is checked.
const LOOK_EVERY: Millis = Millis(50);

#[derive(Debug)]
pub(super) struct Backlog {
    /// No deadline is carried out before this; none while decisions are sent without delay.
    frozen_until: Option<Timestamp>,
    is_behind: bool,
}

impl Backlog {
    pub(super) const fn new() -> Self {
        Self {
            frozen_until: None,
            is_behind: false,
        }
    }

    /// Records since when the oldest decision has been waiting to become durable.
    pub(super) fn look(&mut self, oldest: Option<Timestamp>, now: Timestamp) {
        let was_behind = self.is_behind;
        self.is_behind = oldest.is_some_and(|oldest| now - oldest > BEHIND_MIN);
        if self.is_behind {
            self.frozen_until = Some(now + LOOK_EVERY);
        } else if was_behind {
            self.frozen_until = Some(now + SETTLE);
        } else if self.frozen_until.is_some_and(|until| until <= now) {
            self.frozen_until = None;
        }
    }

    /// The earliest time at which a deadline due at `deadline` may be carried out, as known now.
    pub(super) fn not_before(&self, deadline: Timestamp) -> Timestamp {
        let held = self.frozen_until.map(|until| until.max(deadline));
        held.map_or(deadline, |held| held.min(deadline + LATE_MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: fn(i64) -> Timestamp = Timestamp;

    #[test]
    fn a_disk_that_is_a_little_slow_holds_nothing() {
        let mut backlog = Backlog::new();
        for now in [100, 600, 1_000] {
            backlog.look(Some(AT(0)), AT(now));
            assert_eq!(backlog.not_before(AT(now)), AT(now));
        }
    }

    #[test]
    fn what_is_due_meanwhile_comes_when_what_was_decided_has_been_answered() {
        let mut backlog = Backlog::new();
        backlog.look(Some(AT(0)), AT(1_001));
        assert_eq!(backlog.not_before(AT(900)), AT(1_051));
        assert_eq!(backlog.not_before(AT(1_200)), AT(1_200));
        backlog.look(Some(AT(0)), AT(2_900));
        assert_eq!(backlog.not_before(AT(2_000)), AT(2_950));
        backlog.look(None, AT(3_000));
        assert_eq!(backlog.not_before(AT(2_000)), AT(3_400));
        backlog.look(Some(AT(3_010)), AT(3_400));
        assert_eq!(backlog.not_before(AT(2_000)), AT(2_000));
    }

    #[test]
    fn a_disk_that_stays_slow_holds_no_deadline_for_ever() {
        for sync_ms in [300, 600, 900, 2_500] {
            let mut backlog = Backlog::new();
            let came = (0..).step_by(20).find(|now| {
                // Sampled at the end of each sync: what was handed over just after the previous
                // one.
                let oldest = (now / sync_ms - 1) * sync_ms;
                backlog.look(Some(AT(oldest)), AT(*now));
                *now >= 5_000 && backlog.not_before(AT(5_000)) <= AT(*now)
            });
            assert!(came.unwrap() <= 15_020, "{sync_ms}: {came:?}");
        }
    }
}
