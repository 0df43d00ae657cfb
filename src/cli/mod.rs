//! The commands of `switchboard`, one file each.

mod check;
mod credentials;
mod demo;
mod import;
mod output;
mod parallel;
mod plan;
mod reload;
mod runtime;
mod say;
mod serve;
mod signals;
mod simulate;
mod source;
mod start;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The command failed, wholly or in part.
const EXIT_FAILED: u8 = 1;
/// The command was given something that it cannot use.
const EXIT_REFUSED: u8 = 2;

/// Routes the customers of a contact centre to its agents.
#[derive(Debug, Parser)]
#[command(name = "switchboard", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Args),
    Demo(demo::Args),
    Import(import::Args),
    Plan(plan::Args),
    Serve(serve::Args),
    Simulate(simulate::Args),
}

/// Runs the command that the process arguments name.
pub fn run() -> ExitCode {
    match Cli::parse().command {
        Command::Check(args) => check::run(&args),
        Command::Demo(args) => demo::run(args),
        Command::Import(args) => import::run(args),
        Command::Plan(args) => plan::run(&args),
        Command::Serve(args) => serve::run(args),
        Command::Simulate(args) => simulate::run(&args),
    }
}
