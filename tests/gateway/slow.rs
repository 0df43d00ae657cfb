//! Slow clients.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use switchboard::domain::Channel;
use switchboard::task;
use tokio::io::AsyncWriteExt;
use tokio::time::{sleep, timeout};

use crate::centre::{Centre, Plan};
use crate::client::{PATIENCE, Wire};

async fn hasty() -> Centre {
    let mut plan = Plan::ordinary();
    plan.doors.head_within = Duration::from_millis(500);
    plan.doors.idle_for = Duration::from_secs(2);
    Centre::open_as(plan).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_has_to_come_in_time() {
    let centre = hasty().await;
    let mut silent = Wire::open(centre.address).await;
    let mut half = Wire::open(centre.address).await;
    half.send("GET /healthz HTTP/1.1\r\nHost:").await;
    let mut preface = Wire::open(centre.address).await;
    preface.send("PRI * HTTP/2.0\r\n").await;
    let mut drip = Wire::open(centre.address).await;
    drip.send("GET /healthz HTTP/1.1\r\n").await;
    for _ in 0..8 {
        sleep(Duration::from_millis(100)).await;
        drip.send("X: y\r\n").await;
    }
    for wire in [&mut silent, &mut half, &mut drip] {
        assert!(wire.is_over().await);
    }
    preface.reply().await;
    assert!(preface.is_over().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_may_idle_longer_than_a_head_may_take() {
    let centre = hasty().await;
    let mut wire = Wire::open(centre.address).await;
    for path in ["/healthz", "/v1/queues", "/healthz"] {
        wire.send(centre.supervisor().request("GET", path, ""))
            .await;
        assert_eq!(wire.reply().await.unwrap().status, 200);
        assert!(
            wire.is_open_after(Duration::from_millis(1_000)).await,
            "{path}"
        );
    }
    // A body may arrive after its head, complete or not.
    let head = "POST /v1/contacts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer dev-adapter\r\n\
                Content-Type: application/json\r\n";
    let body = r#"{"channel":"storefront"}"#;
    let chunk = format!("{:x}\r\n{body}\r\n", body.len());
    for (framing, pieces) in [
        (
            format!("Content-Length: {}", body.len()),
            [&body[..9], &body[9..]],
        ),
        (
            "Transfer-Encoding: chunked".to_owned(),
            [&chunk, "0\r\n\r\n"],
        ),
    ] {
        wire.send(format!("{head}{framing}\r\n\r\n")).await;
        for piece in pieces {
            sleep(Duration::from_millis(100)).await;
            wire.send(piece).await;
        }
        assert_eq!(wire.reply().await.unwrap().status, 201);
        assert!(
            wire.is_open_after(Duration::from_millis(1_000)).await,
            "{framing}"
        );
    }
    wire.send("GET /healthz HTTP/1.1\r\n").await;
    assert!(wire.is_over().await, "but not within a later head");
    let mut wire = Wire::open(centre.address).await;
    wire.send(centre.supervisor().request("GET", "/healthz", ""))
        .await;
    assert_eq!(wire.reply().await.unwrap().status, 200);
    assert!(wire.is_over().await, "and not for ever");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_stops_is_given_up() {
    let centre = Centre::open().await;
    let head = "POST /v1/contacts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer dev-adapter\r\n\
                Content-Type: application/json\r\n";
    let stalled = async {
        let mut wire = Wire::open(centre.address).await;
        wire.send(format!("{head}Content-Length: 100\r\n\r\n{{\"c"))
            .await;
        wire
    };
    let chunks = async {
        let mut wire = Wire::open(centre.address).await;
        wire.send(format!(
            "{head}Transfer-Encoding: chunked\r\n\r\n3\r\n{{\"c\r\n"
        ))
        .await;
        wire
    };
    let dripping = async {
        let mut wire = Wire::open(centre.address).await;
        wire.send(format!("{head}Content-Length: 100\r\n\r\n"))
            .await;
        for _ in 0..10 {
            wire.send(" ").await;
            sleep(Duration::from_secs(1)).await;
        }
        wire
    };
    let (mut stalled, mut chunks, mut dripping) = tokio::join!(stalled, chunks, dripping);
    for wire in [&mut stalled, &mut chunks, &mut dripping] {
        let reply = wire.reply().await.unwrap();
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (408, "body_too_slow")
        );
        assert!(wire.is_over().await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_leaves_in_the_middle_leaves_nothing() {
    let centre = Centre::open().await;
    let head = "POST /v1/contacts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer dev-adapter\r\n\
                Content-Type: application/json\r\nContent-Length: 25\r\n\r\n{\"channel\":";
    for _ in 0..20 {
        let mut wire = Wire::open(centre.address).await;
        wire.send(head).await;
        drop(wire);
    }
    // The body was complete: the contact is created even if the client is gone.
    let mut wire = Wire::open(centre.address).await;
    wire.send(
        centre
            .adapter()
            .request("POST", "/v1/contacts", r#"{"channel":"storefront"}"#),
    )
    .await;
    drop(wire);
    sleep(Duration::from_millis(500)).await;
    let app = centre.contacts_of_channel(Channel::App).await;
    assert_eq!(app, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_leaves_after_the_body_may_ask_again() {
    let mut plan = Plan::ordinary();
    plan.doors.connections_max = 100;
    let centre = Centre::open_as(plan).await;
    let ask = |number: usize| {
        let adapter = centre.adapter();
        let client = adapter.with("Idempotency-Key", &format!("k-{number}"));
        client.request("POST", "/v1/contacts", r#"{"channel":"storefront"}"#)
    };
    for number in 0..100 {
        let mut wire = Wire::open(centre.address).await;
        wire.send(ask(number)).await;
    }
    let mut wire = timeout(PATIENCE, served(&centre)).await.unwrap();
    let mut ids = BTreeSet::new();
    for number in 0..100 {
        wire.send(ask(number)).await;
        let reply = wire.reply().await.unwrap();
        // A repeat, or the first if the client had gone before it was read.
        assert!([200, 201].contains(&reply.status), "{}", reply.text());
        ids.insert(reply.json()["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids.len(), 100);
    assert_eq!(centre.contacts_of_channel(Channel::Storefront).await, 100);
    // Clients that left hold no permit: there is one for everybody else.
    let mut others = Vec::new();
    for _ in 1..100 {
        others.push(timeout(PATIENCE, served(&centre)).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_said_all_is_answered_and_then_let_go() {
    let mut plan = Plan::ordinary();
    plan.doors.connections_max = 1;
    let centre = Centre::open_as(plan).await;
    let adapter = centre.adapter();
    for asked in [
        "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        adapter.request("POST", "/v1/contacts", r#"{"channel":"storefront"}"#),
    ] {
        let mut wire = timeout(PATIENCE, served(&centre)).await.unwrap();
        wire.send(&asked).await;
        wire.tcp.shutdown().await.unwrap();
        let reply = wire.reply().await.expect("an answer");
        assert!([200, 201].contains(&reply.status), "{}", reply.text());
        assert!(wire.is_over().await);
    }
    // A connection known to stay silent is not waited for.
    let mut idle = timeout(PATIENCE, served(&centre)).await.unwrap();
    idle.tcp.shutdown().await.unwrap();
    let over = timeout(Duration::from_secs(2), idle.is_over()).await;
    assert!(over.unwrap());
    // Half a body is not a request.
    let mut half = timeout(PATIENCE, served(&centre)).await.unwrap();
    let whole = adapter.request("POST", "/v1/contacts", r#"{"channel":"storefront"}"#);
    half.send(&whole[..whole.len() - 5]).await;
    half.tcp.shutdown().await.unwrap();
    let reply = timeout(Duration::from_secs(2), half.reply()).await.unwrap();
    assert!(reply.is_none_or(|reply| reply.status == 400));
    timeout(PATIENCE, served(&centre)).await.unwrap();
    assert_eq!(centre.contacts_of_channel(Channel::Storefront).await, 1);
}

/// A connection, as soon as a permit is free.
async fn served(centre: &Centre) -> Wire {
    loop {
        let mut wire = Wire::open(centre.address).await;
        wire.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
        match wire.reply().await.map(|reply| reply.status) {
            Some(200) => return wire,
            _ => sleep(Duration::from_millis(50)).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn healthy_clients_do_not_notice_hundreds_of_slow_ones() {
    let centre = hasty().await;
    let mut slow = Vec::new();
    for _ in 0..500 {
        let mut wire = Wire::open(centre.address).await;
        wire.send("POST /v1/contacts HTTP/1.1\r\nHost:").await;
        slow.push(wire);
    }
    for _ in 0..50 {
        centre.submit().await;
    }
    for wire in &mut slow {
        assert!(wire.is_over().await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_takes_too_long_is_said_to_be_undecided() {
    let mut plan = Plan::ordinary();
    plan.doors.request_within = Duration::from_millis(300);
    plan.reload = Arc::new(|_| Box::pin(std::future::pending()));
    let centre = Centre::open_as(plan).await;
    let mut wire = Wire::open(centre.address).await;
    let admin = centre.client("dev-admin").with("Idempotency-Key", "k");
    for _ in 0..2 {
        wire.send(admin.request("POST", "/v1/admin/reload", ""))
            .await;
        let reply = wire.reply().await.unwrap();
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (504, "outcome_unknown")
        );
        assert_eq!(reply.header("retry-after"), Some("1"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_look_that_takes_too_long_has_nothing_to_repeat_under_a_key() {
    let mut plan = Plan::ordinary();
    plan.doors.request_within = Duration::from_millis(500);
    let centre = Centre::open_as(plan).await;
    let node = centre.node.clone();
    let look = async move { node.read(|_| thread::sleep(Duration::from_secs(2))).await };
    let busy = task::spawn("a long look", look);
    sleep(Duration::from_millis(100)).await;
    let looked = centre.supervisor().get("/v1/queues").await;
    assert_eq!(looked.status, 504, "{}", looked.text());
    assert_eq!(looked.json()["detail"], "timed out; try again");
    busy.await.unwrap().unwrap();
}
