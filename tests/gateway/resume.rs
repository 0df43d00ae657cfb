//! Reconnecting after a lost connection.

use std::time::Duration;

use serde_json::Value;

use crate::centre::Centre;
use crate::desktop::Desktop;

pub(crate) fn token_of(desktop: &Desktop) -> String {
    desktop.welcome["resume_token"].as_str().unwrap().to_owned()
}

pub(crate) fn resume(token: &str, last_seq: u64) -> String {
    format!(r#""type":"resume","token":"{token}","last_seq":{last_seq}"#)
}

/// The numbered frames up to this desktop's welcome.
pub(crate) async fn missed(desktop: &mut Desktop, from: u64) -> Vec<Value> {
    let welcome = desktop.welcome["seq"].as_u64().unwrap();
    let mut frames = Vec::new();
    for seq in from + 1..welcome {
        let frame = desktop.frame().await;
        assert_eq!(frame["seq"], seq, "{frame}");
        frames.push(frame);
    }
    frames
}

/// An agent serving one contact loses the socket and misses two messages.
pub(crate) async fn interrupted(centre: &Centre) -> (String, u64, String) {
    let mut desktop = centre.ready("a1").await;
    let contact = centre.submit().await;
    desktop.take().await;
    desktop.next("assigned").await;
    let before = (token_of(&desktop), desktop.seq);
    drop(desktop);
    wait_until_lost(centre).await;
    for text in ["one", "two"] {
        write(centre, &contact, text).await;
    }
    (before.0, before.1, contact)
}

pub(crate) async fn wait_until_lost(centre: &Centre) {
    for _ in 0..200 {
        let agent = centre.supervisor().get("/v1/agents/a1").await.json();
        if agent["session"] == "grace" {
            assert!(agent["grace_until"].is_string());
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the loss of the socket was not noticed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exactly_what_was_missed_is_told() {
    let centre = Centre::open().await;
    let (token, last_seq, contact) = interrupted(&centre).await;
    let mut desktop = centre.desktop("a1").await;
    assert_eq!(
        desktop.welcome["contacts"][0]["id"], contact,
        "it stays with the agent"
    );
    desktop.ok(&resume(&token, last_seq)).await;
    let frames = missed(&mut desktop, last_seq).await;
    let texts: Vec<&str> = frames
        .iter()
        .filter(|frame| frame["type"] == "message")
        .map(|frame| frame["text"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["one", "two"]);
    desktop.ok(r#""type":"not_ready","reason":"tea""#).await;
    desktop.next("presence").await;
}

pub(crate) async fn write(centre: &Centre, contact: &str, text: &str) {
    let path = format!("/v1/contacts/{contact}/messages");
    let body = format!(r#"{{"text":"{text}"}}"#);
    let sent = centre.adapter().post(&path, &body).await;
    assert_eq!(sent.status, 201);
}

pub(crate) fn texts(frames: &[Value]) -> Vec<&str> {
    let messages = frames.iter().filter(|frame| frame["type"] == "message");
    messages
        .map(|frame| frame["text"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_new_comes_after_what_was_missed() {
    let centre = Centre::open().await;
    let (token, last_seq, contact) = interrupted(&centre).await;
    let mut desktop = centre.desktop("a1").await;
    write(&centre, &contact, "three").await;
    let resume = resume(&token, last_seq);
    desktop.send(&format!(r#"{{"cmd":"r",{resume}}}"#)).await;
    assert_eq!(desktop.frame().await["type"], "ok");
    assert_eq!(texts(&missed(&mut desktop, last_seq).await), ["one", "two"]);
    assert_eq!(desktop.next("message").await["text"], "three");
    // A desktop that says nothing is soon sent all that nobody has acknowledged, in order.
    let mut desktop = centre.desktop("a1").await;
    write(&centre, &contact, "four").await;
    for text in ["one", "two", "three", "four"] {
        assert_eq!(desktop.next("message").await["text"], text);
    }
    desktop.ok(r#""type":"not_ready","reason":"tea""#).await;
    assert_eq!(desktop.frame().await["type"], "presence");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_before_a_resync_comes_after_what_was_missed() {
    let centre = Centre::open().await;
    let (_, last_seq, contact) = interrupted(&centre).await;
    let mut desktop = centre.desktop("a1").await;
    write(&centre, &contact, "three").await;
    desktop.ok(&resume("unknown", last_seq)).await;
    desktop.next("resync").await;
    write(&centre, &contact, "four").await;
    for text in ["one", "two", "three", "four"] {
        assert_eq!(desktop.next("message").await["text"], text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desktop_that_goes_by_a_welcome_is_sent_what_it_missed_before_it() {
    let centre = Centre::open().await;
    interrupted(&centre).await;
    // It learns of nothing but the number of its welcome.
    let lost = centre.desktop("a1").await;
    let (token, welcome) = (token_of(&lost), lost.seq);
    drop(lost);
    wait_until_lost(&centre).await;
    let mut desktop = centre.desktop("a1").await;
    desktop.ok(&resume(&token, welcome)).await;
    desktop.next("resync").await;
    for text in ["one", "two"] {
        assert_eq!(desktop.next("message").await["text"], text);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_resumed_once_is_not_sent_again_though_no_command_followed() {
    let centre = Centre::open().await;
    let (mut token, mut last_seq, contact) = interrupted(&centre).await;
    for (round, text) in ["three", "four", "five"].into_iter().enumerate() {
        let mut desktop = centre.desktop("a1").await;
        desktop.ok(&resume(&token, last_seq)).await;
        let frames = missed(&mut desktop, last_seq).await;
        let expected = match round {
            0 => vec!["one", "two"],
            1 => vec!["three"],
            _ => vec!["four"],
        };
        assert_eq!(texts(&frames), expected);
        (token, last_seq) = (token_of(&desktop), desktop.seq);
        drop(desktop);
        wait_until_lost(&centre).await;
        write(&centre, &contact, text).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn to_acknowledge_a_welcome_is_not_to_have_read_what_was_missed() {
    let centre = Centre::open().await;
    interrupted(&centre).await;
    let mut desktop = centre.desktop("a1").await;
    let seq = desktop.seq;
    desktop.ok(&format!(r#""type":"ack","seq":{seq}"#)).await;
    desktop.ok(r#""type":"not_ready","reason":"tea""#).await;
    for text in ["one", "two"] {
        assert_eq!(desktop.next("message").await["text"], text);
    }
    // Nor is it if the desktop resumes from there.
    let centre = Centre::open().await;
    let (token, ..) = interrupted(&centre).await;
    let mut desktop = centre.desktop("a1").await;
    let seq = desktop.seq;
    desktop.ok(&resume(&token, seq)).await;
    desktop.next("resync").await;
    for text in ["one", "two"] {
        assert_eq!(desktop.next("message").await["text"], text);
    }
}

/// The desktop of an agent serving one contact hangs, and is sent a message.
pub(crate) async fn hung(centre: &Centre) -> (Desktop, String) {
    let mut desktop = centre.ready("a1").await;
    let contact = centre.submit().await;
    desktop.take().await;
    desktop.next("assigned").await;
    write(centre, &contact, "one").await;
    (desktop, contact)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn to_acknowledge_a_welcome_is_not_to_have_read_what_a_hung_desktop_was_sent() {
    for is_cut in [false, true] {
        let centre = Centre::open().await;
        let (hung, _) = hung(&centre).await;
        if is_cut {
            drop(hung);
            wait_until_lost(&centre).await;
        }
        let mut desktop = centre.desktop("a1").await;
        let seq = desktop.seq;
        desktop.ok(&format!(r#""type":"ack","seq":{seq}"#)).await;
        desktop.ok(r#""type":"not_ready","reason":"tea""#).await;
        assert_eq!(desktop.next("message").await["text"], "one");
    }
    // Nor is it if the desktop resumes from there.
    let centre = Centre::open().await;
    let (hung, _) = hung(&centre).await;
    let mut desktop = centre.desktop("a1").await;
    let seq = desktop.seq;
    desktop.ok(&resume(&token_of(&hung), seq)).await;
    desktop.next("resync").await;
    assert_eq!(desktop.next("message").await["text"], "one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_again_and_acknowledged_has_been_read() {
    let centre = Centre::open().await;
    let (_hung, contact) = hung(&centre).await;
    let mut desktop = centre.desktop("a1").await;
    write(&centre, &contact, "two").await;
    for text in ["one", "two"] {
        assert_eq!(desktop.next("message").await["text"], text);
    }
    desktop.ok(r#""type":"not_ready","reason":"tea""#).await;
    desktop.next("presence").await;
    let seq = desktop.seq;
    desktop.ok(&format!(r#""type":"ack","seq":{seq}"#)).await;
    let mut desktop = centre.desktop("a1").await;
    desktop.ok(r#""type":"ready""#).await;
    assert_eq!(desktop.frame().await["type"], "presence");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_welcome_of_a_connection_that_was_lost_too_is_no_proof_of_reading() {
    let centre = Centre::open().await;
    let (_hung, _) = hung(&centre).await;
    let lost = centre.desktop("a1").await;
    let (token, welcome) = (token_of(&lost), lost.seq);
    drop(lost);
    wait_until_lost(&centre).await;
    let mut desktop = centre.desktop("a1").await;
    desktop.ok(&resume(&token, welcome)).await;
    assert_eq!(desktop.next("message").await["text"], "one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desktop_that_is_replaced_while_it_may_resume_is_closed_at_once() {
    let centre = Centre::open().await;
    let (_hung, contact) = hung(&centre).await;
    let mut replaced = centre.desktop("a1").await;
    // Held back, and left to the next one.
    write(&centre, &contact, "two").await;
    let _newest = centre.desktop("a1").await;
    assert_eq!(replaced.frame_or_close().await, Err(4001));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_resumed_is_told_anew() {
    let centre = Centre::open().await;
    let (token, last_seq, contact) = interrupted(&centre).await;
    let mut desktop = centre.desktop("a1").await;
    // From the future, with another agent's token, with an unknown one.
    let other = token_of(&centre.desktop("a2").await);
    let future = desktop.seq + 100;
    for (token, last_seq) in [
        (&token, future),
        (&other, last_seq),
        (&"x".to_owned(), last_seq),
    ] {
        desktop.ok(&resume(token, last_seq)).await;
        let resync = desktop.next("resync").await;
        assert_eq!(resync["contacts"][0]["id"], contact);
        assert_eq!(resync["agent"]["id"], "a1");
        if last_seq == future {
            // Once, however many times it asks.
            assert_eq!(desktop.next("message").await["text"], "one");
            assert_eq!(desktop.next("message").await["text"], "two");
        }
    }
    desktop.ok(r#""type":"not_ready","reason":"tea""#).await;
    assert_eq!(desktop.frame().await["type"], "presence");
    let negative = format!(r#""type":"resume","token":"{token}","last_seq":-1"#);
    assert_eq!(desktop.refused(&negative).await, "bad_value");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_desktop_that_begins_to_work_is_told_what_was_written_meanwhile() {
    let centre = Centre::open().await;
    let (_, _, contact) = interrupted(&centre).await;
    let mut desktop = centre.desktop("a1").await;
    assert_eq!(desktop.welcome["contacts"][0]["id"], contact);
    desktop.ok(r#""type":"not_ready","reason":"tea""#).await;
    assert_eq!(desktop.next("message").await["text"], "one");
    let second = desktop.next("message").await;
    assert_eq!(
        (&second["text"], &second["contact"]),
        (&"two".into(), &contact.as_str().into())
    );
    desktop.next("presence").await;
    desktop.ok(r#""type":"ready""#).await;
    assert_eq!(desktop.next("presence").await["agent"]["intent"], "ready");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_forgotten() {
    let centre = Centre::open().await;
    let mut desktop = centre.ready("a1").await;
    desktop.next("presence").await;
    let (token, seq) = (token_of(&desktop), desktop.seq);
    // What was not sent was not seen.
    for beyond in [seq + 1, u64::MAX] {
        let ack = format!(r#""type":"ack","seq":{beyond}"#);
        assert_eq!(desktop.refused(&ack).await, "bad_value");
    }
    desktop.ok(&format!(r#""type":"ack","seq":{seq}"#)).await;
    let mut desktop = centre.desktop("a1").await;
    desktop.ok(&resume(&token, 0)).await;
    desktop.next("resync").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_lost_before_its_welcome_is_read_does_not_end_the_session_before() {
    let centre = Centre::open().await;
    let mut desktop = centre.ready("a1").await;
    desktop.ok(r#""type":"not_ready","reason":"tea""#).await;
    let (token, last_seq) = (token_of(&desktop), desktop.seq);
    // The welcomes of these are never read.
    for _ in 0..3 {
        drop(desktop);
        wait_until_lost(&centre).await;
        desktop = centre.desktop("a1").await;
    }
    desktop.ok(&resume(&token, last_seq)).await;
    let missed = missed(&mut desktop, last_seq).await;
    assert!(!missed.is_empty(), "the welcomes between are among it");
    desktop.ok(r#""type":"ready""#).await;
    // Having worked, the desktop has the newest token.
    let mut desktop = centre.desktop("a1").await;
    desktop.ok(&resume(&token, last_seq)).await;
    desktop.next("resync").await;
}
