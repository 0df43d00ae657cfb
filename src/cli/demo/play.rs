//! The play: customers post contacts, agents work at their desktops, and a supervisor watches.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Method;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::cli::demo::crowd::{Arrival, Crowd};
use crate::cli::demo::desk::elapsed_ms;
use crate::cli::demo::dice::Dice;
use crate::cli::demo::door::{Door, DoorFault};
use crate::cli::demo::floor::{Agent, Habits};
use crate::cli::demo::look::{Eyes, LookFault, Seen};
use crate::cli::demo::people::customers;
use crate::cli::demo::report::Account;
use crate::cli::demo::story::{Run, Story};
use crate::cli::demo::terminal::Terminal;
use crate::cli::demo::ticker::Ticker;
use crate::cli::demo::visitors::{Tally, Town, Visitors};
use crate::cli::demo::{desk, report, screen};
use crate::cli::say;
use crate::domain::Channel;
use crate::engine::options::Options;
use crate::node::clock::Clock;
use crate::stopwatch::Stopwatch;
use crate::task;

/// The crowd and the floor are the same in every run.
const SEED: u64 = 20_261_121;
/// The crowd ends after this many contacts.
const CONTACTS_MAX: usize = 200_000;
/// Arrivals queued for their channel's connection; when it is full, the crowd waits.
const ARRIVALS_MAX: usize = 256;
/// Which of the agents loses the socket early.
const EARLY_LOSER: usize = 2;
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long requests in progress can take at the end.
const LAST_REQUESTS_WITHIN: Duration = Duration::from_secs(5);

/// Counts before a mismatch is reported.
const COUNTS_MAX: u32 = 3;

