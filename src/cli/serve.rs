//! `switchboard serve`: runs a site until the process is asked to stop.

use std::path::PathBuf;
use std::process::ExitCode;

use tokio::sync::oneshot;

use crate::cli::signals::{Signal, Signals};
use crate::cli::source::{Settings, Source};
use crate::cli::start::{Doors, Server};
use crate::cli::{EXIT_FAILED, runtime, say, start};
use crate::gateway::admin::{Manner, Reload};
use crate::task;

/// Runs the server until SIGTERM or SIGINT (a second one exits at once); SIGHUP reloads the
/// configuration
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Configuration file (TOML); without it, a development configuration on loopback
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

pub(super) fn run(args: Args) -> ExitCode {
    let source = Source(args.config);
    let settings = match source.read() {
        Ok(settings) => settings,
        Err(faults) => return say::refused(&faults),
    };
    if let Err(error) = say::set_up_log("info") {
        return say::refused(&[error.to_string()]);
    }
    runtime::run(serve(source, settings))
}

async fn serve(source: Source, settings: Settings) -> ExitCode {
    let mut signals = match Signals::listen() {
        Ok(signals) => signals,
        Err(error) => return say::failed(&format_args!("cannot listen for signals: {error}")),
    };
    let doors = Doors::of(&settings.config).within(start::allow_open_files());
    let started = tokio::select! {
        started = Server::start(source, settings, doors) => started,
        // Abandoning a recovery loses nothing: the next start repeats it.
        () = signals.stop() => return ExitCode::SUCCESS,
    };
    match started {
        Ok(server) => serve_until_told(server, signals).await,
        Err(fault) => say::failed(&fault),
    }
}

async fn serve_until_told(server: Server, mut signals: Signals) -> ExitCode {
    say::line(&format_args!("listening on http://{}", server.address()));
    let reload = server.reload.clone();
    let (stop, stopping) = oneshot::channel();
    let mut stop = Some(stop);
    let served = server.run(async {
        // An error is impossible: the sender lives as long as this function.
        let _ = stopping.await;
    });
    let mut served = std::pin::pin!(served);
    loop {
        tokio::select! {
            () = &mut served => return ExitCode::SUCCESS,
            told = signals.next() => match (told, stop.take()) {
                (Signal::Stop, Some(stop)) => {
                    tracing::info!("stopping; send the signal again to exit immediately");
                    // The receiver is gone if the server has closed already.
                    let _ = stop.send(());
                }
                (Signal::Stop, None) => return ExitCode::from(EXIT_FAILED),
                (Signal::Reload, unspent) => {
                    stop = unspent;
                    task::spawn("reload", reload_and_tell(reload.clone()));
                }
            },
        }
    }
}

async fn reload_and_tell(reload: Reload) {
    if let Err(faults) = reload(Manner::Earnest).await {
        for fault in faults {
            tracing::error!(fault, "reload failed; the configuration is unchanged");
        }
    }
}
