//! What is refused, and in which words.

use super::*;
use crate::wire::frame::Ask;
use crate::wire::request::{
    CallbackFailed, CancelContact, ContactPatch, NewCallback, NewContact, NewPresence, Nothing,
};

/// Status, code and field of the problem with `body` as a new contact.
fn refused(body: &str) -> (u16, &'static str, String) {
    seen(read::<NewContact>(body.as_bytes()).map(drop))
}

fn seen(outcome: Result<(), Problem>) -> (u16, &'static str, String) {
    let problem = outcome.expect_err("the body is bad");
    assert!(problem.detail.len() < 400, "{}", problem.detail);
    (
        problem.status,
        problem.code,
        problem.more.field.unwrap_or_default(),
    )
}

#[test]
fn what_is_no_json_is_malformed() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_inside = format!(r#"{{"channel":"app","attributes":{{"a":{deep}}}}}"#);
    for body in [
        "",
        " ",
        "{",
        "nonsense",
        r#"{"channel":"app""#,
        r#"{"channel":"app"} {}"#,
        r#"{"channel":"app",}"#,
        r#"{"channel":NaN}"#,
        r#"{'channel':'app'}"#,
        r#"{"channel":"app","attributes":{"n":1e999}}"#,
        r#"{"channel":"app","text":"\ud800"}"#,
        r#"{"channel":"app","wrong":"\ud800"}"#,
        "{\"channel\":\"app\",\"text\":\"a\u{0}b\"}",
        "\u{feff}{\"channel\":\"app\"}",
        deep.as_str(),
        deep_inside.as_str(),
    ] {
        let (status, code, _) = refused(body);
        let start: String = body.chars().take(40).collect();
        assert_eq!((status, code), (400, "malformed_json"), "{start}");
    }
    let broken = b"{\"channel\":\"app\",\"text\":\"\xff\"}";
    assert_eq!(seen(read::<NewContact>(broken).map(drop)).0, 400);
}

