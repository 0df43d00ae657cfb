//! Frames that no proper desktop would send.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::centre::Centre;
use crate::desktop::close_code;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_has_a_bound() {
    let centre = Centre::open().await;
    let mut desktop = centre.desktop("a1").await;
    let pad = |bytes: usize| {
        let frame = r#"{"type":"ready","cmd":1,"zzzz":""}"#;
        frame.replace(r#""""#, &format!("\"{}\"", "x".repeat(bytes - frame.len())))
    };
    desktop.send(&pad(64 * 1_024)).await;
    assert_eq!(desktop.frame().await["code"], "unknown_field");
    desktop.send(&pad(64 * 1_024 + 1)).await;
    assert_eq!(desktop.close_code().await, 1009);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fragments_are_put_together_within_the_same_bound() {
    let centre = Centre::open().await;
    let mut desktop = centre.desktop("a1").await;
    let text = r#"{"type":"ready","cmd":1}"#.as_bytes();
    for (at, byte) in text.iter().enumerate() {
        let kind = if at == 0 { Data::Text } else { Data::Continue };
        let frame = Frame::message(vec![*byte], OpCode::Data(kind), at + 1 == text.len());
        desktop.socket.send(Message::Frame(frame)).await.unwrap();
    }
    let answer = desktop.frame().await;
    assert_eq!(
        answer["type"], "ok",
        "before what follows from it: {answer}"
    );
    for at in 0..70 {
        let kind = if at == 0 { Data::Text } else { Data::Continue };
        let frame = Frame::message(vec![b'x'; 1_024], OpCode::Data(kind), false);
        if desktop.socket.send(Message::Frame(frame)).await.is_err() {
            break;
        }
    }
    assert_eq!(desktop.close_code().await, 1009);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn binary_and_broken_text_are_closed_with_their_codes() {
    let centre = Centre::open().await;
    let mut desktop = centre.desktop("a1").await;
    desktop
        .socket
        .send(Message::binary(vec![1, 2, 3]))
        .await
        .unwrap();
    assert_eq!(desktop.close_code().await, 1003);

    let mut desktop = centre.desktop("a1").await;
    let first = Frame::message(&b"{\"type\":\"ready"[..], OpCode::Data(Data::Text), false);
    let last = Frame::message(&b"\xff\xfe"[..], OpCode::Data(Data::Continue), true);
    desktop.socket.send(Message::Frame(first)).await.unwrap();
    desktop.socket.send(Message::Frame(last)).await.unwrap();
    assert_eq!(desktop.close_code().await, 1007);

    let mut desktop = centre.desktop("a1").await;
    // An unmasked frame of text, past the library.
    desktop
        .socket
        .get_mut()
        .write_all(b"\x81\x02hi")
        .await
        .unwrap();
    assert_eq!(desktop.close_code().await, 1002);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_few_frames_without_sense_are_refused_and_many_are_the_end() {
    let centre = Centre::open().await;
    let mut desktop = centre.desktop("a1").await;
    for (text, code) in [
        ("hello", "malformed_json"),
        ("", "malformed_json"),
        ("[]", "bad_value"),
        (r#"{"type":"dance","cmd":"x"}"#, "unknown_command"),
        (r#"{"type":"ready"}"#, "missing_field"),
        (r#"{"type":"accept","cmd":"x","offer":"no"}"#, "bad_value"),
    ] {
        desktop.send(text).await;
        let answer = desktop.frame().await;
        assert_eq!(
            (&answer["type"], &answer["code"]),
            (&"refused".into(), &code.into())
        );
    }
    for _ in 0..20 {
        if desktop.socket.send(Message::text("hello")).await.is_err() {
            break;
        }
    }
    assert_eq!(desktop.close_code().await, 1008);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_is_slowed_down_and_then_ended() {
    let centre = Centre::open().await;
    for message in [
        Message::text(r#"{"type":"ack","cmd":1,"seq":0}"#),
        Message::Ping(vec![0; 4].into()),
    ] {
        let desktop = centre.desktop("a1").await;
        let (mut out, mut back) = desktop.socket.split();
        let flood = async {
            for _ in 0..100_000 {
                if out.feed(message.clone()).await.is_err() {
                    return;
                }
            }
            let _ = out.flush().await;
        };
        let close = async {
            while let Some(Ok(message)) = back.next().await {
                if let Message::Close(Some(frame)) = message {
                    return u16::from(frame.code);
                }
            }
            0
        };
        let both = async { tokio::join!(flood, close) };
        let both = tokio::time::timeout(Duration::from_secs(20), both).await;
        assert_eq!(both.unwrap().1, 1008, "{message:?}");
    }
    // And nobody else has felt it.
    let mut other = centre.ready("a2").await;
    centre.submit().await;
    other.take().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desktop_that_does_not_read_is_too_slow() {
    let centre = Centre::open().await;
    let mut slow = centre.ready("a1").await;
    let contact = centre.submit().await;
    slow.take().await;
    let path = format!("/v1/contacts/{contact}/messages");
    let body = serde_json::json!({"text": "x".repeat(16_000)}).to_string();
    // More than the kernel holds for it: the rest waits in the node, to a bound.
    for _ in 0..1_200 {
        let sent = centre.adapter().post(&path, &body).await;
        assert_eq!(sent.status, 201);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(close_code(&mut slow.socket).await, 4008);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pings_are_answered() {
    let centre = Centre::open().await;
    let mut desktop = centre.desktop("a1").await;
    desktop
        .socket
        .send(Message::Ping(b"there?".to_vec().into()))
        .await
        .unwrap();
    let pong = tokio::time::timeout(Duration::from_secs(5), desktop.socket.next()).await;
    assert_eq!(
        pong.unwrap().unwrap().unwrap(),
        Message::Pong(b"there?".to_vec().into())
    );
}
