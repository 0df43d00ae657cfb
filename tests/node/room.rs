//! A disk nearly full of segments that snapshots make superfluous.

use std::fs;
use std::path::Path;
use std::time::Duration;

use switchboard::domain::ContactId;
use switchboard::node::handle::Handle;
use switchboard::task;
use tokio::time::{sleep, timeout};

use crate::centre::{Centre, message, place, recovered, submit};
use crate::gate::{Gate, Gated};

const LONG: Duration = Duration::from_secs(60);
const SEGMENT_BYTES: usize = 64 << 10;

/// A site whose journal fills several segments; no snapshot is due for a long time.
async fn with_segments(gate: &Gate) -> (Centre<Gated>, ContactId) {
    let centre = Centre::open_small(1, SEGMENT_BYTES, |journal| gate.before(journal));
    let handle = centre.handle();
    let mut last = submit(&handle).await.unwrap();
    for _ in 0..8 {
        for _ in 0..10 {
            message(&handle, last, &"x".repeat(4_000)).await;
        }
        last = submit(&handle).await.unwrap();
    }
    assert!(files(centre.dir.path(), "segment").len() >= 5);
    (centre, last)
}

fn files(dir: &Path, extension: &str) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.ends_with(extension)).collect();
    names.sort_unstable();
    names
}

/// Only the current segment and the spare are left.
async fn room_is_made(dir: &Path) {
    let made = timeout(LONG, async {
        while files(dir, "segment").len() > 2 {
            sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(made.await.is_ok(), "left: {:?}", files(dir, "segment"));
}

async fn is_taken(handle: &Handle) {
    let taken = timeout(LONG, async {
        while submit(handle).await.is_err() {
            sleep(Duration::from_millis(20)).await;
        }
    });
    taken.await.unwrap();
}

/// Stops it, and checks that it is restored unchanged from either of two snapshots.
async fn comes_back_from_either(centre: Centre<Gated>) {
    let dir = centre.dir;
    let stopped = centre.site.stop().await;
    let hash = stopped.engine.state_hash();
    drop(stopped);
    let snapshots = files(dir.path(), "snapshot");
    assert_eq!(snapshots.len(), 2);
    for newest in snapshots.iter().rev() {
        let (again, report) = recovered(&place(dir.path()));
        assert_eq!(*newest, format!("{:020}.snapshot", report.snapshot_seq));
        assert_eq!(again.engine.state_hash(), hash);
        drop(again);
        fs::remove_file(dir.path().join(newest)).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn short_of_space_what_is_behind_two_new_snapshots_is_removed_at_once() {
    let gate = Gate::default();
    let (centre, _) = with_segments(&gate).await;
    gate.set_hindered(true);
    // Nothing happens meanwhile that would trigger a second snapshot.
    room_is_made(centre.dir.path()).await;
    gate.set_hindered(false);
    is_taken(&centre.handle()).await;
    comes_back_from_either(centre).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn room_is_made_also_while_a_batch_finds_none() {
    let gate = Gate::default();
    let (centre, contact) = with_segments(&gate).await;
    gate.set_full(true);
    let handle = centre.handle();
    let waiting = task::spawn("message", async move {
        message(&handle, contact, "still here").await;
    });
    room_is_made(centre.dir.path()).await;
    assert!(!waiting.is_finished());
    gate.set_full(false);
    timeout(LONG, waiting).await.unwrap().unwrap();
    is_taken(&centre.handle()).await;
    comes_back_from_either(centre).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_that_cannot_be_made_for_another_reason_is_not_called_a_lack_of_space() {
    let gate = Gate::default();
    let (centre, _) = with_segments(&gate).await;
    let handle = centre.handle();
    let dir = centre.dir.path();
    let made = files(dir, "segment").len();
    // The first of these may already be in the making.
    let next = (made + 1)..(made + 4);
    let in_their_place = next.map(|number| dir.join(format!("{number:020}.segment.tmp")));
    let blocked: Vec<_> = in_their_place
        .filter(|path| fs::create_dir(path).is_ok())
        .collect();
    let refused = timeout(LONG, async {
        loop {
            // The one that finds no room waits for it; those after it are refused.
            let answer = timeout(Duration::from_secs(1), submit(&handle)).await;
            if let Ok(Err(refused)) = answer {
                return refused.to_string();
            }
        }
    });
    let refused = refused.await.unwrap();
    let begin = "the journal cannot be written: Is a directory";
    assert!(refused.starts_with(begin), "{refused}");
    for path in blocked {
        fs::remove_dir(path).unwrap();
    }
    is_taken(&handle).await;
}
