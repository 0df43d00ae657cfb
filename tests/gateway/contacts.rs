//! The calls about contacts, as an adapter and a supervisor use them.

use serde_json::Value;
use switchboard::domain::Channel;

use crate::centre::{Centre, Plan};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_contact_is_told_in_full() {
    let centre = Centre::open().await;
    let body = r#"{"channel":"wechat","external_id":"wx-24567","customer":{"phone":"13800138000"},
        "topic":"broadband_fault","text":"家里宽带断了","language":"zh","attributes":{"city":"广州","age":41}}"#;
    let reply = centre.adapter().post("/v1/contacts", body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let contact = reply.json();
    let id = contact["id"].as_str().unwrap();
    assert_eq!(
        reply.header("location"),
        Some(&*format!("/v1/contacts/{id}"))
    );
    for (name, value) in [
        ("site", "main"),
        ("channel", "wechat"),
        ("external_id", "wx-24567"),
        ("state", "queued"),
        ("queue", "q"),
        ("topic", "broadband_fault"),
        ("text", "家里宽带断了"),
        ("estimate_reason", "nobody_staffed"),
    ] {
        assert_eq!(contact[name], value, "{name}");
    }
    assert_eq!(contact["position"], 1);
    assert!(contact["estimated_wait_s"].is_null());
    assert!(contact["agent"].is_null() && contact["outcome"].is_null());
    assert_eq!(contact["customer"]["known"], false);
    assert_eq!(contact["customer"]["tier"], "basic");
    assert_eq!(contact["attributes"]["age"], 41);
    assert_eq!(contact["created_at"].as_str().unwrap().len(), 24);
    let path = format!("/v1/contacts/{id}");
    assert_eq!(centre.adapter().get(&path).await.json(), contact);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_gets_the_same_contact() {
    let centre = Centre::open().await;
    let first = centre.adapter().with("Idempotency-Key", "k-1");
    let made = first.post("/v1/contacts", r#"{"channel":"app"}"#).await;
    assert_eq!(made.status, 201);
    assert!(!made.is_replay());
    let quoted = centre.adapter().with("idempotency-key", "\"k-1\"");
    let again = quoted.post("/v1/contacts", r#"{"channel":"app"}"#).await;
    assert_eq!(again.status, 200);
    assert!(again.is_replay());
    assert_eq!(again.json()["id"], made.json()["id"]);
    let other = first.post("/v1/contacts", r#"{"channel":"wechat"}"#).await;
    assert_eq!(
        (other.status, other.code().as_str()),
        (422, "idempotency_mismatch")
    );
    let bad = centre.adapter().with("Idempotency-Key", "a b");
    let bad = bad.post("/v1/contacts", r#"{"channel":"app"}"#).await;
    assert_eq!(
        (bad.status, bad.code().as_str()),
        (400, "bad_idempotency_key")
    );
    let two = first.with("Idempotency-Key", "k-2");
    let two = two.post("/v1/contacts", r#"{"channel":"app"}"#).await;
    assert_eq!(
        (two.status, two.code().as_str()),
        (400, "bad_idempotency_key")
    );
    let twice = first.with("Idempotency-Key", "k-1");
    let twice = twice.post("/v1/contacts", r#"{"channel":"app"}"#).await;
    assert!(twice.is_replay());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parameter_that_a_call_does_not_know_is_refused_by_name() {
    let centre = Centre::open().await;
    let id = centre.submit().await;
    let supervisor = centre.supervisor();
    for path in [
        "/v1/contacts".to_owned(),
        format!("/v1/contacts/{id}"),
        format!("/v1/contacts/{id}/explain"),
        "/v1/queues".to_owned(),
        "/metrics".to_owned(),
        "/v1/openapi.json".to_owned(),
        "/v1/agent".to_owned(),
    ] {
        let reply = supervisor.get(&format!("{path}?colour=red")).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (422, "unknown_field"),
            "{path}"
        );
        assert_eq!(reply.json()["field"], "colour");
    }
    let reply = supervisor.get("/v1/queues?colour=red&token=t").await;
    assert_eq!(reply.code(), "token_in_url");
    let post = centre.adapter();
    let post = post.post("/v1/contacts?x=1", r#"{"channel":"app"}"#).await;
    assert_eq!(post.code(), "unknown_field");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_natural_key_finds_the_contact_too() {
    let centre = Centre::open().await;
    let body = r#"{"channel":"app","external_id":"x-1"}"#;
    let made = centre.adapter().post("/v1/contacts", body).await;
    let again = centre.adapter().post("/v1/contacts", body).await;
    assert_eq!((made.status, again.status), (201, 200));
    assert!(again.is_replay());
    assert_eq!(again.json()["id"], made.json()["id"]);
    let other = r#"{"channel":"wechat","external_id":"x-1"}"#;
    assert_eq!(
        centre.adapter().post("/v1/contacts", other).await.status,
        201
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_identical_requests_at_once_make_one_contact() {
    let centre = Centre::open().await;
    let client = centre.adapter().with("Idempotency-Key", "once");
    let posts = (0..100).map(|_| client.post("/v1/contacts", r#"{"channel":"storefront"}"#));
    let replies = futures_util::future::join_all(posts).await;
    let fresh = replies.iter().filter(|reply| reply.status == 201).count();
    let replays = replies
        .iter()
        .filter(|reply| reply.status == 200 && reply.is_replay());
    assert_eq!((fresh, replays.count()), (1, 99));
    let id = replies[0].json()["id"].clone();
    assert!(replies.iter().all(|reply| reply.json()["id"] == id));
    assert_eq!(centre.contacts_of_channel(Channel::Storefront).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idempotency_key_counts_for_one_call_only() {
    let centre = Centre::open().await;
    let (one, two) = (centre.submit().await, centre.submit().await);
    let client = centre.adapter().with("Idempotency-Key", "k");
    let body = r#"{"text":"hello"}"#;
    for id in [&one, &two] {
        let path = format!("/v1/contacts/{id}/messages");
        let sent = client.post(&path, body).await;
        assert_eq!(sent.status, 201, "{}", sent.text());
        let again = client.post(&path, body).await;
        assert_eq!(again.status, 200);
        assert!(again.is_replay());
        let other = client.post(&path, r#"{"text":"bye"}"#).await;
        assert_eq!(other.code(), "idempotency_mismatch");
    }
    let path = format!("/v1/contacts/{one}/cancel");
    let body = r#"{"reason":"customer_left"}"#;
    assert_eq!(client.post(&path, body).await.json()["state"], "abandoned");
    let again = client.post(&path, body).await;
    assert!(again.is_replay());
    assert_eq!(again.json()["state"], "abandoned");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_is_cancelled_or_abandoned_by_its_reason() {
    let centre = Centre::open().await;
    for (reason, state) in [("customer_left", "abandoned"), ("duplicate", "cancelled")] {
        let path = format!("/v1/contacts/{}/cancel", centre.submit().await);
        let body = format!(r#"{{"reason":"{reason}"}}"#);
        let reply = centre.adapter().post(&path, &body).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.json()["state"], state);
        let again = centre.adapter().post(&path, &body).await;
        assert_eq!((again.status, again.code().as_str()), (409, "wrong_state"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_says_when_to_come_back() {
    let mut plan = Plan::ordinary();
    plan.routing.queues[0].waiting_max = 2;
    let centre = Centre::open_as(plan).await;
    let first = centre.submit().await;
    centre.submit().await;
    let third = centre.adapter().with("Idempotency-Key", "third");
    let body = r#"{"channel":"app"}"#;
    let full = third.post("/v1/contacts", body).await;
    assert_eq!((full.status, full.code().as_str()), (429, "queue_full"));
    assert_eq!(full.header("retry-after"), Some("5"));
    assert_eq!(centre.contacts_of_channel(Channel::App).await, 2);
    let path = format!("/v1/contacts/{first}/cancel");
    let left = r#"{"reason":"customer_left"}"#;
    assert_eq!(centre.adapter().post(&path, left).await.status, 200);
    // The refusal changed nothing, so its key can be used again.
    assert_eq!(third.post("/v1/contacts", body).await.status, 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_learned_later_is_added() {
    let centre = Centre::open().await;
    let path = format!("/v1/contacts/{}", centre.submit().await);
    let adapter = centre.adapter();
    let body = r#"{"topic":"billing","sentiment":-0.5,"attributes":{"city":"广州"}}"#;
    let patched = adapter.call("PATCH", &path, body).await;
    assert_eq!(patched.status, 200, "{}", patched.text());
    let body = r#"{"attributes":{"lines":2}}"#;
    let contact = adapter.call("PATCH", &path, body).await.json();
    assert_eq!(contact["topic"], "billing");
    assert_eq!(contact["sentiment"], -0.5);
    assert_eq!(contact["attributes"]["city"], "广州");
    assert_eq!(contact["attributes"]["lines"], 2);
    // As in a merge patch (RFC 7396), null removes a member.
    let body = r#"{"attributes":{"city":null,"street":null,"lines":3}}"#;
    let contact = adapter.call("PATCH", &path, body).await.json();
    assert_eq!(contact["attributes"], serde_json::json!({"lines": 3}));
    let wrong = adapter.call("PATCH", &path, r#"{"sentiment":2}"#).await;
    assert_eq!(
        (wrong.status, wrong.json()["field"].as_str()),
        (422, Some("sentiment"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_knows_a_contact_that_never_was() {
    let centre = Centre::open().await;
    for id in [
        "nobody",
        "0198c6a0-0000-7000-8000-000000000001",
        "%ff",
        "a%2Fb",
    ] {
        let path = format!("/v1/contacts/{id}");
        let reply = centre.adapter().get(&path).await;
        assert_eq!(reply.status, 404, "{id}: {}", reply.text());
        let path = format!("/v1/contacts/{id}/explain");
        assert_eq!(centre.supervisor().get(&path).await.status, 404);
        let path = format!("/v1/contacts/{id}/cancel");
        let reply = centre.adapter().post(&path, r#"{"reason":"x"}"#).await;
        assert_eq!(reply.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_the_configuration_does_not_have_are_refused() {
    let centre = Centre::open().await;
    for (body, code) in [
        (r#"{"channel":"app","queue":"nowhere"}"#, "unknown_queue"),
        (
            r#"{"channel":"app","requires":{"juggling":3}}"#,
            "unknown_skill",
        ),
        (
            r#"{"channel":"app","not_before":"2099-01-01T00:00:00Z"}"#,
            "too_far_ahead",
        ),
    ] {
        let reply = centre.adapter().post("/v1/contacts", body).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, code));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_follow_each_other_in_the_order_of_arrival() {
    let centre = Centre::open().await;
    let mut made = Vec::new();
    for _ in 0..5 {
        made.push(centre.submit().await);
    }
    let supervisor = centre.supervisor();
    let mut seen = Vec::new();
    let mut path = "/v1/contacts?limit=2&state=queued".to_owned();
    loop {
        let page = supervisor.get(&path).await.json();
        let contacts = page["contacts"].as_array().unwrap();
        assert!(contacts.len() <= 2);
        seen.extend(
            contacts
                .iter()
                .map(|contact| contact["id"].as_str().unwrap().to_owned()),
        );
        let Some(after) = page["next_after"].as_str() else {
            break;
        };
        path = format!("/v1/contacts?limit=2&state=queued&after={after}");
    }
    assert_eq!(seen, made);
    let gone = "/v1/contacts?after=01890000-0000-7000-8000-000000000000";
    let gone = supervisor.get(gone).await;
    assert_eq!(
        (gone.status, gone.code().as_str()),
        (422, "unknown_contact")
    );
    let none = supervisor.get("/v1/contacts?state=active").await.json();
    assert_eq!(none["contacts"].as_array().unwrap().len(), 0);
    let wrong = supervisor.get("/v1/contacts?colour=red").await;
    assert_eq!(
        (wrong.status, wrong.code().as_str()),
        (422, "unknown_field")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_waiting_contact_says_why_in_two_languages() {
    let centre = Centre::open().await;
    let _idle = centre.desktop("a2").await;
    let path = format!("/v1/contacts/{}/explain", centre.submit().await);
    let told = centre.supervisor().get(&path).await.json();
    assert_eq!(told["contact"]["state"], "queued");
    assert!(
        told["sentence"]["zh"]
            .as_str()
            .unwrap()
            .contains("排第 1 位"),
        "{told}"
    );
    assert!(
        told["sentence"]["en"]
            .as_str()
            .unwrap()
            .contains("number 1"),
        "{told}"
    );
    let candidates = told["candidates"].as_array().unwrap();
    let test_of = |agent: &str| {
        let mut candidates = candidates.iter();
        let candidate = candidates
            .find(|candidate| candidate["agent"] == agent)
            .unwrap();
        candidate["failed"]["test"].as_str().unwrap().to_owned()
    };
    assert_eq!(test_of("a1"), "not_connected");
    assert_eq!(test_of("a2"), "not_ready");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_assigned_contact_says_who_stood_for_choice() {
    let centre = Centre::open().await;
    let mut desktop = centre.ready("a1").await;
    let _second = centre.ready("a2").await;
    let contact = centre.submit().await;
    let offer = desktop.next("offer").await;
    let why = &offer["offer"]["why"];
    assert_eq!(why["how"], "contact_sought_agent", "{offer}");
    let cost = why["cost_s"].as_object().unwrap();
    let total = cost["total"].as_f64().unwrap();
    let terms: f64 = cost.values().filter_map(Value::as_f64).sum();
    assert!(
        (terms - 2.0 * total).abs() < 0.01,
        "the terms add up: {why}"
    );
    let path = format!("/v1/contacts/{contact}/explain");
    let told = centre.supervisor().get(&path).await.json();
    let choice = &told["choice"];
    assert_eq!(choice["agent"], "a1");
    assert_eq!(choice["could_take"], 2);
    let listed = choice["shortlist"].as_array().unwrap();
    let agents: Vec<_> = listed.iter().map(|listed| &listed["agent"]).collect();
    assert_eq!(agents, ["a1", "a2"]);
    assert_eq!(listed[0]["cost_s"]["total"], total);
    assert_eq!(choice["reason"], Value::Null);
    let says = |language: &str, part: &str| {
        let sentences = told["words"][language].as_array().unwrap();
        let mut sentences = sentences.iter().filter_map(Value::as_str);
        sentences.any(|sentence| sentence.contains(part))
    };
    assert!(says("en", "a1 costs least"), "{told}");
    assert!(says("zh", "a1 成本最低"), "{told}");
    assert!(says("en", "Next change in"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_with_room_says_which_lines_were_compared() {
    let centre = Centre::open().await;
    let contact = centre.submit().await;
    let mut desktop = centre.ready("a1").await;
    let offer = desktop.next("offer").await;
    assert_eq!(offer["offer"]["why"]["how"], "agent_sought_contact");
    assert!(offer["offer"]["why"]["fit_s"].is_number());
    let path = format!("/v1/contacts/{contact}/explain");
    let told = centre.supervisor().get(&path).await.json();
    assert_eq!(told["choice"]["heads"][0]["contact"], contact);
    assert_eq!(told["choice"]["lines"], 1);
    assert_eq!(told["choice"]["shortlist"], Value::Null);
}
