//! Detects that the loop stood still: the process was stopped, the machine paused, or the disk was
//! slow.
//!
//! What agents did in time is still waiting in sockets and in the inbox, and must be handled before
//! the deadlines that passed meanwhile: those are held briefly while commands are decided.
//!
//! **Invariant:** a deadline is late, never early, and each standstill holds it only once.

use crate::domain::{Millis, Timestamp};

/// More than the loop is ever late by itself.
const LATE_MIN: Millis = Millis::from_s(1);
/// Enough time to read what is waiting in every socket.
const HOLD: Millis = Millis(400);

#[derive(Debug)]
pub(super) struct Standstill {
    looked_at: Timestamp,
    held_until: Option<Timestamp>,
}

impl Standstill {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            looked_at: now,
            held_until: None,
        }
    }

    /// How long the loop, which meant to wake at `wake_at`, stood still, if it did.
    pub(super) fn look(&mut self, wake_at: Timestamp, now: Timestamp) -> Option<Millis> {
        let late = now - wake_at.max(self.looked_at);
        self.looked_at = now;
        let stood_still = (late > LATE_MIN).then_some(late);
        self.held_until = match (self.held_until, stood_still) {
            (None, Some(_)) => Some(now + HOLD),
            (Some(until), _) if until <= now => None,
            (held, _) => held,
        };
        stood_still
    }

    /// The earliest time at which a deadline due at `deadline` may be carried out.
    pub(super) fn not_before(&self, deadline: Timestamp) -> Timestamp {
        self.held_until
            .map_or(deadline, |until| until.max(deadline))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: fn(i64) -> Timestamp = Timestamp;

    #[test]
    fn a_loop_that_is_on_time_or_a_little_late_holds_nothing() {
        let mut standstill = Standstill::new(AT(0));
        for (wake_at, now) in [(1_000, 1_000), (2_000, 2_900), (2_500, 3_000), (100, 3_900)] {
            assert_eq!(standstill.look(AT(wake_at), AT(now)), None);
            assert_eq!(standstill.not_before(AT(wake_at)), AT(wake_at));
        }
    }

    #[test]
    fn what_was_due_while_it_stood_still_is_held_for_a_moment() {
        let mut standstill = Standstill::new(AT(0));
        assert_eq!(standstill.look(AT(1_000), AT(13_000)), Some(Millis(12_000)));
        assert_eq!(standstill.not_before(AT(5_000)), AT(13_400));
        assert_eq!(standstill.not_before(AT(20_000)), AT(20_000));
        assert_eq!(standstill.look(AT(13_400), AT(13_399)), None);
        assert_eq!(standstill.not_before(AT(5_000)), AT(13_400));
        assert_eq!(standstill.look(AT(13_400), AT(13_400)), None);
        assert_eq!(standstill.not_before(AT(5_000)), AT(5_000));
    }

    #[test]
    fn standing_still_again_and_again_does_not_hold_for_ever() {
        let mut standstill = Standstill::new(AT(0));
        let mut came = 0;
        for second in 1..=20 {
            let now = AT(second * 2_000);
            standstill.look(AT(0), now);
            came += i32::from(standstill.not_before(AT(0)) <= now);
        }
        assert_eq!(came, 10);
    }
}
