//! Snapshot files: the state of a site after one record, so that a start does not have to replay
//! everything before it.
//!
//! ```text
//! magic 8 | version 4 | zeros 4 | seq 8 | payload_bytes 8 | state hash 32 | payload | sha-256 of all that 32
//! ```
//!
//! Two are kept: the newest, and an older one known to be usable. Journal segments after the older
//! of the two must be kept, so that a start can fall back on it.
//!
//! **Invariant:** nothing here interprets the payload or verifies the state hash.

use std::fs;
use std::fs::File;
use std::io;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::directory;
use super::directory::FileError;
use super::field::{array_at, u32_at, u64_at};

const EXTENSION: &str = "snapshot";
const MAGIC: [u8; 8] = *b"SWBSNAPS";
const VERSION: u32 = 2;
const HEAD_BYTES: usize = 64;
const DIGEST_BYTES: usize = 32;

/// The state after record `seq`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    pub seq: u64,
    pub state_hash: [u8; 32],
    pub payload: Vec<u8>,
}

/// The snapshot to start from.
#[derive(Debug)]
pub struct Latest {
    pub snapshot: Option<Snapshot>,
    /// Newer files that are unusable. They are kept until [`write()`] has something better.
    pub unusable: Vec<Unusable>,
}

/// An unusable snapshot file, and why.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {fault}", path = .path.display())]
pub struct Unusable {
    pub path: PathBuf,
    pub fault: SnapshotFault,
}

/// The fault of a snapshot file.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotFault {
    #[error("the file's name is not a record number")]
    Name,
    #[error("the file cannot be read: {0}")]
    Unreadable(io::Error),
    #[error("the file does not begin like a snapshot")]
    NotASnapshot,
    #[error(
        "the format is version {found}, and this program reads version {VERSION}: use the one that \
         wrote it, or an empty data directory"
    )]
    Version { found: u32 },
    #[error("the file holds {found} bytes instead of {expected}")]
    Length { found: u64, expected: u64 },
    #[error("the file holds the snapshot after record {found}")]
    Seq { found: u64 },
    #[error("the file does not match its digest")]
    Digest,
}

/// Writes a snapshot atomically, and removes all older ones except the one after record `before`,
/// which must be usable. Without `before` the newest of the older ones is kept, usable or not.
pub fn write(dir: &Path, snapshot: &Snapshot, before: Option<u64>) -> Result<PathBuf, FileError> {
    directory::create(dir)?;
    let path = directory::path_of(dir, snapshot.seq, EXTENSION);
    let tmp = directory::tmp_of(&path);
    let written = write_synced(&tmp, snapshot).and_then(|()| directory::publish(&tmp, &path));
    if let Err(error) = written {
        // A full disk needs the space back; if this fails too, the next start removes the file.
        let _ = fs::remove_file(&tmp);
        return Err(error);
    }
    directory::sync_parent(&path)?;
    let older = directory::list(dir, EXTENSION)?.numbered;
    let older = older.range(..snapshot.seq);
    let kept = before.or_else(|| older.clone().next_back().map(|(newest, _)| *newest));
    for (_, old) in older.filter(|(seq, _)| Some(**seq) != kept) {
        directory::remove(old)?;
    }
    Ok(path)
}

/// The newest intact snapshot; removes what an interrupted [`write()`] left.
pub fn latest(dir: &Path) -> Result<Latest, FileError> {
    latest_before(dir, u64::MAX)
}

/// As [`latest`], but before record `seq`: for when the newest one turns out to be unusable.
pub fn latest_before(dir: &Path, seq: u64) -> Result<Latest, FileError> {
    let listing = directory::list(dir, EXTENSION)?;
    for path in &listing.leftovers {
        fs::remove_file(path).map_err(FileError::at("remove", path))?;
    }
    let mut latest = Latest {
        snapshot: None,
        unusable: Vec::new(),
    };
    for path in listing.strange {
        let fault = SnapshotFault::Name;
        latest.unusable.push(Unusable { path, fault });
    }
    for (seq, path) in listing.numbered.range(..seq).rev() {
        match read(path, *seq) {
            Ok(snapshot) => {
                latest.snapshot = Some(snapshot);
                break;
            }
            Err(fault) => {
                let path = path.clone();
                latest.unusable.push(Unusable { path, fault });
            }
        }
    }
    Ok(latest)
}

/// The oldest intact snapshot, for a process that only reads: removes nothing.
pub fn oldest(dir: &Path) -> Result<Option<Snapshot>, FileError> {
    let listing = directory::list(dir, EXTENSION)?;
    let mut numbered = listing.numbered.iter();
    Ok(numbered.find_map(|(seq, path)| read(path, *seq).ok()))
}

fn write_synced(tmp: &Path, snapshot: &Snapshot) -> Result<(), FileError> {
    let mut file = directory::create_file(tmp)?;
    let mut head = [0; HEAD_BYTES];
    head[..8].copy_from_slice(&MAGIC);
    head[8..12].copy_from_slice(&VERSION.to_le_bytes());
    head[16..24].copy_from_slice(&snapshot.seq.to_le_bytes());
    head[24..32].copy_from_slice(&(snapshot.payload.len() as u64).to_le_bytes());
    head[32..].copy_from_slice(&snapshot.state_hash);
    let digest = digest_of(&head, &snapshot.payload);
    file.write_all(&head)
        .and_then(|()| file.write_all(&snapshot.payload))
        .and_then(|()| file.write_all(&digest))
        .and_then(|()| file.sync_all())
        .map_err(FileError::at("write", tmp))
}

fn digest_of(head: &[u8], payload: &[u8]) -> [u8; DIGEST_BYTES] {
    Sha256::new()
        .chain_update(head)
        .chain_update(payload)
        .finalize()
        .into()
}

fn read(path: &Path, seq: u64) -> Result<Snapshot, SnapshotFault> {
    let mut file = File::open(path).map_err(SnapshotFault::Unreadable)?;
    let found = file.metadata().map_err(SnapshotFault::Unreadable)?.len();
    let mut head = [0; HEAD_BYTES];
    match file.read_exact(&mut head) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            let expected = (HEAD_BYTES + DIGEST_BYTES) as u64;
            return Err(SnapshotFault::Length { found, expected });
        }
        outcome => outcome.map_err(SnapshotFault::Unreadable)?,
    }
    let payload_bytes = check_head(&head, found)?;
    let mut payload = vec![0; payload_bytes as usize];
    let mut digest = [0; DIGEST_BYTES];
    file.read_exact(&mut payload)
        .and_then(|()| file.read_exact(&mut digest))
        .map_err(SnapshotFault::Unreadable)?;
    if digest != digest_of(&head, &payload) {
        return Err(SnapshotFault::Digest);
    }
    let found = u64_at(&head, 16);
    if found != seq {
        return Err(SnapshotFault::Seq { found });
    }
    Ok(Snapshot {
        seq,
        state_hash: array_at(&head, 32),
        payload,
    })
}

/// The length of the payload: the rest of the file.
fn check_head(head: &[u8; HEAD_BYTES], found: u64) -> Result<u64, SnapshotFault> {
    if !head.starts_with(&MAGIC) {
        return Err(SnapshotFault::NotASnapshot);
    }
    let version = u32_at(head, 8);
    if version != VERSION {
        return Err(SnapshotFault::Version { found: version });
    }
    let payload = u64_at(head, 24);
    let expected = payload.saturating_add((HEAD_BYTES + DIGEST_BYTES) as u64);
    if found != expected {
        return Err(SnapshotFault::Length { found, expected });
    }
    Ok(payload)
}
