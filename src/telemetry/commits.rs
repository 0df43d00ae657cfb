//! The age of the oldest write that is not yet durable.

use metrics::Gauge;

use crate::domain::Millis;
use crate::telemetry::names;
use crate::telemetry::recorder::Telemetry;

pub struct OldestCommit(Gauge);

impl OldestCommit {
    pub fn new(telemetry: &Telemetry) -> Self {
        Self(telemetry.gauge(names::OLDEST_COMMIT, &[]))
    }

    pub fn set(&self, waits: Millis) {
        self.0.set(waits.as_s_f64());
    }
}
