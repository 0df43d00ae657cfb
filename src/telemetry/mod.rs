//! What supervisors and operators see: metrics as a fold over events, and the log.
//!
//! Start at [`Fold`]: the committer passes it every event once it is durable, and the engine's own
//! census once a second. [`Telemetry`] gathers and renders all metrics of the process.
//!
//! **Invariant:** labels come from the configuration, never from a request, so the number of series
//! is known once a configuration is in use.

mod commits;
mod connections;
mod fold;
mod histories;
mod lookups;
mod names;
mod node_series;
mod outcomes;
mod recorder;
mod series;
mod tracing_setup;
mod webhooks;

pub use commits::OldestCommit;
pub use connections::Connections;
pub use fold::Fold;
pub use histories::Histories;
pub use lookups::Lookups;
pub use names::metric_lines;
pub use node_series::NodeGauges;
pub use recorder::Telemetry;
pub use tracing_setup::{TracingError, set_up_tracing};
pub use webhooks::Webhooks;
