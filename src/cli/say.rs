//! Output of commands on standard output and standard error.
//!
//! **Invariant:** a closed pipe ends no command.

use std::env;
use std::fmt::Display;
use std::io;
use std::io::Write;
use std::process::ExitCode;

use crate::cli::{EXIT_FAILED, EXIT_REFUSED};
use crate::telemetry::{TracingError, set_up_tracing};

/// Overrides the log filter, as in `warn,switchboard=debug`.
const LOG_VARIABLE: &str = "RUST_LOG";

/// Sends the log to standard error: `level` and above, unless the environment overrides it.
pub(super) fn set_up_log(level: &str) -> Result<(), TracingError> {
    let filter = env::var(LOG_VARIABLE);
    let filter = filter.as_deref().unwrap_or(level);
    set_up_tracing(filter)
}

/// Prints a line on standard output; ignores errors.
pub(super) fn line(text: &dyn Display) {
    let mut out = io::stdout();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Prints the result of a command. A closed pipe is not a failure.
pub(super) fn answer(text: &dyn Display) -> Result<(), String> {
    let mut out = io::stdout();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("cannot write to standard output: {error}"))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Prints a line on standard error; ignores errors.
pub(super) fn warn(text: &dyn Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Prints a line for each fault in what the command was given, and returns its exit code.
pub(super) fn refused(faults: &[String]) -> ExitCode {
    for fault in faults {
        warn(fault);
    }
    ExitCode::from(EXIT_REFUSED)
}

/// Prints why the command failed, and returns its exit code.
pub(super) fn failed(fault: &dyn Display) -> ExitCode {
    warn(&format_args!("switchboard: {fault}"));
    ExitCode::from(EXIT_FAILED)
}
