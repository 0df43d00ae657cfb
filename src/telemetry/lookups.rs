//! How long customer look-ups take, by outcome, and whether the store is available.

use std::time::Duration;

use metrics::{Gauge, Histogram};

use crate::store::profiles::LookedUp;
use crate::telemetry::names;
use crate::telemetry::recorder::Telemetry;

/// The histograms of all look-ups.
#[derive(Clone)]
pub struct Lookups {
    /// By [`LookedUp::index`].
    outcomes: [Histogram; LookedUp::ALL.len()],
    store_up: Gauge,
}

impl Lookups {
    pub fn new(telemetry: &Telemetry) -> Self {
        Self {
            outcomes: LookedUp::ALL.map(|outcome| {
                let labels = [("outcome", outcome.name())];
                telemetry.histogram(names::LOOKUP, &labels)
            }),
            store_up: telemetry.gauge(names::CUSTOMER_STORE_UP, &[]),
        }
    }

    /// Whether the store answers, as far as known.
    pub fn store_is_up(&self, is_up: bool) {
        self.store_up.set(f64::from(u8::from(is_up)));
    }

    /// A look-up has ended.
    pub fn record(&self, outcome: LookedUp, took: Duration) {
        self.outcomes[outcome.index()].record(took.as_secs_f64());
    }
}
