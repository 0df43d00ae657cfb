//! Thousands of malformed bodies: each is refused with an explanation, and none is remembered.

use std::net::SocketAddr;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method};
use serde_json::json;
use tokio::task::JoinSet;

use crate::centre::Centre;
use crate::chance::Chance;
use crate::desktop::Desktop;
use crate::http_client::{ADAPTER, HttpClient, SUPERVISOR, raw_request};

const CONNECTIONS: u64 = 32;
/// After this many the server's allocator and tables have reached their final size.
const WARM_UP: u64 = 500;
const BODIES: u64 = 5_000;
const RSS_GROWTH_KIB_MAX: u64 = 32 * 1_024;
/// The longest body about a contact.
const BODY_BYTES_MAX: usize = 64 * 1_024;
const DEPTH: usize = 10_000;

/// Wrong in one of many ways. All names in it are new, so that anything the server keeps of them
/// adds up.
fn bad_body(chance: &mut Chance) -> Bytes {
    let name = format!("n{:016x}", chance.throw());
    let count = usize::try_from(chance.below(2_000)).unwrap();
    let whole = json!({"channel": "app", "external_id": name, "text": "x".repeat(count)});
    let json = match chance.below(9) {
        0 => {
            let mut text = whole.to_string();
            text.truncate(text.len() / 2);
            return text.into();
        }
        1 => return chance.bytes(count + 1).into(),
        2 => return "[".repeat(DEPTH).into(),
        3 => {
            // Not UTF-8, within a text.
            let mut bytes = whole.to_string().into_bytes();
            let quote = bytes.len() - 2;
            bytes[quote - 1] = 0xff;
            return bytes.into();
        }
        4 => json!({"channel": name}),
        5 => json!({"channel": "app", name: whole}),
        6 => json!({"channel": "app", "queue": name}),
        7 => json!({"channel": "app", "requires": {name: "much"}}),
        _ => json!({"channel": "app", "customer": {name: count}}),
    };
    json.to_string().into()
}

async fn send_bad_bodies(address: SocketAddr, stream: u64, count: u64) {
    let mut http = HttpClient::new(address);
    let mut chance = Chance::new(stream);
    for _ in 0..count {
        let bytes = bad_body(&mut chance);
        let said = bytes.clone();
        let (token, path) = *chance.one_of(&[
            (ADAPTER, "/v1/contacts"),
            (ADAPTER, "/v1/contacts"),
            (ADAPTER, "/v1/customers/c-1/events"),
            (SUPERVISOR, "/v1/agents/a1/presence"),
        ]);
        let mut request = raw_request(Method::POST, token, path, bytes);
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        let reply = http.call(request).await;
        let reply = reply.unwrap_or_else(|_| panic!("no answer to {said:?}"));
        assert!(
            [400, 404, 422].contains(&reply.status),
            "{reply:?} to {said:?}"
        );
        assert!(reply.json()["code"].is_string(), "{reply:?}");
    }
}

async fn send_all(address: SocketAddr, first_stream: u64, bodies: u64) {
    let mut senders = JoinSet::new();
    for number in 0..CONNECTIONS {
        let count = bodies.div_ceil(CONNECTIONS);
        senders.spawn(send_bad_bodies(address, first_stream + number, count));
    }
    senders.join_all().await;
}

#[tokio::test]
async fn malformed_bodies_leave_no_memory_behind() {
    let centre = Centre::new(1);
    let mut server = centre.start();
    send_all(server.address(), 1_000, WARM_UP).await;
    let rss = server.rss_kib();
    send_all(server.address(), 2_000, BODIES).await;
    let growth = server.rss_kib().saturating_sub(rss);
    eprintln!("{growth} KiB more than {rss} KiB");
    assert!(growth < RSS_GROWTH_KIB_MAX, "{growth} KiB more than before");
    assert!(server.is_running());

    let mut http = HttpClient::new(server.address());
    let received = http.metric("switchboard_contacts_received_total").await;
    assert_eq!(received.iter().sum::<f64>(), 0.0, "something was taken");
    let mut agent = Desktop::ready(server.address(), "a1").await;
    let contact = http.submit(&json!({"channel": "app"})).await;
    assert_eq!(agent.take_one().await, contact);
    agent.complete(&contact).await;
    http.assert_conserved().await;
    assert!(!server.logged().contains("panicked"));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_unread() {
    let centre = Centre::new(1);
    let server = centre.start();
    let text = "x".repeat(BODY_BYTES_MAX);
    let body = json!({"channel": "app", "text": text}).to_string();
    let mut request = raw_request(Method::POST, ADAPTER, "/v1/contacts", body);
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(CONTENT_TYPE, json);
    let mut http = HttpClient::new(server.address());
    let reply = http.call(request).await.unwrap();
    assert_eq!(
        (reply.status, &reply.json()["code"]),
        (413, &json!("body_too_large"))
    );
    http.submit(&json!({"channel": "app"})).await;
}
