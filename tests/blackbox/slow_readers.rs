//! Desktops that are sent a great deal and read nothing: each is disconnected at its limit, and
//! nobody else waits for them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::centre::Centre;
use crate::desktop::Desktop;
use crate::http_client::{ADAPTER, HttpClient, Reply};
use crate::patience::eventually;
use crate::raw_socket::RawSocket;
use crate::server::Server;

const SLOW: u32 = 100;
const ADAPTERS: usize = 32;
/// Messages from each adapter to each desktop: a large one, to fill the pipes, and then small ones,
/// together more than a desktop may leave unread.
const LARGE_BYTES: usize = 16_000;
const SMALL_OF_EACH: usize = 9;
/// The memory one of them may cost, all buffers together.
const RSS_KIB_OF_EACH_MAX: u64 = 1_024;
const OFFERED_WITHIN: Duration = Duration::from_secs(10);

/// An agent who serves a contact, and then stops reading; with the contact.
async fn fall_silent(address: SocketAddr, agent: String) -> (RawSocket, String) {
    let mut desktop = Desktop::ready(address, &agent).await;
    let contact = desktop.take_one().await;
    // The newest socket is the agent's; contacts being served stay.
    let socket = RawSocket::open_narrow(address, &agent).await;
    assert_eq!(desktop.await_close().await, Some(4001));
    (socket, contact)
}

/// A message was accepted; or the desktop is disconnected, and the limit of messages waiting for
/// the agent is reached.
fn taken(reply: Reply) {
    if reply.status == 429 {
        assert_eq!(reply.json()["code"], "messages_full");
    } else {
        reply.expect(201);
    }
}

/// One of several adapters, which all write to one contact after the other.
async fn talk(address: SocketAddr, contacts: Arc<Vec<String>>, together: Arc<Barrier>) {
    let mut http = HttpClient::new(address);
    let large = json!({"text": "x".repeat(LARGE_BYTES)});
    let small = json!({"text": "still there?"});
    for contact in &*contacts {
        let messages = format!("/v1/contacts/{contact}/messages");
        taken(http.post(ADAPTER, &messages, &large).await);
        // No small message gets through before the pipes are full.
        together.wait().await;
        for _ in 0..SMALL_OF_EACH {
            taken(http.post(ADAPTER, &messages, &small).await);
        }
        together.wait().await;
    }
}

/// Serves one contact after the other until the end of the flood; returns their number and the most
/// memory that the server used.
async fn serve_meanwhile(server: &Server, agent: &str, is_over: &AtomicBool) -> (u32, u64) {
    let mut http = HttpClient::new(server.address());
    let mut healthy = Desktop::ready(server.address(), agent).await;
    let (mut served, mut rss_max) = (0, 0);
    while !is_over.load(Ordering::SeqCst) {
        let begun = Instant::now();
        let contact = http.submit(&json!({"channel": "hotline"})).await;
        assert_eq!(healthy.take_one().await, contact);
        let took = begun.elapsed();
        assert!(took < OFFERED_WITHIN, "served after {took:?}");
        healthy.complete(&contact).await;
        served += 1;
        rss_max = rss_max.max(server.rss_kib());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    (served, rss_max)
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_disconnected_and_delays_nobody() {
    // A disconnected agent stays lost for the rest of the test.
    let centre = Centre::new(SLOW + 1).with_grace_s(600);
    let server = centre.start();
    let address = server.address();
    let mut http = HttpClient::new(address);
    let mut agents = JoinSet::new();
    for number in 1..=SLOW {
        // Takes all of an agent's capacity, so that each has one.
        http.submit(&json!({"channel": "hotline"})).await;
        agents.spawn(fall_silent(address, format!("a{number}")));
    }
    let (sockets, contacts): (Vec<RawSocket>, Vec<String>) =
        agents.join_all().await.into_iter().unzip();
    let cut_off = http.metric("switchboard_desks_ended_too_slow_total").await;
    assert_eq!(cut_off, [0.0]);
    let rss_before = server.rss_kib();

    let (contacts, together) = (Arc::new(contacts), Arc::new(Barrier::new(ADAPTERS)));
    let mut adapters = JoinSet::new();
    for _ in 0..ADAPTERS {
        adapters.spawn(talk(address, Arc::clone(&contacts), Arc::clone(&together)));
    }
    let is_over = AtomicBool::new(false);
    let flood = async {
        adapters.join_all().await;
        is_over.store(true, Ordering::SeqCst);
    };
    let healthy = format!("a{}", SLOW + 1);
    let ((served, rss_max), ()) = tokio::join!(serve_meanwhile(&server, &healthy, &is_over), flood);
    assert!(served > 0, "the flood was over before anyone was served");
    let growth = rss_max.max(server.rss_kib()).saturating_sub(rss_before);
    eprintln!("{served} served meanwhile; {growth} KiB more than {rss_before} KiB");
    let most = RSS_KIB_OF_EACH_MAX * u64::from(SLOW);
    assert!(growth < most, "{growth} KiB more than before");

    eventually("all who read nothing are cut off", async || {
        let mut http = HttpClient::new(address);
        let cut_off = http.metric("switchboard_desks_ended_too_slow_total").await;
        (cut_off == [f64::from(SLOW)]).then_some(())
    })
    .await;
    drop(sockets);
    http.assert_conserved().await;
    assert!(!server.logged().contains("panicked"));
}
