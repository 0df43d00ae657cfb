//! Sequences of segments: rolling over, removing the oldest, and inconsistent sequences.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use switchboard::store::journal::{
    Fault, Journal, JournalOptions, NextSegment, OpenError, ReadError,
};
use tempfile::TempDir;

use crate::support::{
    append_each, assert_refused, batch_of, is_fatal, log_of, open, open_with, options, record,
    records_of, segment, temp_dir,
};

/// Three records to a segment: 1 to 3, 4 to 6, 7 to 9, 10; the fifth segment is the spare.
const LENGTHS: [usize; 10] = [1100; 10];

#[test]
fn a_log_of_many_segments_is_read_in_order() {
    let dir = log_of(&LENGTHS);
    assert!(segment(dir.path(), 5).exists());
    assert!(!segment(dir.path(), 6).exists());
    assert_eq!(open(dir.path()).unwrap().records, records_of(&LENGTHS));
}

#[test]
fn a_missing_segment_is_named() {
    let dir = log_of(&LENGTHS);
    let path = segment(dir.path(), 2);
    fs::remove_file(&path).unwrap();
    assert_refused(dir.path(), &path, &Fault::Missing);
}

#[test]
fn a_missing_last_segment_is_named_if_the_spare_is_left() {
    let dir = log_of(&LENGTHS);
    let path = segment(dir.path(), 4);
    fs::remove_file(&path).unwrap();
    assert_refused(dir.path(), &path, &Fault::Missing);
}

#[test]
fn a_missing_end_is_noticed_by_whoever_remembers_how_far_the_log_went() {
    let dir = log_of(&LENGTHS);
    fs::remove_file(segment(dir.path(), 4)).unwrap();
    fs::remove_file(segment(dir.path(), 5)).unwrap();
    let refused = open_with(dir.path(), &options(), 11).unwrap_err();
    assert!(matches!(
        refused,
        OpenError::Read(ReadError::EndsEarly {
            wanted: 10,
            last: 9,
            ..
        })
    ));
}

#[test]
fn swapped_segments_are_refused() {
    let dir = log_of(&LENGTHS);
    let [second, third] = [2, 3].map(|number| segment(dir.path(), number));
    let aside = dir.path().join("aside");
    fs::rename(&second, &aside).unwrap();
    fs::rename(&third, &second).unwrap();
    fs::rename(&aside, &third).unwrap();
    assert_refused(dir.path(), &second, &Fault::Number { found: 3 });
}

#[test]
fn a_duplicated_segment_is_refused() {
    let dir = log_of(&LENGTHS);
    let copy = segment(dir.path(), 6);
    fs::copy(segment(dir.path(), 3), &copy).unwrap();
    assert_refused(dir.path(), &copy, &Fault::Number { found: 3 });
}

#[test]
fn a_segment_under_a_name_of_its_own_is_refused() {
    let dir = log_of(&LENGTHS);
    let copy = dir.path().join("copy of 3.segment");
    fs::copy(segment(dir.path(), 3), &copy).unwrap();
    assert_refused(dir.path(), &copy, &Fault::Name);
}

#[test]
fn a_sealed_segment_that_lost_its_end_is_refused() {
    let dir = log_of(&LENGTHS);
    let path = segment(dir.path(), 2);
    crate::support::edit(&path, |bytes| bytes.truncate(4090));
    let (found, expected) = (4090, 4096);
    assert_refused(dir.path(), &path, &Fault::Length { found, expected });
}

#[test]
fn a_sealed_segment_that_lost_its_last_batch_is_refused() {
    let dir = log_of(&LENGTHS);
    crate::support::edit(&segment(dir.path(), 2), |bytes| bytes[2900..].fill(0));
    let refused = open(dir.path()).unwrap_err().to_string();
    assert!(
        refused.contains(segment(dir.path(), 2).to_str().unwrap()),
        "{refused}"
    );
}

#[test]
fn only_whole_segments_before_the_record_are_removed() {
    let dir = log_of(&LENGTHS);
    let mut journal = open(dir.path()).unwrap().journal;
    assert_eq!(journal.remove_before(3).unwrap(), 0);
    assert_eq!(journal.remove_before(6).unwrap(), 1);
    assert_eq!(journal.first_seq(), 4);
    assert_eq!(journal.remove_before(99).unwrap(), 2);
    assert_eq!(journal.first_seq(), 10);
    append_each(&mut journal, &[20]);
    drop(journal);
    let opened = open_with(dir.path(), &options(), 10).unwrap();
    assert_eq!(opened.records[0], records_of(&LENGTHS)[9]);
    assert_eq!(opened.recovered.first_seq, 10);
    assert_eq!(opened.recovered.last_seq, 11);
}

