//! Holds deadlines while what was decided cannot leave, because the disk is slow.
//!
//! An offer leaves once it is durable. If that takes longer than the desktop has to confirm
//! it, nobody has been slow but the disk: what is due then is held until what was decided
//! before has left, and for as long as an answer needs. Nothing that a deadline brings would
//! have left any earlier.
//!
//! **Invariant:** a deadline comes late, never early, and never later than [`LATE_MAX`] for
//! this, however slow the disk stays.

use crate::domain::{Millis, Timestamp};

/// Longer than any good disk takes, and less than desktops have to confirm an offer.
const BEHIND_MIN: Millis = Millis::from_s(1);
/// Time enough to answer what has just left.
const SETTLE: Millis = Millis(400);
/// What is due for longer goes ahead.
const LATE_MAX: Millis = Millis::from_s(10);
/// How often it is looked whether the disk has caught up.
const LOOK_EVERY: Millis = Millis(50);

#[derive(Debug)]
pub(super) struct Backlog {
    /// Until then nothing goes ahead; none: what is decided leaves at once.
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

    /// Takes note since when the oldest of what was decided waits to be durable.
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

    /// When a deadline of this instant may be carried out, as far as is known now.
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
                // Taken at each end of a sync: what was handed over just after the one before.
                let oldest = (now / sync_ms - 1) * sync_ms;
                backlog.look(Some(AT(oldest)), AT(*now));
                *now >= 5_000 && backlog.not_before(AT(5_000)) <= AT(*now)
            });
            assert!(came.unwrap() <= 15_020, "{sync_ms}: {came:?}");
        }
    }
}
