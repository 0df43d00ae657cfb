//! What the log tells of a store that fails those who ask it: when it begins, and when it is over.

use std::time::Duration;

use crate::stopwatch::now;
use crate::store::profiles::StoreFault;
use crate::telemetry::Episode;

/// What has not failed for so long fails no more.
const QUIET: Duration = Duration::from_secs(40);

#[derive(Debug)]
pub(super) struct Troubles {
    unkept: Episode,
    failures: Episode,
}

impl Troubles {
    pub(super) fn new() -> Self {
        Self {
            unkept: Episode::new(QUIET),
            failures: Episode::new(QUIET),
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
        if !fault.is_passing() && self.failures.came(1, now()) {
            tracing::error!(%fault, "the customer store failed");
        }
    }

    fn of_success(&self) {
        if let Some(failures) = self.failures.over(now()) {
            tracing::info!(failures, "the customer store fails no more");
        }
    }
}
