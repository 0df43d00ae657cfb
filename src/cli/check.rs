//! `switchboard check FILE`: understands a configuration, and says how.

use std::io;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::EXIT_REFUSED;
use crate::config::Config;
use crate::config::report;
use crate::config::warnings;

/// Reads a configuration; shows what it means, or everything wrong with it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The configuration (TOML)
    file: PathBuf,
}

pub(super) fn run(args: &Args) -> ExitCode {
    match Config::load(&args.file) {
        Ok(config) => {
            let text = report(&config, &warnings(&config));
            // The reader of a pipe may have read enough.
            let _ = io::stdout().write_all(text.as_bytes());
            ExitCode::SUCCESS
        }
        Err(faults) => {
            let _ = writeln!(io::stderr(), "{faults}");
            ExitCode::from(EXIT_REFUSED)
        }
    }
}
