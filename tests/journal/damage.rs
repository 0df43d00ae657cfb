//! Rot and mix-ups: refused by name, or only the last batch is cut; never served.

use std::path::Path;
use std::thread;

use switchboard::store::journal;
use switchboard::store::journal::{Fault, JournalOptions, OpenError, ReadError};
use tempfile::TempDir;

use crate::support::{
    HEADER_BYTES, SEGMENT_BYTES, append_each, assert_read_alike, assert_refused, batch_bytes,
    copy_into, damage_of, edit, log_of, open, open_with, read_all, records_of, segment, temp_dir,
};

/// Opens the log, and reads it as another process would, once for every bit of `range` in segment
/// `number` with that bit flipped.
///
/// Passes the result to `judge`: the number of records served, all of them correct.
fn flip_every_bit(
    log: &Path,
    number: u64,
    range: std::ops::Range<usize>,
    lengths: &[usize],
    mut judge: impl FnMut(usize, Result<usize, OpenError>),
) {
    let dir: TempDir = temp_dir();
    let path = segment(dir.path(), number);
    for bit in range.start * 8..range.end * 8 {
        copy_into(log, dir.path());
        edit(&path, |bytes| bytes[bit / 8] ^= 1 << (bit % 8));
        let read = read_all(dir.path());
        let outcome = open(dir.path()).map(|opened| {
            let served = opened.records.len();
            assert_eq!(opened.records, records_of(&lengths[..served]), "bit {bit}");
            served
        });
        assert_read_alike(read, outcome.as_ref().copied());
        judge(bit / 8, outcome);
    }
}

#[test]
fn any_bit_flipped_in_the_last_segment_is_refused_or_costs_the_last_batch_alone() {
    let lengths = [5, 30, 12];
    let log = log_of(&lengths);
    let last = HEADER_BYTES + batch_bytes(5) + batch_bytes(30);
    let end = last + batch_bytes(12);
    flip_every_bit(log.path(), 1, 0..end + 64, &lengths, |byte, outcome| {
        match outcome {
            // Beyond the end, no part of the log is affected.
            Ok(served) if byte >= end => assert_eq!(served, 3),
            Ok(served) => assert!(byte >= last && served == 2, "byte {byte}"),
            Err(error) => {
                assert!(byte < last, "byte {byte}: {error}");
                assert_eq!(
                    damage_of(error).path.file_name(),
                    segment(Path::new(""), 1).file_name()
                );
            }
        }
    });
}

#[test]
fn after_a_seal_any_bit_flipped_in_a_record_is_refused() {
    let lengths = [5, 30];
    let log = log_of(&lengths);
    open(log.path()).unwrap().journal.seal().unwrap();
    let end = HEADER_BYTES + batch_bytes(5) + batch_bytes(30);
    flip_every_bit(
        log.path(),
        1,
        HEADER_BYTES..end,
        &lengths,
        |byte, outcome| {
            assert!(outcome.is_err(), "byte {byte}");
        },
    );
}

#[test]
fn any_bit_flipped_in_a_sealed_segment_is_refused() {
    let lengths = [40, 3300, 500];
    let log = log_of(&lengths);
    let first = HEADER_BYTES..HEADER_BYTES + batch_bytes(40) + 80;
    flip_every_bit(log.path(), 1, first, &lengths, |byte, outcome| {
        assert!(outcome.is_err(), "byte {byte}");
    });
}

#[test]
fn any_bit_flipped_in_the_header_of_the_spare_is_refused_and_behind_it_is_harmless() {
    let lengths = [5, 30];
    let log = log_of(&lengths);
    flip_every_bit(
        log.path(),
        2,
        0..HEADER_BYTES + 64,
        &lengths,
        |byte, outcome| match outcome {
            Ok(served) => assert!(byte >= HEADER_BYTES && served == 2, "byte {byte}"),
            Err(_) => assert!(byte < HEADER_BYTES, "byte {byte}"),
        },
    );
}

#[test]
fn four_zeroed_kibibytes_in_the_middle_are_refused() {
    let dir = temp_dir();
    let options = JournalOptions::new("north", 64 << 10).unwrap();
    let mut journal = open_with(dir.path(), &options, 1).unwrap().journal;
    append_each(&mut journal, &[300; 80]);
    drop(journal);
    let path = segment(dir.path(), 1);
    edit(&path, |bytes| bytes[8192..12288].fill(0));
    let damage = damage_of(open_with(dir.path(), &options, 1).unwrap_err());
    assert_eq!(damage.path, path);
    assert!((7800..8192).contains(&damage.offset), "{damage}");
    assert!(matches!(damage.fault, Fault::Followed { .. }), "{damage}");
}

