//! Performance; run it by hand on a release build and the disk in question: `cargo test --release
//! --test journal -- --ignored --nocapture measured`.

use std::path::Path;
use std::time::{Duration, Instant};

use switchboard::store::journal::{Journal, JournalOptions, RecordBatch, SEGMENT_BYTES};

const RECORD_BYTES: usize = 200;

#[expect(clippy::disallowed_methods, reason = "a measurement needs a stopwatch")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed())
}

fn journal_in(dir: &Path) -> (Journal, u64) {
    let options = JournalOptions::new("north", SEGMENT_BYTES).unwrap();
    let mut bytes = 0;
    let mut each = |_, record: &[u8]| {
        bytes += record.len() as u64;
        Ok(())
    };
    let (journal, _) = Journal::open(dir, &options, 1, &mut each, &mut |seen| {
        eprintln!("  {seen:?}");
    })
    .unwrap();
    (journal, bytes)
}

#[test]
#[ignore = "a measurement"]
fn so_many_records_are_appended_and_recovered_in_a_second() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = journal_in(dir.path());
    let record = [7; RECORD_BYTES];
    let mut batch = RecordBatch::new();
    for (records, batches) in [(1, 2000), (64, 2000), (512, 1000), (1024, 1000)] {
        let mut commits = Vec::new();
        for _ in 0..batches {
            let commit = timed(|| {
                batch.clear();
                (0..records).for_each(|_| batch.push(&record));
                journal.append(&mut batch).unwrap();
            });
            commits.push(commit.1);
        }
        let sum: Duration = commits.iter().sum();
        commits.sort();
        let rate = f64::from(records * batches) / sum.as_secs_f64();
        let [p50, p99] = [50, 99].map(|percent| commits[commits.len() * percent / 100]);
        eprintln!("batches of {records}: {rate:.0} records/s, commit p50 {p50:?} p99 {p99:?}");
    }
    let last = journal.last_seq();
    drop(journal);
    let ((_, bytes), taken) = timed(|| journal_in(dir.path()));
    assert_eq!(bytes, last * RECORD_BYTES as u64);
    let rate = last as f64 / taken.as_secs_f64();
    eprintln!("recovery: {last} records in {taken:?}, {rate:.0} records/s");
}