/// Why a play failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum PlayFault {
    #[error("cannot write the customers: {0}")]
    Customers(#[from] DoorFault),
    #[error("cannot write customer {id}: {status} {detail}")]
    Customer {
        id: String,
        status: http::StatusCode,
        detail: String,
    },
    #[error("cannot read the server's state: {0}")]
    Look(#[from] LookFault),
    #[error("{0}")]
    Untold(String),
}

/// A play in progress.
pub(super) struct Play {
    address: SocketAddr,
    town: Arc<Town>,
    eyes: Eyes,
    ticker: Arc<Ticker>,
    crowd: JoinHandle<()>,
    visitors: Vec<JoinHandle<()>>,
    /// Agents and the supervisor's socket.
    others: Vec<JoinHandle<()>>,
}

impl Play {
    /// Writes the customer profiles, and starts the agents and the crowd.
    pub(super) async fn begin(
        address: SocketAddr,
        routing: &Options,
        now: &Clock,
        pace: f64,
    ) -> Result<Self, PlayFault> {
        let begun_at = now.now();
        let customers = customers(SEED);
        let mut door = Door::new(address, "dev-adapter");
        for customer in &customers {
            let path = format!("/v1/customers/{}", customer.id);
            let profile = serde_json::to_string(customer);
            let profile = profile.expect("a customer is text and numbers");
            let answer = door.ask(Method::PUT, &path, profile).await?;
            if !answer.status.is_success() {
                return Err(PlayFault::Customer {
                    id: customer.id.clone(),
                    status: answer.status,
                    detail: String::from_utf8_lossy(&answer.body).into_owned(),
                });
            }
        }
        let town = Arc::new(Town {
            run: Run {
                name: format!("demo-{}", begun_at.0),
                begun_at,
            },
            customers,
            tally: Mutex::default(),
            watch: Stopwatch::start(),
        });
        let mut others = seat_agents(address, routing, town.watch);
        let ticker = Arc::new(Ticker::default());
        let listener = Arc::clone(&ticker);
        others.push(task::spawn("board of the demonstration", async move {
            listener.listen(address).await;
        }));
        let (doors, visitors) = open_channels(address, &town);
        let crowd = Crowd::new(SEED, pace, town.customers.len());
        let crowd = task::spawn("crowd", let_in(crowd, doors, town.watch));
        let tiers = routing.tiers.iter().map(|tier| tier.name.to_string());
        Ok(Self {
            address,
            eyes: Eyes::new(address, tiers.collect()),
            town,
            ticker,
            crowd,
            visitors,
            others,
        })
    }

    /// Looks once a second and shows it; goes on until it is dropped.
    pub(super) async fn watch(&mut self, terminal: &mut Terminal) {
        let mut every = interval(LOOK_EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            every.tick().await;
            match self.eyes.look().await {
                Ok(seen) => self.show(terminal, &seen),
                Err(fault) => tracing::error!(%fault, "cannot read the server's state"),
            }
        }
    }

    fn show(&self, terminal: &mut Terminal, seen: &Seen) {
        let elapsed_s = self.town.watch.elapsed().as_secs();
        let news = self.ticker.news();
        let screen = screen::screen(self.address, elapsed_s, seen, &news);
        terminal.show(&screen, &screen::line(elapsed_s, seen));
    }

    /// Stops arrivals, and prints what has become of every contact.
    pub(super) async fn end(mut self) -> Result<Account, PlayFault> {
        let elapsed_s = self.town.watch.elapsed().as_secs();
        self.crowd.abort();
        let last_requests = async {
            for visitors in &mut self.visitors {
                // A panic has been reported already.
                let _ = visitors.await;
            }
        };
        if timeout(LAST_REQUESTS_WITHIN, last_requests).await.is_err() {
            tracing::error!("some requests are still unanswered");
        }
        self.account(elapsed_s).await
    }

    /// Counts again on a mismatch: other clients can post contacts while this counts.
    async fn account(&mut self, elapsed_s: u64) -> Result<Account, PlayFault> {
        let mut attempts_left = COUNTS_MAX;
        loop {
            attempts_left -= 1;
            let story = Story::read(&mut self.eyes, &self.town.run).await?;
            let seen = self.eyes.look().await?;
            let tally = self.town.tally.lock();
            let tally: &Tally = &tally.expect("nothing panics under this lock");
            let account = report::audit(tally, &seen, &story);
            if account == Account::Sound || attempts_left == 0 {
                let told = report::report(elapsed_s, tally, &seen, &story, &account);
                let told = say::answer(&format_args!("\n{}", told.trim_end()));
                return told.map(|()| account).map_err(PlayFault::Untold);
            }
        }
    }
}

impl Drop for Play {
    fn drop(&mut self) {
        self.crowd.abort();
        for task in self.visitors.iter().chain(&self.others) {
            task.abort();
        }
    }
}

fn seat_agents(address: SocketAddr, routing: &Options, watch: Stopwatch) -> Vec<JoinHandle<()>> {
    let pulled = |id: &&crate::domain::Name| {
        let queue = routing.queues.iter().find(|queue| queue.id == **id);
        queue.is_some_and(|queue| queue.pull)
    };
    let agents = routing.agents.iter().enumerate();
    agents
        .map(|(index, options)| {
            let habits = Habits {
                pulls_from: options.queues.iter().find(pulled).map(ToString::to_string),
                loses_socket_early: index == EARLY_LOSER,
            };
            let agent = Agent::new(habits, Dice::new(SEED, 100 + index as u64));
            let id = options.id.to_string();
            task::spawn("agent", desk::work(address, id, agent, watch))
        })
        .collect()
}

type Doors = BTreeMap<Channel, mpsc::Sender<Arrival>>;

fn open_channels(address: SocketAddr, town: &Arc<Town>) -> (Doors, Vec<JoinHandle<()>>) {
    let mut doors = Doors::new();
    let mut tasks = Vec::new();
    for channel in Channel::ALL {
        let (door, arrivals) = mpsc::channel(ARRIVALS_MAX);
        doors.insert(channel, door);
        let visitors = Visitors {
            town: Arc::clone(town),
            door: Door::new(address, "dev-adapter"),
            arrivals,
            waiting: BTreeMap::new(),
        };
        tasks.push(task::spawn("visitors", visitors.visit()));
    }
    (doors, tasks)
}

async fn let_in(crowd: Crowd, doors: Doors, watch: Stopwatch) {
    for arrival in crowd.take(CONTACTS_MAX) {
        let left_ms = arrival.at_ms.saturating_sub(elapsed_ms(watch));
        sleep(Duration::from_millis(left_ms)).await;
        if let Some(door) = doors.get(&arrival.channel) {
            // The panic of a channel's task has been reported already.
            let _ = door.send(arrival).await;
        }
    }
}
