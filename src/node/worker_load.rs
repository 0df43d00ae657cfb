//! How busy the workers of the runtime are: the share of the last moments for which they had work.
//!
//! The number of effects in a batch does not tell: it grows with the time for which the batch was
//! gathered, so that a committer that once lingers would find a reason to go on.

use std::time::Duration;

use tokio::runtime::RuntimeMetrics;

use crate::stopwatch::Stopwatch;

/// Busy for this share of the time, they are saturated. Tried on two processors that are shared with
/// the clients: 0.6 is exceeded at half of the highest load, and 0.9 often not at the highest.
const SATURATED: f64 = 0.7;
/// Over how long the share is measured.
const MEASURED_OVER: Duration = Duration::from_millis(50);

pub(super) struct WorkerLoad {
    workers: RuntimeMetrics,
    since: Stopwatch,
    busy_before: Duration,
    /// Of the last whole span.
    is_saturated: bool,
}

impl WorkerLoad {
    pub(super) fn new(workers: RuntimeMetrics) -> Self {
        Self {
            busy_before: busy(&workers),
            workers,
            since: Stopwatch::start(),
            is_saturated: false,
        }
    }

    /// To be asked often: a span ends with the first question after it.
    pub(super) fn is_saturated(&mut self) -> bool {
        let elapsed = self.since.elapsed();
        if elapsed >= MEASURED_OVER {
            let busy = busy(&self.workers);
            let workers = u32::try_from(self.workers.num_workers()).unwrap_or(u32::MAX);
            let share = (busy - self.busy_before).div_duration_f64(elapsed * workers);
            self.is_saturated = share >= SATURATED;
            self.busy_before = busy;
            self.since = Stopwatch::start();
        }
        self.is_saturated
    }
}

fn busy(workers: &RuntimeMetrics) -> Duration {
    let each = 0..workers.num_workers();
    each.map(|worker| workers.worker_total_busy_duration(worker))
        .sum()
}
