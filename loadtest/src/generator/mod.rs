//! The load generator: contacts are sent on a schedule that does not wait for answers, agents take
//! them over their sockets, and every contact is accounted for.
//!
//! Start at [`drive`]. `pacer` keeps the schedule, `poster` sends contacts, each agent is a `desk`
//! behind a socket (`agent`), and all write what they see into one `book`, from which the report is
//! made at the end.

pub(crate) mod agent;
pub(crate) mod book;
mod command;
pub(crate) mod crowd;
pub(crate) mod desk;
mod frame;
mod name;
pub(crate) mod options;
mod pacer;
pub(crate) mod poster;
mod response;
mod sequence;
pub(crate) mod span;
mod straggler;
pub(crate) mod tally;
pub(crate) mod template;

use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use self::agent::Way;
use self::crowd::Crowd;
use self::desk::Room;
use self::options::Options;
use self::pacer::Schedule;
use self::poster::Poster;
use self::template::{Recipient, Requests};
use crate::clock::Stopwatch;
use crate::fault::{Doing, Fault};
use crate::proc;
use crate::proc::CpuTime;
use crate::report::{Readings, Report, ServerReadings, Setting, Window};

const NS_PER_S: f64 = 1e9;
/// The pause between the last agent becoming ready and the first contact.
const BREATH_NS: u64 = 200_000_000;
const DRAIN_LOOK: Duration = Duration::from_millis(20);

/// Carries out a run, from the first connection to the report.
pub(crate) async fn drive(options: &Options) -> Result<Report, Fault> {
    options.load.check()?;
    let (host, server) = options.target.resolve()?;
    crowd::check_files(options.target.agents, options.load.connections)?;
    let run = Run::prepare(options, host, server)?;
    let outcome = run.carry_out().await;
    run.given_up.store(true, Ordering::Relaxed);
    let report = outcome?;
    if let Some(path) = &options.json {
        let json = serde_json::to_string_pretty(&report).doing("write the report as JSON")?;
        fs::write(path, json).doing(&format!("write {}", path.display()))?;
    }
    Ok(report)
}

struct Run<'a> {
    options: &'a Options,
    host: String,
    server: SocketAddr,
    watch: Stopwatch,
    room: Arc<Room>,
    poster: Arc<Poster>,
    given_up: Arc<AtomicBool>,
    rss_start_kib: Option<u64>,
}

/// Processor time of the server, the generator and the machine.
#[derive(Clone, Copy)]
struct Spent {
    server: Option<CpuTime>,
    generator: CpuTime,
    machine_busy_ms: u64,
}

impl Spent {
    fn since(self, earlier: Self) -> Self {
        Self {
            server: self
                .server
                .zip(earlier.server)
                .map(|(later, earlier)| later.since(earlier)),
            generator: self.generator.since(earlier.generator),
            machine_busy_ms: self.machine_busy_ms.saturating_sub(earlier.machine_busy_ms),
        }
    }
}

impl<'a> Run<'a> {
    fn prepare(options: &'a Options, host: String, server: SocketAddr) -> Result<Self, Fault> {
        let load = &options.load;
        let watch = Stopwatch::start();
        let room = Arc::new(Room::new(load.habits()));
        let to = Recipient {
            host: &host,
            token: &load.token_adapter,
        };
        let requests = Requests::new(load.mix()?, load.seed, &room.run, &to);
        let poster = Arc::new(Poster::new(
            Arc::clone(&room),
            requests,
            watch,
            load.connections,
            load.closed.is_some(),
        ));
        Ok(Self {
            options,
            host,
            server,
            watch,
            room,
            poster,
            given_up: Arc::default(),
            rss_start_kib: options.target.server_pid.map(proc::rss_kib).transpose()?,
        })
    }

