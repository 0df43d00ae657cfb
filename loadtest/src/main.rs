//! Load generator for Switchboard, and a null router as the upper bound to compare with.

mod child;
mod clock;
mod compare;
mod config;
mod dice;
mod fault;
mod generator;
mod idle;
mod null_router;
mod proc;
mod report;
mod task;
#[cfg(test)]
mod whole_tests;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use tokio::runtime::Builder;

use crate::fault::{Doing, Fault};

// The server's allocator, so that the upper bound is not lower than necessary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(name = "loadtest", version, about)]
enum Command {
    /// Run the null router: Switchboard's interface without routing
    Null(null_router::Options),
    /// Send contacts on a schedule, serve them as agents, account for every one
    Run(Box<generator::options::Options>),
    /// Connect idle agents and print the server's memory per agent
    Idle(idle::Options),
    /// Measure Switchboard and the null router in turn and print the ratios
    Compare(compare::Options),
    /// Print a configuration of Switchboard for measuring
    Config(config::Options),
}

/// Whether the server kept its guarantees.
#[derive(Clone, Copy, PartialEq)]
enum Verdict {
    Broken,
    Kept,
}

impl Verdict {
    fn of(kept_every_promise: bool) -> Self {
        if kept_every_promise {
            Self::Kept
        } else {
            Self::Broken
        }
    }
}

fn main() -> ExitCode {
    match carry_out(Command::parse()) {
        Ok(Verdict::Kept) => ExitCode::SUCCESS,
        Ok(Verdict::Broken) => ExitCode::FAILURE,
        Err(fault) => {
            let _ = writeln!(std::io::stderr(), "loadtest: {fault}");
            ExitCode::from(2)
        }
    }
}

fn carry_out(command: Command) -> Result<Verdict, Fault> {
    match command {
        Command::Null(options) => on_runtime(None, null_router::run(options))?,
        Command::Run(options) => {
            let report = on_runtime(Some(options.target.threads), generator::drive(&options))?;
            write!(std::io::stdout(), "{report}").doing("print the report")?;
            return Ok(Verdict::of(report.kept_every_promise()));
        }
        Command::Idle(options) => on_runtime(Some(options.threads()), idle::run(options))?,
        Command::Compare(options) => {
            let comparison = on_runtime(Some(options.threads()), compare::run(options))?;
            write!(std::io::stdout(), "{comparison}").doing("print the comparison")?;
            return Ok(Verdict::of(comparison.kept_every_promise()));
        }
        Command::Config(options) => config::run(&options)?,
    }
    Ok(Verdict::Kept)
}

/// Runs `work` on the requested number of threads, or one per processor.
fn on_runtime<T>(
    threads: Option<usize>,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    let mut builder = Builder::new_multi_thread();
    if let Some(threads) = threads {
        builder.worker_threads(threads.max(1));
    }
    let runtime = builder.enable_all().build().doing("start the runtime")?;
    let outcome = runtime.block_on(work);
    runtime.shutdown_background();
    outcome
}
