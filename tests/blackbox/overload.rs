//! Far more load than the server can take: it refuses, keeps its memory bounded, and keeps its
//! promises.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::centre::Centre;
use crate::desktop::Desktop;
use crate::http_client::{ADAPTER, HttpClient, Lost, SUPERVISOR, request};
use crate::patience::{eventually, within};

const CONNECTIONS_MAX: u32 = 256;
const CLIENTS: usize = 384;
const WAITING_MAX: u32 = if cfg!(debug_assertions) {
    2_000
} else {
    20_000
};
const FLOOD: Duration = Duration::from_secs(4);
/// Low enough that most of a flood finds the queues full.
const FEW_WAITING_MAX: u32 = 100;
/// After the flood, a place that becomes free goes to a newcomer.
const LET_IN_WITHIN: Duration = Duration::from_secs(10);
/// Refusing for the same time again must not cost as much memory as so far.
const RSS_GROWTH_KIB_MAX: u64 = 64 * 1_024;
/// With this many contacts of a few hundred bytes, whatever the allocator does.
const RSS_KIB_MAX: u64 = 512 * 1_024;

/// The responses to one client.
#[derive(Default)]
struct Told {
    acknowledged: Vec<String>,
    statuses: BTreeMap<u16, u64>,
    lost: u64,
}

async fn flood(address: SocketAddr, number: usize, together: Arc<Barrier>) -> Told {
    let mut told = Told::default();
    let mut http = HttpClient::new(address);
    let queue = if number.is_multiple_of(2) {
        "first"
    } else {
        "quiet"
    };
    together.wait().await;
    let end = Instant::now() + FLOOD;
    while Instant::now() < end {
        let body = json!({"channel": "app", "queue": queue, "text": "x".repeat(200)});
        let request = request(Method::POST, ADAPTER, "/v1/contacts", Some(&body));
        let Ok(reply) = http.call(request).await else {
            told.lost += 1;
            continue;
        };
        *told.statuses.entry(reply.status).or_default() += 1;
        match reply.status {
            201 => {
                let contact: Value = reply.json();
                told.acknowledged
                    .push(contact["id"].as_str().unwrap().to_owned());
            }
            429 | 503 => {
                let seconds = reply.header("retry-after").map(str::parse::<u32>);
                assert!(matches!(seconds, Some(Ok(1..))), "{reply:?}");
                // A well-behaved client would wait; a careless one keeps asking.
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            status => panic!("{status}: {:?}", reply.bytes),
        }
    }
    told
}

fn begin_flood(address: SocketAddr) -> JoinSet<Told> {
    let together = Arc::new(Barrier::new(CLIENTS));
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        clients.spawn(flood(address, number, Arc::clone(&together)));
    }
    clients
}

fn statuses(told: &[Told]) -> BTreeMap<u16, u64> {
    let mut statuses = BTreeMap::new();
    for (status, count) in told.iter().flat_map(|told| &told.statuses) {
        *statuses.entry(*status).or_insert(0) += count;
    }
    statuses
}

async fn all_contacts(http: &mut HttpClient) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut after = String::new();
    loop {
        let path = format!("/v1/contacts?limit=200&after={after}");
        let page = http.get(SUPERVISOR, &path).await.expect(200);
        for contact in page["contacts"].as_array().unwrap() {
            let id = contact["id"].as_str().unwrap().to_owned();
            assert!(all.insert(id), "a contact is listed twice");
        }
        match page["next_after"].as_str() {
            Some(next) => after = next.to_owned(),
            None => return all,
        }
    }
}

#[tokio::test]
async fn a_flood_is_refused_with_reasons_and_costs_no_promise() {
    let centre = Centre::new(2)
        .with_connections_max(CONNECTIONS_MAX)
        .with_waiting_max(WAITING_MAX);
    let mut server = centre.start();
    let address = server.address();
    let clients = begin_flood(address);
    let told = clients.join_all().await;
    assert!(server.is_running());
    let rss = server.rss_kib();
    assert!(rss < RSS_KIB_MAX, "{rss} KiB");

    let statuses = statuses(&told);
    let lost: u64 = told.iter().map(|told| told.lost).sum();
    eprintln!("answers by status: {statuses:?}; broken off: {lost}; {rss} KiB");
    assert!(statuses.contains_key(&201), "nobody was let in");
    assert!(
        statuses.contains_key(&503),
        "nobody was turned away: {statuses:?}"
    );
    // Only a client that arrives while very many are being refused may be disconnected.
    let answers: u64 = statuses.values().sum();
    assert!(
        lost * 100 <= answers,
        "{lost} of {answers} were told nothing"
    );

    let mut http = HttpClient::new(address);
    eventually("a newcomer is let in again", async || {
        let mut http = HttpClient::new(address);
        let look = request(Method::GET, SUPERVISOR, "/v1/queues", None);
        match http.call(look).await {
            Ok(reply) => (reply.status == 200).then_some(()),
            Err(Lost) => None,
        }
    })
    .await;
    let kept = all_contacts(&mut http).await;
    for id in told.iter().flat_map(|told| &told.acknowledged) {
        assert!(kept.contains(id), "{id} was acknowledged and is not there");
    }
    let mut agent = Desktop::ready(address, "a1").await;
    let contact = agent.take_one().await;
    agent.complete(&contact).await;
    http.assert_conserved().await;
}

#[tokio::test]
async fn a_full_queue_says_so_and_has_room_again_when_someone_is_served() {
    let centre = Centre::new(2)
        .with_connections_max(CONNECTIONS_MAX)
        .with_waiting_max(FEW_WAITING_MAX);
    let mut server = centre.start();
    let clients = begin_flood(server.address());
    tokio::time::sleep(FLOOD / 2).await;
    let rss_halfway = server.rss_kib();
    let told = clients.join_all().await;
    let rss = server.rss_kib();
    assert!(server.is_running());
    // Every client has already checked that each has a Retry-After.
    let statuses = statuses(&told);
    eprintln!("answers by status: {statuses:?}; {rss_halfway} and then {rss} KiB");
    let refused = statuses.get(&429).copied().unwrap_or(0);
    assert!(refused > u64::from(FEW_WAITING_MAX), "{statuses:?}");
    assert!(statuses.contains_key(&503), "{statuses:?}");
    // Two queues without agents.
    let let_in = u64::from(2 * FEW_WAITING_MAX);
    assert_eq!(statuses.get(&201), Some(&let_in), "{statuses:?}");
    let growth = rss.saturating_sub(rss_halfway);
    assert!(growth < RSS_GROWTH_KIB_MAX, "{growth} KiB more");

    let mut agent = Desktop::ready(server.address(), "a2").await;
    let contact = agent.take_one().await;
    within(LET_IN_WITHIN, "a newcomer is let in again", async || {
        let mut http = HttpClient::new(server.address());
        let body = json!({"channel": "app", "queue": "first"});
        let post = request(Method::POST, ADAPTER, "/v1/contacts", Some(&body));
        let reply = http.call(post).await.ok()?;
        (reply.status == 201).then_some(())
    })
    .await;
    agent.complete(&contact).await;
    let mut http = HttpClient::new(server.address());
    http.assert_conserved().await;
}
