//! How a browser opens a WebSocket.

use tokio_tungstenite::tungstenite::Error;

use crate::centre::{Centre, Plan};
use crate::desktop::{Desktop, knock, knock_at, open};

async fn ticket(centre: &Centre, token: &str) -> String {
    let reply = centre.client(token).post("/v1/tickets", "").await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    let ticket = reply.json();
    assert!(ticket["expires_at"].as_str().unwrap().ends_with('Z'));
    ticket["ticket"].as_str().unwrap().to_owned()
}

/// The status with which a socket is refused; 101 if it is opened.
async fn knocked(centre: &Centre, protocols: &str, origin: Option<&str>) -> u16 {
    let mut request = knock(centre.address, "", protocols);
    if let Some(origin) = origin {
        request
            .headers_mut()
            .insert("origin", origin.parse().unwrap());
    }
    match open(centre.address, request).await {
        Ok(socket) => {
            Desktop::welcomed(socket).await;
            101
        }
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_opens_one_socket() {
    let centre = Centre::open().await;
    let ticket = ticket(&centre, "dev-agent:a1").await;
    let protocols = format!("switchboard.agent.v1, ticket.{ticket}");
    assert_eq!(knocked(&centre, &protocols, None).await, 101);
    assert_eq!(knocked(&centre, &protocols, None).await, 401, "once");
    let ticket = self::ticket(&centre, "dev-agent:a1").await;
    let protocols = format!("{ticket}, switchboard.agent.v1");
    assert_eq!(knocked(&centre, &protocols, None).await, 101, "as it is");
    assert_eq!(
        knocked(&centre, "switchboard.agent.v1, ticket.xyz", None).await,
        401
    );
    assert_eq!(knocked(&centre, "switchboard.agent.v1", None).await, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_is_for_pages_of_known_origins() {
    let mut plan = Plan::ordinary();
    plan.doors.origins = vec!["https://desk.example.com".to_owned()];
    let centre = Centre::open_as(plan).await;
    let own = format!("http://{}", centre.address);
    for (origin, status) in [
        (own.as_str(), 101),
        ("https://desk.example.com", 101),
        ("http://desk.example.com", 403),
        ("https://evil.example.com", 403),
        ("null", 403),
    ] {
        let ticket = ticket(&centre, "dev-agent:a1").await;
        let protocols = format!("switchboard.agent.v1, ticket.{ticket}");
        assert_eq!(
            knocked(&centre, &protocols, Some(origin)).await,
            status,
            "{origin}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_a_known_origin_may_ask_for_a_ticket() {
    let mut plan = Plan::ordinary();
    plan.doors.origins = vec!["https://desk.example.com".to_owned()];
    let centre = Centre::open_as(plan).await;
    let page = |origin: &str| centre.client("dev-agent:a1").with("Origin", origin);
    for (origin, allowed) in [
        ("https://desk.example.com", Some("https://desk.example.com")),
        ("https://evil.example.com", None),
    ] {
        let asks = page(origin).with("Access-Control-Request-Method", "POST");
        let asks = asks.with("Access-Control-Request-Headers", "authorization");
        let may = asks.call("OPTIONS", "/v1/tickets", "").await;
        let is_told = may.header("access-control-allow-origin");
        assert_eq!(is_told, allowed, "{origin}");
        let headers = may.header("access-control-allow-headers").unwrap_or("");
        assert!(headers.contains("authorization"), "{headers}");
        let issued = page(origin).post("/v1/tickets", "").await;
        let is_told = issued.header("access-control-allow-origin");
        assert_eq!((issued.status, is_told), (201, allowed), "{origin}");
    }
    let elsewhere = page("https://desk.example.com").get("/v1/queues").await;
    assert_eq!(elsewhere.header("access-control-allow-origin"), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_is_worth_what_its_caller_is() {
    let centre = Centre::open().await;
    let ticket = ticket(&centre, "dev-supervisor").await;
    let protocols = format!("switchboard.agent.v1, ticket.{ticket}");
    assert_eq!(knocked(&centre, &protocols, None).await, 403);
    let reply = centre.adapter().post("/v1/tickets", "").await;
    assert_eq!(reply.status, 403);
    let client = centre.client("dev-agent:a1").with("Idempotency-Key", "t");
    let (one, two) = (
        client.post("/v1/tickets", "").await,
        client.post("/v1/tickets", "").await,
    );
    assert!(two.is_replay());
    assert_eq!(one.json(), two.json());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_opening_is_proper_or_refused() {
    let centre = Centre::open().await;
    let agent = centre.client("dev-agent:a1");
    let reply = agent.get("/v1/agent").await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (426, "upgrade_required")
    );
    assert_eq!(reply.header("upgrade"), Some("websocket"));
    assert_eq!(reply.header("sec-websocket-version"), Some("13"));
    let proper = agent
        .with("Connection", "keep-alive, Upgrade")
        .with("Upgrade", "websocket")
        .with("Sec-WebSocket-Version", "13");
    let keyed = proper.with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    let protocol = ("Sec-WebSocket-Protocol", "switchboard.agent.v1");
    for (client, code) in [
        (keyed.clone(), "subprotocol_required"),
        (
            keyed.with("Sec-WebSocket-Protocol", "chat"),
            "subprotocol_required",
        ),
        (proper.with(protocol.0, protocol.1), "bad_handshake"),
        (
            proper
                .with("Sec-WebSocket-Key", "short")
                .with(protocol.0, protocol.1),
            "bad_handshake",
        ),
    ] {
        let reply = client.get("/v1/agent").await;
        assert_eq!((reply.status, reply.code().as_str()), (400, code));
    }
    let old = agent
        .with("Connection", "Upgrade")
        .with("Upgrade", "websocket")
        .with("Sec-WebSocket-Version", "8")
        .with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    assert_eq!(old.get("/v1/agent").await.status, 426);
    let head = agent
        .with("Connection", "close, Upgrade")
        .with("Upgrade", "websocket")
        .with("Sec-WebSocket-Version", "13")
        .with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
        .with(protocol.0, protocol.1);
    let reply = head.call("HEAD", "/v1/agent", "").await;
    assert_eq!(reply.status, 426, "only GET opens a socket");
    let reply = keyed.with(protocol.0, protocol.1).get("/v1/agent").await;
    assert_eq!(reply.status, 101);
    assert_eq!(
        reply.header("sec-websocket-accept"),
        Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    );
    assert_eq!(
        reply.header("sec-websocket-protocol"),
        Some("switchboard.agent.v1")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_with_its_token_in_the_url_stays_shut() {
    let centre = Centre::open().await;
    let path = "/v1/agent?token=dev-agent:a1";
    for token in ["", "dev-agent:a1"] {
        let request = knock_at(centre.address, path, token, "switchboard.agent.v1");
        let Err(Error::Http(response)) = open(centre.address, request).await else {
            panic!("it was opened");
        };
        assert!([400, 401].contains(&response.status().as_u16()));
    }
}
