//! Every call in every role.

use http::Method;
use switchboard::gateway::auth::role::Role;
use switchboard::gateway::route::{Call, ROUTES};

use crate::centre::Centre;

const TOKENS: [(Role, &str); 5] = [
    (Role::Adapter, "dev-adapter"),
    (Role::Agent, "dev-agent:a1"),
    (Role::Supervisor, "dev-supervisor"),
    (Role::Admin, "dev-admin"),
    (Role::Metrics, "dev-metrics"),
];

fn body_of(method: &Method) -> &'static str {
    if *method == Method::GET { "" } else { "{}" }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_takes_the_roles_of_the_table_and_no_others() {
    let centre = Centre::open().await;
    for route in &ROUTES {
        let path = route.path.replace("{id}", "nobody");
        let body = body_of(&route.method);
        for (role, token) in TOKENS {
            let reply = centre
                .client(token)
                .call(route.method.as_str(), &path, body)
                .await;
            let what = format!("{} {path} as {token}: {}", route.method, reply.text());
            let allowed = route.roles.is_empty() || route.roles.has(role);
            if allowed {
                assert!(![401, 403].contains(&reply.status), "{what}");
            } else {
                assert_eq!(
                    (reply.status, reply.code().as_str()),
                    (403, "forbidden"),
                    "{what}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_say_who_they_are_gets_nowhere_but_to_health() {
    let centre = Centre::open().await;
    for route in &ROUTES {
        let path = route.path.replace("{id}", "nobody");
        let body = body_of(&route.method);
        for token in ["", "dev-root", "dev-agent:", "adapter"] {
            let reply = centre
                .client(token)
                .call(route.method.as_str(), &path, body)
                .await;
            if route.roles.is_empty() {
                assert_eq!(reply.status, 200, "{path}");
                continue;
            }
            assert_eq!(reply.code(), "unauthenticated", "{path} as {token:?}");
            assert_eq!(reply.status, 401);
            let challenge = reply.header("www-authenticate").unwrap();
            assert!(challenge.starts_with("Bearer"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_in_a_url_opens_nothing() {
    let centre = Centre::open().await;
    for path in [
        "/v1/queues?access_token=dev-supervisor",
        "/v1/agent?token=dev-agent:a1",
        "/v1/supervisor?ticket=abc",
    ] {
        let reply = centre.client("").get(path).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (401, "token_in_url"),
            "{path}"
        );
        assert!(!reply.text().contains("dev-"), "it is not repeated");
        let reply = centre.supervisor().get(path).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "token_in_url"),
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_methods_and_paths_are_told_apart() {
    let centre = Centre::open().await;
    let reply = centre.adapter().call("DELETE", "/v1/contacts", "").await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (405, "method_not_allowed")
    );
    let allow = reply.header("allow").unwrap();
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
    for path in [
        "/",
        "/v2/contacts",
        "/v1/contacts/",
        "/v1/contacts/x/y/z",
        "/../etc/passwd",
    ] {
        let reply = centre.adapter().get(path).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (404, "not_found"),
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_descriptions_are_published() {
    let centre = Centre::open().await;
    let open_api = centre.client("").get("/v1/openapi.json").await.json();
    assert_eq!(open_api["openapi"], "3.1.0");
    let async_api = centre.client("").get("/v1/asyncapi.json").await.json();
    assert_eq!(async_api["asyncapi"], "3.0.0");
    assert_eq!(ROUTES.len(), 33);
    assert_eq!(Call::Reload.route().path, "/v1/admin/reload");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_and_health_are_told() {
    let centre = Centre::open().await;
    centre.submit().await;
    let reply = centre.client("dev-metrics").get("/metrics").await;
    assert_eq!(reply.status, 200);
    assert!(
        reply.text().contains("switchboard_contacts_received_total"),
        "{}",
        reply.text()
    );
    assert_eq!(
        centre.client("").get("/healthz").await.json()["status"],
        "ok"
    );
    assert_eq!(
        centre.client("").get("/readyz").await.json()["status"],
        "ok"
    );
}

/// The centre's reload panics.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_is_answered_and_the_connection_lives_on() {
    let centre = Centre::open().await;
    let admin = centre.client("dev-admin");
    let mut wire = crate::client::Wire::open(centre.address).await;
    for _ in 0..2 {
        wire.send(admin.request("POST", "/v1/admin/reload", ""))
            .await;
        let reply = wire.reply().await.unwrap();
        assert_eq!((reply.status, reply.code().as_str()), (500, "internal"));
        assert!(!reply.text().contains("design"));
    }
    wire.send(admin.request("GET", "/healthz", "")).await;
    assert_eq!(wire.reply().await.unwrap().status, 200);
}
