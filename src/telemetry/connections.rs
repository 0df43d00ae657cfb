//! How many connections are open, and how many were refused.

use metrics::{Counter, Gauge};

use crate::telemetry::names;
use crate::telemetry::recorder::Telemetry;

#[derive(Clone)]
pub struct Connections {
    pub open: Gauge,
    pub refused: Counter,
}

impl Connections {
    pub fn new(telemetry: &Telemetry) -> Self {
        Self {
            open: telemetry.gauge(names::CONNECTIONS, &[]),
            refused: telemetry.counter(names::CONNECTIONS_REFUSED, &[]),
        }
    }
}
