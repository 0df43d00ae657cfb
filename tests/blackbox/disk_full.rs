//! A full disk, and a failing one.

use std::fs;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::Command;

use http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::centre::Centre;
use crate::desktop::Desktop;
use crate::http_client::{ADAPTER, HttpClient, Reply, SUPERVISOR, await_customer_store, request};
use crate::patience::eventually;
use crate::refused::segments;
use crate::server::Server;

/// Room for two segments of the journal and a little for the customers, but no third segment.
const SMALL_MIB: u32 = 150;
const LARGE_MIB: u32 = 400;
/// More than two segments hold, at 16 KiB each.
const CONTACTS_MAX: usize = 9_000;

/// An in-memory file system of adjustable size.
struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// None if this process may not mount.
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

    /// Takes up whatever space is left.
    fn fill(&self) {
        let mut filler = File::create(self.filler()).unwrap();
        for chunk in [&[7; 1 << 16][..], &[7; 512]] {
            let full = std::iter::repeat_with(|| filler.write_all(chunk)).find_map(Result::err);
            assert_eq!(full.unwrap().kind(), ErrorKind::StorageFull);
        }
    }

    /// Gives the space back.
    fn relieve(&self) {
        fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.folder.path().join("filler")
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

/// Posts until the server refuses; returns what it has accepted.
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
async fn a_full_disk_stops_new_contacts_and_nothing_else() {
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

    // Contacts in progress continue.
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
    let not_ready = http.get(SUPERVISOR, "/readyz").await;
    assert_eq!(not_ready.status, 503);
    assert_eq!(not_ready.json()["code"], "no_new_contacts");
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

fn diamond(nth: usize) -> Value {
    json!({
        "identities": {"phone": format!("138{nth:08}")},
        "tier": "diamond",
        "tags": {"note": "x".repeat(200)},
    })
}

async fn put_diamond(http: &mut HttpClient, nth: usize) -> Reply {
    let path = format!("/v1/customers/c-{nth}");
    http.put(ADAPTER, &path, &diamond(nth)).await
}

/// Writes customers until one is refused; returns their number and the refusal.
async fn put_diamonds(http: &mut HttpClient) -> (usize, Reply) {
    for nth in 1..10_000 {
        let reply = put_diamond(http, nth).await;
        if reply.status != 201 {
            return (nth, reply);
        }
    }
    panic!("all of them fit on a full disk");
}

/// The tier of a customer on their first contact since they were written.
async fn tier_of_next_contact(http: &mut HttpClient, nth: usize) -> Value {
    let phone = format!("138{nth:08}");
    let contact = json!({"channel": "app", "queue": "quiet", "customer": {"phone": phone}});
    let id = http.submit(&contact).await;
    http.contact(&id).await["customer"]["tier"].clone()
}

#[tokio::test]
async fn a_disk_that_was_full_for_a_moment_costs_no_customer() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("skipped: this process may not mount a file system");
        return;
    };
    let centre = Centre::new(1).with_data_in(disk.data());
    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    put_diamond(&mut http, 0).await.expect(201);
    eventually("the journal has its spare segment", async || {
        (segments(&centre).len() == 2).then_some(())
    })
    .await;
    await_customer_store(server.address(), true).await;

    disk.fill();
    let (written, refused) = put_diamonds(&mut http).await;
    assert_eq!(refused.status, 503);
    assert!(refused.header("retry-after").is_some());
    assert_eq!(refused.json()["code"], "customer_store_unavailable");
    await_customer_store(server.address(), false).await;
    // It keeps answering as long as the disk is full.
    eventually("what is known is read all the same", async || {
        let mut http = HttpClient::new(server.address());
        let reply = http.get(SUPERVISOR, "/v1/customers/c-0").await;
        assert!([200, 503].contains(&reply.status), "{}", reply.status);
        (reply.status == 200).then_some(())
    })
    .await;
    assert_eq!(put_diamond(&mut http, written).await.status, 503);

    disk.relieve();
    let last = 20_000;
    eventually("customers are written again", async || {
        let mut http = HttpClient::new(server.address());
        let reply = put_diamond(&mut http, last).await;
        assert!([201, 503].contains(&reply.status), "{}", reply.status);
        (reply.status == 201).then_some(())
    })
    .await;
    eventually("contacts are taken", async || {
        let mut http = HttpClient::new(server.address());
        let contact = json!({"channel": "app", "queue": "quiet"});
        let reply = http.post(ADAPTER, "/v1/contacts", &contact).await;
        (reply.status == 201).then_some(())
    })
    .await;
    for known in [0, written - 1, last] {
        assert_eq!(tier_of_next_contact(&mut http, known).await, "diamond");
    }
    await_customer_store(server.address(), true).await;
    let logged = server.logged();
    let times = |words: &str| logged.matches(words).count();
    assert_eq!(times("the customer store rejects writes"), 1);
    assert_eq!(times("the customer store accepts writes again"), 1);
    assert!(server.terminate().success());
}

#[tokio::test]
async fn a_failed_sync_ends_the_process_and_no_promise() {
    let centre = Centre::new(1);
    // Segments are created and synced before tracing starts.
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

#[tokio::test]
async fn a_failed_sync_of_the_customers_is_healed() {
    let centre = Centre::new(1);
    // Counted per thread: only the thread that writes customers gets this far.
    let traced = Server::traced(&centre.write_config(), "fdatasync", "error=EIO:when=20");
    let Some(started) = traced else {
        eprintln!("skipped: strace cannot be used here");
        return;
    };
    let server = started.unwrap();
    let mut http = HttpClient::new(server.address());
    let (refused_nth, refused) = put_diamonds(&mut http).await;
    assert_eq!(refused.status, 503);
    eventually("customers are written again", async || {
        let mut http = HttpClient::new(server.address());
        let reply = put_diamond(&mut http, refused_nth).await;
        assert!([200, 201, 503].contains(&reply.status), "{}", reply.status);
        (reply.status != 503).then_some(())
    })
    .await;
    for known in [1, refused_nth] {
        assert_eq!(tier_of_next_contact(&mut http, known).await, "diamond");
    }
    assert!(server.terminate().success());
}
