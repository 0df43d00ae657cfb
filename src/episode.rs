//! Recurring trouble: logged when it begins, and when it is over with a count, and not in between.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// One kind of trouble.
#[derive(Debug)]
pub struct Episode {
    quiet: Duration,
    trouble: Mutex<Option<Trouble>>,
}

#[derive(Clone, Copy, Debug)]
struct Trouble {
    times: u64,
    last: Instant,
}

impl Episode {
    /// Trouble is over when absent for `quiet`, which must be longer than the time between two
    /// tries.
    pub fn new(quiet: Duration) -> Self {
        Self {
            quiet,
            trouble: Mutex::new(None),
        }
    }

    /// Records `times` further occurrences. True if they should be logged: they are the first, or
    /// the first after the trouble was over.
    pub fn came(&self, times: u64, now: Instant) -> bool {
        let mut trouble = self.lock();
        let before = trouble.map_or(0, |before| before.times);
        let is_told = trouble.is_none_or(|before| self.is_over(before, now));
        *trouble = Some(Trouble {
            times: before + times,
            last: now,
        });
        is_told
    }

    /// How many times it occurred, once it is over; returned once.
    pub fn over(&self, now: Instant) -> Option<u64> {
        let over = self.lock().take_if(|trouble| self.is_over(*trouble, now));
        over.map(|trouble| trouble.times)
    }

    /// It has occurred and is not known to be over.
    pub fn goes_on(&self) -> bool {
        self.lock().is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Trouble>> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self, trouble: Trouble, now: Instant) -> bool {
        now.saturating_duration_since(trouble.last) >= self.quiet
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stopwatch;

    const QUIET: Duration = Duration::from_secs(40);

    #[test]
    fn trouble_is_told_when_it_begins_and_when_it_is_over() {
        let (episode, begun) = (Episode::new(QUIET), stopwatch::now());
        let after = |seconds| begun + Duration::from_secs(seconds);
        assert_eq!(episode.over(begun), None);
        assert!(episode.came(1, begun));
        assert!(!episode.came(2, after(30)));
        assert_eq!(episode.over(after(60)), None);
        assert!(episode.goes_on());
        assert_eq!(episode.over(after(70)), Some(3));
        assert_eq!(episode.over(after(71)), None);
        assert!(!episode.goes_on());
    }

    #[test]
    fn trouble_whose_end_nobody_saw_is_told_anew_and_counted_from_the_beginning() {
        let (episode, begun) = (Episode::new(QUIET), stopwatch::now());
        let after = |seconds| begun + Duration::from_secs(seconds);
        assert!(episode.came(1, begun));
        assert!(episode.came(1, after(3_600)));
        assert_eq!(episode.over(after(3_640)), Some(2));
    }
}
