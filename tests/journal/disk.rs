//! Disks that are full, read-only or unreadable.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use switchboard::store::journal::{AppendError, Journal, JournalOptions, NextSegment, OpenError};
use switchboard::store::snapshot;
use switchboard::store::snapshot::Snapshot;
use tempfile::TempDir;

use crate::support::{
    append_each, batch_of, is_fatal, log_of, open, open_with, record, records_of, segment,
};

const DISK_BYTES: usize = 1 << 20;
const SEGMENT_BYTES: usize = 128 << 10;
/// Ten of these fill a segment.
const LENGTH: usize = 12_000;

/// A small file system of its own; mounting it needs privileges.
struct Disk {
    dir: TempDir,
}

impl Disk {
    fn mount() -> Option<Self> {
        let disk = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        let size = format!("size={DISK_BYTES}");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(disk.dir.path())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(disk);
        }
        eprintln!("skipped: a tmpfs cannot be mounted here");
        None
    }

    fn journal_dir(&self) -> std::path::PathBuf {
        self.dir.path().join("journal")
    }

    /// Leaves no more than `bytes` free.
    fn fill_up_to(&self, bytes: usize) {
        let free = rustix::fs::statvfs(self.dir.path()).unwrap();
        let free = (free.f_bavail * free.f_frsize) as usize;
        fs::write(self.ballast(), vec![1; free - bytes]).unwrap();
    }

    fn ballast(&self) -> std::path::PathBuf {
        self.dir.path().join("ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount")
            .arg("-l")
            .arg(self.dir.path())
            .status();
    }
}

fn options() -> JournalOptions {
    JournalOptions::new("north", SEGMENT_BYTES).unwrap()
}

