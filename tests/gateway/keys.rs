//! API keys and tokens instead of development's.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;
use sha2::{Digest, Sha256};
use switchboard::gateway::auth::Credentials;
use switchboard::gateway::auth::jwt::{JwtKey, Jwts};
use switchboard::gateway::auth::keys::{ApiKey, ApiKeys};
use switchboard::gateway::auth::role::{Role, Roles};

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
    let now_s = centre.node.clock().now().whole_s();
    let claims = json!({"sub": "a1", "iss": "idp", "aud": "switchboard", "roles": [role], "exp": now_s + lives_s});
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("k1".to_owned());
    encode(&header, &claims, &EncodingKey::from_secret(SECRET)).unwrap()
}

/// Instants of the domain in whole seconds.
trait WholeSeconds {
    fn whole_s(self) -> i64;
}

impl WholeSeconds for switchboard::domain::Timestamp {
    fn whole_s(self) -> i64 {
        self.0 / 1_000
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_opens_what_its_role_opens() {
    let centre = locked(&[
        ("app", "key-app", Role::Adapter),
        ("wall", "key-wall", Role::Supervisor),
    ])
    .await;
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
    // Expired for its issuer, but within the leeway of the clocks.
    let stale = token(&centre, "agent", -10);
    let request = crate::desktop::knock(centre.address, &stale, "switchboard.agent.v1");
    let outcome = crate::desktop::open(centre.address, request).await;
    assert!(outcome.is_err(), "it would be closed at once");
    let short = token(&centre, "agent", 3);
    let mut desktop = crate::desktop::Desktop::open(centre.address, &short).await;
    desktop.ok(r#""type":"ready""#).await;
    assert_eq!(close_code(&mut desktop.socket).await, 4401);
    let expired = token(&centre, "agent", -100);
    assert_eq!(centre.client(&expired).get("/v1/agent").await.status, 401);
    let other = token(&centre, "metrics", 100);
    assert_eq!(centre.client(&other).get("/metrics").await.status, 200);
    assert_eq!(centre.client(&other).get("/v1/agent").await.status, 403);
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
