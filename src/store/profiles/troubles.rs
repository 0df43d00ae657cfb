//! Logs when the store starts to fail its callers, and when it has recovered.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::episode::Episode;
use crate::stopwatch::now;
use crate::store::profiles::StoreFault;

/// A failure is over when absent this long.
const QUIET: Duration = Duration::from_secs(40);
/// Why Redis rejects writes: the first word of its reply. The last stands for all others.
const REASONS: [&str; 5] = ["OOM", "READONLY", "NOREPLICAS", "MISCONF", "other"];
/// Different failures tracked; beyond that, the oldest is logged again when it recurs.
const DIFFERENT_MAX: usize = 64;

#[derive(Debug)]
pub(super) struct Troubles {
    /// By [`REASONS`]: what rejects writes now may have another cause than before.
    unkept: [Episode; REASONS.len()],
    failures: Mutex<Vec<(StoreFault, Episode)>>,
}

impl Troubles {
    pub(super) fn new() -> Self {
        Self {
            unkept: REASONS.map(|_| Episode::new(QUIET)),
            failures: Mutex::default(),
        }
    }

    /// Records the outcome of a write; `is_kept` if it has changed what is stored.
    pub(super) fn of_change(&self, fault: Option<&StoreFault>, is_kept: bool) {
        match fault {
            Some(fault @ StoreFault::TakesNoChanges(words)) => {
                if self.unkept[reason_in(words)].came(1, now()) {
                    tracing::warn!(
                        %fault,
                        "the customer store rejects writes; further rejections for this reason \
                         are not logged"
                    );
                }
            }
            Some(fault) => self.of_failure(fault),
            None => {
                if is_kept {
                    self.of_kept();
                }
                self.of_success();
            }
        }
    }

    fn of_kept(&self) {
        for (reason, episode) in REASONS.iter().zip(&self.unkept) {
            if let Some(unkept) = episode.end(now()) {
                tracing::info!(unkept, reason, "the customer store accepts writes again");
            }
        }
    }

    /// Records the outcome of a read.
    pub(super) fn of_read(&self, fault: Option<&StoreFault>) {
        match fault {
            Some(fault) => self.of_failure(fault),
            None => self.of_success(),
        }
    }

    /// Temporary failures are logged by the store itself.
    fn of_failure(&self, fault: &StoreFault) {
        if self.is_told(fault, now()) {
            tracing::error!(%fault, "the customer store failed");
        }
    }

    /// Logs the first of equal failures; a corrupt record's failure includes its id, so each one is
    /// logged.
    fn is_told(&self, fault: &StoreFault, now: Instant) -> bool {
        if fault.is_passing() {
            return false;
        }
        let mut failures = self.failures();
        if let Some((_, alike)) = failures.iter().find(|(known, _)| known == fault) {
            return alike.came(1, now);
        }
        if failures.len() == DIFFERENT_MAX {
            failures.remove(0);
        }
        let episode = Episode::new(QUIET);
        let is_told = episode.came(1, now);
        failures.push((fault.clone(), episode));
        is_told
    }

    fn of_success(&self) {
        self.failures().retain(|(fault, episode)| {
            let over = episode.over(now());
            if let Some(failures) = over {
                tracing::info!(failures, %fault, "the customer store has recovered from this failure");
            }
            over.is_none()
        });
    }

    fn failures(&self) -> MutexGuard<'_, Vec<(StoreFault, Episode)>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The index in [`REASONS`].
fn reason_in(words: &str) -> usize {
    let first = words.split(' ').next();
    let known = REASONS.iter().position(|reason| Some(*reason) == first);
    known.unwrap_or(REASONS.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spoilt_record_is_told_and_the_first_of_failures_that_are_alike() {
        let (troubles, now) = (Troubles::new(), now());
        let is_told = |fault| troubles.is_told(&fault, now);
        let failed = |text: &str| StoreFault::Failed(text.to_owned());
        let spoilt = |id: &str| StoreFault::Corrupt(format!("profile {id}"));
        assert!(is_told(spoilt("c-1")) && is_told(spoilt("c-2")));
        assert!(!is_told(spoilt("c-1")));
        assert!(is_told(failed("ERR")) && is_told(failed("EXECABORT")));
        assert!(!is_told(failed("ERR")) && !is_told(StoreFault::TimedOut));
        for number in 0..DIFFERENT_MAX {
            assert!(is_told(failed(&format!("E{number}"))));
        }
        assert!(is_told(failed("ERR")));
    }
}
