//! Writing and reading back without faults.

use std::io::Write;

use switchboard::store::journal;
use switchboard::store::journal::{
    AppendError, JournalOptions, OptionsError, ReadError, RecordBatch,
};

use crate::support::{
    Records, SEGMENT_BYTES, append_each, batch_of, is_fatal, log_of, open, open_with, options,
    record, records_of, temp_dir,
};

#[test]
fn a_new_log_is_empty_and_its_first_record_is_number_one() {
    let dir = temp_dir();
    let mut opened = open(&dir.path().join("deep/inside")).unwrap();
    assert_eq!(opened.journal.last_seq(), 0);
    assert_eq!(opened.recovered.last_seq, 0);
    assert_eq!(opened.journal.append(&mut batch_of(&[vec![7]])).unwrap(), 1);
}

#[test]
fn what_was_appended_is_there_after_reopening() {
    let lengths = [0, 1, 7, 8, 9, 200];
    let dir = log_of(&lengths);
    let opened = open(dir.path()).unwrap();
    assert_eq!(opened.records, records_of(&lengths));
    assert_eq!(opened.recovered.records_served, 6);
    assert_eq!(opened.recovered.torn, None);
}

#[test]
fn a_batch_of_many_records_keeps_their_order() {
    let dir = temp_dir();
    let records: Vec<_> = (1..=100).map(|seq| record(seq, 20)).collect();
    let last = open(dir.path())
        .unwrap()
        .journal
        .append(&mut batch_of(&records));
    assert_eq!(last.unwrap(), 100);
    let expected: Records = (1..).zip(records).collect();
    assert_eq!(open(dir.path()).unwrap().records, expected);
}

#[test]
fn a_record_can_be_encoded_straight_into_the_batch() {
    let mut batch = RecordBatch::new();
    batch
        .push_with(|out| out.write_all(b"half").and_then(|()| out.write_all(b"half")))
        .unwrap();
    let before = batch.bytes();
    let failed = batch.push_with(|out| {
        out.write_all(b"lost").unwrap();
        Err("does not encode")
    });
    assert_eq!(failed, Err("does not encode"));
    assert_eq!((batch.len(), batch.bytes()), (1, before));

    let dir = temp_dir();
    open(dir.path())
        .unwrap()
        .journal
        .append(&mut batch)
        .unwrap();
    assert_eq!(
        open(dir.path()).unwrap().records,
        [(1, b"halfhalf".to_vec())]
    );
}

#[test]
fn an_empty_batch_writes_nothing() {
    let dir = log_of(&[10]);
    let mut opened = open(dir.path()).unwrap();
    let mut batch = RecordBatch::new();
    assert!(batch.is_empty());
    assert_eq!(opened.journal.append(&mut batch).unwrap(), 1);
}

#[test]
fn a_cleared_batch_is_used_again() {
    let dir = temp_dir();
    let mut opened = open(dir.path()).unwrap();
    let mut batch = batch_of(&[record(1, 30)]);
    opened.journal.append(&mut batch).unwrap();
    batch.clear();
    batch.push(&record(2, 40));
    opened.journal.append(&mut batch).unwrap();
    drop(opened);
    assert_eq!(open(dir.path()).unwrap().records, records_of(&[30, 40]));
}

#[test]
fn only_records_from_the_one_asked_for_are_served() {
    let dir = log_of(&[10; 5]);
    let opened = open_with(dir.path(), &options(), 4).unwrap();
    assert_eq!(opened.records, records_of(&[10; 5])[3..]);
    assert_eq!(opened.recovered.last_seq, 5);
}

#[test]
fn a_batch_over_the_bound_is_refused_and_the_journal_goes_on() {
    let dir = temp_dir();
    let mut journal = open(dir.path()).unwrap().journal;
    let refused = journal.append(&mut batch_of(&[record(1, SEGMENT_BYTES)]));
    let Err(error @ AppendError::TooLarge { .. }) = refused else {
        panic!("{refused:?}");
    };
    assert!(!is_fatal(&error));
    append_each(&mut journal, &[10]);
    drop(journal);
    assert_eq!(open(dir.path()).unwrap().records, records_of(&[10]));
}

#[test]
fn the_largest_batch_fills_a_segment_to_the_last_byte() {
    let dir = temp_dir();
    let mut journal = open(dir.path()).unwrap().journal;
    let largest = journal.batch_bytes_max() - RecordBatch::new().bytes() - 8;
    append_each(&mut journal, &[largest, 10, largest]);
    drop(journal);
    let opened = open(dir.path()).unwrap();
    assert_eq!(opened.records, records_of(&[largest, 10, largest]));
}

#[test]
fn a_record_that_is_not_understood_stops_the_start_and_is_named() {
    let dir = log_of(&[10; 3]);
    let mut each = |seq, _: &[u8]| match seq {
        2 => Err("unknown kind".to_owned()),
        _ => Ok(()),
    };
    let refused = journal::Journal::open(dir.path(), &options(), 1, &mut each, &mut |_| {});
    assert_eq!(
        refused.unwrap_err().to_string(),
        "record 2 cannot be applied: unknown kind"
    );
}

#[test]
fn a_reader_sees_durable_records_while_appends_go_on() {
    let dir = temp_dir();
    let mut journal = open(dir.path()).unwrap().journal;
    let lengths = [900; 12];
    for upto in 1..=lengths.len() {
        append_each(&mut journal, &[900]);
        let mut seen = Vec::new();
        let mut each = |seq, record: &[u8]| {
            seen.push((seq, record.to_vec()));
            Ok(())
        };
        journal::read(dir.path(), &options(), 3, upto as u64, &mut each).unwrap();
        assert_eq!(
            seen,
            records_of(&lengths)
                .get(2..upto)
                .unwrap_or_default()
                .to_vec()
        );
    }
}

#[test]
fn a_reader_does_not_pretend_to_have_seen_what_is_not_there() {
    let dir = log_of(&[10; 3]);
    let short = journal::read(dir.path(), &options(), 1, 4, &mut |_, _| Ok(()));
    assert!(matches!(
        short,
        Err(ReadError::EndsEarly {
            wanted: 4,
            last: 3,
            ..
        })
    ));
}

#[test]
fn progress_counts_segments_and_records() {
    let dir = log_of(&[900; 12]);
    let mut last = None;
    journal::Journal::open(dir.path(), &options(), 1, &mut |_, _| Ok(()), &mut |seen| {
        last = Some(seen);
    })
    .unwrap();
    let last = last.unwrap();
    assert_eq!(last.records_read, 12);
    assert_eq!(last.segments_done, last.segments_count);
}

#[test]
fn options_out_of_bounds_are_refused() {
    let refused = |site: &str, bytes| JournalOptions::new(site, bytes).unwrap_err();
    assert_eq!(refused("", SEGMENT_BYTES), OptionsError::Site(0));
    assert_eq!(
        refused(&"x".repeat(65), SEGMENT_BYTES),
        OptionsError::Site(65)
    );
    assert_eq!(refused("north", 4095), OptionsError::Segment(4095));
}
