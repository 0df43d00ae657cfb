//! Rate limits for the frames of a desktop.

use crate::domain::{Millis, Timestamp};

/// Frames per second in the long run: far more than a person needs, and enough for one agent's
/// share of a load test.
const PER_S: i64 = 1_000;
/// Frames in one burst.
const BURST: i64 = 2_000;
/// Frames above the rate, without a quiet moment in between, before the socket is closed.
const TOO_FAST_MAX: u32 = 1_000;
/// Unreadable frames before the socket is closed.
const SENSELESS_MAX: i64 = 16;
/// One of them is forgiven after this time: over a long shift an occasional fault is not an attack.
const FORGIVEN_AFTER: Millis = Millis::from_s(5);

/// A token bucket of frames.
#[derive(Debug)]
pub(super) struct Pace {
    left: i64,
    at: Timestamp,
    too_fast: u32,
    /// When all unreadable frames so far are forgiven; in the past if they are.
    forgiven_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Fine,
    TooFast,
    Enough,
}

impl Pace {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            left: BURST,
            at: now,
            too_fast: 0,
            forgiven_at: now,
        }
    }

    pub(super) fn frame(&mut self, now: Timestamp) -> Verdict {
        let gained = (now - self.at).0.saturating_mul(PER_S) / 1_000;
        self.left = self.left.saturating_add(gained).min(BURST);
        self.at = now;
        if self.left > 0 {
            self.left -= 1;
            if self.left > BURST / 2 {
                self.too_fast = 0;
            }
            return Verdict::Fine;
        }
        self.too_fast += 1;
        if self.too_fast > TOO_FAST_MAX {
            Verdict::Enough
        } else {
            Verdict::TooFast
        }
    }

    /// Counts an unreadable frame.
    pub(super) fn senseless(&mut self, now: Timestamp) -> Verdict {
        self.forgiven_at = self.forgiven_at.max(now) + FORGIVEN_AFTER;
        if (self.forgiven_at - now).0 > SENSELESS_MAX * FORGIVEN_AFTER.0 {
            Verdict::Enough
        } else {
            Verdict::Fine
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_fine_a_flood_is_not() {
        let mut pace = Pace::new(Timestamp(0));
        let verdicts: Vec<Verdict> = (0..3_001).map(|_| pace.frame(Timestamp(0))).collect();
        assert!(verdicts[..2_000].iter().all(|v| *v == Verdict::Fine));
        assert!(
            verdicts[2_000..3_000]
                .iter()
                .all(|v| *v == Verdict::TooFast)
        );
        assert_eq!(verdicts[3_000], Verdict::Enough);
        assert_eq!(pace.frame(Timestamp(10)), Verdict::Fine);
    }

    #[test]
    fn what_makes_no_sense_is_forgiven_with_time() {
        let mut pace = Pace::new(Timestamp(0));
        for number in 0..1_000 {
            let verdict = pace.senseless(Timestamp(number * 6_000));
            assert_eq!(verdict, Verdict::Fine, "one in six seconds");
        }
        let at = Timestamp(10_000_000);
        let verdicts: Vec<Verdict> = (0..17).map(|_| pace.senseless(at)).collect();
        assert!(verdicts[..16].iter().all(|v| *v == Verdict::Fine));
        assert_eq!(verdicts[16], Verdict::Enough);
    }
}
