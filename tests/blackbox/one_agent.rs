//! Situations at one desk: racing offers, two tabs, a dead line, a break, a lost connection.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::centre::Centre;
use crate::desktop::Desktop;
use crate::http_client::{ADAPTER, HttpClient, Lost, SUPERVISOR, request};
use crate::patience::{eventually, within};
use crate::relay::Relay;

const AT_ONCE: usize = 20;
/// Three heartbeats of ten seconds, plus slack for a busy machine.
const LOST_WITHIN: Duration = Duration::from_secs(40);
/// One late heartbeat does not lose the agent.
const NOT_LOST_WITHIN: Duration = Duration::from_secs(12);

async fn state_of(http: &mut HttpClient, contact: &str) -> String {
    let contact = http.contact(contact).await;
    contact["state"].as_str().unwrap().to_owned()
}

async fn session_of(http: &mut HttpClient, agent: &str) -> String {
    let path = format!("/v1/agents/{agent}");
    let agent = http.get(SUPERVISOR, &path).await.expect(200);
    agent["session"].as_str().unwrap().to_owned()
}

fn types(frames: &[Value]) -> Vec<&str> {
    let types = frames.iter().map(|frame| frame["type"].as_str().unwrap());
    types.collect()
}

#[tokio::test]
async fn one_free_agent_is_offered_one_of_many_contacts() {
    let centre = Centre::new(1);
    let server = centre.start();
    let mut agent = Desktop::ready(server.address(), "a1").await;
    let mut adapters = tokio::task::JoinSet::new();
    for number in 0..AT_ONCE {
        let address = server.address();
        adapters.spawn(async move {
            let call = json!({"channel": "hotline", "external_id": format!("line-{number}")});
            HttpClient::new(address).submit(&call).await
        });
    }
    let contacts = adapters.join_all().await;
    let (offer, first) = agent.shown_offer().await;
    let so_far = agent.everything_so_far().await;
    assert!(!types(&so_far).contains(&"offer"), "two offers: {so_far:?}");
    let mut http = HttpClient::new(server.address());
    let mut offered = 0;
    for contact in &contacts {
        let state = state_of(&mut http, contact).await;
        offered += usize::from(state == "offered");
        assert!(["offered", "queued"].contains(&&*state), "{state}");
    }
    assert_eq!(offered, 1);
    agent
        .succeed(json!({"type": "accept", "offer": offer}))
        .await;
    let mut served = vec![first.clone()];
    agent.complete(&first).await;
    for _ in 1..AT_ONCE {
        let contact = agent.take_one().await;
        agent.complete(&contact).await;
        served.push(contact);
    }
    served.sort_unstable();
    served.dedup();
    assert_eq!(served.len(), AT_ONCE);
    http.assert_conserved().await;
}

#[tokio::test]
async fn the_same_request_from_many_connections_makes_one_contact() {
    let centre = Centre::new(1);
    let server = centre.start();
    let mut adapters = tokio::task::JoinSet::new();
    for number in 0..AT_ONCE {
        let address = server.address();
        adapters.spawn(async move {
            let body = json!({"channel": "app", "text": "the same"});
            let mut request = request(Method::POST, ADAPTER, "/v1/contacts", Some(&body));
            // Quoted or bare, it is the same key.
            let key = if number % 2 == 0 { "once" } else { "\"once\"" };
            let headers = request.headers_mut();
            headers.insert("idempotency-key", key.parse().unwrap());
            let reply = HttpClient::new(address).call(request).await;
            reply.unwrap_or_else(|Lost| panic!("no answer"))
        });
    }
    let replies = adapters.join_all().await;
    let made = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(made, 1);
    let id = replies[0].json()["id"].clone();
    for reply in &replies {
        assert_eq!(reply.json()["id"], id);
        let repeat = reply.header("idempotent-replay") == Some("true");
        assert_eq!(repeat, reply.status == 200, "{reply:?}");
    }
}

#[tokio::test]
async fn the_newest_of_two_tabs_wins_and_the_other_is_told() {
    let centre = Centre::new(1);
    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    let mut old = Desktop::ready(server.address(), "a1").await;
    let contact = http.submit(&json!({"channel": "hotline"})).await;
    let (offer, _) = old.shown_offer().await;
    let mut new = Desktop::sign_in(server.address(), "a1").await;
    assert_eq!(old.await_close().await, Some(4001));
    // What the old tab was offered is offered anew, and the old offer id is invalid.
    let (again, offered) = new.shown_offer().await;
    assert_eq!(offered, contact);
    assert_ne!(again, offer);
    let refused = new.ask(json!({"type": "accept", "offer": offer})).await;
    assert_eq!(refused["code"], "stale_offer");
    new.succeed(json!({"type": "accept", "offer": again})).await;
    assert_eq!(state_of(&mut http, &contact).await, "active");
}

