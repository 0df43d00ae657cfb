//! `loadtest idle`: the memory cost of a connected idle agent.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Stopwatch;
use crate::fault::{Doing, Fault};
use crate::generator::agent::Way;
use crate::generator::crowd;
use crate::generator::crowd::Crowd;
use crate::generator::desk::{Habits, Room};
use crate::generator::options::Target;
use crate::generator::poster::Poster;
use crate::generator::template::Requests;
use crate::proc;

#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    target: Target,
    /// How long to wait, with all agents connected, before reading the memory.
    #[arg(long, default_value_t = 3.0)]
    settle_s: f64,
    /// How long to keep the agents connected after that.
    #[arg(long, default_value_t = 0.0)]
    hold_s: f64,
}

impl Options {
    pub(crate) fn threads(&self) -> usize {
        self.target.threads
    }
}

pub(crate) async fn run(options: Options) -> Result<(), Fault> {
    let target = &options.target;
    let pid = target
        .server_pid
        .ok_or_else(|| Fault::new("server-pid: is needed to read the server's memory"))?;
    let (host, server) = target.resolve()?;
    crowd::check_files(target.agents, 0)?;
    let before_kib = proc::rss_kib(pid)?;
    let habits = Habits {
        think_ns: 0,
        handle_ns: 0,
        ack_every: None,
    };
    let room = Arc::new(Room::new(habits));
    let poster = Arc::new(Poster::new(
        room,
        Requests::none(),
        Stopwatch::start(),
        0,
        false,
    ));
    let crowd = Crowd::seat(target, 0, Way::new(server, &host, 0.0), &poster);
    crowd.until_ready(&poster).await?;
    tokio::time::sleep(Duration::from_secs_f64(options.settle_s)).await;
    let after_kib = proc::rss_kib(pid)?;
    let each_kib = after_kib.saturating_sub(before_kib) as f64 / f64::from(target.agents.max(1));
    writeln!(
        std::io::stdout(),
        "{} idle agents   server RSS before {before_kib} KiB   after {after_kib} KiB   {each_kib:.2} KiB per agent",
        target.agents
    )
    .doing("print the memory")?;
    tokio::time::sleep(Duration::from_secs_f64(options.hold_s)).await;
    Ok(())
}
