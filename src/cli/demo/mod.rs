//! `switchboard demo`: a simulated contact centre in one process.
//!
//! The server is the real one; customers, agents and the supervisor are clients of its HTTP and
//! WebSocket interfaces. `crowd` decides which customers come when, `floor` how agents behave,
//! `screen` and `report` what is shown: plain functions, which `play` connects with the sockets.

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
mod waits;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::cli::signals::Signals;
use crate::cli::source::{Settings, Source};
use crate::cli::start::{Doors, Server};
use crate::cli::{EXIT_FAILED, runtime, say};
use crate::config::{Config, JournalSettings};
use crate::domain::Timestamp;
use crate::engine::options as routing;
use crate::node::clock::Clock;
use crate::task;
use folder::Folder;
use play::{Play, PlayFault};
use report::Account;
use terminal::Terminal;

const CENTRE: &str = include_str!("../../../config/demo.toml");
/// Ports to try before taking any free one.
const PORTS_TRIED: u16 = 100;
const PACE_MIN: f64 = 0.1;
const PACE_MAX: f64 = 20.0;
/// Half of the time for which the server remembers a closed contact.
const FOR_S_MAX: u64 = 43_200;
/// The clients know that the demonstration is ending, so draining can be short.
const DRAIN_FOR: Duration = Duration::from_millis(100);
const FINISH_WITHIN: Duration = Duration::from_secs(2);

/// Runs a simulated contact centre in this process: a server, its customers and its agents
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Arrival rate multiplier, 0.1 to 20
    #[arg(long, value_name = "X", default_value_t = 1.0, value_parser = pace)]
    pace: f64,
    /// Data directory [default: a temporary one]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Stops after N seconds
    #[arg(long, value_name = "N", default_value_t = FOR_S_MAX,
          value_parser = clap::value_parser!(u64).range(1..=FOR_S_MAX))]
    for_s: u64,
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
        Err(error) => return say::failed(&format_args!("cannot create a folder: {error}")),
    };
    let mut config = Config::parse(CENTRE).expect("a test reads the demonstration");
    config.journal = JournalSettings::Embedded {
        path: folder.path().to_owned(),
    };
    let mut doors = Doors::of(&config);
    doors.options.drain_for = DRAIN_FOR;
    doors.options.finish_within = FINISH_WITHIN;
    doors.or_else = ports_after(config.server.listen);
    let program = Program {
        routing: config.routing.clone(),
        pace: args.pace,
        for_s: args.for_s,
    };
    let demo = Demo {
        config,
        doors,
        program,
    };
    let code = runtime::run(demo.run());
    drop(folder);
    code
}

/// The ports after the wanted one, then any free one.
fn ports_after(wanted: SocketAddr) -> Vec<SocketAddr> {
    let after = wanted.port().saturating_add(1);
    let ports = after..after.saturating_add(PORTS_TRIED);
    let ports = ports.chain([0]);
    ports
        .map(|port| SocketAddr::new(wanted.ip(), port))
        .collect()
}

struct Demo {
    config: Config,
    doors: Doors,
    program: Program,
}

/// The configuration to play, the pace, and for how long.
struct Program {
    routing: routing::Options,
    pace: f64,
    for_s: u64,
}

impl Demo {
    async fn run(self) -> ExitCode {
        let mut signals = match Signals::listen() {
            Ok(signals) => signals,
            Err(error) => return say::failed(&format_args!("cannot listen for signals: {error}")),
        };
        let settings = match Settings::of(self.config) {
            Ok(settings) => settings,
            Err(faults) => return say::refused(&faults),
        };
        let wanted = settings.config.server.listen;
        match Server::start(Source(None), settings, self.doors).await {
            Ok(server) => {
                if server.address() != wanted {
                    say::line(&format_args!("port {} is taken", wanted.port()));
                }
                self.program.play(server, &mut signals).await
            }
            Err(fault) => say::failed(&fault),
        }
    }
}

impl Program {
    async fn play(self, server: Server, signals: &mut Signals) -> ExitCode {
        let address = server.address();
        say::line(&format_args!("listening on http://{address}"));
        let (stop, stopping) = oneshot::channel();
        let served = server.run(async {
            // An error is impossible: the sender lives until it is used.
            let _ = stopping.await;
        });
        let served = task::spawn("server of the demonstration", served);
        let played = self.play_until_told(address, signals).await;
        let ended = async {
            let account = match played {
                Ok(play) => play.end().await,
                Err(fault) => Err(fault),
            };
            let _ = stop.send(());
            // A panic has been reported already.
            let _ = served.await;
            account
        };
        tokio::select! {
            account = ended => match account {
                Ok(Account::Sound) => ExitCode::SUCCESS,
                Ok(Account::Wrong(_)) => ExitCode::from(EXIT_FAILED),
                Err(fault) => say::failed(&fault),
            },
            _ = signals.next() => ExitCode::from(EXIT_FAILED),
        }
    }

    async fn play_until_told(
        &self,
        address: SocketAddr,
        signals: &mut Signals,
    ) -> Result<Play, PlayFault> {
        let clock = Clock::start(Timestamp::default());
        let mut play = Play::begin(address, &self.routing, &clock, self.pace).await?;
        let mut terminal = Terminal::new();
        terminal.open(&screen::doors(address));
        tokio::select! {
            () = play.watch(&mut terminal) => {}
            () = sleep(Duration::from_secs(self.for_s)) => {}
            _ = signals.next() => {}
        }
        Ok(play)
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
    fn the_next_ports_are_tried_and_then_any() {
        let ports = |wanted: &str| ports_after(wanted.parse().unwrap());
        let after = ports("127.0.0.1:8080");
        assert_eq!(after[0].to_string(), "127.0.0.1:8081");
        assert_eq!(after.last().unwrap().port(), 0);
        assert_eq!(after.len(), 101);
        assert_eq!(ports("127.0.0.1:65535").len(), 1);
    }
}
