//! Any history, cut off anywhere in its last batch, is restored to what was acknowledged.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use tempfile::TempDir;

use crate::support::{Records, batch_of, copy_of, open};

/// The unit that a disk writes atomically.
const SECTOR_BYTES: usize = 512;

type Batches = Vec<Vec<Vec<u8>>>;

fn batches() -> impl Strategy<Value = Batches> {
    let record = prop::collection::vec(any::<u8>(), 0..400);
    let batch = prop::collection::vec(record, 1..6);
    prop::collection::vec(batch, 1..20)
}

/// Writes the batches; closes and reopens the log before the last one.
///
/// Returns the directory as it was before the last batch and after it.
fn written(batches: &Batches) -> (TempDir, TempDir) {
    let dir = crate::support::temp_dir();
    let (last, before) = batches.split_last().unwrap();
    let mut journal = open(dir.path()).unwrap().journal;
    for batch in before {
        journal.append(&mut batch_of(batch)).unwrap();
    }
    drop(journal);
    let old = copy_of(dir.path());
    open(dir.path())
        .unwrap()
        .journal
        .append(&mut batch_of(last))
        .unwrap();
    (old, dir)
}

/// Keeps only the sectors of the last batch listed in `kept`, as a power cut may.
fn cut_power(old: &Path, new: &Path, kept: &[bool]) {
    let mut kept = kept.iter().cycle();
    for entry in fs::read_dir(new).unwrap() {
        let path = entry.unwrap().path();
        let Ok(mut before) = fs::read(old.join(path.file_name().unwrap())) else {
            // A spare made after the last batch was durable.
            fs::remove_file(&path).unwrap();
            continue;
        };
        let after = fs::read(&path).unwrap();
        let sectors = before
            .chunks_mut(SECTOR_BYTES)
            .zip(after.chunks(SECTOR_BYTES));
        for (before, after) in sectors.filter(|(before, after)| before != after) {
            if *kept.next().unwrap() {
                before.copy_from_slice(after);
            }
        }
        fs::write(path, before).unwrap();
    }
}

fn numbered(batches: &[Vec<Vec<u8>>]) -> Records {
    (1..).zip(batches.concat()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_history_is_read_back(batches in batches()) {
        let (_, dir) = written(&batches);
        prop_assert_eq!(open(dir.path()).unwrap().records, numbered(&batches));
    }

    #[test]
    fn a_power_cut_costs_at_most_the_batch_that_was_not_acknowledged(
        batches in batches(),
        kept in prop::collection::vec(any::<bool>(), 8),
        more in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let (old, dir) = written(&batches);
        cut_power(old.path(), dir.path(), &kept);
        let acknowledged = numbered(&batches[..batches.len() - 1]);
        let all = numbered(&batches);

        let mut opened = open(dir.path()).unwrap();
        prop_assert!(opened.records == acknowledged || opened.records == all);
        let mut expected = opened.records.clone();
        let seq = opened.journal.append(&mut batch_of(std::slice::from_ref(&more))).unwrap();
        expected.push((seq, more));
        drop(opened);
        let opened = open(dir.path()).unwrap();
        prop_assert_eq!(opened.records, expected);
        prop_assert_eq!(opened.recovered.torn, None);
    }

    #[test]
    fn a_byte_changed_anywhere_never_changes_what_is_served(
        batches in batches(),
        file in any::<Index>(),
        at in any::<Index>(),
        value in any::<u8>(),
    ) {
        let (_, dir) = written(&batches);
        let mut files: Vec<_> = fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "segment"))
            .collect();
        files.sort();
        crate::support::edit(&files[file.index(files.len())], |bytes| {
            let at = at.index(bytes.len());
            bytes[at] = value;
        });
        if let Ok(opened) = open(dir.path()) {
            let all = numbered(&batches);
            let without_last = numbered(&batches[..batches.len() - 1]);
            prop_assert!(opened.records == all || opened.records == without_last);
        }
    }
}
