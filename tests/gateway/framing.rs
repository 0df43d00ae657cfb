//! Requests whose framing cannot be trusted, and oversized heads.

use crate::centre::{Centre, Plan};
use crate::client::Wire;

const BODY: &str = r#"{"channel":"storefront"}"#;

/// Head lines and a body, posted as an adapter.
async fn post(centre: &Centre, head: &str, body: &str) -> Wire {
    let mut wire = Wire::open(centre.address).await;
    wire.send(format!(
        "POST /v1/contacts HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer dev-adapter\r\n\
         Content-Type: application/json\r\n{head}\r\n{body}"
    ))
    .await;
    wire
}

/// The status of the first response, 0 for none, and whether the connection then ends.
async fn posted(centre: &Centre, head: &str, body: &str) -> (u16, bool) {
    let mut wire = post(centre, head, body).await;
    let status = wire.reply().await.map_or(0, |reply| reply.status);
    (status, wire.is_over().await)
}

#[expect(clippy::too_many_lines, reason = "a table")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_is_smuggled_in_another() {
    let centre = Centre::open().await;
    let chunked = format!("{:x}\r\n{BODY}\r\n0\r\n\r\n", BODY.len());
    let length = BODY.len();
    let second = "GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n";
    for (head, body) in [
        (
            format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n"),
            chunked.clone(),
        ),
        (
            format!("Transfer-Encoding: chunked\r\ncontent-LENGTH: {length}\r\n"),
            chunked.clone(),
        ),
        (
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n".to_owned(),
            format!("0\r\n\r\n{second}"),
        ),
        (
            format!("Content-Length: {length}\r\nContent-Length: 5\r\n"),
            BODY.to_owned(),
        ),
        (format!("Content-Length: {length}, 5\r\n"), BODY.to_owned()),
        (format!("Content-Length: +{length}\r\n"), BODY.to_owned()),
        (format!("Content-Length: -{length}\r\n"), BODY.to_owned()),
        (
            "Content-Length: 99999999999999999999999\r\n".to_owned(),
            BODY.to_owned(),
        ),
        (
            "Transfer-Encoding: xchunked\r\n".to_owned(),
            chunked.clone(),
        ),
        (
            "Transfer-Encoding: chunked, identity\r\n".to_owned(),
            chunked.clone(),
        ),
        (
            "Transfer-Encoding : chunked\r\n".to_owned(),
            chunked.clone(),
        ),
        (
            format!(" folded: yes\r\nContent-Length: {length}\r\n"),
            BODY.to_owned(),
        ),
        (
            format!("X: a\r\n b\r\nContent-Length: {length}\r\n"),
            BODY.to_owned(),
        ),
        (
            "Transfer-Encoding: chunked\r\n".to_owned(),
            "zz\r\n{}\r\n0\r\n\r\n".to_owned(),
        ),
        (
            "Transfer-Encoding: chunked\r\n".to_owned(),
            "ffffffffffffffffff\r\n{}".to_owned(),
        ),
        (
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n".to_owned(),
            chunked.clone(),
        ),
        (
            "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n".to_owned(),
            chunked.clone(),
        ),
        (
            "Transfer-Encoding: gzip, chunked\r\n".to_owned(),
            chunked.clone(),
        ),
        (
            "Transfer-Encoding: chunked, chunked\r\n".to_owned(),
            chunked.clone(),
        ),
        (
            "Transfer-Encoding:\x0bchunked\r\n".to_owned(),
            chunked.clone(),
        ),
        (
            format!("X: a\rContent-Length: 5\r\nContent-Length: {length}\r\n"),
            BODY.to_owned(),
        ),
        (
            "Transfer-Encoding: chunked\r\n".to_owned(),
            chunked.replacen("\r\n", "\n", 1),
        ),
    ] {
        let (status, is_over) = posted(&centre, &head, &body).await;
        assert!(status == 400 || status == 0, "{head:?}: {status}");
        assert!(is_over, "{head:?}");
    }
    let stored = centre.contacts_of_channel(switchboard::domain::Channel::Storefront);
    assert_eq!(stored.await, 0, "nothing was carried out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ordinary_chunks_are_fine_also_after_an_ordinary_length() {
    let centre = Centre::open().await;
    let mut wire = Wire::open(centre.address).await;
    for _ in 0..3 {
        wire.send(centre.adapter().request("POST", "/v1/contacts", BODY))
            .await;
        assert_eq!(wire.reply().await.unwrap().status, 201);
        let (one, two) = BODY.split_at(9);
        wire.send(format!(
            "POST /v1/contacts HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer dev-adapter\r\n\
             Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\
             {:x}\r\n{one}\r\n{:x};ext=1\r\n{two}\r\n0\r\nX-Trailer: 1\r\n\r\n",
            one.len(),
            two.len()
        ))
        .await;
        assert_eq!(wire.reply().await.unwrap().status, 201);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_in_chunks_has_the_same_bound() {
    let centre = Centre::open().await;
    let chunked = "Transfer-Encoding: chunked\r\n";
    let kibibytes = |count: usize| {
        let body = [BODY, &" ".repeat(count * 1_024 - BODY.len())].concat();
        let chunks = body.as_bytes().chunks(1_024).map(String::from_utf8_lossy);
        let chunks: String = chunks.map(|chunk| format!("400\r\n{chunk}\r\n")).collect();
        format!("{chunks}0\r\n\r\n")
    };
    let mut wire = post(&centre, chunked, &kibibytes(64)).await;
    assert_eq!(wire.reply().await.unwrap().status, 201, "the bound itself");
    let too_much = posted(&centre, chunked, &kibibytes(65)).await;
    assert_eq!(too_much, (413, true));
    // Trailers are bounded as well.
    let padding = "x".repeat(20 * 1_024);
    let length = BODY.len();
    for body in [
        format!("{length:x}\r\n{BODY}\r\n0\r\nX: {padding}\r\n\r\n"),
        format!("{length:x};{padding}\r\n{BODY}\r\n0\r\n\r\n"),
    ] {
        let (status, is_over) = posted(&centre, chunked, &body).await;
        assert!([0, 400, 413, 431].contains(&status), "{status}");
        assert!(is_over);
    }
    let stored = centre.contacts_of_channel(switchboard::domain::Channel::Storefront);
    assert_eq!(stored.await, 1, "the one that fits");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_ends_where_its_length_says() {
    let centre = Centre::open().await;
    let mut wire = post(&centre, "Content-Length: 10\r\n", &format!("{BODY:<30}")).await;
    let reply = wire.reply().await.unwrap();
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (400, "malformed_json")
    );
    let stored = centre.contacts_of_channel(switchboard::domain::Channel::Storefront);
    assert_eq!(stored.await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_adds_no_header_to_its_answer() {
    let centre = Centre::open().await;
    let path = "/v1/contacts/x%0d%0aX:%20y/cancel";
    let reply = centre.adapter().post(path, r#"{"reason":"x"}"#).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (404, "unknown_contact")
    );
    assert_eq!(reply.header("x"), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_names_its_host_once() {
    let centre = Centre::open().await;
    for head in [
        "GET /healthz HTTP/1.1\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET http://other/healthz HTTP/1.1\r\nHost: test\r\n\r\n",
    ] {
        let mut wire = Wire::open(centre.address).await;
        wire.send(head).await;
        let reply = wire.reply().await.unwrap();
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "bad_host"),
            "{head:?}"
        );
        assert!(wire.is_over().await);
    }
    let mut wire = Wire::open(centre.address).await;
    wire.send("GET http://test/healthz HTTP/1.1\r\nHost: test\r\n\r\n")
        .await;
    assert_eq!(wire.reply().await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_http_is_hung_up_on() {
    let centre = Centre::open().await;
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"[..],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"hello\r\n\r\n",
        b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHo st: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA\0: b\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    ] {
        let mut wire = Wire::open(centre.address).await;
        wire.send(bytes).await;
        let status = wire.reply().await.map_or(0, |reply| reply.status);
        assert!([0, 400, 505].contains(&status), "{bytes:?}: {status}");
        assert!(wire.is_over().await, "{bytes:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_has_a_bound() {
    let centre = Centre::open().await;
    let many: String = (0..70).map(|n| format!("X-{n}: y\r\n")).collect();
    let long = format!("X: {}\r\n", "y".repeat(20_000));
    for headers in [many, long] {
        let mut wire = Wire::open(centre.address).await;
        wire.send(format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{headers}\r\n"))
            .await;
        let reply = wire.reply().await.unwrap();
        assert_eq!((reply.status, reply.text()), (431, String::new()));
        assert!(wire.is_over().await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_may_follow_each_other_without_waiting() {
    let centre = Centre::open().await;
    let mut wire = Wire::open(centre.address).await;
    let request = centre.adapter().request("POST", "/v1/contacts", BODY);
    wire.send(request.repeat(5)).await;
    for _ in 0..5 {
        assert_eq!(wire.reply().await.unwrap().status, 201);
    }
    // The length of a later request must not be attributed to the chunked one before it.
    let chunked = format!(
        "POST /v1/contacts HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer dev-adapter\r\n\
         Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n\
         {:x}\r\n{BODY}\r\n0\r\n\r\n",
        BODY.len()
    );
    wire.send(
        [&chunked, &request, &chunked, &request]
            .map(String::as_str)
            .concat(),
    )
    .await;
    for _ in 0..4 {
        assert_eq!(wire.reply().await.unwrap().status, 201);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_connection_too_many_is_told_so() {
    let mut plan = Plan::ordinary();
    plan.doors.connections_max = 3;
    let centre = Centre::open_as(plan).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut wire = Wire::open(centre.address).await;
        wire.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert_eq!(wire.reply().await.unwrap().status, 200);
        held.push(wire);
    }
    let mut wire = Wire::open(centre.address).await;
    let reply = wire.reply().await.unwrap();
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (503, "too_many_connections")
    );
    assert_eq!(reply.header("retry-after"), Some("1"));
    let told = centre.node.scrape().await;
    for line in [
        "switchboard_connections 3",
        "switchboard_connections_refused_total 1",
    ] {
        assert!(told.lines().any(|told| told == line), "{line}: {}", &*told);
    }
    drop(held);
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(centre.client("").get("/healthz").await.status, 200);
    let open = async {
        let told = centre.node.scrape().await;
        told.lines().any(|told| told == "switchboard_connections 0")
    };
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(open.await, "whoever has left is not counted");
}
