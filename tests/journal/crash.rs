//! Logs with a torn end: acknowledged records are there, and appending continues.

use std::fs;
use std::path::Path;

use switchboard::store::journal::Fault;

use crate::support::{
    HEADER_BYTES, Records, SEGMENT_BYTES, append_each, assert_refused, batch_bytes, copy_of, edit,
    log_of, open, record, records_of, segment,
};

const LENGTHS: [usize; 4] = [5, 30, 12, 21];

/// The offsets at which the batches end.
fn ends() -> Vec<usize> {
    LENGTHS
        .iter()
        .scan(HEADER_BYTES, |end, length| {
            *end += batch_bytes(*length);
            Some(*end)
        })
        .collect()
}

/// The offsets at which the batches end, ignoring trailing zeros, which a cut cannot harm.
fn data_ends() -> impl Iterator<Item = usize> {
    let padding = |length: usize| length.next_multiple_of(8) - length;
    ends()
        .into_iter()
        .zip(LENGTHS)
        .map(move |(end, length)| end - padding(length))
}

/// Opens the log, appends, opens it again.
fn assert_goes_on(dir: &Path, before: &Records) {
    let mut opened = open(dir).unwrap();
    assert_eq!(opened.records, *before);
    append_each(&mut opened.journal, &[17, 18]);
    drop(opened);
    let mut after = before.clone();
    let next = before.len() as u64 + 1;
    after.extend([(next, record(next, 17)), (next + 1, record(next + 1, 18))]);
    let opened = open(dir).unwrap();
    assert_eq!(opened.records, after);
    assert_eq!(opened.recovered.torn, None);
}

#[test]
fn a_last_segment_that_was_cut_is_refused() {
    let log = log_of(&LENGTHS);
    let end = *ends().last().unwrap();
    for cut in (HEADER_BYTES..=end).chain([SEGMENT_BYTES - 1]) {
        let dir = copy_of(log.path());
        let path = segment(dir.path(), 1);
        edit(&path, |bytes| bytes.truncate(cut));
        assert_refused(dir.path(), &path, &cut_to(cut));
        // It does not help that no spare was prepared.
        fs::remove_file(segment(dir.path(), 2)).unwrap();
        assert_refused(dir.path(), &path, &cut_to(cut));
    }
}

/// No crash shortens a segment: it had its length before its name.
fn cut_to(bytes: usize) -> Fault {
    Fault::Length {
        found: bytes as u64,
        expected: SEGMENT_BYTES as u64,
    }
}

#[test]
fn a_log_whose_end_was_never_written_keeps_every_whole_batch_and_says_what_it_cut() {
    let log = log_of(&LENGTHS);
    let starts = [&[HEADER_BYTES], &ends()[..3]].concat();
    for cut in starts[3]..data_ends().last().unwrap() {
        let dir = copy_of(log.path());
        edit(&segment(dir.path(), 1), |bytes| bytes[cut..].fill(0));
        let copy = copy_of(dir.path());
        let torn = open(copy.path()).unwrap().recovered.torn;
        assert_eq!(torn.is_some(), cut > starts[3]);
        if let Some(torn) = torn {
            assert_eq!(torn.path, segment(copy.path(), 1));
            assert_eq!(torn.offset, starts[3] as u64);
            assert!(torn.bytes_dropped as usize <= cut - starts[3]);
        }
        assert_goes_on(dir.path(), &records_of(&LENGTHS[..3]));
    }
}

#[test]
fn a_torn_batch_whose_beginning_was_not_written_is_cut() {
    let dir = log_of(&LENGTHS);
    edit(&segment(dir.path(), 1), |bytes| {
        bytes[ends()[2]..ends()[3] - 3].fill(0);
    });
    assert_goes_on(dir.path(), &records_of(&LENGTHS[..3]));
}

#[test]
fn a_first_batch_torn_in_a_new_segment_is_cut() {
    let lengths = [1100; 4];
    let dir = log_of(&lengths);
    // The log ends with the first batch of segment 2, and no spare was prepared.
    fs::remove_file(segment(dir.path(), 3)).unwrap();
    edit(&segment(dir.path(), 2), |bytes| {
        bytes[HEADER_BYTES + 700..].fill(0);
    });
    assert_goes_on(dir.path(), &records_of(&lengths[..3]));
}

#[test]
fn the_first_batch_of_a_segment_cannot_be_torn_if_the_next_segment_was_prepared() {
    let dir = log_of(&[1100; 4]);
    let second = segment(dir.path(), 2);
    edit(&second, |bytes| bytes[HEADER_BYTES..].fill(0));
    assert_refused(dir.path(), &second, &Fault::NoBatch);
}

#[test]
fn a_segment_cut_within_its_header_is_refused() {
    let log = log_of(&LENGTHS);
    for cut in [0, 1, 100, HEADER_BYTES - 1] {
        let dir = copy_of(log.path());
        let path = segment(dir.path(), 1);
        edit(&path, |bytes| bytes.truncate(cut));
        let fault = Fault::Length {
            found: cut as u64,
            expected: HEADER_BYTES as u64,
        };
        assert_refused(dir.path(), &path, &fault);
    }
}

#[test]
fn half_made_segments_are_thrown_away() {
    let dir = log_of(&LENGTHS);
    let leftover = dir.path().join(format!("{:020}.segment.tmp", 3));
    fs::write(&leftover, &fs::read(segment(dir.path(), 1)).unwrap()[..300]).unwrap();
    let opened = open(dir.path()).unwrap();
    assert_eq!(opened.records, records_of(&LENGTHS));
    assert_eq!(opened.recovered.leftovers, [leftover.as_path()]);
    assert!(!leftover.exists());
}

#[test]
fn an_empty_segment_that_was_cut_is_refused_since_it_may_have_been_another() {
    let dir = log_of(&LENGTHS);
    let spare = segment(dir.path(), 2);
    edit(&spare, |bytes| bytes.truncate(1000));
    assert_refused(dir.path(), &spare, &cut_to(1000));
}
