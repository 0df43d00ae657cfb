//! API keys and tokens instead of development credentials.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;
use sha2::{Digest, Sha256};
use switchboard::domain::{Millis, Timestamp};
use switchboard::engine::command::{Command, SiteCommand};
use switchboard::gateway::auth::Credentials;
use switchboard::gateway::auth::jwt::{JwtKey, Jwts};
use switchboard::gateway::auth::keys::{ApiKey, ApiKeys};
use switchboard::gateway::auth::role::{Role, Roles};
use switchboard::node::clock::Clock;
use switchboard::node::recovery::{SiteFiles, recover};
use switchboard::stopwatch::Stopwatch;
use switchboard::store::journal::RecordBatch;
use tempfile::TempDir;

use crate::centre::{Centre, Plan, name};
use crate::desktop::close_code;

const SECRET: &[u8] = b"a secret of at least thirty-two bytes";

fn credentials(keys: &[(&str, &str, Role)]) -> Credentials {
    let keys = keys.iter().map(|(id, secret, role)| ApiKey {
        name: name(id),
        sha256: Sha256::digest(secret).into(),
        roles: Roles::of(&[*role]),
        agent: None,
    });
    let jwt = JwtKey::new("k1", Algorithm::HS256, SECRET, "idp", "switchboard").unwrap();
    Credentials::Keys {
        keys: ApiKeys::new(keys.collect()),
        jwts: Jwts::new(vec![jwt]),
    }
}

async fn locked(keys: &[(&str, &str, Role)]) -> Centre {
    let mut plan = Plan::ordinary();
    plan.credentials = credentials(keys);
    Centre::open_as(plan).await
}

fn token(centre: &Centre, role: &str, lives_s: i64) -> String {
    signed(centre, "a1", &[role], lives_s)
}

fn signed(centre: &Centre, sub: &str, roles: &[&str], lives_s: i64) -> String {
    let now_s = centre.node.clock().wall().whole_s();
    let claims = json!({"sub": sub, "iss": "idp", "aud": "switchboard", "roles": roles, "exp": now_s + lives_s});
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("k1".to_owned());
    encode(&header, &claims, &EncodingKey::from_secret(SECRET)).unwrap()
}

/// Instants in whole seconds.
trait WholeSeconds {
    fn whole_s(self) -> i64;
}