/// Bodies of a new contact, and the code and the field of the problem.
const WRONG: &[(&str, &str, &str)] = &[
    ("[]", "bad_value", "body"),
    (r#"["app"]"#, "bad_value", "body"),
    ("null", "bad_value", "body"),
    ("5", "bad_value", "body"),
    ("{}", "missing_field", "channel"),
    (r#"{"channel":"fax"}"#, "bad_value", "channel"),
    (r#"{"channel":null}"#, "bad_value", "channel"),
    (r#"{"channel":"app","colour":1}"#, "unknown_field", "colour"),
    (
        r#"{"channel":"app","channel":"app"}"#,
        "duplicate_field",
        "channel",
    ),
    (r#"{"channel":"app","text":5}"#, "bad_value", "text"),
    (r#"{"channel":"app","text":""}"#, "bad_value", "text"),
    (
        r#"{"channel":"app","text":"a\u0000b"}"#,
        "bad_value",
        "text",
    ),
    (
        r#"{"channel":"app","external_id":"a\nb"}"#,
        "bad_value",
        "external_id",
    ),
    (
        "{\"channel\":\"app\",\"external_id\":\"a\u{202e}b\"}",
        "bad_value",
        "external_id",
    ),
    (
        r#"{"channel":"app","customer":{"shoe":"44"}}"#,
        "unknown_field",
        "customer.shoe",
    ),
    (
        r#"{"channel":"app","customer":{"phone":"12"}}"#,
        "bad_value",
        "customer.phone",
    ),
    (
        r#"{"channel":"app","customer":{"id":"a","id":"b"}}"#,
        "duplicate_field",
        "customer.id",
    ),
    (
        r#"{"channel":"app","customer":"c-81"}"#,
        "bad_value",
        "customer",
    ),
    (r#"{"channel":"app","topic":"a b"}"#, "bad_value", "topic"),
    (
        r#"{"channel":"app","language":"z h"}"#,
        "bad_value",
        "language",
    ),
    (
        r#"{"channel":"app","requires":{"english":11}}"#,
        "bad_value",
        "requires.english",
    ),
    (
        r#"{"channel":"app","requires":{"english":2.5}}"#,
        "bad_value",
        "requires.english",
    ),
    (
        r#"{"channel":"app","requires":{"a":1,"a":2}}"#,
        "duplicate_field",
        "requires.a",
    ),
    (
        r#"{"channel":"app","not_before":"tomorrow"}"#,
        "bad_value",
        "not_before",
    ),
    (
        r#"{"channel":"app","attributes":{"a":[1]}}"#,
        "bad_value",
        "attributes.a",
    ),
    (
        r#"{"channel":"app","attributes":{"a":1,"a":1}}"#,
        "duplicate_field",
        "attributes.a",
    ),
];

#[test]
fn what_is_wrong_is_named() {
    for (body, code, field) in WRONG {
        let status = if *code == "duplicate_field" { 400 } else { 422 };
        let expected = (status, *code, (*field).to_owned());
        assert_eq!(refused(body), expected, "{body}");
    }
}

#[test]
fn too_much_is_refused() {
    let many: String = (0..65).map(|n| format!(r#""a{n}":1,"#)).collect();
    let many = format!(r#"{{"channel":"app","attributes":{{{many}"z":1}}}}"#);
    assert_eq!(refused(&many), (422, "bad_value", "attributes".to_owned()));
    let long = format!(r#"{{"channel":"app","text":"{}"}}"#, "x".repeat(20_000));
    assert_eq!(refused(&long), (422, "bad_value", "text".to_owned()));
}

#[test]
fn a_wrong_value_is_shown_beside_what_is_allowed() {
    let problem = read::<NewContact>(br#"{"channel":"fax"}"#).unwrap_err();
    assert_eq!(
        problem.detail,
        r#"channel: found string "fax", allowed: app, hotline, wechat or storefront"#
    );
    let problem = read::<NewContact>(br#"{"channel":"app","x":1}"#).unwrap_err();
    assert!(
        problem
            .detail
            .starts_with("x: unknown field, allowed: one of channel, ")
    );
}

#[test]
fn the_smaller_bodies_are_as_strict() {
    assert_eq!(
        seen(read::<CancelContact>(b"{}").map(drop)),
        (422, "missing_field", "reason".to_owned())
    );
    assert_eq!(
        seen(read::<ContactPatch>(br#"{"sentiment":1.5}"#).map(drop)),
        (422, "bad_value", "sentiment".to_owned())
    );
    assert_eq!(
        seen(read::<ContactPatch>(br#"{"topic":null}"#).map(drop)),
        (422, "bad_value", "topic".to_owned())
    );
    assert_eq!(
        seen(read::<NewPresence>(br#"{"intent":"away"}"#).map(drop)),
        (422, "bad_value", "intent".to_owned())
    );
    assert_eq!(
        seen(read::<Nothing>(br#"{"now":true}"#).map(drop)),
        (422, "unknown_field", "now".to_owned())
    );
}

/// Reads `body` with each member in turn replaced by each wrong kind of value.
fn details<T: for<'a> Deserialize<'a>>(body: &str, told: &mut Vec<String>) {
    let good: Value = serde_json::from_str(body).unwrap();
    for name in good.as_object().unwrap().keys() {
        for wrong in [
            "5",
            "-5",
            "1.5",
            "1e300",
            "true",
            "\"?\"",
            "[]",
            "{\"?\":5}",
        ] {
            let mut body = good.clone();
            body[name] = serde_json::from_str(wrong).unwrap();
            if let Err(problem) = read::<T>(body.to_string().as_bytes()) {
                told.push(problem.detail.into_owned());
            }
        }
    }
}

#[test]
fn what_is_allowed_is_said_in_words_of_the_wire() {
    let mut told = Vec::new();
    details::<NewContact>(
        r#"{"channel":"app","customer":{},"or_queue":true,"requires":{"a":1},"text":"x",
        "attributes":{},"not_before":"2026-11-21T10:00:00.000Z"}"#,
        &mut told,
    );
    details::<ContactPatch>(r#"{"sentiment":0,"topic":"x","attributes":{}}"#, &mut told);
    details::<NewPresence>(r#"{"intent":"ready","reason":"x"}"#, &mut told);
    details::<NewCallback>(r#"{"mode":"agent_first","phone":"13800138000"}"#, &mut told);
    details::<CallbackFailed>(r#"{"attempt":1,"outcome":"x"}"#, &mut told);
    for members in [
        r#""type":"ack","seq":4"#,
        r#""type":"resume","token":"x","last_seq":4"#,
        r#""type":"decline","offer":"x","retry_after_s":4"#,
        r#""type":"transfer","contact":"x","to":{"queue":"q"},"keep_age":true"#,
    ] {
        let good: Value = serde_json::from_str(&format!("{{{members},\"cmd\":1}}")).unwrap();
        for name in good.as_object().unwrap().keys() {
            for wrong in ["5.5", "-5", "true", "[]", "{}"] {
                let mut frame = good.clone();
                frame[name] = serde_json::from_str(wrong).unwrap();
                if let Err(garbled) = Ask::read(&frame.to_string()) {
                    told.push(garbled.detail.into_owned());
                }
            }
        }
    }
    assert!(told.len() > 100);
    let rust = [
        "u64",
        "u32",
        "i64",
        "f64",
        "struct",
        "enum",
        "nonzero",
        "expected value",
    ];
    for detail in told {
        assert!(!rust.iter().any(|word| detail.contains(word)), "{detail}");
        assert!(!detail.contains("documentation"), "{detail}");
    }
    let detail = |body: &str| read::<CallbackFailed>(body.as_bytes()).unwrap_err().detail;
    assert_eq!(
        detail(r#"{"attempt":0}"#),
        "attempt: found integer `0`, allowed: 1..=4294967295"
    );
}

#[test]
fn a_good_body_is_taken_as_it_is() {
    let body = r#"{"channel":"wechat","external_id":"wx-24567","customer":{"phone":"13800138000",
        "wechat_openid":"oX1","account":null},"topic":"broadband_fault","text":"家里宽带断了","language":"zh",
        "requires":{"broadband":2},"queue":null,"not_before":"2026-11-21T10:00:00.000Z",
        "attributes":{"city":"广州","vip":true,"age":41}}"#;
    let intake: crate::domain::Intake = read::<NewContact>(body.as_bytes()).unwrap().into();
    assert_eq!(intake.external_id.as_deref(), Some("wx-24567"));
    assert_eq!(intake.identities.iter().count(), 2);
    assert_eq!(intake.text.as_deref(), Some("家里宽带断了"));
    assert_eq!(intake.requires.len(), 1);
    assert_eq!(intake.queue, None);
    assert_eq!(intake.attributes.iter().count(), 3);
}
