//! How calls to the webhook end.

use metrics::Counter;

use crate::telemetry::names;
use crate::telemetry::recorder::Telemetry;

#[derive(Clone)]
pub struct Webhooks {
    pub delivered: Counter,
    /// The receiver refused it, or did not take it in any of its attempts.
    pub failed: Counter,
    /// Too many were waiting, it was too late for its first attempt, or the server stopped.
    pub dropped: Counter,
}

impl Webhooks {
    pub fn new(telemetry: &Telemetry) -> Self {
        let of = |outcome| telemetry.counter(names::WEBHOOKS, &[("outcome", outcome)]);
        Self {
            delivered: of("delivered"),
            failed: of("failed"),
            dropped: of("dropped"),
        }
    }
}
