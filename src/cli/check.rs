//! `switchboard check FILE`: validates a configuration and explains it. The files that it refers
//! to are read as well, so `serve` refuses nothing that passed here.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::say;
use crate::cli::source::Source;
use crate::config::{report, warnings};

/// Checks a configuration and prints a summary, or its errors
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Configuration file (TOML)
    file: PathBuf,
}

pub(super) fn run(args: &Args) -> ExitCode {
    match Source(Some(args.file.clone())).read() {
        Ok(settings) => {
            let config = settings.config;
            let text = report(&config, &warnings(&config));
            match say::answer(&text.trim_end_matches('\n')) {
                Ok(()) => ExitCode::SUCCESS,
                Err(fault) => say::failed(&fault),
            }
        }
        Err(faults) => say::refused(&faults),
    }
}
