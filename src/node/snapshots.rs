//! Makes snapshots alongside the running engine, without touching it.
//!
//! A low-priority thread loads the latest snapshot into an engine of its own, replays what has
//! become durable since, and writes the result. It reads the result back before it asks the
//! committer to remove segments that neither kept snapshot needs: the new one, and the newest
//! before it that has just been restored. While the journal cannot be extended it makes two at once,
//! the older one a batch behind the newer, so that every segment except the current one can be
//! removed. At an orderly stop the engine itself is at rest and is written directly.
//!
//! **Invariant:** a failure here is logged and retried; routing goes on.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::engine::Engine;
use crate::node::log::Log;
use crate::node::pipeline::Pipeline;
use crate::node::recovery::{self, SiteFiles};
use crate::node::shared::Shared;
use crate::store::FileError;
use crate::store::journal::{self, ReadError};
use crate::store::snapshot::{self, Snapshot};
use crate::task;

/// How often the thread checks whether a snapshot is due.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// The pause after a failure.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(60);
/// Below the committer and the gateway, above nothing.
const NICE: i32 = 10;
/// An orderly stop makes a snapshot only if at least this many bytes would have to be replayed.
const AT_END_MIN_BYTES: u64 = 4 << 20;

/// Where a site's snapshots go and when they are due.
pub struct Snapshots {
    files: SiteFiles,
    options: journal::JournalOptions,
    /// Bytes of the journal not covered by the latest snapshot.
    bytes_behind: u64,
}

/// Why a snapshot was not made.
#[derive(Debug, thiserror::Error)]
enum BuildError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("the snapshot failed verification: {0}")]
    Unlike(String),
    #[error("writing the snapshot panicked")]
    Panicked,
}

/// The thread that makes snapshots.
pub(super) struct Builder {
    thread: JoinHandle<Snapshots>,
    stopping: Arc<AtomicBool>,
}

impl Snapshots {
    pub(super) fn new(
        files: &SiteFiles,
        options: journal::JournalOptions,
        bytes_behind: u64,
    ) -> Self {
        Self {
            files: files.clone(),
            options,
            bytes_behind,
        }
    }

    /// Makes snapshots from now on, whenever one is due.
    pub(super) fn keep(self, shared: Arc<Shared>, pipeline: Pipeline) -> io::Result<Builder> {
        let stopping = Arc::new(AtomicBool::new(false));
        let work = Work {
            snapshots: self,
            shared,
            pipeline,
            stopping: Arc::clone(&stopping),
        };
        Ok(Builder {
            thread: task::thread("snapshots", move || work.run())?,
            stopping,
        })
    }

    fn dir(&self) -> &PathBuf {
        &self.files.dir
    }

    /// Writes a snapshot, keeping the one after record `before`, and returns the engine read back
    /// from it.
    fn write(&self, snapshot: Snapshot, before: Option<u64>) -> Result<Engine, BuildError> {
        let (seq, state_hash) = (snapshot.seq, snapshot.state_hash);
        snapshot::write(self.dir(), &snapshot, before)?;
        drop(snapshot);
        let latest = snapshot::latest_before(self.dir(), seq + 1)?;
        let Some(back) = latest.snapshot else {
            return Err(BuildError::Unlike("it is missing".to_owned()));
        };
        if (back.seq, back.state_hash) != (seq, state_hash) {
            return Err(BuildError::Unlike("a different one was found".to_owned()));
        }
        recovery::restore_own(&back).map_err(BuildError::Unlike)
    }

    /// Writes out an engine at rest; returns the number of the previous usable snapshot.
    fn write_last(&self, engine: &Engine) -> Result<Option<u64>, BuildError> {
        let before = recovery::restore_before(&self.files, engine.seq())?;
        let before = before.map(|engine| engine.seq());
        drop(self.write(snapshot_of(engine), before)?);
        Ok(before)
    }
}

fn snapshot_of(engine: &Engine) -> Snapshot {
    let payload = engine.snapshot();
    Snapshot {
        seq: engine.seq(),
        state_hash: Engine::hash_of(&payload),
        payload,
    }
}

