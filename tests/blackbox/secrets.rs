//! Secrets entrusted to the server reach those who are meant to have them, and never a log.

use std::net::SocketAddr;

use http::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::ClientRequestBuilder;

use crate::centre::Centre;
use crate::desktop::Desktop;
use crate::http_client::{ADAPTER, HttpClient, METRICS, raw_request};
use crate::server::Server;

const PHONE: &str = "13812340987";
const FORGED: &str = "2026 ERROR forged";
const WRONG_TOKEN: &str = "a-token-that-opens-nothing";
const URL_TOKEN: &str = "SECRET-in-a-url";
const SPOKEN: &str = "my password is swordfish";

/// Tries to open an agent's WebSocket with the request as changed by `dress`; returns the status.
async fn knock(
    address: SocketAddr,
    path: &str,
    dress: impl FnOnce(ClientRequestBuilder) -> ClientRequestBuilder,
) -> u16 {
    let stream = TcpStream::connect(address).await.unwrap();
    let uri = format!("ws://{address}{path}").parse().unwrap();
    let request = ClientRequestBuilder::new(uri).with_sub_protocol("switchboard.agent.v1");
    match client_async(dress(request), stream).await {
        Ok((_, response)) => response.status().as_u16(),
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(error) => panic!("no answer: {error}"),
    }
}

/// A contact with secrets in it, from its arrival to its end.
async fn serve_someone(server: &Server, http: &mut HttpClient) {
    let profile = json!({"name": "张三", "identities": {"phone": PHONE}});
    let path = "/v1/customers/c-1";
    let known = http.put(ADAPTER, path, &profile).await.status;
    assert!([200, 201].contains(&known), "{known}");
    let mut agent = Desktop::ready(server.address(), "a1").await;
    let body = json!({
        "channel": "app",
        "customer": {"phone": format!("+86{PHONE}")},
        "text": format!("help\n{FORGED}"),
    });
    let contact = http.submit(&body).await;
    let offer = agent.take_one().await;
    assert_eq!(offer, contact);
    let messages = format!("/v1/contacts/{contact}/messages");
    let spoken = json!({"text": SPOKEN});
    http.post(ADAPTER, &messages, &spoken).await.expect(201);
    assert_eq!(agent.expect("message").await["text"], SPOKEN);
    let answer = json!({"type": "message", "contact": contact, "text": SPOKEN});
    agent.succeed(answer).await;
    agent.complete(&contact).await;
    // Refused requests are checked as well.
    let nameless = json!({"channel": "app", "customer": {"phone": PHONE}, FORGED: SPOKEN});
    let refused = http.post(ADAPTER, "/v1/contacts", &nameless).await;
    refused.expect(422);
    let senseless = json!({"type": FORGED, "phone": PHONE});
    assert_eq!(agent.ask(senseless).await["type"], "refused");
}

/// Credentials that are wrong, misplaced or used up; returns the ticket.
async fn show_credentials(server: &Server, http: &mut HttpClient) -> String {
    let address = server.address();
    let look = |token: &str, path: &str| raw_request(Method::GET, token, path, "");
    let wrong = http.call(look(WRONG_TOKEN, "/v1/queues")).await.unwrap();
    assert_eq!(wrong.status, 401);
    let path = format!("/v1/queues?token={URL_TOKEN}");
    let in_url = http.call(look(WRONG_TOKEN, &path)).await.unwrap();
    assert_eq!(in_url.json()["code"], "token_in_url");
    let bearer = format!("Bearer {WRONG_TOKEN}");
    let wrong = |request: ClientRequestBuilder| request.with_header("Authorization", bearer);
    assert_eq!(knock(address, "/v1/agent", wrong).await, 401);
    let path = format!("/v1/agent?token={URL_TOKEN}");
    assert_eq!(knock(address, &path, |request| request).await, 401);

    let issued = http.post("dev-agent:a1", "/v1/tickets", &json!({})).await;
    let issued: Value = issued.json();
    let ticket = issued["ticket"].as_str().unwrap().to_owned();
    let protocol = format!("ticket.{ticket}");
    for status in [101, 401] {
        let with_ticket =
            |request: ClientRequestBuilder| request.with_sub_protocol(protocol.clone());
        assert_eq!(knock(address, "/v1/agent", with_ticket).await, status);
    }
    ticket
}

#[tokio::test]
async fn secrets_are_not_in_the_log() {
    let centre = Centre::new(1);
    let server = Server::talkative(&centre.write_config());
    let mut http = HttpClient::new(server.address());
    serve_someone(&server, &mut http).await;
    let ticket = show_credentials(&server, &mut http).await;
    let metrics = http.get(METRICS, "/metrics").await;
    assert_eq!(metrics.status, 200);
    let metrics = String::from_utf8(metrics.bytes.to_vec()).unwrap();
    let logged = server.logged();
    assert!(logged.contains("recovered"), "nothing was logged: {logged}");
    for secret in [PHONE, FORGED, WRONG_TOKEN, URL_TOKEN, SPOKEN, &ticket] {
        assert!(!logged.contains(secret), "{secret:?} is in the log");
        assert!(!metrics.contains(secret), "{secret:?} is in the metrics");
    }
}