#[tokio::test]
async fn an_offer_into_a_dead_line_goes_to_the_next_agent() {
    let centre = Centre::new(2);
    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    let relay = Relay::to(server.address()).await;
    let mut dead = Desktop::ready(relay.address(), "a1").await;
    dead.everything_so_far().await;
    relay.go_silent();
    let contact = http
        .submit(&json!({"channel": "hotline", "queue": "first"}))
        .await;
    assert_eq!(http.contact(&contact).await["agent"], "a1");
    let mut next = Desktop::ready(server.address(), "a2").await;
    assert_eq!(next.take_one().await, contact);
    let seen = http.contact(&contact).await;
    assert_eq!((&seen["agent"], &seen["offers"]), (&json!("a2"), &json!(2)));
    let lost = http.get(SUPERVISOR, "/v1/agents/a1").await.expect(200);
    assert_eq!(lost["strikes"], 0, "a dead line is nobody's fault");
}

#[tokio::test]
async fn a_line_that_is_silent_is_lost_within_three_heartbeats() {
    let centre = Centre::new(1);
    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    let relay = Relay::to(server.address()).await;
    let mut agent = Desktop::ready(relay.address(), "a1").await;
    agent.everything_so_far().await;
    assert_eq!(session_of(&mut http, "a1").await, "connected");
    // No offer is open whose end would reveal the problem to the server.
    relay.go_silent();
    let silent_since = Instant::now();
    within(LOST_WITHIN, "the silent agent is lost", async || {
        let mut http = HttpClient::new(server.address());
        (session_of(&mut http, "a1").await != "connected").then_some(())
    })
    .await;
    let silent_for = silent_since.elapsed();
    assert!(silent_for >= NOT_LOST_WITHIN, "lost after {silent_for:?}");
    assert_eq!(session_of(&mut http, "a1").await, "grace");
}

#[tokio::test]
async fn an_agent_who_takes_a_break_loses_an_open_offer() {
    let centre = Centre::new(2);
    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    let mut tired = Desktop::ready(server.address(), "a1").await;
    let contact = http
        .submit(&json!({"channel": "hotline", "queue": "first"}))
        .await;
    let (offer, _) = tired.shown_offer().await;
    let lunch = json!({"type": "not_ready", "reason": "lunch"});
    tired.succeed(lunch).await;
    let gone = tired.expect("offer_gone").await;
    assert_eq!(
        (&gone["offer"], &gone["reason"]),
        (&json!(offer), &json!("withdrawn"))
    );
    let late = tired.ask(json!({"type": "accept", "offer": offer})).await;
    assert_eq!(late["code"], "stale_offer");
    assert_eq!(state_of(&mut http, &contact).await, "queued");
    let mut fresh = Desktop::ready(server.address(), "a2").await;
    assert_eq!(fresh.take_one().await, contact);
}

