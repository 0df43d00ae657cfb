//! The metrics of the node itself.

use metrics::{Counter, Gauge, Histogram};

use crate::domain::Millis;
use crate::telemetry::fold::number_of;
use crate::telemetry::lookups::Lookups;
use crate::telemetry::names;
use crate::telemetry::recorder::Telemetry;

/// The node's own numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NodeGauges {
    pub inbox_depth: usize,
    pub desks: usize,
    pub desks_ended_too_slow: u64,
    pub clock_steps: u64,
    pub clock_ahead: Millis,
    pub standstills: u64,
    pub journal_hindered: bool,
}

pub(super) struct NodeSeries {
    pub(super) residual: Gauge,
    pub(super) commit: Histogram,
    inbox_depth: Gauge,
    desks: Gauge,
    desks_too_slow: Counter,
    clock_steps: Counter,
    clock_offset: Gauge,
    standstills: Counter,
    journal_hindered: Gauge,
}

impl NodeSeries {
    pub(super) fn new(telemetry: &Telemetry) -> Self {
        // The series exist even without a customer store.
        drop(Lookups::new(telemetry));
        Self {
            residual: telemetry.gauge(names::RESIDUAL, &[]),
            commit: telemetry.histogram(names::COMMIT, &[]),
            inbox_depth: telemetry.gauge(names::INBOX_DEPTH, &[]),
            desks: telemetry.gauge(names::DESKS, &[]),
            desks_too_slow: telemetry.counter(names::DESKS_TOO_SLOW, &[]),
            clock_steps: telemetry.counter(names::CLOCK_STEPS, &[]),
            clock_offset: telemetry.gauge(names::CLOCK_OFFSET, &[]),
            standstills: telemetry.counter(names::STANDSTILLS, &[]),
            journal_hindered: telemetry.gauge(names::JOURNAL_HINDERED, &[]),
        }
    }

    pub(super) fn record(&self, gauges: NodeGauges) {
        self.inbox_depth.set(number_of(gauges.inbox_depth));
        self.desks.set(number_of(gauges.desks));
        self.desks_too_slow.absolute(gauges.desks_ended_too_slow);
        self.clock_steps.absolute(gauges.clock_steps);
        self.clock_offset.set(gauges.clock_ahead.as_s_f64());
        self.standstills.absolute(gauges.standstills);
        self.journal_hindered
            .set(f64::from(u8::from(gauges.journal_hindered)));
    }
}
