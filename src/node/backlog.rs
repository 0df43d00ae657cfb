//! Holds deadlines while what was decided cannot leave, because the disk is slow.
//!
//! An offer leaves once it is durable. If that takes longer than the desktop has to confirm
//! it, nobody has been slow but the disk: what is due then is held until what was decided
//! before has left, and for as long as an answer needs. Nothing that a deadline brings would
//! have left any earlier.
//!
//! **Invariant:** a deadline comes late, never early, and never later than [`HOLD_MAX`] for
//! this, however slow the disk stays.

use crate::domain::{Millis, Timestamp};

/// Longer than any good disk takes.
const BEHIND_MIN: Millis = Millis(500);
/// Enough for what has just left to be answered.
const SETTLE: Millis = Millis(400);
/// Then what is due goes ahead.
const HOLD_MAX: Millis = Millis::from_s(10);
/// How often it is looked whether the disk has caught up.
const LOOK_EVERY: Millis = Millis(50);

#[derive(Debug)]
pub(super) struct Backlog {
    looked_at: Timestamp,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// What is decided leaves at once.
    None,
    Holding {
        since: Timestamp,
    },
    /// It has left, and is being answered.
    Settling {
        until: Timestamp,
    },
}

impl Backlog {
    pub(super) const fn new(now: Timestamp) -> Self {
        Self {
            looked_at: now,
            state: State::None,
        }
    }

    /// Takes note since when the oldest of what was decided waits to be durable.
    pub(super) fn look(&mut self, oldest: Option<Timestamp>, now: Timestamp) {
        let is_behind = oldest.is_some_and(|oldest| now - oldest > BEHIND_MIN);
        self.looked_at = now;
        self.state = match self.state {
            State::None if is_behind => State::Holding { since: now },
            State::Holding { since } if now - since >= HOLD_MAX => State::None,
            State::Holding { .. } if !is_behind => State::Settling {
                until: now + SETTLE,
            },
            State::Settling { .. } if is_behind => State::Holding { since: now },
            State::Settling { until } if until <= now => State::None,
            as_before @ (State::None | State::Holding { .. } | State::Settling { .. }) => as_before,
        };
    }

    /// When a deadline of this instant may be carried out, as far as is known now.
    pub(super) fn not_before(&self, deadline: Timestamp) -> Timestamp {
        match self.state {
            State::None => deadline,
            State::Holding { .. } => deadline.max(self.looked_at + LOOK_EVERY),
            State::Settling { until } => deadline.max(until),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: fn(i64) -> Timestamp = Timestamp;

    /// Whether what was due long ago goes ahead.
    fn goes_ahead(backlog: &Backlog, now: i64) -> bool {
        backlog.not_before(AT(0)) <= AT(now)
    }

    #[test]
    fn a_disk_that_is_a_little_slow_holds_nothing() {
        let mut backlog = Backlog::new(AT(0));
        for now in [100, 300, 500] {
            backlog.look(Some(AT(0)), AT(now));
            assert_eq!(backlog.not_before(AT(now)), AT(now));
        }
    }

    #[test]
    fn what_is_due_meanwhile_comes_when_what_was_decided_has_been_answered() {
        let mut backlog = Backlog::new(AT(0));
        backlog.look(Some(AT(0)), AT(501));
        assert!(!goes_ahead(&backlog, 501));
        assert_eq!(backlog.not_before(AT(700)), AT(700));
        backlog.look(Some(AT(0)), AT(2_900));
        assert!(!goes_ahead(&backlog, 2_900));
        backlog.look(None, AT(3_000));
        assert_eq!(backlog.not_before(AT(2_000)), AT(3_400));
        backlog.look(Some(AT(3_010)), AT(3_400));
        assert!(goes_ahead(&backlog, 3_400));
    }

    #[test]
    fn a_disk_that_stays_slow_does_not_hold_for_ever() {
        let mut backlog = Backlog::new(AT(0));
        let looks = (0..1_200).map(|turn| turn * 50);
        let went: Vec<i64> = looks
            .filter(|now| {
                backlog.look(Some(AT(now - 2_000)), AT(*now));
                goes_ahead(&backlog, *now)
            })
            .collect();
        assert_eq!(went, [10_000, 20_050, 30_100, 40_150, 50_200]);
    }
}