impl WholeSeconds for Timestamp {
    fn whole_s(self) -> i64 {
        self.0 / 1_000
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_opens_what_its_role_opens() {
    let centre = locked(&[
        ("app", "key-app", Role::Adapter),
        ("wall", "key-wall", Role::Supervisor),
        ("dotted", "key.with.dots", Role::Supervisor),
    ])
    .await;
    let dotted = centre.client("key.with.dots");
    assert_eq!(dotted.get("/v1/queues").await.status, 200);
    let app = centre.client("key-app");
    assert_eq!(
        app.post("/v1/contacts", r#"{"channel":"app"}"#)
            .await
            .status,
        201
    );
    assert_eq!(app.get("/v1/queues").await.status, 403);
    assert_eq!(
        centre.client("key-wall").get("/v1/queues").await.status,
        200
    );
    for token in ["dev-adapter", "key-ap", "app", ""] {
        assert_eq!(
            centre.client(token).get("/v1/queues").await.status,
            401,
            "{token}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idempotency_key_belongs_to_its_caller() {
    let centre = locked(&[
        ("app", "key-app", Role::Adapter),
        ("pbx", "key-pbx", Role::Adapter),
    ])
    .await;
    let body = r#"{"channel":"app"}"#;
    let mut ids = Vec::new();
    for token in ["key-app", "key-pbx"] {
        let client = centre.client(token).with("Idempotency-Key", "same");
        let reply = client.post("/v1/contacts", body).await;
        assert_eq!(reply.status, 201);
        ids.push(reply.json()["id"].clone());
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_opens_a_desktop_until_it_expires() {
    let centre = locked(&[]).await;
    let stale = token(&centre, "agent", -30);
    let request = crate::desktop::knock(centre.address, &stale, "switchboard.agent.v1");
    let outcome = crate::desktop::open(centre.address, request).await;
    assert!(outcome.is_err(), "it would be closed at once");
    // Expired for its issuer, but within the 30 s of tolerated clock skew.
    let short = token(&centre, "agent", -27);
    let mut desktop = crate::desktop::Desktop::open(centre.address, &short).await;
    desktop.ok(r#""type":"ready""#).await;
    assert_eq!(close_code(&mut desktop.socket).await, 4401);
    let short = token(&centre, "supervisor", -28);
    let request = crate::desktop::knock_at(
        centre.address,
        "/v1/supervisor",
        &short,
        "switchboard.supervisor.v1",
    );
    let mut board = crate::desktop::open(centre.address, request).await.unwrap();
    let opened = Stopwatch::start();
    assert_eq!(close_code(&mut board).await, 4401);
    let took = opened.elapsed();
    assert!(
        took < Duration::from_secs(4),
        "before it is looked at: {took:?}"
    );
    let expired = token(&centre, "agent", -100);
    assert_eq!(centre.client(&expired).get("/v1/agent").await.status, 401);
    let other = token(&centre, "metrics", 100);
    assert_eq!(centre.client(&other).get("/metrics").await.status, 200);
    assert_eq!(centre.client(&other).get("/v1/agent").await.status, 403);
}

/// A directory whose journal was written while the clock was three hours fast.
fn written_ahead() -> TempDir {
    let dir = TempDir::new().unwrap();
    let files = SiteFiles::new(name("main"), dir.path().to_owned());
    let (mut recovered, _) = recover(&files, &mut |_| {}).unwrap();
    let ahead = Clock::start(Timestamp(0)).wall() + Millis::from_s(3 * 3_600);
    let configure = SiteCommand::Configure(Arc::new(Plan::ordinary().routing));
    let engine = &mut recovered.engine;
    engine.handle(ahead, Command::Site(configure)).unwrap();
    let mut batch = RecordBatch::new();
    while let Some(emitted) = engine.poll_event() {
        batch.push(&minicbor::to_vec(&emitted.recorded).unwrap());
    }
    recovered.log.append(&mut batch).unwrap();
    recovered.log.seal().unwrap();
    dir
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_opens_a_desktop_though_the_journal_is_ahead_of_the_wall_clock() {
    let mut plan = Plan::ordinary();
    plan.credentials = credentials(&[]);
    let centre = Centre::open_in(written_ahead(), plan).await;
    let clock = centre.node.clock();
    assert!(clock.now() - clock.wall() > Millis::from_s(2 * 3_600));
    let token = token(&centre, "agent", 3_600);
    let mut desktop = crate::desktop::Desktop::open(centre.address, &token).await;
    desktop.ok(r#""type":"ready""#).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_taken_back_opens_nothing_more() {
    let centre = locked(&[("wall", "key-wall", Role::Supervisor)]).await;
    let request = crate::desktop::knock_at(
        centre.address,
        "/v1/supervisor",
        "key-wall",
        "switchboard.supervisor.v1",
    );
    let mut board = crate::desktop::open(centre.address, request).await.unwrap();
    centre
        .guard
        .exchange(credentials(&[("new", "key-new", Role::Supervisor)]));
    assert_eq!(
        centre.client("key-wall").get("/v1/queues").await.status,
        401
    );
    assert_eq!(centre.client("key-new").get("/v1/queues").await.status, 200);
    assert_eq!(close_code(&mut board).await, 4401);
}

const FROM_THE_APP: &str =
    r#"{"channel":"app","external_id":"x-1","customer":{"phone":"13800138000"}}"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_adapters_contact_is_as_good_as_none() {
    let centre = locked(&[
        ("crm", "key-crm", Role::Adapter),
        ("pbx", "key-pbx", Role::Adapter),
        ("wall", "key-wall", Role::Supervisor),
    ])
    .await;
    let (crm, pbx) = (centre.client("key-crm"), centre.client("key-pbx"));
    let posted = crm.post("/v1/contacts", FROM_THE_APP).await;
    let path = posted.header("location").unwrap().to_owned();
    let nothing = "/v1/contacts/0198c600-0000-7000-8000-000000000000";
    for (method, call, body) in [
        ("GET", "", ""),
        ("PATCH", "", r#"{"sentiment":-1}"#),
        ("POST", "/cancel", r#"{"reason":"customer_left"}"#),
        ("POST", "/end", r#"{"outcome":"hung_up"}"#),
        ("POST", "/messages", r#"{"text":"hello"}"#),
        ("POST", "/callback", "{}"),
        ("POST", "/callback/answered", "{}"),
        ("POST", "/callback/failed", "{}"),
    ] {
        let theirs = pbx.call(method, &format!("{path}{call}"), body).await;
        let none = pbx.call(method, &format!("{nothing}{call}"), body).await;
        assert_eq!(
            (theirs.status, theirs.code().as_str()),
            (404, "unknown_contact"),
            "{method} {call}"
        );
        assert_eq!(theirs.text(), none.text(), "{method} {call}");
    }
    let wall = centre.client("key-wall");
    for client in [&crm, &wall] {
        assert_eq!(client.get(&path).await.json()["state"], "queued");
    }
    let both = signed(&centre, "desk", &["adapter", "supervisor"], 100);
    assert_eq!(centre.client(&both).get(&path).await.status, 200);
    let patched = crm.call("PATCH", &path, r#"{"sentiment":-1}"#).await;
    assert_eq!(patched.status, 200, "{}", patched.text());
    let left = r#"{"reason":"customer_left"}"#;
    let left = crm.post(&format!("{path}/cancel"), left).await;
    assert_eq!(left.json()["state"], "abandoned");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_external_id_of_two_adapters_is_two_contacts() {
    let centre = locked(&[
        ("crm", "key-crm", Role::Adapter),
        ("pbx", "key-pbx", Role::Adapter),
    ])
    .await;
    let by_token = signed(&centre, "kiosk", &["adapter"], 100);
    let mut ids = Vec::new();
    for token in ["key-crm", "key-pbx", &by_token] {
        let client = centre.client(token);
        let first = client.post("/v1/contacts", FROM_THE_APP).await;
        assert_eq!(first.status, 201, "{}", first.text());
        let again = client.post("/v1/contacts", FROM_THE_APP).await;
        assert_eq!((again.status, again.is_replay()), (200, true));
        assert_eq!(again.json()["id"], first.json()["id"]);
        ids.push(first.json()["id"].to_string());
    }
    ids.dedup();
    assert_eq!(ids.len(), 3);
    // The caller is identified by name, not by token.
    let renewed = signed(&centre, "kiosk", &["adapter"], 200);
    let renewed = centre.client(&renewed);
    let again = renewed.post("/v1/contacts", FROM_THE_APP).await;
    assert_eq!(again.json()["id"].to_string(), ids[2]);
}
