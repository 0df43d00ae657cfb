//! Restores a site from its directory: the latest snapshot, then every event after it.
//!
//! A snapshot whose hash does not match is skipped in favour of the previous one. The journal
//! checks itself; an event that does not follow from the previous ones, or cannot be decoded,
//! prevents the start.
//!
//! **Invariant:** nothing is decided here; state comes from `restore` and `apply` only.

use std::path::PathBuf;

use crate::domain::Name;
use crate::engine::Engine;
use crate::engine::event::Recorded;
use crate::node::site::Recovered;
use crate::node::snapshots::Snapshots;
use crate::store::FileError;
use crate::store::journal::{self, Journal, OpenError, OptionsError, Progress, SEGMENT_BYTES};
use crate::store::snapshot::{self, Snapshot};

/// A snapshot is made once this many journal bytes lie behind the previous one.
pub const SNAPSHOT_EVERY_BYTES: u64 = 256 << 20;

/// Where a site's journal and snapshots are.
#[derive(Clone, Debug)]
pub struct SiteFiles {
    pub site: Name,
    pub dir: PathBuf,
    pub segment_bytes: usize,
    pub snapshot_every_bytes: u64,
}

/// Why a site could not be restored.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    #[error(transparent)]
    Options(#[from] OptionsError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("the journal ends with event {journal}, but the snapshot was made after {snapshot}")]
    SnapshotAhead { journal: u64, snapshot: u64 },
}

/// What recovery found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The last event of the snapshot used; 0 without one.
    pub snapshot_seq: u64,
    pub events_replayed: u64,
    pub bytes_replayed: u64,
    /// Bytes of an incomplete batch at the end; it was never acknowledged.
    pub torn_bytes: u64,
}

impl SiteFiles {
    pub fn new(site: Name, dir: PathBuf) -> Self {
        Self {
            site,
            dir,
            segment_bytes: SEGMENT_BYTES,
            snapshot_every_bytes: SNAPSHOT_EVERY_BYTES,
        }
    }
}

/// Recovers a site; calls `progress` every 250,000 events. Blocks until done.
pub fn recover(
    files: &SiteFiles,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Recovered<Journal>, Report), RecoverError> {
    let options = journal::JournalOptions::new(files.site.as_str(), files.segment_bytes)?;
    // Locked before anything is read, so that another process's unfinished files are not removed.
    let folder = journal::lock(&files.dir)?;
    let mut engine = restore_before(files, u64::MAX)?.unwrap_or_default();
    let snapshot_seq = engine.seq();
    let mut bytes_replayed = 0;
    let mut each = |seq, bytes: &[u8]| {
        bytes_replayed += bytes.len() as u64;
        apply(&mut engine, seq, bytes)
    };
    let opened = Journal::open_in(folder, &options, snapshot_seq + 1, &mut each, progress);
    let (log, found) = opened?;
    if engine.seq() != log.last_seq() {
        return Err(RecoverError::SnapshotAhead {
            journal: log.last_seq(),
            snapshot: snapshot_seq,
        });
    }
    let report = Report {
        snapshot_seq,
        events_replayed: found.records_served,
        bytes_replayed,
        torn_bytes: found.torn.map_or(0, |torn| torn.bytes_dropped),
    };
    let snapshots = Snapshots::new(files, options, bytes_replayed);
    let recovered = Recovered {
        site: files.site.clone(),
        engine,
        log,
        snapshots: Some(snapshots),
    };
    Ok((recovered, report))
}

/// The engine from the newest usable snapshot before record `seq`.
pub(super) fn restore_before(files: &SiteFiles, seq: u64) -> Result<Option<Engine>, FileError> {
    let mut before = seq;
    loop {
        let latest = snapshot::latest_before(&files.dir, before)?;
        for unusable in &latest.unusable {
            tracing::error!(%unusable, "a snapshot is unusable; trying an older one");
        }
        let Some(found) = latest.snapshot else {
            return Ok(None);
        };
        match restore(&found) {
            Ok(engine) => return Ok(Some(engine)),
            Err(reason) => {
                tracing::error!(
                    seq = found.seq,
                    reason,
                    "a snapshot cannot be used; trying an older one"
                );
                before = found.seq;
            }
        }
    }
}

/// Rebuilds the state after checking the hash of its bytes. Another build may have written them, and
/// may encode the same state differently.
pub(super) fn restore(snapshot: &Snapshot) -> Result<Engine, String> {
    if Engine::hash_of(&snapshot.payload) != snapshot.state_hash {
        return Err("state hash mismatch".to_owned());
    }
    let engine = Engine::restore(&snapshot.payload)?;
    if engine.seq() != snapshot.seq {
        return Err(format!("it holds the state after event {}", engine.seq()));
    }
    Ok(engine)
}

/// As `restore`, for a snapshot written by this version: the rebuilt state must be identical.
pub(super) fn restore_own(snapshot: &Snapshot) -> Result<Engine, String> {
    let engine = restore(snapshot)?;
    if engine.state_hash() != snapshot.state_hash {
        return Err("restoring it yields a different state".to_owned());
    }
    Ok(engine)
}

/// Replays one journal record.
pub(super) fn apply(engine: &mut Engine, seq: u64, bytes: &[u8]) -> Result<(), String> {
    let recorded: Recorded = minicbor::decode(bytes).map_err(|error| error.to_string())?;
    if recorded.seq != seq {
        return Err(format!("it holds event {}", recorded.seq));
    }
    engine.apply(&recorded);
    Ok(())
}