#[test]
fn a_segment_that_went_without_a_sync_of_the_directory_is_no_hindrance_to_removing_more() {
    let dir = log_of(&LENGTHS);
    let mut journal = open(dir.path()).unwrap().journal;
    fs::remove_file(segment(dir.path(), 1)).unwrap();
    assert_eq!(journal.remove_before(99).unwrap(), 3);
    assert_eq!(journal.first_seq(), 10);
}

#[test]
fn records_that_were_removed_are_missed_by_whoever_needs_them() {
    let dir = log_of(&LENGTHS);
    open(dir.path()).unwrap().journal.remove_before(5).unwrap();
    let refused = open_with(dir.path(), &options(), 3).unwrap_err();
    assert!(matches!(
        refused,
        OpenError::Read(ReadError::BeginsLate {
            wanted: 3,
            first: 4,
            ..
        })
    ));
    assert!(open_with(dir.path(), &options(), 4).is_ok());
}

#[test]
fn the_last_record_stays_although_its_segment_is_sealed() {
    let dir = log_of(&LENGTHS[..4]);
    // As after a crash that tore the first batch of segment 2.
    fs::remove_file(segment(dir.path(), 3)).unwrap();
    crate::support::edit(&segment(dir.path(), 2), |bytes| bytes[600..].fill(0));
    let mut opened = open(dir.path()).unwrap();
    assert!(opened.recovered.torn.is_some());
    assert_eq!(opened.journal.remove_before(99).unwrap(), 0);
    drop(opened);
    assert_eq!(open(dir.path()).unwrap().recovered.last_seq, 3);
}

#[test]
fn the_size_of_segments_may_change_between_starts() {
    let dir = log_of(&LENGTHS[..2]);
    let large = JournalOptions::new("north", 16384).unwrap();
    let mut journal = open_with(dir.path(), &large, 1).unwrap().journal;
    append_each(&mut journal, &[12_000, 100]);
    drop(journal);
    append_each(&mut open(dir.path()).unwrap().journal, &[3000, 3000]);
    let lengths = [1100, 1100, 12_000, 100, 3000, 3000];
    assert_eq!(open(dir.path()).unwrap().records, records_of(&lengths));
}

#[test]
fn an_empty_log_may_change_the_size_of_its_segments() {
    let dir = log_of(&[]);
    let large = JournalOptions::new("north", 16384).unwrap();
    let mut journal = open_with(dir.path(), &large, 1).unwrap().journal;
    append_each(&mut journal, &[12_000]);
    drop(journal);
    assert_eq!(open(dir.path()).unwrap().records, records_of(&[12_000]));
}

/// An open log in a folder that can be moved.
fn movable() -> (TempDir, PathBuf, Journal) {
    let above = temp_dir();
    let dir = above.path().join("data");
    let mut journal = open(&dir).unwrap().journal;
    append_each(&mut journal, &[1100]);
    while !segment(&dir, 2).exists() {
        thread::sleep(Duration::from_millis(5));
    }
    (above, dir, journal)
}

fn is_hindered(journal: &mut Journal) -> bool {
    matches!(journal.next_segment(), NextSegment::Hindered { .. })
}

/// It can no longer be extended, and accepts nothing more once that is certain.
fn assert_fails(journal: &mut Journal, path: &Path) {
    assert!(is_hindered(journal));
    assert!(is_hindered(journal));
    let refused = journal
        .append(&mut batch_of(&[record(2, 1100)]))
        .unwrap_err();
    assert!(is_fatal(&refused));
    let words = refused.to_string();
    assert!(words.contains(&path.display().to_string()), "{words}");
}

#[test]
fn a_log_whose_directory_or_segment_is_removed_fails() {
    let (_above, dir, mut journal) = movable();
    fs::remove_dir_all(&dir).unwrap();
    assert_fails(&mut journal, &dir);
    let (_above, dir, mut journal) = movable();
    let path = segment(&dir, 1);
    fs::remove_file(&path).unwrap();
    assert_fails(&mut journal, &path);
}

#[test]
fn a_log_that_another_directory_takes_the_place_of_fails() {
    let (above, dir, mut journal) = movable();
    fs::rename(&dir, above.path().join("aside")).unwrap();
    fs::create_dir(&dir).unwrap();
    assert_fails(&mut journal, &dir);
}

#[test]
fn a_log_that_is_back_in_its_place_goes_on() {
    let (above, dir, mut journal) = movable();
    let aside = above.path().join("aside");
    fs::rename(&dir, &aside).unwrap();
    assert!(is_hindered(&mut journal));
    fs::rename(&aside, &dir).unwrap();
    assert_eq!(journal.next_segment(), NextSegment::Possible);
    append_each(&mut journal, &[1100]);
}