#[test]
fn a_zeroed_batch_before_a_good_one_is_refused() {
    let dir = log_of(&[30, 30, 30]);
    let path = segment(dir.path(), 1);
    let second = HEADER_BYTES + batch_bytes(30);
    let third = second + batch_bytes(30);
    edit(&path, |bytes| bytes[second..third].fill(0));
    let later_offset = third as u64;
    assert_refused(dir.path(), &path, &Fault::Followed { later_offset });
}

#[test]
fn a_segment_overwritten_with_zeros_is_refused() {
    let dir = log_of(&[30, 30]);
    let path = segment(dir.path(), 1);
    edit(&path, |bytes| bytes.fill(0));
    assert_refused(dir.path(), &path, &Fault::NotASegment);
}

#[test]
fn bytes_further_behind_the_last_batch_than_one_batch_reaches_are_refused() {
    let dir = log_of(&[30, 30]);
    let path = segment(dir.path(), 1);
    let last = HEADER_BYTES + batch_bytes(30);
    edit(&path, |bytes| {
        bytes[last + 70] ^= 1;
        bytes[3000] = 1;
    });
    assert_refused(dir.path(), &path, &Fault::Followed { later_offset: 3000 });
}

#[test]
fn a_batch_that_was_moved_is_refused() {
    let log = log_of(&[30, 30, 30]);
    let path = segment(log.path(), 1);
    let size = batch_bytes(30);
    edit(&path, |bytes| {
        bytes.copy_within(
            HEADER_BYTES + 2 * size..HEADER_BYTES + 3 * size,
            HEADER_BYTES + size,
        );
        bytes[HEADER_BYTES + 2 * size..].fill(0);
    });
    assert_refused(log.path(), &path, &Fault::Sequence { found: 3 });
}

#[test]
fn a_batch_of_another_history_breaks_the_chain() {
    let (ours, theirs) = (log_of(&[3300, 500]), log_of(&[3000, 500]));
    let path = segment(ours.path(), 2);
    std::fs::copy(segment(theirs.path(), 2), &path).unwrap();
    assert_refused(ours.path(), &path, &Fault::Chain);
}

#[test]
fn bytes_of_a_recycled_segment_never_count_as_records() {
    let lengths = [300, 300];
    let dir = log_of(&lengths);
    let stale = log_of(&[300, 300, 300]);
    let old = std::fs::read(segment(stale.path(), 1)).unwrap();
    let end = HEADER_BYTES + 2 * batch_bytes(300);
    let path = segment(dir.path(), 1);
    edit(&path, |bytes| bytes[end..].copy_from_slice(&old[end..]));
    let opened = open(dir.path()).unwrap();
    assert_eq!(opened.records, records_of(&lengths));
    // The stale batch ends with zeros, which cannot be distinguished from unwritten ones.
    assert_eq!(opened.recovered.torn.unwrap().bytes_dropped, 364);
}

#[test]
fn another_site_is_refused() {
    let dir = log_of(&[30]);
    let south = JournalOptions::new("south", SEGMENT_BYTES).unwrap();
    let damage = damage_of(open_with(dir.path(), &south, 1).unwrap_err());
    let found = "north".to_owned();
    assert_eq!(damage.fault, Fault::Site { found });
}

#[test]
fn another_version_is_refused() {
    let dir = log_of(&[30]);
    let path = segment(dir.path(), 1);
    for found in [1, 3] {
        edit(&path, |bytes| bytes[8] = found);
        let fault = Fault::Version {
            found: found.into(),
            expected: 2,
        };
        assert_refused(dir.path(), &path, &fault);
    }
}

#[test]
fn a_reader_refuses_what_a_start_would_refuse() {
    let dir = log_of(&[300; 30]);
    edit(&segment(dir.path(), 2), |bytes| bytes[1500] ^= 4);
    let mut served = 0;
    let refused = journal::read(
        dir.path(),
        &crate::support::options(),
        1,
        30,
        &mut |_, _| {
            served += 1;
            Ok(())
        },
    );
    let Err(ReadError::Damaged(damage)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(damage.path, segment(dir.path(), 2));
    assert_eq!(damage.seq, served + 1);
}

#[test]
fn what_is_being_written_is_no_damage_to_a_reader_beside() {
    let dir = temp_dir();
    let options = JournalOptions::new("north", 256 << 10).unwrap();
    let mut journal = open_with(dir.path(), &options, 1).unwrap().journal;
    let writer = thread::spawn(move || append_each(&mut journal, &[9_000, 40, 300].repeat(1_000)));
    let mut seen = 0;
    while !writer.is_finished() {
        let read = read_all(dir.path()).unwrap();
        assert!(read >= seen, "{read} after {seen}");
        seen = read;
    }
    writer.join().unwrap();
    assert_eq!(read_all(dir.path()).unwrap(), 3_000);
}
