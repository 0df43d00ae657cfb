//! Where the metrics gather: the `metrics` facade over a Prometheus registry.

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder as _};
use prometheus::TextEncoder;
use prometheus::core::Collector;

use crate::telemetry::names;

const METADATA: Metadata<'static> =
    Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

/// All metrics of a process; cheap to clone.
#[derive(Clone, Debug)]
pub struct Telemetry {
    recorder: metrics_prometheus::Recorder,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self::new()
    }
}

impl Telemetry {
    pub fn new() -> Self {
        let recorder = metrics_prometheus::Recorder::builder()
            .with_registry(prometheus::Registry::new())
            .build();
        let telemetry = Self { recorder };
        names::describe(&telemetry).expect("the metrics have valid, distinct names");
        telemetry
            .gauge(names::BUILD_INFO, &[("version", env!("CARGO_PKG_VERSION"))])
            .set(1.0);
        telemetry
    }

    /// Makes `metrics::counter!` and its sisters record here, wherever they are used. False if
    /// another recorder was installed before.
    pub fn install(&self) -> bool {
        metrics::set_global_recorder(self.recorder.clone()).is_ok()
    }

    /// All metrics in Prometheus' text format.
    pub fn render(&self) -> String {
        let families = self.recorder.registry().gather();
        TextEncoder::new()
            .encode_to_string(&families)
            .expect("gathered metrics can be written as text")
    }

    pub(super) fn add<M>(&self, metric: M) -> prometheus::Result<()>
    where
        M: metrics_prometheus::metric::Bundled + Collector,
        M::Bundle: Collector + Clone + 'static,
        metrics_prometheus::storage::Mutable: metrics_prometheus::storage::Get<
                metrics_prometheus::storage::mutable::Collection<M::Bundle>,
            >,
    {
        self.recorder.try_register_metric(metric)
    }

    pub(super) fn counter(&self, name: &'static str, labels: &[(&'static str, &str)]) -> Counter {
        self.recorder
            .register_counter(&key(name, labels), &METADATA)
    }

    pub(super) fn gauge(&self, name: &'static str, labels: &[(&'static str, &str)]) -> Gauge {
        self.recorder.register_gauge(&key(name, labels), &METADATA)
    }

    pub(super) fn histogram(
        &self,
        name: &'static str,
        labels: &[(&'static str, &str)],
    ) -> Histogram {
        self.recorder
            .register_histogram(&key(name, labels), &METADATA)
    }
}

fn key(name: &'static str, labels: &[(&'static str, &str)]) -> Key {
    let labels: Vec<_> = labels
        .iter()
        .map(|(label, value)| Label::new(*label, (*value).to_owned()))
        .collect();
    Key::from_parts(name, labels)
}
