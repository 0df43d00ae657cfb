//! SIGKILL at random moments under load, repeatedly, on one folder.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use switchboard::domain::Name;
use switchboard::node::recovery;
use tokio::time::{Instant, sleep};

use crate::centre::Centre;
use crate::chance::{Chance, number_from};
use crate::crowd::{Crowd, Habits};
use crate::http_client::HttpClient;
use crate::refused::segments;
use crate::server::Server;

const KILLS: u64 = if cfg!(debug_assertions) { 12 } else { 50 };
const ALIVE_MS_MAX: u64 = 1_200;
/// The most commits before the interrupted one.
const COMMITS_MAX: u64 = 200;
/// After this many kills comes an orderly end, which leaves a snapshot.
const TERMINATE_EVERY: u64 = 8;
/// Large contacts, more than 4 MiB together.
const BALLAST: usize = 300;

#[tokio::test]
async fn killed_at_any_moment_it_keeps_every_promise() {
    let centre = Centre::new(10).with_short_offers();
    let mut chance = Chance::new(77);
    let mut crowd = Crowd::come(Habits {
        agents: 10,
        adapters: 5,
        open_max: 150,
        drops_in_100_000: 200,
        customers: 0,
        always_taken: false,
    });
    for round in 1..=number_from("SWITCHBOARD_KILLS", KILLS) {
        if round.is_multiple_of(2) {
            kill_while_committing(&centre, &mut crowd, &mut chance).await;
        } else {
            kill_some_time(&centre, &mut crowd, &mut chance).await;
        }
        crowd.shut_out().await;
        crowd.ledger().close_spans();
        crowd.ledger().assert_unbroken();
        if round.is_multiple_of(TERMINATE_EVERY) {
            end_orderly(&centre, &mut crowd).await;
        }
    }
    let server = centre.start();
    crowd.ledger().compare(server.address(), &mut chance).await;
    crowd.let_in(server.address());
    crowd.settle(server.address()).await;
    crowd.ledger().compare_all(server.address()).await;
    server.kill();
    crowd.shut_out().await;
    crowd.ledger().close_spans();
    crowd.ledger().assert_unbroken();
    crowd.ledger().assert_nothing_was_offered_twice();
    let tally = crowd.ledger().tally();
    eprintln!("{tally:#?}");
    for what in [
        "contacts",
        "accepts",
        "completions",
        "transfers",
        "resyncs",
        "cancellations",
    ] {
        assert!(tally.contains_key(what), "no {what}: nothing was proven");
    }
    assert_state_is_one(&centre);
}

async fn kill_some_time(centre: &Centre, crowd: &mut Crowd, chance: &mut Chance) {
    let server = centre.start();
    crowd.ledger().compare(server.address(), chance).await;
    crowd.let_in(server.address());
    sleep(Duration::from_millis(chance.below(ALIVE_MS_MAX))).await;
    server.kill();
}

/// Killed as it writes or syncs its journal, possibly during startup: at the very call, or at some
/// time while these calls are slow.
async fn kill_while_committing(centre: &Centre, crowd: &mut Crowd, chance: &mut Chance) {
    let call = *chance.one_of(&["pwrite64", "fdatasync"]);
    let injected = if chance.percent(40) {
        format!("signal=SIGKILL:when={}", chance.below(COMMITS_MAX) + 1)
    } else {
        "delay_enter=3000".to_owned()
    };
    let config = centre.write_config();
    let Some(started) = Server::traced(&config, call, &injected) else {
        eprintln!("strace cannot be used here: killed at any moment instead");
        return kill_some_time(centre, crowd, chance).await;
    };
    let Ok(mut server) = started else {
        crowd.ledger().count("killed before serving");
        return;
    };
    crowd.let_in(server.address());
    let end = Instant::now() + Duration::from_millis(2 * chance.below(ALIVE_MS_MAX));
    while server.is_running() && Instant::now() < end {
        sleep(Duration::from_millis(10)).await;
    }
    crowd.ledger().count("killed while committing");
    server.kill();
}

/// Leaves a snapshot.
async fn end_orderly(centre: &Centre, crowd: &mut Crowd) {
    let server = centre.start();
    crowd.let_in(server.address());
    load_ballast(server.address()).await;
    let ended = tokio::task::spawn_blocking(|| server.terminate()).await;
    assert!(ended.unwrap().success());
    crowd.shut_out().await;
    crowd.ledger().close_spans();
    crowd.ledger().assert_unbroken();
}

/// Enough for a snapshot to be made: contacts scheduled for tomorrow, in a queue that the crowd
/// does not know.
async fn load_ballast(address: SocketAddr) {
    let mut http = HttpClient::new(address);
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24);
    let body = json!({
        "channel": "app",
        "queue": "quiet",
        "not_before": format!("{later:.3}"),
        "text": "x".repeat(16_000),
    });
    for _ in 0..BALLAST {
        http.submit(&body).await;
    }
}

/// The snapshot plus the rest of the journal gives the same state as the whole journal, and the
/// same every time.
fn assert_state_is_one(centre: &Centre) {
    let journal = segments(centre).remove(0).parent().unwrap().to_owned();
    let copy = |name: &str, with_snapshots: bool| {
        let copy = centre.folder().join(name);
        copy_files(&journal, &copy, with_snapshots);
        state_hash(copy)
    };
    let (usual, snapshot_seq) = copy("usual", true);
    assert_eq!(copy("again", true).0, usual);
    assert!(snapshot_seq > 0, "there is no snapshot");
    let begins_with_1 = segments(centre)[0].ends_with("00000000000000000001.segment");
    if begins_with_1 {
        assert_eq!(copy("whole", false), (usual, 0));
    }
}

fn copy_files(from: &Path, to: &Path, with_snapshots: bool) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let is_snapshot = path
            .extension()
            .is_some_and(|extension| extension == "snapshot");
        if path.is_file() && (with_snapshots || !is_snapshot) {
            fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

fn state_hash(dir: PathBuf) -> ([u8; 32], u64) {
    let files = recovery::SiteFiles::new(Name::new("main").unwrap(), dir);
    let (recovered, report) = recovery::recover(&files, &mut |_| {}).unwrap();
    (recovered.engine.state_hash(), report.snapshot_seq)
}
