//! Commands as desktops write them, valid and invalid.

use super::*;
use crate::engine::command::{RETRY_AFTER_MAX, RETRY_AFTER_MIN};

const CONTACT: &str = "0198c6a0-0000-7000-8000-000000000001";

fn garbled(text: &str) -> (Option<CommandId>, &'static str) {
    let garbled = Ask::read(text).expect_err(text);
    (garbled.cmd, garbled.code)
}

#[test]
fn a_command_is_read_whatever_the_order_of_its_members() {
    let text = format!(r#"{{"offer":"{CONTACT}.2","cmd":"7","type":"accept"}}"#);
    let (cmd, ask) = Ask::read(&text).unwrap();
    assert_eq!(cmd, CommandId::Text("7".into()));
    let offer = OfferId {
        contact: CONTACT.parse().unwrap(),
        number: 2,
    };
    assert_eq!(ask, Ask::Accept(offer));
    let text = r#"{"type":"ack","cmd":12,"seq":4}"#;
    let read = Ask::read(text).unwrap();
    assert_eq!(read, (CommandId::Number(12), Ask::Ack { seq: 4 }));
}

#[test]
fn a_member_of_the_command_may_be_null() {
    let text = r#"{"type":"not_ready","cmd":1,"reason":null}"#;
    let (_, ask) = Ask::read(text).unwrap();
    assert_eq!(ask, Ask::NotReady { reason: None });
    let text = r#"{"type":"ack","cmd":1,"seq":null}"#;
    assert_eq!(garbled(text).1, "missing_field");
}

#[test]
fn a_handover_goes_to_a_queue_or_to_an_agent() {
    let to = |to: &str| format!(r#"{{"type":"transfer","cmd":1,"contact":"{CONTACT}","to":{to}}}"#);
    let (_, ask) = Ask::read(&to(r#"{"agent":"a3"}"#)).unwrap();
    let Ask::Transfer(handover, manner) = ask else {
        panic!("{ask:?} is no transfer");
    };
    assert_eq!(manner, Manner::ORDINARY);
    assert_eq!(handover.to, Destination::Agent(Name::new("a3").unwrap()));
    for wrong in [
        r#"{"agent":"a3","queue":"q"}"#,
        "{}",
        "[]",
        r#"["a3", null]"#,
        r#""a3""#,
        r#"{"team":"x"}"#,
    ] {
        let (cmd, code) = garbled(&to(wrong));
        assert_eq!(cmd, Some(CommandId::Number(1)), "{wrong}");
        assert!(
            ["bad_value", "unknown_field"].contains(&code),
            "{wrong}: {code}"
        );
    }
}

/// 0 counts as the shortest span; a longer one than the engine grants is refused.
#[test]
fn a_decline_asks_for_a_cooldown_that_the_engine_grants() {
    let decline = |seconds: i64| {
        let span = format!(r#""retry_after_s":{seconds}"#);
        Ask::read(&format!(
            r#"{{"type":"decline","cmd":1,"offer":"{CONTACT}.2",{span}}}"#
        ))
    };
    let (least, most) = (RETRY_AFTER_MIN.whole_s(), RETRY_AFTER_MAX.whole_s());
    assert_eq!((least, most), (1, 86_400), "as published");
    for seconds in [least, most] {
        let (_, ask) = decline(seconds).unwrap();
        let Ask::Decline { retry_after, .. } = ask else {
            panic!("{ask:?} is no decline");
        };
        assert_eq!(retry_after, Some(Millis::from_s(seconds)));
    }
    assert!(decline(0).is_ok());
    for seconds in [-1, most + 1] {
        assert_eq!(decline(seconds).unwrap_err().code, "bad_value", "{seconds}");
    }
}

#[test]
fn what_no_offer_or_contact_is_called_names_one_that_does_not_exist() {
    let (_, ask) = Ask::read(r#"{"type":"accept","cmd":1,"offer":"o-1"}"#).unwrap();
    assert!(matches!(ask, Ask::Accept(OfferId { number: 0, .. })));
    let (_, ask) = Ask::read(r#"{"type":"hold","cmd":1,"contact":"c-1"}"#).unwrap();
    assert_eq!(ask, Ask::Hold(ContactId(0)));
}

#[test]
fn what_is_no_command_is_told_with_its_id() {
    let one = Some(CommandId::Number(1));
    for (text, cmd, code) in [
        ("hello", None, "malformed_json"),
        ("[]", None, "bad_value"),
        ("[7]", None, "bad_value"),
        (r#"["ready",7]"#, None, "bad_value"),
        (r#"{"type":"ready"}"#, None, "missing_field"),
        (r#"{"cmd":1}"#, one.clone(), "missing_field"),
        (
            r#"{"type":"dance","cmd":1}"#,
            one.clone(),
            "unknown_command",
        ),
        (
            r#"{"type":"ready","cmd":1,"colour":2}"#,
            one.clone(),
            "unknown_field",
        ),
        (
            r#"{"type":"ready","cmd":1,"seq":2}"#,
            one.clone(),
            "unknown_field",
        ),
        (
            r#"{"type":"ready","cmd":1,"offer":null}"#,
            one.clone(),
            "unknown_field",
        ),
        (r#"{"type":"ack","cmd":1}"#, one.clone(), "missing_field"),
        (
            r#"{"type":"ack","cmd":1,"seq":-1}"#,
            one.clone(),
            "bad_value",
        ),
        (r#"{"type":"accept","cmd":1,"offer":7}"#, one, "bad_value"),
        (r#"{"type":"ready","cmd":""}"#, None, "bad_value"),
        (r#"{"type":"ready","cmd":1.5}"#, None, "bad_value"),
        (
            r#"{"type":"ready","cmd":1,"cmd":2}"#,
            None,
            "duplicate_field",
        ),
    ] {
        assert_eq!(garbled(text), (cmd, code), "{text}");
    }
}

#[test]
fn every_command_is_known_by_its_name() {
    for name in COMMANDS {
        let text = format!(r#"{{"type":"{name}","cmd":1}}"#);
        let known = Ask::read(&text).map_or_else(|no| no.code != "unknown_command", |_| true);
        assert!(known, "{name}");
    }
}
