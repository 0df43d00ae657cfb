//! How calls to the webhook end.

use metrics::Counter;

use crate::telemetry::names;
use crate::telemetry::recorder::Telemetry;

#[derive(Clone)]
pub struct Webhooks {
    pub delivered: Counter,
    /// Refused by the receiver, or not accepted in any attempt.
    pub failed: Counter,
    /// Dropped: the queue was full, or it was too late for a first attempt.
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
