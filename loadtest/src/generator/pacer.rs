//! When contacts are due, and the thread that sends them.
//!
//! The schedule is fixed before the first contact is sent and does not shift when the server is
//! slow. Latencies are measured from the scheduled time, so that a contact that waited for a
//! connection because the server stalled counts as having waited for the server.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::poster::Poster;
use crate::clock::Stopwatch;
use crate::dice::Dice;
use crate::proc;

const NS_PER_S: f64 = 1e9;
/// The longest sleep, so that an aborted run ends promptly.
const SLEEP_NS_MAX: u64 = 100_000_000;

#[derive(Clone, Copy, Debug, PartialEq, clap::ValueEnum)]
pub(crate) enum Arrivals {
    /// Equal intervals.
    Even,
    /// Independent arrivals, as from many people.
    Poisson,
}

/// The times at which contacts are due, in nanoseconds.
pub(crate) struct Schedule {
    arrivals: Arrivals,
    rate_per_ns: f64,
    dice: Dice,
    next_ns: f64,
    end_ns: u64,
}

impl Schedule {
    pub(crate) fn new(
        arrivals: Arrivals,
        rate_per_s: f64,
        seed: u64,
        (start_ns, end_ns): (u64, u64),
    ) -> Self {
        Self {
            arrivals,
            rate_per_ns: rate_per_s / NS_PER_S,
            dice: Dice::new(seed, u64::MAX),
            next_ns: start_ns as f64,
            end_ns,
        }
    }
}

impl Iterator for Schedule {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let due_ns = self.next_ns as u64;
        self.next_ns += match self.arrivals {
            Arrivals::Even => self.rate_per_ns.recip(),
            Arrivals::Poisson => self.dice.gap(self.rate_per_ns),
        };
        (due_ns < self.end_ns).then_some(due_ns)
    }
}

/// Sends each contact when it is due, until the schedule ends or `given_up` is set.
pub(crate) fn pace(schedule: Schedule, watch: Stopwatch, given_up: &AtomicBool, poster: &Poster) {
    proc::sharpen_timers();
    for due_ns in schedule {
        loop {
            let now_ns = watch.elapsed_ns();
            if due_ns <= now_ns {
                break;
            }
            if given_up.load(Ordering::Relaxed) {
                return;
            }
            std::thread::sleep(Duration::from_nanos((due_ns - now_ns).min(SLEEP_NS_MAX)));
        }
        poster.submit(due_ns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;

    #[test]
    fn even_arrivals_keep_their_distance() {
        let window = (SECOND_NS, 2 * SECOND_NS);
        let due: Vec<u64> = Schedule::new(Arrivals::Even, 4.0, 0, window).collect();
        let quarter = SECOND_NS / 4;
        let expected: Vec<u64> = (4..8).map(|n| n * quarter).collect();
        assert_eq!(due, expected);
    }

    #[test]
    fn one_seed_gives_one_schedule_of_the_right_rate() {
        let schedule = |seed| -> Vec<u64> {
            Schedule::new(Arrivals::Poisson, 10_000.0, seed, (0, SECOND_NS)).collect()
        };
        assert_eq!(schedule(1), schedule(1));
        assert_ne!(schedule(1), schedule(2));
        assert!((9_700..10_300).contains(&schedule(1).len()));
    }
}
