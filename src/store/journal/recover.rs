//! Restores a directory to a log that can be appended to.
//!
//! Every segment is read and checked, including those before the first record wanted; then the end
//! of the last one is judged, and a torn batch there is erased.
//!
//! **Invariant:** nothing is changed before everything has been read and accepted, except
//! unpublished leftovers.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::fs::OpenOptions;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::JournalOptions;
use super::batch::Position;
use super::check::is_blank;
use super::error::{Damage, Fault, OpenError, ReadError};
use super::segment::{EXTENSION, HEADER_BYTES, Image, Pace, Segment};
use super::tail::torn_bytes;
use super::walk::{Each, Progress, Walk, Walked};
use crate::store::directory;
use crate::store::directory::{FileError, Folder};

/// What was found at start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// The oldest record, 1 if there is none.
    pub first_seq: u64,
    /// The newest record, 0 if there is none.
    pub last_seq: u64,
    /// How many records were passed on.
    pub records_served: u64,
    /// The end of the log that was cut off.
    pub torn: Option<Torn>,
    /// Unfinished files of an earlier process that were removed.
    pub leftovers: Vec<PathBuf>,
}

/// The incomplete part after the last valid batch, which ends at `offset`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    pub path: PathBuf,
    pub offset: u64,
    /// Part of a batch that was being written when the process or the machine stopped.
    pub bytes_dropped: u64,
}

/// A segment that accepts no more batches.
#[derive(Debug)]
pub(super) struct Sealed {
    pub(super) path: PathBuf,
    pub(super) last_seq: u64,
}

/// A log that is ready for the next batch.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) active: Segment,
    /// The offset of the next batch in it.
    pub(super) end: usize,
    pub(super) position: Position,
    pub(super) first_seq: u64,
    pub(super) sealed: VecDeque<Sealed>,
    pub(super) spare: Option<Segment>,
}

pub(super) fn recover(
    folder: &Folder,
    options: &JournalOptions,
    from_seq: u64,
    each: Each<'_>,
    report: &mut dyn FnMut(Progress),
) -> Result<(Log, Recovered), OpenError> {
    let dir = folder.path();
    let mut segments = segments_in(dir)?;
    let leftovers = remove_leftovers(dir)?;
    let wanted = from_seq.max(1)..u64::MAX;
    let mut walk = Walk::new(dir, options, wanted, each, report);
    let spare = take_spare(&mut segments, &mut walk)?;
    walk.progress.segments_count = segments.len() as u64;

    let mut sealed = VecDeque::new();
    let last = segments.pop_last();
    for (number, path) in &segments {
        sealed.push_back(sealed_segment(&mut walk, path, *number)?);
    }
    let (active, end, torn) = match last {
        Some((number, path)) => {
            let walked = walk.segment(&path, number)?;
            let torn_bytes = judge(&walk, &walked, spare.is_some())?;
            check_reach(&walk)?;
            repair(&walk, &walked, torn_bytes)?;
            let active = open_fitting(folder, options, &walked)?;
            (active, walked.end, torn_of(&walked, torn_bytes))
        }
        None => {
            check_reach(&walk)?;
            let first = Segment::make(folder, options, 1, Pace::AtOnce).map_err(FileError::from)?;
            (first, HEADER_BYTES, None)
        }
    };
    (walk.report)(walk.progress);
    let position = walk.position.unwrap_or(Position::START);
    let recovered = Recovered {
        first_seq: walk.first_seq.unwrap_or(1),
        last_seq: position.next_seq - 1,
        records_served: walk.records_served,
        torn,
        leftovers,
    };
    let log = Log {
        active,
        end,
        position,
        first_seq: recovered.first_seq,
        sealed,
        spare: spare
            .map(|spare| open_spare(folder, options, &spare))
            .transpose()?
            .flatten(),
    };
    Ok((log, recovered))
}

/// The segments by number, which must be consecutive.
pub(super) fn segments_in(dir: &Path) -> Result<BTreeMap<u64, PathBuf>, ReadError> {
    let listing = directory::list(dir, EXTENSION)?;
    if let Some(path) = listing.strange.first() {
        return Err(found(path, Fault::Name).into());
    }
    let numbers = listing.numbered.keys();
    for (number, next) in numbers.clone().zip(numbers.skip(1)) {
        if number + 1 != *next {
            let path = directory::path_of(dir, number + 1, EXTENSION);
            return Err(found(&path, Fault::Missing).into());
        }
    }
    Ok(listing.numbered)
}

fn found(path: &Path, fault: Fault) -> Damage {
    Damage {
        path: path.to_owned(),
        offset: 0,
        seq: 0,
        fault,
    }
}

