//! Bodies that are no JSON, too much JSON, or none at all.

use std::time::{Duration, Instant};

use crate::centre::Centre;
use crate::client::Wire;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_json_is_refused_quickly() {
    let centre = Centre::open().await;
    let deep = format!(r#"{{"channel":"app","attributes":{}}}"#, "[".repeat(60_000));
    let keys: String = (0..5_000).map(|n| format!(r#""a{n}":1,"#)).collect();
    let keys = format!(r#"{{"channel":"app","attributes":{{{keys}"z":1}}}}"#);
    let flat = format!(r#"{{"channel":"app",{}"z":1}}"#, r#""a":1,"#.repeat(10_000));
    let number = format!(
        r#"{{"channel":"app","attributes":{{"n":{}}}}}"#,
        "9".repeat(60_000)
    );
    for (body, status, code) in [
        ("{", 400, "malformed_json"),
        ("{}}", 400, "malformed_json"),
        (r#"{"channel":NaN}"#, 400, "malformed_json"),
        (
            r#"{"channel":"app","text":"\ud800"}"#,
            400,
            "malformed_json",
        ),
        ("\u{feff}{\"channel\":\"app\"}", 400, "malformed_json"),
        (
            "{\"channel\":\"app\",\"text\":\"a\0b\"}",
            400,
            "malformed_json",
        ),
        (&deep, 400, "malformed_json"),
        (&number, 400, "malformed_json"),
        (&keys, 422, "bad_value"),
        (&flat, 422, "unknown_field"),
        ("[]", 422, "bad_value"),
        (
            r#"{"channel":"app","channel":"app"}"#,
            422,
            "duplicate_field",
        ),
        (
            r#"{"channel":"app","customer":{"id":"a","id":"a"}}"#,
            422,
            "duplicate_field",
        ),
        (r#"{"channel":"app","text":"\u0000"}"#, 422, "bad_value"),
        (
            r#"{"channel":"app","external_id":"a\u202eb"}"#,
            422,
            "bad_value",
        ),
    ] {
        let begun = instant();
        let reply = centre.adapter().post("/v1/contacts", body).await;
        let start: String = body.chars().take(60).collect();
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, code),
            "{start}"
        );
        assert!(reply.body.len() < 2_000, "{start}");
        assert!(begun.elapsed() < Duration::from_secs(1), "{start}");
    }
}

#[expect(clippy::disallowed_methods, reason = "a test measures a span")]
fn instant() -> Instant {
    Instant::now()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_are_no_utf8_are_malformed() {
    let centre = Centre::open().await;
    let mut request = centre
        .adapter()
        .request("POST", "/v1/contacts", r#"{"channel":"app","text":"??"}"#)
        .into_bytes();
    let at = request.iter().position(|byte| *byte == b'?').unwrap();
    request[at] = 0xff;
    let mut wire = Wire::open(centre.address).await;
    wire.send(request).await;
    assert_eq!(wire.reply().await.unwrap().code(), "malformed_json");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_has_a_bound() {
    let centre = Centre::open().await;
    let body = |bytes: usize| {
        let frame = r#"{"channel":"app","zzzz":""}"#;
        frame.replace(r#""""#, &format!("\"{}\"", "x".repeat(bytes - frame.len())))
    };
    let fits = centre
        .adapter()
        .post("/v1/contacts", &body(64 * 1_024))
        .await;
    assert_eq!((fits.status, fits.code().as_str()), (422, "unknown_field"));
    for bytes in [64 * 1_024 + 1, 1_000_000] {
        let reply = centre.adapter().post("/v1/contacts", &body(bytes)).await;
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (413, "body_too_large")
        );
        assert_eq!(reply.header("connection"), Some("close"));
    }
    let path = "/v1/customers/c-1";
    let big = format!(r#"{{"name":"{}"}}"#, "x".repeat(200_000));
    let reply = centre.adapter().call("PUT", path, &big).await;
    assert_eq!(reply.code(), "bad_value", "a customer may be larger");
    let huge = format!(r#"{{"name":"{}"}}"#, "x".repeat(260 * 1_024));
    let reply = centre.adapter().call("PUT", path, &huge).await;
    assert_eq!(reply.code(), "body_too_large");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_says_that_it_is_json() {
    let centre = Centre::open().await;
    let adapter = centre.adapter();
    for (media_type, status) in [
        ("application/json", 201),
        ("application/json; charset=utf-8", 201),
        ("application/x-www-form-urlencoded", 415),
        ("text/plain", 415),
        ("application/json; charset=gb18030", 415),
    ] {
        let client = adapter.with("Content-Type", media_type);
        let reply = client.post("/v1/contacts", r#"{"channel":"app"}"#).await;
        assert_eq!(reply.status, status, "{media_type}");
    }
    let zipped = adapter.with("Content-Encoding", "gzip");
    let reply = zipped.post("/v1/contacts", r#"{"channel":"app"}"#).await;
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (415, "unsupported_encoding")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_words_are_kept_as_they_are() {
    let centre = Centre::open().await;
    let text = "'; DROP TABLE contacts; -- <script>alert(1)</script> \u{1b}[31m \u{202e} 👨‍👩‍👧 \r\n";
    let body = serde_json::json!({"channel": "app", "text": text}).to_string();
    let reply = centre.adapter().post("/v1/contacts", &body).await;
    assert_eq!(reply.status, 201, "{}", reply.text());
    assert_eq!(reply.json()["text"], text);
}
