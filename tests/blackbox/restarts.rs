//! Orderly shutdown and restart: nothing is lost, everyone is notified, numbers continue.

use std::collections::BTreeSet;
use std::time::Duration;

use http::Method;
use serde_json::json;
use tokio::task::JoinSet;

use crate::centre::Centre;
use crate::desktop::Desktop;
use crate::http_client::{ADAPTER, HttpClient, request};
use crate::patience::eventually;

const ADAPTERS: usize = 8;

#[tokio::test]
async fn an_orderly_shutdown_under_load_loses_nothing() {
    let centre = Centre::new(2);
    let server = centre.start();
    let address = server.address();
    let mut adapters = JoinSet::new();
    for _ in 0..ADAPTERS {
        adapters.spawn(async move {
            let mut http = HttpClient::new(address);
            let mut acknowledged = Vec::new();
            let body = json!({"channel": "app", "queue": "quiet"});
            loop {
                let request = request(Method::POST, ADAPTER, "/v1/contacts", Some(&body));
                match http.call(request).await {
                    Ok(reply) if reply.status == 201 => {
                        acknowledged.push(reply.json()["id"].as_str().unwrap().to_owned());
                    }
                    Ok(reply) => {
                        assert_eq!(reply.status, 503, "{:?}", reply.bytes);
                        assert!(reply.header("retry-after").is_some());
                    }
                    // The connection is closed, and the listener with it.
                    Err(_) => return acknowledged,
                }
            }
        });
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    server.ask_to_end();
    let acknowledged: Vec<String> = adapters.join_all().await.concat();
    let ended = tokio::task::spawn_blocking(move || server.await_end()).await;
    assert!(ended.unwrap().success());
    assert!(!acknowledged.is_empty());
    let different: BTreeSet<&String> = acknowledged.iter().collect();
    assert_eq!(different.len(), acknowledged.len());
    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    for id in &acknowledged {
        assert_eq!(http.contact(id).await["state"], "queued");
    }
    http.assert_conserved().await;
}

#[tokio::test]
async fn agents_are_sent_away_with_1012_and_find_everything_again() {
    let centre = Centre::new(2);
    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    let mut agent = Desktop::ready(server.address(), "a1").await;
    let idle = Desktop::sign_in(server.address(), "a2").await;
    let contact = http
        .submit(&json!({"channel": "app", "queue": "first"}))
        .await;
    assert_eq!(agent.take_one().await, contact);
    let seen = agent.everything_so_far().await;
    let seqs = seen.iter().filter_map(|frame| frame["seq"].as_u64());
    let last_seq = seqs.max().unwrap();
    let token = agent.token().to_owned();
    server.ask_to_end();
    assert_eq!(agent.await_close().await, Some(1012));
    assert_eq!(idle.await_close().await, Some(1012));
    let ended = tokio::task::spawn_blocking(move || server.await_end()).await;
    assert!(ended.unwrap().success());

    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    assert_eq!(http.contact(&contact).await["state"], "active");
    let mut back = Desktop::sign_in(server.address(), "a1").await;
    let welcome_seq = back.welcome["seq"].as_u64().unwrap();
    assert!(welcome_seq > last_seq, "{welcome_seq} after {last_seq}");
    assert_eq!(back.welcome["agent"]["intent"], "ready");
    let resume = json!({"type": "resume", "token": token, "last_seq": last_seq});
    back.succeed(resume).await;
    let resync = back.expect("resync").await;
    assert_eq!(resync["seq"], welcome_seq + 1);
    assert_eq!(resync["contacts"][0]["id"], contact);
    assert_eq!(resync["contacts"][0]["state"], "active");
    back.complete(&contact).await;
    assert_eq!(http.contact(&contact).await["state"], "completed");
    http.assert_conserved().await;
}

#[tokio::test]
async fn commands_repeated_after_a_kill_are_answered_as_before() {
    let centre = Centre::new(2);
    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    let mut agent = Desktop::ready(server.address(), "a1").await;
    let contact = http
        .submit(&json!({"channel": "app", "queue": "first"}))
        .await;
    assert_eq!(agent.take_one().await, contact);
    let hold = json!({"type": "hold", "contact": contact});
    let unhold = json!({"type": "unhold", "contact": contact});
    let park = json!({"type": "park", "contact": contact});
    for (cmd, command) in [("1", &hold), ("2", &unhold), ("3", &park)] {
        let answer = agent.ask_as(cmd, command.clone()).await;
        assert_eq!(answer["type"], "ok", "{command}: {answer}");
    }
    let token = agent.token().to_owned();
    server.kill();

    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    let mut back = Desktop::sign_in(server.address(), "a1").await;
    back.succeed(json!({"type": "resume", "token": token, "last_seq": 0}))
        .await;
    back.expect("resync").await;
    for (cmd, command) in [("1", &hold), ("2", &unhold), ("3", &park)] {
        let answer = back.ask_as(cmd, command.clone()).await;
        assert_eq!(answer["type"], "ok", "{command}: {answer}");
    }
    assert_eq!(http.contact(&contact).await["state"], "parked");
    let unpark = json!({"type": "unpark", "contact": contact});
    back.succeed(unpark).await;
    let again = back.ask_as("4", park).await;
    assert_eq!(again["type"], "ok");
    assert_eq!(http.contact(&contact).await["state"], "parked");
}

#[tokio::test]
async fn timers_survive_and_keep_their_time() {
    let centre = Centre::new(1).with_short_offers();
    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    let mut agent = Desktop::ready(server.address(), "a1").await;
    let wrapped = http
        .submit(&json!({"channel": "app", "queue": "second"}))
        .await;
    assert_eq!(agent.take_one().await, wrapped);
    agent.complete(&wrapped).await;
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(3);
    let not_before = format!("{later:.3}");
    let body = json!({"channel": "app", "queue": "first", "not_before": not_before});
    let scheduled = http.submit(&body).await;
    server.kill();

    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    let due: jiff::Timestamp = not_before.parse().unwrap();
    let seen = http.contact(&scheduled).await;
    let is_early = jiff::Timestamp::now() < due;
    assert!(!is_early || seen["state"] == "scheduled", "{seen}");
    let wrapping = http.contact(&wrapped).await["state"] == "wrap_up";
    let mut agent = Desktop::sign_in(server.address(), "a1").await;
    let offer = agent.expect("offer").await;
    assert_eq!(offer["offer"]["contact"]["id"], scheduled);
    let at: jiff::Timestamp = offer["at"].as_str().unwrap().parse().unwrap();
    assert!(at >= due, "offered at {at}, not to be before {due}");
    // No desktop shows it, and it is withdrawn.
    let gone = agent.expect("offer_gone").await;
    assert_eq!(gone["reason"], "undelivered");
    eventually("the wrap-up is over", async || {
        let seen = HttpClient::new(server.address()).contact(&wrapped).await;
        (seen["state"] == "completed").then_some(())
    })
    .await;
    let so_far = agent.everything_so_far().await;
    let ends = so_far
        .iter()
        .filter(|frame| frame["type"] == "contact_ended");
    assert!(ends.count() <= 1, "the wrap-up has ended twice: {so_far:?}");
    // Contacts that ended before the kill were counted by the previous process.
    let completed = http.metric("switchboard_contacts_completed_total").await;
    let counted: f64 = completed.iter().sum();
    assert!(counted <= 1.0, "counted {counted} times");
    assert!(counted == 1.0 || !wrapping, "ended, and not counted");
}
