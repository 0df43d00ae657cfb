//! Who steered is logged and shown. Each test has callers of its own, because all tests share one
//! log.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use switchboard::gateway::admin::ReloadDone;
use switchboard::gateway::auth::Credentials;
use switchboard::gateway::auth::jwt::Jwts;
use switchboard::gateway::auth::keys::{ApiKey, ApiKeys};
use switchboard::gateway::auth::role::{Role, Roles};

use crate::centre::{Centre, Plan, name};
use crate::desktop::Desktop;
use crate::logged;

/// A centre of this supervisor, who is also its adapter and admin, and of the agent `a1`, whose key
/// has another name. The tokens are the names.
async fn of(supervisor: &str) -> Centre {
    logged::begin();
    let key = |id: &str, roles: &[Role], agent| ApiKey {
        name: name(id),
        sha256: Sha256::digest(id).into(),
        roles: Roles::of(roles),
        agent,
    };
    let all = [Role::Supervisor, Role::Adapter, Role::Admin];
    let keys = vec![
        key(supervisor, &all, None),
        key("desk-1", &[Role::Agent], Some(name("a1"))),
    ];
    let mut plan = Plan::ordinary();
    plan.credentials = Credentials::Keys {
        keys: ApiKeys::new(keys),
        jwts: Jwts::new(Vec::new()),
    };
    plan.reload = Arc::new(|_| {
        Box::pin(async {
            Ok(ReloadDone {
                summary: "nothing".to_owned(),
                effects: None,
            })
        })
    });
    Centre::open_as(plan).await
}

/// The one line about it.
async fn line(by: &str, what: &str, whom: &str) {
    let words = format!("steered by={by:?} what={what:?} whom={whom:?}");
    let lines = logged::lines_with(&words).await;
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains(" INFO "), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_queue_says_who_paused_it() {
    let centre = of("wang").await;
    let wang = centre.client("wang");
    let keyed = wang.with("Idempotency-Key", "p");
    for _ in 0..2 {
        let paused = keyed.post("/v1/queues/q/pause", "").await.json();
        assert_eq!(paused["paused_by"], "wang");
    }
    let shown = wang.get("/v1/queues/q").await.json();
    assert_eq!(
        (&shown["paused"], &shown["paused_by"]),
        (&true.into(), &"wang".into())
    );
    let resumed = wang.post("/v1/queues/q/resume", "").await.json();
    assert!(resumed.get("paused_by").is_none(), "{resumed}");
    line("wang", "pause", "q").await;
    line("wang", "resume", "q").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desktop_is_told_who_else_set_the_agents_intent() {
    let centre = of("zhao").await;
    let mut desktop = Desktop::open(centre.address, "desk-1").await;
    let zhao = centre.client("zhao");
    let path = "/v1/agents/a1/presence";
    let body = r#"{"intent":"not_ready","reason":"meeting"}"#;
    desktop.ok(r#""type":"ready""#).await;
    assert!(
        desktop.next("presence").await["agent"]
            .get("intent_by")
            .is_none()
    );
    zhao.post(path, body).await;
    assert_eq!(desktop.next("presence").await["agent"]["intent_by"], "zhao");
    let shown = zhao.get("/v1/agents/a1").await.json();
    assert_eq!(shown["intent_by"], "zhao");
    desktop.ok(r#""type":"ready""#).await;
    assert!(
        desktop.next("presence").await["agent"]
            .get("intent_by")
            .is_none()
    );
    // It is still the supervisor's once the agent has finished.
    let contact = zhao
        .post("/v1/contacts", r#"{"channel":"app"}"#)
        .await
        .json();
    assert_eq!(desktop.take().await, contact["id"].as_str().unwrap());
    zhao.post(path, r#"{"intent":"draining","reason":"late shift"}"#)
        .await;
    let complete = format!(
        r#""type":"complete","contact":{},"outcome":"ok""#,
        contact["id"]
    );
    desktop.ok(&complete).await;
    let shown = zhao.get("/v1/agents/a1").await.json();
    assert_eq!(
        (&shown["intent"], &shown["intent_by"]),
        (&"not_ready".into(), &"zhao".into())
    );
    line("zhao", "presence not_ready", "a1").await;
    line("zhao", "presence draining", "a1").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_done_with_a_contact_is_logged_once_and_what_is_refused_is_not() {
    let centre = of("qian").await;
    let qian = centre.client("qian");
    let contact = qian
        .post("/v1/contacts", r#"{"channel":"app"}"#)
        .await
        .json();
    let contact = contact["id"].as_str().unwrap();
    let path = |what: &str| format!("/v1/contacts/{contact}/{what}");
    let refused = qian.post(&path("assign"), r#"{"agent":"a1"}"#).await;
    assert_eq!(refused.status, 409);
    let mut desktop = Desktop::open(centre.address, "desk-1").await;
    desktop.ok(r#""type":"ready""#).await;
    assert_eq!(desktop.take().await, contact);
    let keyed = qian.with("Idempotency-Key", "r");
    for _ in 0..2 {
        assert_eq!(keyed.post(&path("requeue"), "").await.status, 200);
    }
    desktop.ok(r#""type":"ready""#).await;
    let assigned = qian.post(&path("assign"), r#"{"agent":"a1"}"#).await;
    assert_eq!(assigned.status, 200, "{}", assigned.text());
    line("qian", "requeue", contact).await;
    line("qian", "assign to a1", contact).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_says_who_asked_for_it() {
    let centre = of("sun").await;
    let sun = centre.client("sun");
    for path in ["/v1/admin/reload?dry_run=true", "/v1/admin/reload"] {
        let done = sun.post(path, "").await;
        assert_eq!(done.status, 200, "{}", done.text());
    }
    line("sun", "reload", "the configuration").await;
}
