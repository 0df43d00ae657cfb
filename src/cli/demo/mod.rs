//! `switchboard demo`: a whole centre in one process, to look at.
//!
//! The server is the real one; customers, agents and the supervisor are clients
//! of it that come through its doors. `crowd` says who comes when, `floor` how
//! agents behave, `screen` and `report` what is shown: plain functions, which
//! `play` connects with the sockets.

mod column;
mod crowd;
mod desk;
mod dice;
mod door;
mod floor;
mod folder;
mod heard;
mod look;
mod numbers;
mod people;
mod play;
mod report;
mod screen;
mod socket;
mod story;
mod terminal;
mod ticker;
mod visitors;

use std::net::SocketAddr;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::cli::EXIT_FAILED;
use crate::cli::runtime;
use crate::cli::say;
use crate::cli::signals::Signals;
use crate::cli::source::Settings;
use crate::cli::source::Source;
use crate::cli::start;
use crate::cli::start::Server;
use crate::config::Config;
use crate::config::JournalOptions;
use crate::gateway::options::Options;
use crate::node::clock::Clock;
use crate::node::task;
use folder::Folder;
use play::Play;
use report::Account;
use terminal::Terminal;

const CENTRE: &str = include_str!("../../../config/demo.toml");
/// Ports that are tried before any free one is taken.
const PORTS_TRIED: u16 = 100;
const PACE_MIN: f64 = 0.1;
const PACE_MAX: f64 = 20.0;
/// Those who are at the doors at the end know that it is the end.
const DRAIN_FOR: Duration = Duration::from_millis(100);
const FINISH_WITHIN: Duration = Duration::from_secs(2);

/// Shows a whole centre at work: a server, its customers and its agents, in this process
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How many times as many customers come: 0.1 to 20
    #[arg(long, value_name = "X", default_value_t = 1.0, value_parser = pace)]
    pace: f64,
    /// Keeps everything in this folder; without it in one that goes with the run
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Ends by itself after so many seconds
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    for_s: Option<u64>,
}

fn pace(text: &str) -> Result<f64, String> {
    let pace = text.parse().ok();
    let pace = pace.filter(|pace| (PACE_MIN..=PACE_MAX).contains(pace));
    pace.ok_or_else(|| format!("allowed: {PACE_MIN} to {PACE_MAX}"))
}

pub(super) fn run(args: Args) -> ExitCode {
    if let Err(error) = say::set_up_log("error") {
        return say::refused(&[error.to_string()]);
    }
    let folder = match Folder::open(args.data) {
        Ok(folder) => folder,
        Err(error) => return say::failed(&format_args!("cannot make a folder: {error}")),
    };
    let mut config = Config::parse(CENTRE).expect("a test reads the demonstration");
    config.journal = JournalOptions::Embedded {
        path: folder.path().to_owned(),
    };
    let doors = Options {
        drain_for: DRAIN_FOR,
        finish_within: FINISH_WITHIN,
        listen: free_port_from(config.server.listen),
        ..start::doors(&config)
    };
    let demo = Demo {
        config,
        doors,
        pace: args.pace,
        for_s: args.for_s,
    };
    let code = runtime::run(demo.run());
    drop(folder);
    code
}

/// `wanted`, or the next port that nobody listens on, or any.
fn free_port_from(wanted: SocketAddr) -> SocketAddr {
    let ports = wanted.port()..=wanted.port().saturating_add(PORTS_TRIED);
    let mut addresses = ports.map(|port| SocketAddr::new(wanted.ip(), port));
    let free = addresses.find(|address| TcpListener::bind(address).is_ok());
    let address = free.unwrap_or(SocketAddr::new(wanted.ip(), 0));
    if address != wanted {
        say::line(&format_args!("port {} is taken", wanted.port()));
    }
    address
}

struct Demo {
    config: Config,
    doors: Options,
    pace: f64,
    for_s: Option<u64>,
}

impl Demo {
    async fn run(self) -> ExitCode {
        let mut signals = match Signals::listen() {
            Ok(signals) => signals,
            Err(error) => return say::failed(&format_args!("cannot listen to signals: {error}")),
        };
        let routing = self.config.routing.clone();
        let settings = match Settings::of(self.config) {
            Ok(settings) => settings,
            Err(faults) => return say::refused(&faults),
        };
        let server = match Server::start(Source(None), settings, self.doors).await {
            Ok(server) => server,
            Err(fault) => return say::failed(&fault),
        };
        let address = server.address();
        say::line(&format_args!("listening on http://{address}"));
        let (stop, stopping) = oneshot::channel();
        let served = task::spawn(
            "server of the demonstration",
            server.run(async {
                // The sender lives until it is used.
                let _ = stopping.await;
            }),
        );
        let clock = Clock::start(crate::domain::Timestamp::default());
        let mut play = match Play::begin(address, &routing, &clock, self.pace).await {
            Ok(play) => play,
            Err(fault) => return say::failed(&fault),
        };
        for line in screen::doors(address) {
            say::line(&line);
        }
        let mut terminal = Terminal::new();
        tokio::select! {
            () = play.watch(&mut terminal) => {}
            () = until(self.for_s) => {}
            _ = signals.next() => {}
        }
        let ended = async {
            let ended = play.end().await;
            let _ = stop.send(());
            // Its panic has been reported.
            let _ = served.await;
            ended
        };
        tokio::select! {
            ended = ended => match ended {
                Ok(Account::Sound) => ExitCode::SUCCESS,
                Ok(Account::Wrong(_)) => ExitCode::from(EXIT_FAILED),
                Err(fault) => say::failed(&fault),
            },
            _ = signals.next() => ExitCode::from(EXIT_FAILED),
        }
    }
}

async fn until(for_s: Option<u64>) {
    match for_s {
        Some(for_s) => sleep(Duration::from_secs(for_s)).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_has_bounds() {
        assert_eq!(pace("2.5"), Ok(2.5));
        for text in ["0.05", "21", "NaN", "fast"] {
            assert!(pace(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_port_that_is_taken_is_passed_over() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let wanted = taken.local_addr().unwrap();
        let free = free_port_from(wanted);
        assert_ne!(free.port(), wanted.port());
        assert_eq!(free.ip(), wanted.ip());
    }
}
