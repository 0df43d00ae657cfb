//! `switchboard check FILE`: understands a configuration, and says how. What it refers to is
//! read as well, so that `serve` refuses nothing that was found good here.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::say;
use crate::cli::source::Source;
use crate::config::{report, warnings};

/// Reads a configuration; shows what it means, or everything wrong with it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The configuration (TOML)
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