fn remove_leftovers(dir: &Path) -> Result<Vec<PathBuf>, FileError> {
    let leftovers = directory::list(dir, EXTENSION)?.leftovers;
    for path in &leftovers {
        fs::remove_file(path).map_err(FileError::at("remove", path))?;
    }
    Ok(leftovers)
}

/// Removes the last segment from the list if it is an empty one after others.
pub(super) fn take_spare(
    segments: &mut BTreeMap<u64, PathBuf>,
    walk: &mut Walk<'_>,
) -> Result<Option<Image>, ReadError> {
    let Some(last) = segments.last_entry().filter(|last| *last.key() > 1) else {
        return Ok(None);
    };
    let image = Image::read(last.get(), *last.key(), walk.options, &mut walk.buffer)?;
    if !is_blank(&walk.buffer[HEADER_BYTES..]) {
        return Ok(None);
    }
    last.remove();
    if segments.is_empty() {
        let before = directory::path_of(walk.dir, image.number - 1, EXTENSION);
        return Err(found(&before, Fault::Missing).into());
    }
    Ok(Some(image))
}

pub(super) fn sealed_segment(
    walk: &mut Walk<'_>,
    path: &Path,
    number: u64,
) -> Result<Sealed, ReadError> {
    let walked = walk.segment(path, number)?;
    walked.sound(walk.position)?;
    let (Some(at), true) = (walk.position, walked.has_batch()) else {
        return Err(walked.damage(walk.position, Fault::NoBatch));
    };
    Ok(Sealed {
        path: walked.image.path,
        last_seq: at.next_seq - 1,
    })
}

/// How many bytes of a torn batch follow the last valid one; anything worse is an error.
pub(super) fn judge(walk: &Walk<'_>, walked: &Walked, has_spare: bool) -> Result<usize, ReadError> {
    if has_spare && !walked.has_batch() {
        walked.sound(walk.position)?;
        return Err(walked.damage(walk.position, Fault::NoBatch));
    }
    torn_bytes(
        &walk.buffer,
        walked.end,
        walked.image.salt,
        walked.fault.clone(),
    )
    .map_err(|fault| walked.damage(walk.position, fault))
}

/// A log that ends before the first wanted record has lost records.
pub(super) fn check_reach(walk: &Walk<'_>) -> Result<(), ReadError> {
    let next_seq = walk.position.unwrap_or(Position::START).next_seq;
    if next_seq < walk.from_seq {
        return Err(ReadError::EndsEarly {
            dir: walk.dir.to_owned(),
            wanted: walk.from_seq - 1,
            last: next_seq - 1,
        });
    }
    Ok(())
}

/// Erases the torn batch and makes the last valid one durable.
fn repair(walk: &Walk<'_>, walked: &Walked, torn_bytes: usize) -> Result<(), FileError> {
    let path = &walked.image.path;
    // Through the cache, which accepts any number of bytes; it is synced below.
    let opened = OpenOptions::new().write(true).open(path);
    let file = opened.map_err(FileError::at("open", path))?;
    let write = |bytes: &[u8], offset: usize| {
        file.write_all_at(bytes, offset as u64)
            .map_err(FileError::at("repair", path))
    };
    // If a sync failed in an earlier process, the kernel may treat these bytes as clean although
    // they never reached the disk. Rewriting them makes them dirty.
    let last: Range<usize> = walked.last_batch.clone();
    write(&walk.buffer[last.clone()], last.start)?;
    write(&vec![0; torn_bytes], walked.end)?;
    file.sync_all().map_err(FileError::at("sync", path))
}

fn torn_of(walked: &Walked, torn_bytes: usize) -> Option<Torn> {
    (torn_bytes > 0).then(|| Torn {
        path: walked.image.path.clone(),
        offset: walked.end as u64,
        bytes_dropped: torn_bytes as u64,
    })
}

/// Opens the segment for writing; an empty one of a different size is recreated.
fn open_fitting(
    folder: &Folder,
    options: &JournalOptions,
    walked: &Walked,
) -> Result<Segment, FileError> {
    if walked.has_batch() || walked.image.bytes == options.segment_bytes {
        return Segment::open(&walked.image);
    }
    folder.remove(&walked.image.path)?;
    Ok(Segment::make(
        folder,
        options,
        walked.image.number,
        Pace::AtOnce,
    )?)
}

/// Opens the spare unless its size differs.
fn open_spare(
    folder: &Folder,
    options: &JournalOptions,
    image: &Image,
) -> Result<Option<Segment>, FileError> {
    if image.bytes == options.segment_bytes {
        return Segment::open(image).map(Some);
    }
    folder.remove(&image.path)?;
    Ok(None)
}
