//! Snapshot files: atomic, with the previous one as a fallback.

use std::fs;
use std::path::{Path, PathBuf};

use switchboard::store::snapshot;
use switchboard::store::snapshot::{Snapshot, SnapshotFault};

use crate::support::{edit, temp_dir};

fn snapshot_after(seq: u64) -> Snapshot {
    Snapshot {
        seq,
        state_hash: [seq as u8; 32],
        payload: vec![seq as u8; 100],
    }
}

fn path_of(dir: &Path, seq: u64) -> PathBuf {
    dir.join(format!("{seq:020}.snapshot"))
}

fn names(dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
}

#[test]
fn without_snapshots_there_is_nothing_to_build_on() {
    let dir = temp_dir();
    let latest = snapshot::latest(dir.path()).unwrap();
    assert!(latest.snapshot.is_none() && latest.unusable.is_empty());
}

#[test]
fn the_newest_of_two_is_used_and_older_ones_are_removed() {
    let dir = temp_dir();
    for seq in [3, 20, 100] {
        let path = snapshot::write(dir.path(), &snapshot_after(seq), None).unwrap();
        assert_eq!(path, path_of(dir.path(), seq));
    }
    let kept = [20, 100].map(|seq| path_of(dir.path(), seq));
    assert_eq!(names(dir.path()), kept);
    let latest = snapshot::latest(dir.path()).unwrap();
    assert_eq!(latest.snapshot, Some(snapshot_after(100)));
    assert!(latest.unusable.is_empty());
}

#[test]
fn an_empty_payload_is_a_payload() {
    let dir = temp_dir();
    let empty = Snapshot {
        payload: Vec::new(),
        ..snapshot_after(1)
    };
    snapshot::write(dir.path(), &empty, None).unwrap();
    assert_eq!(snapshot::latest(dir.path()).unwrap().snapshot, Some(empty));
}

#[test]
fn any_bit_flipped_in_the_newest_makes_the_one_before_be_used() {
    let dir = temp_dir();
    snapshot::write(dir.path(), &snapshot_after(1), None).unwrap();
    let path = snapshot::write(dir.path(), &snapshot_after(2), None).unwrap();
    let bytes = fs::metadata(&path).unwrap().len() as usize;
    for bit in 0..bytes * 8 {
        let flip = |bytes: &mut Vec<u8>| bytes[bit / 8] ^= 1 << (bit % 8);
        edit(&path, flip);
        let latest = snapshot::latest(dir.path()).unwrap();
        assert_eq!(latest.snapshot, Some(snapshot_after(1)), "bit {bit}");
        assert_eq!(latest.unusable[0].path, path);
        edit(&path, flip);
    }
}

#[test]
fn a_snapshot_cut_at_any_byte_makes_the_one_before_be_used() {
    let dir = temp_dir();
    snapshot::write(dir.path(), &snapshot_after(1), None).unwrap();
    let path = snapshot::write(dir.path(), &snapshot_after(2), None).unwrap();
    let whole = fs::read(&path).unwrap();
    for cut in 0..whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let latest = snapshot::latest(dir.path()).unwrap();
        assert_eq!(latest.snapshot, Some(snapshot_after(1)), "cut at {cut}");
        let said = latest.unusable[0].to_string();
        assert!(
            said.contains(path.to_str().unwrap()) && said.contains("bytes"),
            "{said}"
        );
    }
}

#[test]
fn a_snapshot_under_another_name_is_not_used() {
    let dir = temp_dir();
    let path = snapshot::write(dir.path(), &snapshot_after(1), None).unwrap();
    fs::rename(&path, path_of(dir.path(), 7)).unwrap();
    fs::write(dir.path().join("best.snapshot"), b"").unwrap();
    let latest = snapshot::latest(dir.path()).unwrap();
    assert_eq!(latest.snapshot, None);
    let faults: Vec<_> = latest.unusable.iter().map(|bad| &bad.fault).collect();
    assert!(matches!(
        faults[..],
        [SnapshotFault::Name, SnapshotFault::Seq { found: 1 }]
    ));
}

#[test]
fn a_damaged_snapshot_goes_when_two_newer_ones_exist() {
    let dir = temp_dir();
    let damaged = snapshot::write(dir.path(), &snapshot_after(1), None).unwrap();
    edit(&damaged, |bytes| bytes[90] ^= 1);
    snapshot::write(dir.path(), &snapshot_after(2), None).unwrap();
    assert!(damaged.exists());
    snapshot::write(dir.path(), &snapshot_after(3), None).unwrap();
    assert!(!damaged.exists());
}

#[test]
fn an_older_one_that_is_of_use_stays_rather_than_newer_ones_that_are_not() {
    let dir = temp_dir();
    for seq in [1, 2, 3] {
        snapshot::write(dir.path(), &snapshot_after(seq), Some(1)).unwrap();
    }
    let kept = [1, 3].map(|seq| path_of(dir.path(), seq));
    assert_eq!(names(dir.path()), kept);
}

#[test]
fn a_half_written_snapshot_is_thrown_away() {
    let dir = temp_dir();
    snapshot::write(dir.path(), &snapshot_after(1), None).unwrap();
    let leftover = dir.path().join(format!("{:020}.snapshot.tmp", 2));
    fs::write(&leftover, b"SWBSNAPS").unwrap();
    let latest = snapshot::latest(dir.path()).unwrap();
    assert_eq!(latest.snapshot, Some(snapshot_after(1)));
    assert!(!leftover.exists());
}
