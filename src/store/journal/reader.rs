//! Reads a part of the log while another thread appends to it, or all of it while another process
//! does.
//!
//! The same checks apply as at start. The caller asks only for durable records and does not let
//! them be removed meanwhile; a segment that vanishes is an error.
//!
//! **Invariant:** nothing here writes, locks or reads beyond the last requested record, where a
//! batch may be half written.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::batch::{HEAD_BYTES, Head};
use super::error::ReadError;
use super::recover::{check_reach, judge, sealed_segment, segments_in, take_spare};
use super::segment::{EXTENSION, HEADER_BYTES, Image};
use super::walk::{Each, Walk};
use super::{JournalOptions, SEGMENT_BYTES, segment};
use crate::store::directory;
use crate::store::directory::FileError;

/// Passes the records from `from_seq` to `upto_seq`, inclusive, to `each` in order.
///
/// `upto_seq` must be durable: at most what [`append`](super::Journal::append) has returned.
pub fn read(
    dir: &Path,
    options: &JournalOptions,
    from_seq: u64,
    upto_seq: u64,
    each: Each<'_>,
) -> Result<(), ReadError> {
    let from_seq = from_seq.max(1);
    if upto_seq < from_seq {
        return Ok(());
    }
    let segments = directory::list(dir, EXTENSION)?.numbered;
    let mut report = |_| {};
    let wanted = from_seq..upto_seq.saturating_add(1);
    let mut walk = Walk::new(dir, options, wanted, each, &mut report);
    for (number, path) in segments.range(start(&segments, options, from_seq)?..) {
        let walked = walk.segment(path, *number)?;
        if walk.is_done() {
            return Ok(());
        }
        walked.sound(walk.position)?;
    }
    Err(ReadError::EndsEarly {
        dir: dir.to_owned(),
        wanted: upto_seq,
        last: walk.position.map_or(0, |at| at.next_seq - 1),
    })
}

/// The number of segments, including the current one and the spare.
pub fn count_segments(dir: &Path) -> Result<usize, FileError> {
    Ok(directory::list(dir, EXTENSION)?.numbered.len())
}

/// The site of the log in `dir`, and the number of its oldest record, 1 if there is none.
pub fn identify(dir: &Path) -> Result<(String, u64), ReadError> {
    let segments = directory::list(dir, EXTENSION)?.numbered;
    let Some((number, path)) = segments.first_key_value() else {
        return Err(ReadError::NoJournal {
            dir: dir.to_owned(),
        });
    };
    let site = segment::site_of(path, *number)?;
    let options = JournalOptions {
        site: site.clone(),
        segment_bytes: SEGMENT_BYTES,
    };
    let first = first_seq(path, *number, &options)?;
    Ok((site, first.unwrap_or(1)))
}

/// Passes everything from `from_seq` on to `each`, up to the last complete batch.
///
/// Another process may be appending: an incomplete batch at the end is ignored. Whatever recovery
/// would treat as damage is refused here as well.
pub fn read_all(dir: &Path, site: &str, from_seq: u64, each: Each<'_>) -> Result<(), ReadError> {
    let options = JournalOptions {
        site: site.to_owned(),
        segment_bytes: SEGMENT_BYTES,
    };
    let from_seq = from_seq.max(1);
    // Old ones may be removed while the folder is listed; rarely twice.
    let mut segments = segments_in(dir).or_else(|_| segments_in(dir))?;
    let mut segments = segments.split_off(&start(&segments, &options, from_seq)?);
    let mut report = |_| {};
    let mut walk = Walk::new(dir, &options, from_seq..u64::MAX, each, &mut report);
    let has_spare = take_spare(&mut segments, &mut walk)?.is_some();
    let last = segments.pop_last();
    for (number, path) in &segments {
        sealed_segment(&mut walk, path, *number)?;
    }
    if let Some((number, path)) = last {
        last_segment(&mut walk, &path, number, has_spare)?;
    }
    check_reach(&walk)
}

/// Reads the segment that another process may be writing to.
///
/// Its bytes are not read at a single instant: a batch may have been written before the place being
/// read, and the next one after it. When read again the first one is complete, because it was
/// durable before the next was written; a fault found again is damage.
fn last_segment(
    walk: &mut Walk<'_>,
    path: &Path,
    number: u64,
    has_spare: bool,
) -> Result<(), ReadError> {
    let mut walked = walk.segment(path, number)?;
    while judge(walk, &walked, has_spare).is_err() {
        let ended = walked.end;
        walked = walk.go_on(&walked)?;
        if walked.end == ended {
            return judge(walk, &walked, has_spare).map(drop);
        }
    }
    Ok(())
}

/// The segment that contains `from_seq`, or the first one if that begins too late.
fn start(
    segments: &BTreeMap<u64, PathBuf>,
    options: &JournalOptions,
    from_seq: u64,
) -> Result<u64, ReadError> {
    for (number, path) in segments.iter().rev() {
        let first = first_seq(path, *number, options)?;
        if first.is_some_and(|first| first <= from_seq) {
            return Ok(*number);
        }
    }
    Ok(0)
}

fn first_seq(path: &Path, number: u64, options: &JournalOptions) -> Result<Option<u64>, ReadError> {
    let file = File::open(path).map_err(FileError::at("open", path))?;
    let image = Image::peek(&file, path, number, options)?;
    let mut bytes = [0; HEAD_BYTES];
    file.read_exact_at(&mut bytes, HEADER_BYTES as u64)
        .map_err(FileError::at("read", path))?;
    Ok(Head::read(&bytes, image.salt).map(|head| head.first_seq))
}