struct Work {
    snapshots: Snapshots,
    shared: Arc<Shared>,
    pipeline: Pipeline,
    stopping: Arc<AtomicBool>,
}

impl Work {
    fn run(mut self) -> Snapshots {
        if let Err(error) = rustix::process::setpriority_process(None, NICE) {
            tracing::warn!(%error, "cannot lower the priority of the snapshot thread");
        }
        let mut covered = 0;
        let mut room_made_at = 0;
        while !self.is_stopping() {
            let written = self.shared.progress.bytes();
            let (earlier, upto) = self.shared.progress.last_two();
            let behind = self.snapshots.bytes_behind + (written - covered);
            // A single snapshot would keep the segments between it and the previous one.
            let for_room = earlier < upto && upto > room_made_at && self.wants_room();
            let ends = if for_room {
                vec![earlier, upto]
            } else if behind >= self.snapshots.files.snapshot_every_bytes {
                vec![upto]
            } else {
                std::thread::park_timeout(LOOK_EVERY);
                continue;
            };
            let made = task::caught("snapshots", || self.build(&ends));
            match made.unwrap_or(Err(BuildError::Panicked)) {
                Ok(()) => {
                    covered = written;
                    if for_room {
                        room_made_at = upto;
                    }
                    self.snapshots.bytes_behind = 0;
                    // By then a removal of segments has taken effect.
                    std::thread::park_timeout(LOOK_EVERY);
                }
                Err(_) if self.is_stopping() => {}
                Err(error) => {
                    tracing::error!(%error, "cannot make a snapshot");
                    std::thread::park_timeout(PAUSE_AFTER_FAILURE);
                }
            }
        }
        self.snapshots.bytes_behind += self.shared.progress.bytes() - covered;
        self.snapshots
    }

    /// The journal cannot be extended, and there are segments besides the current one.
    fn wants_room(&self) -> bool {
        self.shared.is_hindered()
            && journal::count_segments(self.snapshots.dir()).is_ok_and(|segments| segments > 1)
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Makes a snapshot at each of these batch ends, the last of which is durable, unless a usable
    /// one is at least as new.
    fn build(&self, ends: &[u64]) -> Result<(), BuildError> {
        let snapshots = &self.snapshots;
        let last = ends.iter().copied().max().unwrap_or(0);
        let restored = recovery::restore_before(&snapshots.files, last)?;
        let mut before = restored.as_ref().map(Engine::seq);
        let mut engine = restored.unwrap_or_default();
        for end in ends.iter().copied() {
            let from = engine.seq() + 1;
            if from > end {
                continue;
            }
            self.replay(&mut engine, end)?;
            let snapshot = snapshot_of(&engine);
            // The check builds another one.
            drop(engine);
            engine = snapshots.write(snapshot, before)?;
            tracing::info!(seq = end, events = end + 1 - from, "made a snapshot");
            if let Some(before) = before {
                self.pipeline.remove_before(before + 1);
            }
            before = Some(end);
        }
        Ok(())
    }

    fn replay(&self, engine: &mut Engine, upto: u64) -> Result<(), ReadError> {
        let snapshots = &self.snapshots;
        let from = engine.seq() + 1;
        let mut each = |seq, bytes: &[u8]| {
            if self.is_stopping() {
                return Err("the site stops".to_owned());
            }
            recovery::apply(engine, seq, bytes)
        };
        journal::read(snapshots.dir(), &snapshots.options, from, upto, &mut each)
    }
}

impl Builder {
    /// Ends the thread and writes out the engine at rest if that shortens the next start
    /// noticeably.
    pub(super) fn finish<L: Log>(self, engine: &Engine, log: &mut L) {
        self.stopping.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        let Ok(snapshots) = self.thread.join() else {
            return;
        };
        if snapshots.bytes_behind < AT_END_MIN_BYTES.min(snapshots.files.snapshot_every_bytes) {
            return;
        }
        match snapshots.write_last(engine) {
            Ok(Some(before)) => {
                if let Err(error) = log.remove_before(before + 1) {
                    tracing::error!(%error, "cannot remove old journal segments");
                }
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "cannot make a last snapshot"),
        }
    }
}
