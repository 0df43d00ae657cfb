//! Bodies that are not JSON, too large, or missing.

use serde_json::json;

use crate::centre::Centre;
use crate::client::Wire;

#[expect(clippy::too_many_lines, reason = "a table")]
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
    let name = "x".repeat(60_000);
    let attribute = format!(r#"{{"channel":"app","attributes":{{"{name}":1}}}}"#);
    let name = format!(r#"{{"channel":"app","{name}":1}}"#);
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
        (&name, 422, "unknown_field"),
        (&attribute, 422, "bad_value"),
        ("[]", 422, "bad_value"),
        (
            r#"{"channel":"app","channel":"app"}"#,
            400,
            "duplicate_field",
        ),
        (
            r#"{"channel":"app","customer":{"id":"a","id":"a"}}"#,
            400,
            "duplicate_field",
        ),
        (r#"{"channel":"app","text":"\u0000"}"#, 422, "bad_value"),
        (
            r#"{"channel":"app","external_id":"a\u202eb"}"#,
            422,
            "bad_value",
        ),
        // A card number as a number: a float would change it.
        (
            r#"{"channel":"app","attributes":{"id_card":440106199001011234}}"#,
            422,
            "bad_value",
        ),
    ] {
        let reply = centre.adapter().post("/v1/contacts", body).await;
        let start: String = body.chars().take(60).collect();
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (status, code),
            "{start}"
        );
        assert!(reply.body.len() < 2_000, "{start}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_is_read_as_strictly() {
    let centre = Centre::open().await;
    let (adapter, supervisor) = (centre.adapter(), centre.supervisor());
    let known = adapter.call("PUT", "/v1/customers/c-2", "{}").await.json();
    let deep = format!(r#"{{"tags":{}"#, "[".repeat(100_000));
    let tags: String = (0..20_000).map(|n| format!(r#""{n}":1,"#)).collect();
    let tags = format!(r#"{{"tags":{{{tags}"z":1}}}}"#);
    let lists: String = (0..15_000).map(|n| format!(r#""{n}":[],"#)).collect();
    let lists = format!(r#"{{"tags":{{{lists}"z":1}}}}"#);
    let strangers: String = (0..20_000).map(|n| format!(r#""{n}":1,"#)).collect();
    let strangers = format!(r#"{{{strangers}"z":1}}"#);
    let name = format!(r#"{{"{}":1}}"#, "x".repeat(200_000));
    let number = format!(r#"{{"value":{{"arpu":{}}}}}"#, "9".repeat(200_000));
    for (body, status, code) in [
        (deep.as_str(), 400, "malformed_json"),
        (&tags, 422, "bad_value"),
        (&lists, 422, "bad_value"),
        (&strangers, 422, "unknown_field"),
        (&name, 422, "unknown_field"),
        (&number, 400, "malformed_json"),
        (
            r#"{"tags":{"a":[{"b":{"c":1,"c":2}}]}}"#,
            400,
            "duplicate_field",
        ),
        ("\u{feff}{\"name\":\"a\"}", 400, "malformed_json"),
        ("{\"name\":\"a\0b\"}", 400, "malformed_json"),
        (r#"{"name":"a\u0000b"}"#, 422, "bad_value"),
        (r#"{"name":"\ud800"}"#, 400, "malformed_json"),
    ] {
        // The first is not created, the second not changed.
        for (method, path) in [("PUT", "/v1/customers/c-1"), ("PATCH", "/v1/customers/c-2")] {
            let reply = adapter.call(method, path, body).await;
            let start: String = body.chars().take(60).collect();
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (status, code),
                "{method} {start}"
            );
            assert!(reply.body.len() < 2_000, "{method} {start}");
        }
    }
    let made = supervisor.get("/v1/customers/c-1").await;
    assert_eq!(
        (made.status, made.code().as_str()),
        (404, "unknown_customer")
    );
    assert_eq!(
        supervisor.get("/v1/customers/c-2").await.json(),
        known,
        "as it was"
    );
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

/// Terminates strings, scripts, templates and lines in careless concatenations; changes the writing
/// direction, and one sign is made of many characters.
const HOSTILE: &str =
    r#"'"\ </script><img src=x onerror=alert(1)>{{7*7}}${x}%0d%0a \u0000 שלום مرحبا 👨‍👩‍👧"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_words_stay_words_everywhere() {
    let centre = Centre::open().await;
    let adapter = centre.adapter();
    let customer = json!({"name": HOSTILE, "identities": {"phone": "13800138000"},
        "tags": {"said": HOSTILE}});
    let path = "/v1/customers/c-1";
    let put = adapter.call("PUT", path, &customer.to_string()).await;
    assert_eq!(put.status, 201, "{}", put.text());
    let seen = centre.supervisor().get(path).await.json();
    assert_eq!(
        (&seen["name"], &seen["tags"]["said"]),
        (&json!(HOSTILE), &json!(HOSTILE))
    );

    let mut desktop = centre.ready("a1").await;
    let contact = json!({"channel": "app", "customer": {"phone": "13800138000"},
        "external_id": HOSTILE, "text": HOSTILE, "attributes": {"said": HOSTILE}});
    let made = adapter.post("/v1/contacts", &contact.to_string()).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let offer = desktop.next("offer").await["offer"].clone();
    for told in [&made.json(), &offer["contact"]] {
        for word in [
            &told["external_id"],
            &told["text"],
            &told["attributes"]["said"],
        ] {
            assert_eq!(*word, HOSTILE, "{told}");
        }
    }
    assert_eq!(offer["customer"]["name"], HOSTILE);
    assert_eq!(offer["customer"]["tags"]["said"], HOSTILE);

    let (offer, contact) = (&offer["id"], &offer["contact"]["id"]);
    let path = format!("/v1/contacts/{}", contact.as_str().unwrap());
    let word = json!(HOSTILE);
    desktop
        .ok(&format!(r#""type":"accept","offer":{offer}"#))
        .await;
    let text = json!({"text": HOSTILE}).to_string();
    adapter.post(&format!("{path}/messages"), &text).await;
    assert_eq!(desktop.next("message").await["text"], HOSTILE);
    let about = format!(r#""contact":{contact}"#);
    desktop
        .ok(&format!(r#""type":"message",{about},"text":{word}"#))
        .await;
    desktop
        .ok(&format!(
            r#""type":"complete",{about},"outcome":{word},"notes":{word}"#
        ))
        .await;
    let ended = desktop.next("contact_ended").await["contact"].clone();
    for told in [ended, adapter.get(&path).await.json()] {
        assert_eq!((&told["outcome"], &told["notes"]), (&word, &word), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_hides_nothing() {
    let centre = Centre::open().await;
    for hidden in ["\u{202e}", "\u{2066}", "\u{1b}", "\u{85}", "\n"] {
        let name = format!("{HOSTILE}{hidden}");
        for customer in [json!({"name": name}), json!({"tags": {"said": name}})] {
            let body = customer.to_string();
            let put = centre
                .adapter()
                .call("PUT", "/v1/customers/c-1", &body)
                .await;
            assert_eq!(
                (put.status, put.code().as_str()),
                (422, "bad_value"),
                "{body}"
            );
        }
    }
}