    async fn carry_out(&self) -> Result<Report, Fault> {
        let load = &self.options.load;
        let way = Way::new(
            self.server,
            &self.host,
            load.drop_sockets_per_minute_percent / 100.0,
        );
        let crowd = Crowd::seat(&self.options.target, load.seed, way, &self.poster);
        crowd.until_ready(&self.poster).await?;
        let rss_connected_kib = self.server_rss_kib()?;
        let mut attendants = JoinSet::new();
        for index in 0..load.connections {
            let poster = Arc::clone(&self.poster);
            let server = self.server;
            attendants.spawn(async move { poster.attend(index, server).await });
        }
        let window = self.window();
        let spent = self.send(window).await?;
        self.drain().await;
        let over_ns = self.watch.elapsed_ns();
        let server = match (spent.server, self.rss_start_kib) {
            (Some(cpu), Some(rss_start_kib)) => Some(ServerReadings {
                cpu,
                rss_start_kib,
                rss_connected_kib: rss_connected_kib.unwrap_or(rss_start_kib),
                rss_end_kib: self.server_rss_kib()?.unwrap_or_default(),
            }),
            _ => None,
        };
        let to = Recipient {
            host: &self.host,
            token: &load.token_adapter,
        };
        let is_alone = self.room.tally.foreign_offers.get() == 0;
        let stragglers = straggler::states(&self.room.book, is_alone, self.server, &to).await?;
        drop(crowd);
        Ok(Report::fold(
            self.setting(),
            window,
            &self.room.book,
            &self.room.tally,
            stragglers,
            Readings {
                server,
                generator_cpu: spent.generator,
                machine_busy_ms: spent.machine_busy_ms,
            },
            over_ns,
        ))
    }

    fn window(&self) -> Window {
        let start_ns = self.watch.elapsed_ns() + BREATH_NS;
        let after = |seconds: f64| start_ns + (seconds * NS_PER_S) as u64;
        Window {
            from_ns: after(self.options.load.warmup_s),
            until_ns: after(self.options.load.duration_s),
        }
    }

    /// Sends contacts until the window ends. Returns the processor time spent within it.
    async fn send(&self, window: Window) -> Result<Spent, Fault> {
        let load = &self.options.load;
        let warmup_ns = (load.warmup_s * NS_PER_S) as u64;
        let start_ns = window.from_ns - warmup_ns;
        tokio::time::sleep_until(self.watch.at(start_ns)).await;
        let pacing = load.closed.is_none().then(|| {
            let times = (start_ns, window.until_ns);
            let schedule = Schedule::new(load.arrivals, load.rate, load.seed, times);
            let (watch, poster) = (self.watch, Arc::clone(&self.poster));
            let given_up = Arc::clone(&self.given_up);
            tokio::task::spawn_blocking(move || pacer::pace(schedule, watch, &given_up, &poster))
        });
        for _ in 0..load.closed.unwrap_or_default() {
            self.poster.submit(self.watch.elapsed_ns());
        }
        tokio::time::sleep_until(self.watch.at(window.from_ns)).await;
        let before = self.spent()?;
        tokio::time::sleep_until(self.watch.at(window.until_ns)).await;
        let after = self.spent()?;
        self.poster.shut();
        if let Some(pacing) = pacing {
            pacing.await.doing("keep the schedule")?;
        }
        Ok(after.since(before))
    }

    /// Waits until every life has ended, or none has for too long.
    async fn drain(&self) {
        let patience_ns = (self.options.load.drain_s * NS_PER_S) as u64;
        let mut seen = self.room.book.progress();
        let mut moved_ns = self.watch.elapsed_ns();
        while !self.room.book.is_settled() {
            let now_ns = self.watch.elapsed_ns();
            let progress = self.room.book.progress();
            if progress != seen {
                (seen, moved_ns) = (progress, now_ns);
            } else if now_ns - moved_ns > patience_ns {
                return;
            }
            tokio::time::sleep(DRAIN_LOOK).await;
        }
    }

    fn spent(&self) -> Result<Spent, Fault> {
        Ok(Spent {
            server: self
                .options
                .target
                .server_pid
                .map(CpuTime::of)
                .transpose()?,
            generator: CpuTime::of(std::process::id())?,
            machine_busy_ms: proc::machine_busy_ms()?,
        })
    }

    fn server_rss_kib(&self) -> Result<Option<u64>, Fault> {
        self.options
            .target
            .server_pid
            .map(proc::rss_kib)
            .transpose()
    }

    fn setting(&self) -> Setting {
        let load = &self.options.load;
        Setting {
            url: self.options.target.url.clone(),
            agents: self.options.target.agents,
            connections: load.connections,
            closed: load.closed,
            window_s: load.duration_s - load.warmup_s,
            seed: load.seed,
        }
    }
}
