//! Snapshots: when they are made, and from which one a site comes back.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use switchboard::node::recovery::{SiteFiles, recover};
use switchboard::node::site::Site;
use switchboard::store::journal;
use switchboard::store::snapshot::{self, Snapshot};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::centre::{
    Centre, message, next_offer, place, recovered, serve, sign_in, state_hash, submit,
};
use crate::restarts::{crash_copy, start};

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_made_beside_the_engine_and_the_rest_of_the_journal_are_the_state() {
    let dir = TempDir::new().unwrap();
    let mut place = place(dir.path());
    place.segment_bytes = 64 << 10;
    place.snapshot_every_bytes = 100 << 10;
    let site = start(&place);
    let handle = site.handle();
    let mut desk = sign_in(&handle, "a1").await;
    let mut lives = 0;
    while files(dir.path(), "snapshot").len() < 2 || files(dir.path(), "segment")[0] == 1 {
        submit(&handle).await.unwrap();
        let offer = next_offer(&mut desk).await;
        serve(&handle, &desk, offer).await;
        lives += 1;
        assert!(lives < 100_000, "no snapshots are made");
    }
    let (seq, hash) = state_hash(&handle).await;
    let copy = crash_copy(dir.path());
    place.dir = copy.path().to_owned();
    let (again, report) = recovered(&place);
    assert!(report.snapshot_seq > 0);
    assert_eq!(again.engine.seq(), seq);
    assert_eq!(again.engine.state_hash(), hash);

    drop(again);
    let newest = *files(copy.path(), "snapshot").last().unwrap();
    let path = copy.path().join(format!("{newest:020}.snapshot"));
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    let (again, report) = recovered(&place);
    assert!(report.snapshot_seq < newest, "the one before is used");
    assert_eq!(again.engine.state_hash(), hash);
    drop(site.stop().await);
}

