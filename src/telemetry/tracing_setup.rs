//! The log: one line of text per event on standard error.

use std::io;
use std::io::IsTerminal;

use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt};

/// Why the log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TracingError {
    #[error("{0:?} is not a log filter: {1}")]
    Filter(String, tracing_subscriber::filter::ParseError),
    #[error("the log is already set up")]
    SetUpBefore,
}

/// Added to every filter: below `warn` these crates log whole frames, including what customers
/// and agents write.
const QUIET: [&str; 2] = ["tungstenite=warn", "tokio_tungstenite=warn"];

/// Sends what passes `filter` (`info`, `warn,switchboard=debug`, …) to standard error.
pub fn set_up_tracing(filter: &str) -> Result<(), TracingError> {
    let refused = |error| TracingError::Filter(filter.to_owned(), error);
    let mut directives = EnvFilter::try_new(filter).map_err(refused)?;
    for quiet in QUIET {
        directives = directives.add_directive(quiet.parse().map_err(refused)?);
    }
    let lines = fmt()
        .with_env_filter(directives)
        .with_writer(io::stderr)
        // They would go to standard error too, and panic if that fails.
        .log_internal_errors(false)
        .with_ansi(io::stderr().is_terminal());
    let set_up = lines.finish().try_init();
    set_up.map_err(|_| TracingError::SetUpBefore)
}
