//! What supervisors and operators see: metrics as a fold over events, and the log.
//!
//! Start at [`Fold`]: the committer feeds it every event once it is durable, and the
//! engine's own census once a second. [`Telemetry`] is where all numbers of the process
//! gather and are written out.
//!
//! **Invariant:** labels come from the configuration alone, never from a request, so the
//! number of series is known when a configuration is taken up.

mod commits;
mod connections;
mod fold;
mod histories;
mod lookups;
mod names;
mod outcomes;
mod recorder;
mod series;
mod tracing_setup;
mod webhooks;

pub use commits::OldestCommit;
pub use connections::Connections;
pub use fold::{Fold, NodeGauges};
pub use histories::Histories;
pub use lookups::Lookups;
pub use names::metric_lines;
pub use recorder::Telemetry;
pub use tracing_setup::{TracingError, set_up_tracing};
pub use webhooks::Webhooks;
