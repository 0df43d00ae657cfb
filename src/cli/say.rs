//! What commands say to the one who has called them.
//!
//! **Invariant:** a reader who has gone ends nothing.

use std::env;
use std::fmt::Display;
use std::io;
use std::io::Write;
use std::process::ExitCode;

use crate::cli::{EXIT_FAILED, EXIT_REFUSED};
use crate::telemetry::{Format, TracingError, set_up_tracing};

/// Overrides what is logged, as in `warn,switchboard=debug`.
const LOG_VARIABLE: &str = "RUST_LOG";

/// Sends the log to standard error, `level` and above unless the environment says otherwise.
pub(super) fn set_up_log(level: &str) -> Result<(), TracingError> {
    let filter = env::var(LOG_VARIABLE);
    let filter = filter.as_deref().unwrap_or(level);
    set_up_tracing(filter, Format::Text)
}

/// One line on standard output.
pub(super) fn line(text: &dyn Display) {
    let mut out = io::stdout();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// What a command was called for. That its reader has had enough, or has gone, is no failure.
pub(super) fn answer(text: &dyn Display) -> Result<(), String> {
    let mut out = io::stdout();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("cannot write to standard output: {error}"))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// One line on standard error.
pub(super) fn warn(text: &dyn Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// The command cannot use what it was given: a line for each fault.
pub(super) fn refused(faults: &[String]) -> ExitCode {
    for fault in faults {
        warn(fault);
    }
    ExitCode::from(EXIT_REFUSED)
}

/// The world has failed the command.
pub(super) fn failed(fault: &dyn Display) -> ExitCode {
    warn(&format_args!("switchboard: {fault}"));
    ExitCode::from(EXIT_FAILED)
}