fn wait_for(journal: &mut Journal, awaited: impl Fn(&NextSegment) -> bool) -> NextSegment {
    for _ in 0..1000 {
        let next = journal.next_segment();
        if awaited(&next) {
            return next;
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("it stays so: {:?}", journal.next_segment());
}

fn is_hindered(next: &NextSegment) -> bool {
    matches!(next, NextSegment::Hindered { .. })
}

/// A log in its second segment on a full disk, with three records in that segment.
fn low_on_space(disk: &Disk) -> Journal {
    let mut journal = open_with(&disk.journal_dir(), &options(), 1)
        .unwrap()
        .journal;
    append_each(&mut journal, &[LENGTH; 10]);
    assert_eq!(
        wait_for(&mut journal, |next| !is_hindered(next)),
        NextSegment::Possible
    );
    while !segment(&disk.journal_dir(), 2).exists() {
        thread::sleep(Duration::from_millis(1));
    }
    disk.fill_up_to(SEGMENT_BYTES / 2);
    append_each(&mut journal, &[LENGTH; 3]);
    let NextSegment::Hindered { reason, hindrance } = wait_for(&mut journal, is_hindered) else {
        unreachable!("it was awaited to be so");
    };
    assert!(reason.contains("No space left"), "{reason}");
    assert!(hindrance.is_of_space());
    journal
}

#[test]
fn a_full_disk_shows_while_there_is_room_for_a_segment_and_recovers_by_itself() {
    let Some(disk) = Disk::mount() else { return };
    let mut journal = low_on_space(&disk);
    append_each(&mut journal, &[LENGTH; 7]);
    assert!(is_hindered(&journal.next_segment()));

    let mut more = batch_of(&[record(21, LENGTH)]);
    let refused = journal.append(&mut more).unwrap_err();
    assert!(matches!(refused, AppendError::NoSegment { .. }) && !is_fatal(&refused));
    assert_eq!(journal.last_seq(), 20);

    fs::remove_file(disk.ballast()).unwrap();
    wait_for(&mut journal, |next| *next == NextSegment::Possible);
    assert_eq!(journal.append(&mut more).unwrap(), 21);
    drop(journal);
    let opened = open_with(&disk.journal_dir(), &options(), 1).unwrap();
    assert_eq!(opened.records, records_of(&[LENGTH; 21]));
}

#[test]
fn appending_goes_on_with_returned_space_even_if_nobody_asks_for_it() {
    let Some(disk) = Disk::mount() else { return };
    let mut journal = low_on_space(&disk);
    append_each(&mut journal, &[LENGTH; 7]);
    fs::remove_file(disk.ballast()).unwrap();
    append_each(&mut journal, &[LENGTH; 4]);
    assert_eq!(journal.last_seq(), 24);
}

#[test]
fn removing_old_segments_makes_space() {
    let Some(disk) = Disk::mount() else { return };
    let mut journal = low_on_space(&disk);
    assert_eq!(journal.remove_before(11).unwrap(), 1);
    wait_for(&mut journal, |next| *next == NextSegment::Possible);
    append_each(&mut journal, &[LENGTH; 12]);
}

#[test]
fn a_log_on_a_full_disk_opens_and_says_that_space_is_low() {
    let Some(disk) = Disk::mount() else { return };
    drop(low_on_space(&disk));
    let mut opened = open_with(&disk.journal_dir(), &options(), 1).unwrap();
    assert_eq!(opened.records.len(), 13);
    wait_for(&mut opened.journal, is_hindered);
    append_each(&mut opened.journal, &[LENGTH; 2]);
}

#[test]
fn a_log_cannot_begin_on_a_full_disk_and_leaves_nothing_behind_but_its_lock() {
    let Some(disk) = Disk::mount() else { return };
    disk.fill_up_to(SEGMENT_BYTES / 2);
    let refused = open_with(&disk.journal_dir(), &options(), 1).unwrap_err();
    assert!(matches!(refused, OpenError::File(_)));
    let left = fs::read_dir(disk.journal_dir()).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["lock"]);
}

#[test]
fn a_snapshot_that_does_not_fit_leaves_the_older_one_and_no_litter() {
    let Some(disk) = Disk::mount() else { return };
    let snapshot = |seq, bytes| Snapshot {
        seq,
        state_hash: [1; 32],
        payload: vec![1; bytes],
    };
    snapshot::write(disk.dir.path(), &snapshot(5, 1000), None).unwrap();
    let refused = snapshot::write(disk.dir.path(), &snapshot(6, 2 * DISK_BYTES), None).unwrap_err();
    assert_eq!(refused.source.kind(), io::ErrorKind::StorageFull);
    assert_eq!(fs::read_dir(disk.dir.path()).unwrap().count(), 1);
    let latest = snapshot::latest(disk.dir.path()).unwrap();
    assert_eq!(latest.snapshot, Some(snapshot(5, 1000)));
}

#[test]
fn a_log_on_a_read_only_disk_is_refused() {
    let Some(disk) = Disk::mount() else { return };
    drop(open_with(&disk.journal_dir(), &options(), 1).unwrap());
    let remounted = Command::new("mount")
        .args(["-o", "remount,ro"])
        .arg(disk.dir.path())
        .status();
    assert!(remounted.unwrap().success());
    let refused = open_with(&disk.journal_dir(), &options(), 1).unwrap_err();
    assert!(
        refused.to_string().contains("Read-only file system"),
        "{refused}"
    );
}

#[test]
fn a_segment_that_cannot_be_read_is_refused_by_name() {
    let dir = log_of(&[1100; 10]);
    let path = segment(dir.path(), 2);
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_names(dir.path(), &path, "Is a directory");
}

#[test]
fn a_segment_that_gives_read_errors_is_refused_by_name() {
    let dir = log_of(&[1100; 10]);
    let path = segment(dir.path(), 2);
    fs::remove_file(&path).unwrap();
    // The start of a process's memory is not mapped, so reading it is an input error.
    std::os::unix::fs::symlink("/proc/self/mem", &path).unwrap();
    let refused = open(dir.path()).unwrap_err().to_string();
    assert!(refused.contains(path.to_str().unwrap()), "{refused}");
}

fn assert_names(dir: &Path, path: &Path, reason: &str) {
    let refused = open(dir).unwrap_err().to_string();
    assert!(refused.contains(path.to_str().unwrap()), "{refused}");
    assert!(refused.contains(reason), "{refused}");
}
