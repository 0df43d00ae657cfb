//! What the log tells of a store that fails those who ask it: when it begins, and when it is over.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::episode::Episode;
use crate::stopwatch::now;
use crate::store::profiles::StoreFault;

/// What has not failed for so long fails no more.
const QUIET: Duration = Duration::from_secs(40);
/// So many failures that differ are known apart; of more than these, the oldest is told anew.
const DIFFERENT_MAX: usize = 64;

#[derive(Debug)]
pub(super) struct Troubles {
    unkept: Episode,
    failures: Mutex<Vec<(StoreFault, Episode)>>,
}

impl Troubles {
    pub(super) fn new() -> Self {
        Self {
            unkept: Episode::new(QUIET),
            failures: Mutex::default(),
        }
    }

    /// A change was asked for, and has ended so.
    pub(super) fn of_change(&self, fault: Option<&StoreFault>) {
        match fault {
            Some(fault @ StoreFault::TakesNoChanges(_)) => {
                if self.unkept.came(1, now()) {
                    tracing::warn!(%fault, "a change to a customer is not kept, nor what follows until it takes changes");
                }
            }
            Some(fault) => self.of_failure(fault),
            None => {
                if let Some(unkept) = self.unkept.over(now()) {
                    tracing::info!(unkept, "the customer store takes changes again");
                }
                self.of_success();
            }
        }
    }

    /// Something was read, and has ended so.
    pub(super) fn of_read(&self, fault: Option<&StoreFault>) {
        match fault {
            Some(fault) => self.of_failure(fault),
            None => self.of_success(),
        }
    }

    /// What passes is told by whoever keeps the store.
    fn of_failure(&self, fault: &StoreFault) {
        if self.is_told(fault, now()) {
            tracing::error!(%fault, "the customer store failed");
        }
    }

    /// Of failures that are alike the first is told: whatever is spoilt names its record, so that each
    /// record is told of.
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
                tracing::info!(failures, %fault, "the customer store does not fail like this any more");
            }
            over.is_none()
        });
    }

    fn failures(&self) -> MutexGuard<'_, Vec<(StoreFault, Episode)>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
