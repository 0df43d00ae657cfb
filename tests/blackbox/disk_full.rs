//! A disk that is full, and one that fails.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;

use crate::centre::Centre;
use crate::desktop::Desktop;
use crate::http_client::ADAPTER;
use crate::http_client::HttpClient;
use crate::http_client::SUPERVISOR;
use crate::http_client::request;
use crate::patience::eventually;
use crate::refused::segments;
use crate::server::Server;
use http::Method;

/// Two segments of the journal and a little for the customers, and no third segment.
const SMALL_MIB: u32 = 150;
const LARGE_MIB: u32 = 400;
/// More than two segments hold, at 16 KiB each.
const CONTACTS_MAX: usize = 9_000;

/// A file system in memory, of a size that can be changed.
struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// None where this process may not mount.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={SMALL_MIB}m");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]);
        let mounted = mount.arg(folder.path()).output();
        let is_mounted = mounted.is_ok_and(|output| output.status.success());
        is_mounted.then_some(Self { folder })
    }

    fn enlarge(&self) {
        let size = format!("remount,size={LARGE_MIB}m");
        let mut mount = Command::new("mount");
        mount.args(["-o", &size]).arg(self.folder.path());
        assert!(mount.status().unwrap().success());
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.folder.path()).status();
        if !unmounted.is_ok_and(|status| status.success()) {
            eprintln!("{} is still mounted", self.folder.path().display());
        }
    }
}

fn large_contact() -> Value {
    json!({"channel": "app", "queue": "quiet", "text": "x".repeat(16_000)})
}

/// Posts until the server takes nothing more; gives what it has taken.
async fn fill_up(server: &Server) -> Vec<String> {
    let mut http = HttpClient::new(server.address());
    let mut taken = Vec::new();
    while taken.len() < CONTACTS_MAX {
        let reply = http.post(ADAPTER, "/v1/contacts", &large_contact()).await;
        if reply.status == 503 {
            assert_eq!(reply.json()["code"], "not_durable");
            assert!(reply.header("retry-after").is_some());
            return taken;
        }
        let contact = reply.expect(201);
        taken.push(contact["id"].as_str().unwrap().to_owned());
    }
    panic!("{CONTACTS_MAX} large contacts fit on a small disk");
}

#[tokio::test]
async fn a_full_disk_stops_what_is_new_and_nothing_else() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("skipped: this process may not mount a file system");
        return;
    };
    let centre = Centre::new(2).with_data_in(disk.data());
    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    let mut agent = Desktop::ready(server.address(), "a2").await;
    let served = http
        .submit(&json!({"channel": "app", "queue": "first"}))
        .await;
    assert_eq!(agent.take_one().await, served);
    let offered = http
        .submit(&json!({"channel": "app", "queue": "first"}))
        .await;
    let (offer, _) = agent.shown_offer().await;
    let taken = fill_up(&server).await;

    // What is under way goes on.
    agent.complete(&served).await;
    agent
        .succeed(json!({"type": "accept", "offer": offer}))
        .await;
    agent.complete(&offered).await;
    for id in [&served, &offered] {
        assert_eq!(http.contact(id).await["state"], "completed");
    }
    let mut reader = Desktop::ready(server.address(), "a1").await;
    let waited = reader.take_one().await;
    reader.complete(&waited).await;
    http.get(SUPERVISOR, "/v1/queues").await.expect(200);
    assert_eq!(http.get(SUPERVISOR, "/readyz").await.status, 503);
    http.assert_conserved().await;

    disk.enlarge();
    let back = eventually("contacts are taken again", async || {
        let mut http = HttpClient::new(server.address());
        let reply = http.post(ADAPTER, "/v1/contacts", &large_contact()).await;
        (reply.status == 201).then(|| reply.json()["id"].as_str().unwrap().to_owned())
    })
    .await;
    server.kill();
    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    for id in taken.iter().chain([&served, &offered, &back]) {
        http.contact(id).await;
    }
    http.assert_conserved().await;
    server.kill();
    drop(centre);
}

#[tokio::test]
async fn a_failed_sync_ends_the_process_and_no_promise() {
    let centre = Centre::new(1);
    // Segments are made, and synced, before the tracing begins.
    let server = centre.start();
    HttpClient::new(server.address())
        .submit(&json!({"channel": "app"}))
        .await;
    eventually("the journal has its spare segment", async || {
        (segments(&centre).len() == 2).then_some(())
    })
    .await;
    assert!(server.terminate().success());
    for nth in [12, 31] {
        let failing = format!("error=EIO:when={nth}");
        let traced = Server::traced(&centre.write_config(), "fdatasync", &failing);
        let Some(started) = traced else {
            eprintln!("skipped: strace cannot be used here");
            return;
        };
        let server = started.unwrap();
        let mut http = HttpClient::new(server.address());
        let mut acknowledged = Vec::new();
        let body = json!({"channel": "app", "text": "is it durable?"});
        loop {
            let request = request(Method::POST, ADAPTER, "/v1/contacts", Some(&body));
            let Ok(reply) = http.call(request).await else {
                break;
            };
            assert_eq!(reply.status, 201, "no other answer than a promise or none");
            acknowledged.push(reply.json()["id"].as_str().unwrap().to_owned());
            assert!(acknowledged.len() < 1_000, "the sync has not failed");
        }
        let ended = server.await_end();
        assert!(!ended.success(), "{ended}");
        assert!(!acknowledged.is_empty());
        let server = centre.start();
        let mut http = HttpClient::new(server.address());
        for id in &acknowledged {
            assert_eq!(http.contact(id).await["state"], "queued");
        }
        http.assert_conserved().await;
        assert!(server.terminate().success());
    }
}
