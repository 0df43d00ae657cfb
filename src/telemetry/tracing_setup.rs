//! The log: one line per event on standard error, for people or for machines.

use std::io;
use std::io::IsTerminal;

use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt};

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    Text,
    Json,
}

/// Why the log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TracingError {
    #[error("{0:?} is no filter for the log: {1}")]
    Filter(String, tracing_subscriber::filter::ParseError),
    #[error("the log has been set up before")]
    SetUpBefore,
}

/// Whatever the filter says: below a warning these tell whole frames, and with them what
/// customers and agents have said.
const QUIET: [&str; 2] = ["tungstenite=warn", "tokio_tungstenite=warn"];

/// Sends what passes `filter` (`info`, `warn,switchboard=debug`, …) to standard error.
pub fn set_up_tracing(filter: &str, format: Format) -> Result<(), TracingError> {
    let refused = |error| TracingError::Filter(filter.to_owned(), error);
    let mut told = EnvFilter::try_new(filter).map_err(refused)?;
    for quiet in QUIET {
        told = told.add_directive(quiet.parse().map_err(refused)?);
    }
    let lines = fmt()
        .with_env_filter(told)
        .with_writer(io::stderr)
        // It would be told on standard error too, by a panic if that fails as well.
        .log_internal_errors(false)
        .with_ansi(io::stderr().is_terminal());
    let set_up = match format {
        Format::Text => lines.finish().try_init(),
        Format::Json => lines.json().flatten_event(true).finish().try_init(),
    };
    set_up.map_err(|_| TracingError::SetUpBefore)
}