fn files(dir: &Path, extension: &str) -> Vec<u64> {
    let mut numbers: Vec<u64> = fs::read_dir(dir)
        .unwrap()
        .filter_map(|entry| {
            let path = entry.unwrap().path();
            let fits = path.extension().is_some_and(|found| found == extension);
            let stem = path.file_stem()?.to_str()?.parse().ok();
            stem.filter(|_| fits)
        })
        .collect();
    numbers.sort_unstable();
    numbers
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_leaves_a_snapshot_if_that_saves_the_next_start_much() {
    let dir = TempDir::new().unwrap();
    let mut place = place(dir.path());
    place.snapshot_every_bytes = 1 << 10;
    let site = start(&place);
    for _ in 0..20 {
        submit(&site.handle()).await.unwrap();
    }
    let stopped = site.stop().await;
    drop(stopped.log);
    let (again, report) = recovered(&place);
    assert_eq!(report.snapshot_seq, stopped.engine.seq());
    assert_eq!(again.engine.state_hash(), stopped.engine.state_hash());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_without_the_hash_of_its_state_is_passed_over() {
    let centre = Centre::open(2);
    for _ in 0..5 {
        submit(&centre.handle()).await.unwrap();
    }
    let stopped = centre.site.stop().await;
    drop(stopped.log);
    let lie = Snapshot {
        seq: stopped.engine.seq(),
        state_hash: [7; 32],
        payload: stopped.engine.snapshot(),
    };
    snapshot::write(centre.dir.path(), &lie, None).unwrap();
    let (again, report) = recovered(&place(centre.dir.path()));
    assert_eq!(report.snapshot_seq, 0);
    assert_eq!(again.engine.state_hash(), stopped.engine.state_hash());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_starts_from_a_snapshot_without_reading_what_it_replaces() {
    let engine = Centre::open(2).site.stop().await.engine;
    let snapshot = Snapshot {
        seq: engine.seq(),
        state_hash: engine.state_hash(),
        payload: engine.snapshot(),
    };
    assert!(snapshot.seq > 0);
    let dir = TempDir::new().unwrap();
    snapshot::write(dir.path(), &snapshot, None).unwrap();
    let options = journal::JournalOptions::new("main", 1 << 20).unwrap();
    let mut each = |_, _: &[u8]| Ok(());
    let opened = journal::Journal::open(dir.path(), &options, 1, &mut each, &mut |_| {});
    let mut batch = journal::RecordBatch::new();
    (0..snapshot.seq).for_each(|_| batch.push(b"not an event"));
    opened.unwrap().0.append(&mut batch).unwrap();
    let (recovered, report) = recovered(&place(dir.path()));
    assert_eq!(report.snapshot_seq, snapshot.seq);
    assert_eq!(recovered.engine.state_hash(), snapshot.state_hash);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_of_an_older_format_is_refused_and_left_as_it_is() {
    let dir = TempDir::new().unwrap();
    let mut place = place(dir.path());
    place.snapshot_every_bytes = 1 << 10;
    let site = start(&place);
    submit_many(&site, 20).await;
    drop(site.stop().await);
    let seq = *files(dir.path(), "snapshot").last().unwrap();
    let segment = dir.path().join(format!("{:020}.segment", 1));
    for path in [&segment, &dir.path().join(format!("{seq:020}.snapshot"))] {
        let mut bytes = fs::read(path).unwrap();
        bytes[8..12].copy_from_slice(&1_u32.to_le_bytes());
        fs::write(path, bytes).unwrap();
    }
    let before = contents(dir.path());
    let refused = recover(&place, &mut |_| {}).err().unwrap().to_string();
    assert!(refused.contains(segment.to_str().unwrap()), "{refused}");
    assert!(refused.contains("the format is version 1"), "{refused}");
    assert!(contents(dir.path()) == before, "something has changed");
}

/// Every file with its bytes.
fn contents(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(dir).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect()
}

/// How a snapshot becomes unusable in a way that only reading it reveals.
#[derive(Clone, Copy, Debug)]
enum Harm {
    Rot,
    WrongHash,
}

fn flip_a_bit(dir: &Path, seq: u64) {
    let path = dir.join(format!("{seq:020}.snapshot"));
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
}

/// Leaves a good snapshot, a newer bad one, and a little of the journal after both.
async fn good_and_bad_snapshot(place: &SiteFiles, harm: Harm) -> (u64, u64) {
    let mut eager = place.clone();
    eager.snapshot_every_bytes = 1 << 10;
    let site = start(&eager);
    submit_many(&site, 20).await;
    let good = site.stop().await.engine.seq();
    let site = start(place);
    submit_many(&site, 20).await;
    let engine = site.stop().await.engine;
    let bad = Snapshot {
        seq: engine.seq(),
        state_hash: match harm {
            Harm::Rot => engine.state_hash(),
            Harm::WrongHash => [7; 32],
        },
        payload: engine.snapshot(),
    };
    snapshot::write(&place.dir, &bad, Some(good)).unwrap();
    if let Harm::Rot = harm {
        flip_a_bit(&place.dir, bad.seq);
    }
    assert_eq!(files(&place.dir, "snapshot"), [good, bad.seq]);
    (good, bad.seq)
}

async fn submit_many(site: &Site<journal::Journal>, contacts: usize) {
    for _ in 0..contacts {
        submit(&site.handle()).await.unwrap();
    }
}

/// Messages of slightly more than this many bytes in all.
async fn write_much(site: &Site<journal::Journal>, bytes: usize) {
    const MESSAGE_BYTES: usize = 4_000;
    const OF_A_CONTACT: usize = 14;
    let handle = site.handle();
    for _ in 0..=bytes / (MESSAGE_BYTES * OF_A_CONTACT) {
        let waiting = submit(&handle).await.unwrap();
        for _ in 0..OF_A_CONTACT {
            message(&handle, waiting, &"x".repeat(MESSAGE_BYTES)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_good_snapshot_stays_however_many_newer_ones_are_of_no_use() {
    for harm in [Harm::Rot, Harm::WrongHash] {
        let dir = TempDir::new().unwrap();
        let mut place = place(dir.path());
        place.segment_bytes = 64 << 10;
        let (good, bad) = good_and_bad_snapshot(&place, harm).await;
        place.snapshot_every_bytes = 1 << 20;
        let site = start(&place);
        write_much(&site, 1 << 20).await;
        let made = timeout(Duration::from_secs(60), async {
            while files(dir.path(), "snapshot").last() == Some(&bad) {
                sleep(Duration::from_millis(20)).await;
            }
        });
        made.await.unwrap();
        let stopped = site.stop().await;
        drop(stopped.log);
        let kept = files(dir.path(), "snapshot");
        assert_eq!((kept.len(), kept[0]), (2, good), "{harm:?}: {kept:?}");

        flip_a_bit(dir.path(), kept[1]);
        let (again, report) = recovered(&place);
        assert_eq!(report.snapshot_seq, good, "{harm:?}");
        assert_eq!(again.engine.state_hash(), stopped.engine.state_hash());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_last_snapshot_leaves_the_good_one_before_it_and_what_came_since() {
    for harm in [Harm::Rot, Harm::WrongHash] {
        let dir = TempDir::new().unwrap();
        let mut place = place(dir.path());
        place.segment_bytes = 64 << 10;
        let (good, _) = good_and_bad_snapshot(&place, harm).await;
        let site = start(&place);
        // Too little for a snapshot while it runs.
        write_much(&site, 4 << 20).await;
        let stopped = site.stop().await;
        drop(stopped.log);
        let kept = files(dir.path(), "snapshot");
        assert_eq!(kept, [good, stopped.engine.seq()], "{harm:?}");

        flip_a_bit(dir.path(), kept[1]);
        let (again, report) = recovered(&place);
        assert_eq!(report.snapshot_seq, good, "{harm:?}");
        assert_eq!(again.engine.state_hash(), stopped.engine.state_hash());
    }
}
