//! Everyone reconnects at once: a server that was killed under hundreds of agents recognises each
//! of them, and knows what they were serving.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::centre::Centre;
use crate::chance::Chance;
use crate::desktop::Desktop;
use crate::http_client::HttpClient;

const AGENTS: u32 = if cfg!(debug_assertions) { 300 } else { 3_000 };
/// How many of them are serving a contact; the others are free.
const SERVING: u32 = AGENTS / 5;
/// The spread of reconnections, as in a desktop.
const JITTER_MS: u64 = 3_000;
const ALL_BACK_WITHIN: Duration = Duration::from_secs(60);

/// An agent's state before the storm, and on return.
struct Before {
    agent: String,
    token: String,
    last_seq: u64,
    /// The contact that is being served.
    served: Option<String>,
}

async fn begin(address: SocketAddr, number: u32) -> (Desktop, Option<String>) {
    let mut desktop = Desktop::ready(address, &format!("a{number}")).await;
    let served = if number <= SERVING {
        Some(desktop.take_one().await)
    } else {
        None
    };
    (desktop, served)
}

async fn begin_all(
    address: SocketAddr,
    numbers: std::ops::RangeInclusive<u32>,
) -> Vec<(Desktop, Option<String>)> {
    let mut agents = JoinSet::new();
    for number in numbers {
        agents.spawn(begin(address, number));
    }
    agents.join_all().await
}

async fn note(mut desktop: Desktop, served: Option<String>) -> (Desktop, Before) {
    let mut last_seq = desktop.welcome["seq"].as_u64().unwrap();
    for frame in desktop.everything_so_far().await {
        last_seq = frame["seq"]
            .as_u64()
            .map_or(last_seq, |seq| seq.max(last_seq));
    }
    let before = Before {
        agent: desktop.agent.clone(),
        token: desktop.token().to_owned(),
        last_seq,
        served,
    };
    (desktop, before)
}

/// After a delay, like any client that was asked to reconnect.
async fn come_back(address: SocketAddr, before: Before, jitter: Duration) -> (Desktop, Before) {
    sleep(jitter).await;
    let mut desktop = Desktop::sign_in(address, &before.agent).await;
    let seq = desktop.welcome["seq"].as_u64().unwrap();
    assert!(seq > before.last_seq, "{seq} after {}", before.last_seq);
    assert_eq!(desktop.welcome["agent"]["intent"], "ready");
    let (token, last_seq) = (&before.token, before.last_seq);
    let resume = json!({"type": "resume", "token": token, "last_seq": last_seq});
    desktop.succeed(resume).await;
    // The old stream went with the old process.
    let resync = desktop.expect("resync").await;
    for contacts in [&desktop.welcome["contacts"], &resync["contacts"]] {
        let contacts = contacts.as_array().unwrap().iter();
        let ids: Vec<&str> = contacts
            .filter_map(|contact| contact["id"].as_str())
            .collect();
        let due: Vec<&str> = before.served.as_deref().into_iter().collect();
        assert_eq!(ids, due, "{}", before.agent);
    }
    (desktop, before)
}

#[tokio::test]
async fn all_agents_who_reconnect_after_a_crash_have_what_they_had() {
    let centre = Centre::new(AGENTS);
    let server = centre.start();
    let address = server.address();
    let mut http = HttpClient::new(address);
    for _ in 0..SERVING {
        // Takes all of an agent's capacity, so that each has one.
        http.submit(&json!({"channel": "hotline"})).await;
    }
    let mut agents = begin_all(address, 1..=SERVING).await;
    agents.extend(begin_all(address, SERVING + 1..=AGENTS).await);
    let mut noted = Vec::new();
    for (desktop, served) in agents {
        noted.push(note(desktop, served).await);
    }
    server.kill();
    // The sockets break before anyone comes back.
    let noted: Vec<Before> = noted.into_iter().map(|(_, before)| before).collect();

    let server = centre.start();
    let address = server.address();
    let mut chance = Chance::new(300);
    let mut returning = JoinSet::new();
    for before in noted {
        let jitter = Duration::from_millis(chance.below(JITTER_MS));
        returning.spawn(come_back(address, before, jitter));
    }
    let back = timeout(ALL_BACK_WITHIN, returning.join_all()).await;
    let back = back.expect("all are welcomed in time");
    assert_eq!(back.len(), usize::try_from(AGENTS).unwrap());

    let mut http = HttpClient::new(address);
    let mut served_count = 0;
    for (mut desktop, before) in back {
        let heard = desktop.everything_so_far().await;
        let is_offered = heard.iter().any(|frame| frame["type"] == "offer");
        assert!(!is_offered, "{}: {heard:?}", before.agent);
        let Some(contact) = before.served else {
            continue;
        };
        let seen = http.contact(&contact).await;
        let was = (&seen["state"], &seen["agent"], &seen["offers"]);
        assert_eq!(was, (&json!("active"), &json!(before.agent), &json!(1)));
        desktop.complete(&contact).await;
        assert_eq!(http.contact(&contact).await["state"], "completed");
        served_count += 1;
    }
    assert_eq!(served_count, SERVING);
    http.assert_conserved().await;
}
