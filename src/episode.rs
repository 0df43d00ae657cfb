//! Recurring trouble: logged when it begins, and when it is over with a count, and not in between.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// One kind of trouble.
#[derive(Debug)]
pub struct Episode {
    quiet: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    trouble: Option<Trouble>,
    /// When [`Episode::end`] last ended it.
    ended: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Trouble {
    times: u64,
    last: Instant,
    /// It began within `quiet` of such an end.
    is_back: bool,
}

impl Episode {
    /// Trouble is over when absent for `quiet`, which must be longer than the time between two
    /// tries.
    pub fn new(quiet: Duration) -> Self {
        Self {
            quiet,
            state: Mutex::default(),
        }
    }

    /// Records `times` further occurrences. True if they should be logged: they are the first, or
    /// the first after the trouble was over.
    pub fn came(&self, times: u64, now: Instant) -> bool {
        let mut state = self.lock();
        let before = state.trouble;
        let is_told = before.is_none_or(|before| self.is_over(before, now));
        let is_back = if is_told {
            state.ended.is_some_and(|ended| !self.is_past(ended, now))
        } else {
            before.is_some_and(|before| before.is_back)
        };
        state.trouble = Some(Trouble {
            times: before.map_or(0, |before| before.times) + times,
            last: now,
            is_back,
        });
        is_told
    }

    /// How many times it occurred, once it is over; returned once.
    pub fn over(&self, now: Instant) -> Option<u64> {
        let over = self
            .lock()
            .trouble
            .take_if(|trouble| self.is_over(*trouble, now));
        over.map(|trouble| trouble.times)
    }

    /// As [`Self::over`], when something has shown that it is over by now. Trouble that is soon
    /// back is over only when absent for `quiet`, so that what comes and goes does not fill the
    /// log.
    pub fn end(&self, now: Instant) -> Option<u64> {
        let mut state = self.lock();
        let ended = state
            .trouble
            .take_if(|trouble| !trouble.is_back || self.is_over(*trouble, now))?;
        state.ended = Some(now);
        Some(ended.times)
    }

    /// It has occurred and is not known to be over.
    pub fn goes_on(&self) -> bool {
        self.lock().trouble.is_some()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self, trouble: Trouble, now: Instant) -> bool {
        self.is_past(trouble.last, now)
    }

    fn is_past(&self, then: Instant, now: Instant) -> bool {
        now.saturating_duration_since(then) >= self.quiet
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

    #[test]
    fn trouble_ends_when_shown_to_be_over_unless_it_comes_and_goes() {
        let (episode, begun) = (Episode::new(QUIET), stopwatch::now());
        let after = |seconds| begun + Duration::from_secs(seconds);
        assert_eq!(episode.end(begun), None);
        assert!(episode.came(2, begun));
        assert_eq!(episode.end(after(1)), Some(2));
        assert_eq!(episode.end(after(2)), None);
        assert!(episode.came(1, after(30)));
        assert_eq!(episode.end(after(31)), None);
        assert!(!episode.came(1, after(60)));
        assert_eq!(episode.end(after(99)), None);
        assert_eq!(episode.end(after(100)), Some(2));
        assert!(episode.came(1, after(140)));
        assert_eq!(episode.end(after(141)), Some(1));
    }
}
