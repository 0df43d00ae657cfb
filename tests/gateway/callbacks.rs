//! Callbacks over the wire: asked for by an adapter, dialled by an agent.

use serde_json::Value;

use crate::centre::{Centre, Plan};

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
        (&nameless, r#"{"phone":"110"}"#, 422, "bad_value"),
        (&nameless, r#"{"mode":"customer_first"}"#, 422, "bad_value"),
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
