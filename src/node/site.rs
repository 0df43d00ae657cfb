//! One site as it runs: the loop, the committer, the board and the snapshots.
//!
//! [`Site::start`] takes over what recovery has brought and opens for commands;
//! [`Site::stop`] ends everything in order. To leave without stopping is to crash, and
//! that is safe.

use std::io;
use std::mem;
use std::sync::Arc;

use tokio::runtime;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::domain::{Name, Text};
use crate::engine::Engine;
use crate::engine::command::SiteCommand;
use crate::engine::options::Options;
use crate::engine::refusal::Refusal;
use crate::node::clock::Clock;
use crate::node::committer::Committer;
use crate::node::handle::{Handle, INBOX_MAX};
use crate::node::log::Log;
use crate::node::notice::Ended;
use crate::node::pipeline::Pipeline;
use crate::node::recognise::{Recognise, anew, late};
use crate::node::shared::Shared;
use crate::node::snapshots::{self, Snapshots};
use crate::node::turns::Turns;
use crate::node::{filing, hung, webhook_queue};
use crate::store::profiles::Profiles;
use crate::task;
use crate::telemetry::{Fold, Histories, OldestCommit, Telemetry};

/// What a site starts with.
pub struct Recovered<L> {
    pub site: Name,
    pub engine: Engine,
    pub log: L,
    /// Where snapshots are kept, for a log that has them.
    pub snapshots: Option<Snapshots>,
}

/// Why a site did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the configuration is refused: {0}")]
    Refused(#[from] Refusal),
    #[error("cannot start a thread: {0}")]
    Thread(#[from] io::Error),
}

/// A running site.
pub struct Site<L> {
    handle: Handle,
    shared: Arc<Shared>,
    stop: oneshot::Sender<()>,
    turns: JoinHandle<Engine>,
    committed: oneshot::Receiver<L>,
    builder: Option<snapshots::Builder>,
    /// Ended with the site.
    helpers: Vec<JoinHandle<()>>,
    /// Customers whose contacts have waited since before the start.
    unserved: Vec<Text>,
    /// The closing number up to which contacts were forgotten before the start: an earlier process
    /// has counted those that were lost.
    forgotten_upto: u64,
}

/// What is left of a site that was stopped: everything that was decided is in the log.
pub struct Stopped<L> {
    pub engine: Engine,
    pub log: L,
}

/// Ends the committer where the loop is dropped in the middle, with the runtime that it ran on.
struct Ending(Pipeline);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl<L: Log> Site<L> {
    /// Opens for commands under `routing`; to be called within a tokio runtime.
    pub fn start(
        recovered: Recovered<L>,
        routing: Arc<Options>,
        telemetry: &Telemetry,
    ) -> Result<Self, StartError> {
        let Recovered {
            site,
            engine,
            log,
            snapshots,
        } = recovered;
        let clock = Clock::start(engine.last_at());
        let (webhooks, webhook_queue) = webhook_queue::lines(telemetry);
        let shared = Arc::new(Shared::new(site, clock, telemetry.clone(), webhook_queue));
        let pipeline = Pipeline::new(log.batch_bytes_max());
        let names = engine.registry().clone();
        let before = engine.options().map(AsRef::as_ref);
        let fold = Fold::new(telemetry, names, before, engine.census().open);
        let (inbox_in, inbox) = mpsc::channel(INBOX_MAX);
        let has_history = engine.seq() > 0;
        let is_configured = engine.options() == Some(&routing);
        let unserved = engine.unserved_customers();
        let forgotten_upto = engine.unfiled(0).forgotten_upto;
        shared.progress.advance(engine.seq(), 0);

        let mut turns = Turns::new(engine, inbox, pipeline.clone(), Arc::clone(&shared));
        if has_history {
            turns.tell_again();
            turns.begin(SiteCommand::Restart)?;
        }
        if !is_configured {
            turns.begin(SiteCommand::Configure(routing))?;
        }
        if has_history {
            turns.dial_again();
        }

        let ending = Ending(pipeline.clone());
        let (ended, committed) = oneshot::channel();
        let committer = Committer {
            log,
            fold,
            pipeline: pipeline.clone(),
            shared: Arc::clone(&shared),
            webhooks,
            workers: runtime::Handle::current().metrics(),
        };
        task::thread_vital("committer", move || committer.run(ended))?;
        let handle = Handle::new(inbox_in, Arc::clone(&shared), pipeline.clone());
        let builder = snapshots
            .map(|snapshots| snapshots.keep(Arc::clone(&shared), pipeline))
            .transpose()?;
        let (stop, stopping) = oneshot::channel();
        Ok(Self {
            turns: task::spawn_vital("turns", async move {
                let _ending = ending;
                turns.run(stopping).await
            }),
            helpers: vec![keep_board(&handle), watch_disk(&handle, telemetry)],
            handle,
            shared,
            stop,
            committed,
            builder,
            unserved,
            forgotten_upto,
        })
    }

    /// Keeps the customers' histories in `profiles`, recognises customers not recognised so far,
    /// and checks those of waiting contacts again. Call it once.
    pub fn serve_customers(&mut self, profiles: &Profiles, telemetry: &Telemetry) {
        let recognise = Recognise::new(Some(profiles.clone()), telemetry);
        let watching = move || recognise.clone().watch();
        self.helpers
            .push(task::spawn_lasting("customer store", watching));
        let (node, store) = (self.handle(), profiles.clone());
        let catching_up = move || late::make_good(node.clone(), store.clone());
        self.helpers
            .push(task::spawn_lasting("catching up", catching_up));
        let unserved = mem::take(&mut self.unserved);
        let anew = anew::recognise_all_anew(self.handle(), profiles.clone(), unserved);
        self.helpers.push(task::spawn("recognition anew", anew));
        let (node, store) = (self.handle(), profiles.clone());
        let histories = Arc::new(Histories::new(telemetry, self.forgotten_upto));
        let filing = move || filing::keep(node.clone(), store.clone(), Arc::clone(&histories));
        self.helpers.push(task::spawn_lasting("filing", filing));
    }

    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Accepts no more commands, makes everything durable, releases it, and ends the desks.
    pub async fn stop(self) -> Stopped<L> {
        // If the loop is gone, the process is ending anyway.
        let _ = self.stop.send(());
        let turns = self.turns.await;
        let engine = turns.expect("a panic of the loop ends the process");
        let committed = self.committed.await;
        let mut log = committed.expect("a panic of the committer ends the process");
        self.shared.feeds.end_all(Ended::Stopping);
        for helper in self.helpers {
            helper.abort();
        }
        let Some(builder) = self.builder else {
            return Stopped { engine, log };
        };
        let finished = tokio::task::spawn_blocking(move || {
            builder.finish(&engine, &mut log);
            Stopped { engine, log }
        });
        finished
            .await
            .expect("writing the last snapshot does not panic")
    }
}

fn watch_disk(handle: &Handle, telemetry: &Telemetry) -> JoinHandle<()> {
    let (handle, gauge) = (handle.clone(), Arc::new(OldestCommit::new(telemetry)));
    task::spawn_lasting("disk", move || {
        let (handle, gauge) = (handle.clone(), Arc::clone(&gauge));
        async move { hung::watch(&handle, &gauge).await }
    })
}

fn keep_board(handle: &Handle) -> JoinHandle<()> {
    let handle = handle.clone();
    task::spawn_lasting("board", move || handle.clone().keep_board())
}
