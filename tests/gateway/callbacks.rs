//! Callbacks over the wire: asked for by an adapter, dialled by an agent.

use std::time::Duration;

use serde_json::Value;

use crate::centre::{Centre, Plan};
use crate::desktop::Desktop;
use crate::supervisors::{board, next};
use crate::webhooks::Receiver;

const CALLER: &str = r#"{"channel":"hotline","customer":{"phone":"13800138000"}}"#;

async fn submit(centre: &Centre, body: &str) -> String {
    let reply = centre.adapter().post("/v1/contacts", body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    format!("/v1/contacts/{}", reply.json()["id"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_hangs_up_and_is_called_in_turn() {
    let centre = Centre::open_as(Plan::ordinary()).await;
    let adapter = centre.adapter();
    let path = submit(&centre, CALLER).await;
    let keyed = adapter.with("Idempotency-Key", "k");
    let body = r#"{"mode":"agent_first"}"#;
    let asked = keyed.post(&format!("{path}/callback"), body).await;
    assert_eq!(asked.status, 200, "{}", asked.text());
    assert_eq!(asked.json()["state"], "queued");
    assert_eq!(asked.json()["callback"]["phone"], "+8613800138000");
    assert_eq!(asked.json()["callback"]["mode"], "agent_first");
    assert!(
        keyed
            .post(&format!("{path}/callback"), body)
            .await
            .is_replay()
    );
    let gone = r#"{"reason":"customer_left"}"#;
    let left = adapter.post(&format!("{path}/cancel"), gone).await;
    assert_eq!(
        (left.status, &left.json()["state"]),
        (200, &"queued".into())
    );
    let again = submit(&centre, CALLER).await;
    let second = adapter.post(&format!("{again}/callback"), "{}").await;
    assert_eq!(
        (second.status, second.code().as_str()),
        (409, "callback_exists")
    );
    let mut desktop = centre.ready("a1").await;
    let contact = desktop.take().await;
    assert!(path.ends_with(&contact), "who came first is called first");
    let assigned = desktop.next("assigned").await;
    assert_eq!(assigned["contact"]["callback"]["phone"], "+8613800138000");
    let failed = format!(r#""type":"callback_failed","contact":"{contact}","outcome":"busy""#);
    desktop.ok(&failed).await;
    let told = adapter.get(&path).await.json();
    assert_eq!(told["state"], "scheduled", "to be tried again");
    assert_eq!(told["callback"]["attempts"], 1);
    let metrics = centre.supervisor().get("/metrics").await;
    let counted = r#"switchboard_callbacks_requested_total{queue="q"} 1"#;
    assert!(metrics.text().contains(counted), "{}", metrics.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_called_is_refused_by_name() {
    let centre = Centre::open_as(Plan::ordinary()).await;
    let adapter = centre.adapter();
    let nameless = submit(&centre, r#"{"channel":"hotline"}"#).await;
    let wechat = submit(&centre, r#"{"channel":"wechat"}"#).await;
    for (path, body, status, code) in [
        (&nameless, "{}", 422, "no_phone"),
        (&nameless, "", 422, "no_phone"),
        (&nameless, r#"{"phone":"110"}"#, 422, "bad_value"),
        (&nameless, r#"{"mode":"nobody_first"}"#, 422, "bad_value"),
        (&nameless, r#"{"at":"noon"}"#, 422, "unknown_field"),
        (&wechat, r#"{"phone":"13800138000"}"#, 409, "no_callback"),
    ] {
        let reply = adapter.post(&format!("{path}/callback"), body).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, code),
            "{body}"
        );
    }
    let description: Value = adapter.get("/v1/openapi.json").await.json();
    assert!(!description["paths"]["/v1/contacts/{id}/callback"]["post"].is_null());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_counter_calls_this_very_one_again_and_not_for_ever() {
    let centre = Centre::open_as(Plan::ordinary()).await;
    let hall = r#"{"channel":"storefront","queue":"counter"}"#;
    let first = submit(&centre, hall).await;
    let second = submit(&centre, hall).await;
    let id = second.rsplit('/').next().unwrap();
    let mut desktop = centre.ready("a1").await;
    let about = |kind: &str| format!(r#""type":"{kind}","contact":"{id}""#);
    assert_eq!(desktop.refused(&about("recall")).await, "not_yours");
    let pull = format!(r#""type":"pull","queue":"counter","contact":"{id}""#);
    desktop.ok(&pull).await;
    desktop.ok(&about("recall")).await;
    let updated = desktop.next("contact_updated").await;
    assert_eq!(updated["contact"]["recalls"], 1);
    desktop.ok(&about("no_show")).await;
    let ended = desktop.next("contact_ended").await;
    assert_eq!(ended["contact"]["state"], "abandoned");
    assert_eq!(ended["contact"]["outcome"], "no_show");
    assert_eq!(desktop.refused(&pull).await, "not_waiting_here");
    let waiting = centre.adapter().get(&first).await.json();
    assert_eq!(waiting["state"], "queued");
}

/// A centre that has told the receiver to call a customer: the contact's path, and the call.
async fn called(receiver: &Receiver) -> (Centre, Desktop, String, Value) {
    let mut plan = Plan::ordinary();
    plan.routing.queues[0].escalations.clear();
    let centre = receiver.open_as(plan).await;
    let path = submit(&centre, CALLER).await;
    let body = r#"{"mode":"customer_first"}"#;
    let asked = centre
        .adapter()
        .post(&format!("{path}/callback"), body)
        .await;
    assert_eq!(asked.status, 200, "{}", asked.text());
    let asked = asked.json();
    assert_eq!(asked["state"], "queued");
    assert_eq!(asked["callback"]["mode"], "customer_first");
    assert_eq!(asked["callback"]["stage"], "waiting");
    let mut board = board(&centre).await;
    let desktop = centre.ready("a1").await;
    let call = receiver.call().await;
    let told: Value = serde_json::from_str(&call.body).unwrap();
    call.answer("204 No Content").await;
    let seen = loop {
        let frame = next(&mut board).await;
        if frame["type"] == "notice" {
            break frame;
        }
    };
    assert_eq!(seen["kind"], "callback_dialled");
    (centre, desktop, path, told)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_adapter_is_told_whom_to_call_and_no_agent_is_asked_meanwhile() {
    let receiver = Receiver::open().await;
    let (centre, mut desktop, path, told) = called(&receiver).await;
    assert_eq!(
        (&told["type"], &told["rule"]),
        (&"callback_dialled".into(), &"callback_dialled".into())
    );
    assert!(path.ends_with(told["contact"].as_str().unwrap()));
    assert_eq!(told["dial"]["phone"], "+8613800138000");
    assert_eq!(told["dial"]["attempt"], 1);
    let rings = centre.adapter().get(&path).await.json();
    assert_eq!(rings["state"], "scheduled");
    assert_eq!(rings["callback"]["stage"], "dialled");
    assert_eq!(rings["callback"]["dial_until"], told["dial"]["until"]);
    desktop.none("offer", Duration::from_millis(200)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_who_was_called_and_answers_gets_an_agent() {
    let receiver = Receiver::open().await;
    let (centre, mut desktop, path, _) = called(&receiver).await;
    let adapter = centre.adapter();
    let answered = format!("{path}/callback/answered");
    for (body, status, code) in [
        (r#"{"attempt":2}"#, 409, "not_dialled"),
        (r#"{"attempts":1}"#, 422, "unknown_field"),
        (r#"{"attempt":0}"#, 422, "bad_value"),
    ] {
        let reply = adapter.post(&answered, body).await;
        assert_eq!((reply.status, reply.code().as_str()), (status, code));
    }
    let keyed = adapter.with("Idempotency-Key", "k");
    let on_the_line = keyed.post(&answered, r#"{"attempt":1}"#).await;
    assert_eq!(on_the_line.status, 200, "{}", on_the_line.text());
    assert_eq!(on_the_line.json()["state"], "offered");
    let again = keyed.post(&answered, r#"{"attempt":1}"#).await;
    assert!(again.is_replay());
    let contact = desktop.take().await;
    assert!(path.ends_with(&contact));
    let assigned = desktop.next("assigned").await;
    assert_eq!(assigned["contact"]["callback"]["stage"], "answered");
    let late = adapter.post(&format!("{path}/callback/failed"), "{}").await;
    assert_eq!((late.status, late.code().as_str()), (409, "not_dialled"));
    let metrics = centre.supervisor().get("/metrics").await.text();
    for (outcome, count) in [("dialled", 1), ("answered", 1), ("failed", 0)] {
        let labels = format!(r#"outcome="{outcome}",queue="q""#);
        let line = format!("switchboard_callback_dials_total{{{labels}}} {count}\n");
        assert!(metrics.contains(&line), "{line} in {metrics}");
    }
    assert!(metrics.contains("switchboard_conservation_residual 0\n"));
    let description: Value = adapter.get("/v1/openapi.json").await.json();
    for call in ["answered", "failed"] {
        let path = format!("/v1/contacts/{{id}}/callback/{call}");
        assert!(!description["paths"][&path]["post"].is_null());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_who_does_not_answer_is_called_again_and_not_for_ever() {
    let mut plan = Plan::ordinary();
    plan.routing.queues[0].callback.attempts_max = 2;
    plan.routing.queues[0].callback.retry_delay = switchboard::domain::Millis(50);
    let centre = Centre::open_as(plan).await;
    let adapter = centre.adapter();
    let path = submit(
        &centre,
        r#"{"channel":"app","customer":{"phone":"13800138000"}}"#,
    )
    .await;
    let body = r#"{"mode":"customer_first"}"#;
    let asked = adapter.post(&format!("{path}/callback"), body).await;
    assert_eq!(asked.status, 200, "{}", asked.text());
    let _desktop = centre.ready("a1").await;
    let failed = format!("{path}/callback/failed");
    for attempt in 1..=2 {
        let is_dialled = async {
            while adapter.get(&path).await.json()["callback"]["stage"] != "dialled" {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let dialled = tokio::time::timeout(crate::client::PATIENCE, is_dialled).await;
        dialled.expect("its turn comes again");
        let said = format!(r#"{{"attempt":{attempt},"outcome":"busy"}}"#);
        for _ in 0..2 {
            let reply = adapter.post(&failed, &said).await;
            assert_eq!(reply.status, 200, "{}", reply.text());
            assert_eq!(reply.json()["callback"]["attempts"], attempt);
        }
    }
    let over = adapter.get(&path).await.json();
    assert_eq!(
        (&over["state"], &over["outcome"], &over["ended_by"]),
        (&"completed".into(), &"busy".into(), &"system".into())
    );
    assert!(over["agent"].is_null());
}