#[tokio::test]
async fn an_agent_who_returns_in_time_keeps_the_contact_and_misses_nothing() {
    let centre = Centre::new(2);
    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    let mut agent = Desktop::ready(server.address(), "a1").await;
    let contact = http
        .submit(&json!({"channel": "app", "queue": "first"}))
        .await;
    assert_eq!(agent.take_one().await, contact);
    let seen = agent.everything_so_far().await;
    let last_seq = seen
        .iter()
        .filter_map(|frame| frame["seq"].as_u64())
        .max()
        .unwrap();
    let token = agent.token().to_owned();
    drop(agent);
    eventually("the lost agent is seen to be lost", async || {
        let mut http = HttpClient::new(server.address());
        (session_of(&mut http, "a1").await == "grace").then_some(())
    })
    .await;
    let messages = format!("/v1/contacts/{contact}/messages");
    for text in ["one", "two", "three"] {
        http.post(ADAPTER, &messages, &json!({"text": text}))
            .await
            .expect(201);
    }
    assert_eq!(state_of(&mut http, &contact).await, "active");

    let mut back = Desktop::sign_in(server.address(), "a1").await;
    assert_eq!(back.welcome["contacts"][0]["id"], contact);
    let welcome_seq = back.welcome["seq"].as_u64().unwrap();
    let resume = json!({"type": "resume", "token": token, "last_seq": last_seq});
    back.succeed(resume).await;
    let missed = back.everything_so_far().await;
    let seqs: Vec<u64> = missed
        .iter()
        .map(|frame| frame["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(seqs, (last_seq + 1..welcome_seq).collect::<Vec<u64>>());
    let texts: Vec<&str> = missed
        .iter()
        .filter_map(|frame| frame["text"].as_str())
        .collect();
    assert_eq!(texts, ["one", "two", "three"]);
    back.complete(&contact).await;
    assert_eq!(state_of(&mut http, &contact).await, "completed");
}

#[tokio::test]
async fn an_agent_who_returns_too_late_starts_anew() {
    // The wrap-up does not end by itself within this test.
    let centre = Centre::new(2).with_grace_s(2).with_wrap_up_s(600);
    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    let mut late = Desktop::ready(server.address(), "a1").await;
    let in_second = json!({"channel": "app", "queue": "second"});
    let wrapped = http.submit(&in_second).await;
    assert_eq!(late.take_one().await, wrapped);
    late.complete(&wrapped).await;
    let in_first = json!({"channel": "app", "queue": "first"});
    let served = http.submit(&in_first).await;
    assert_eq!(late.take_one().await, served);
    assert_eq!(state_of(&mut http, &wrapped).await, "wrap_up");
    let before = http.contact(&served).await;
    assert_eq!(
        (&before["state"], &before["agent"]),
        (&json!("active"), &json!("a1"))
    );
    assert!(before["queued_at"].is_string(), "{before}");
    let token = late.token().to_owned();
    drop(late);
    let newer = http.submit(&in_first).await;
    eventually("the grace is over", async || {
        let mut http = HttpClient::new(server.address());
        (session_of(&mut http, "a1").await == "gone").then_some(())
    })
    .await;
    let after = http.contact(&served).await;
    assert_eq!(
        (&after["state"], &after["agent"]),
        (&json!("queued"), &Value::Null)
    );
    assert_eq!(after["queued_at"], before["queued_at"]);
    assert_eq!(state_of(&mut http, &wrapped).await, "completed");

    let mut back = Desktop::sign_in(server.address(), "a1").await;
    assert_eq!(back.welcome["contacts"], json!([]));
    assert_eq!(back.welcome["agent"]["intent"], "not_ready");
    let resume = json!({"type": "resume", "token": token, "last_seq": 0});
    back.succeed(resume).await;
    assert_eq!(back.expect("resync").await["contacts"], json!([]));
    // A contact that was served before returns to its old place.
    let mut next = Desktop::ready(server.address(), "a2").await;
    assert_eq!(next.take_one().await, served);
    assert_eq!(next.take_one().await, newer);
    let nothing = back.everything_so_far().await;
    assert!(!types(&nothing).contains(&"offer"), "{nothing:?}");
    http.assert_conserved().await;
}

#[tokio::test]
async fn reconnecting_makes_nobody_ready() {
    let centre = Centre::new(1);
    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    let mut agent = Desktop::ready(server.address(), "a1").await;
    let lunch = json!({"type": "not_ready", "reason": "lunch"});
    agent.succeed(lunch).await;
    let contact = http
        .submit(&json!({"channel": "app", "queue": "first"}))
        .await;
    let (mut token, mut last_seq) = (agent.token().to_owned(), 0);
    for _ in 0..3 {
        drop(agent);
        agent = Desktop::sign_in(server.address(), "a1").await;
        assert_eq!(agent.welcome["agent"]["intent"], "not_ready");
        let resume = json!({"type": "resume", "token": token, "last_seq": last_seq});
        agent.succeed(resume).await;
        let seen = agent.everything_so_far().await;
        assert!(!types(&seen).contains(&"offer"));
        token = agent.token().to_owned();
        last_seq = agent.welcome["seq"].as_u64().unwrap();
    }
    assert_eq!(state_of(&mut http, &contact).await, "queued");
    agent.succeed(json!({"type": "ready"})).await;
    assert_eq!(agent.take_one().await, contact);
}

#[tokio::test]
async fn a_session_that_broke_at_once_is_resumed_and_not_started_anew() {
    let centre = Centre::new(1);
    let server = centre.start();
    let mut http = HttpClient::new(server.address());
    let mut agent = Desktop::ready(server.address(), "a1").await;
    let contact = http
        .submit(&json!({"channel": "app", "queue": "first"}))
        .await;
    assert_eq!(agent.take_one().await, contact);
    let seen = agent.everything_so_far().await;
    let seqs = seen.iter().filter_map(|frame| frame["seq"].as_u64());
    let last_seq = seqs.max().unwrap();
    drop(agent);
    let messages = format!("/v1/contacts/{contact}/messages");
    let message = json!({"text": "hello?"});
    http.post(ADAPTER, &messages, &message).await.expect(201);
    let broken = Desktop::sign_in(server.address(), "a1").await;
    let token = broken.token().to_owned();
    drop(broken);
    let mut back = Desktop::sign_in(server.address(), "a1").await;
    let welcome_seq = back.welcome["seq"].as_u64().unwrap();
    let resume = json!({"type": "resume", "token": token, "last_seq": last_seq});
    back.succeed(resume).await;
    let missed = back.everything_so_far().await;
    let seqs: Vec<u64> = missed
        .iter()
        .map(|frame| frame["seq"].as_u64().unwrap())
        .collect();
    assert_eq!(seqs, (last_seq + 1..welcome_seq).collect::<Vec<u64>>());
    assert!(types(&missed).contains(&"message"));
    assert!(!types(&missed).contains(&"welcome"), "{missed:?}");
}
