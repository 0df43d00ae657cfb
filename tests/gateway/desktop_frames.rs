//! Frames that a correct desktop would not send.

use std::time::Duration;

use futures_util::{SinkExt, Stream, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::centre::Centre;
use crate::client::PATIENCE;
use crate::desktop::{Desktop, close_code};

/// A text split into fragments of `size` bytes.
async fn send_cut(desktop: &mut Desktop, text: &[u8], size: usize) {
    let last = text.len().div_ceil(size) - 1;
    for (at, piece) in text.chunks(size).enumerate() {
        let kind = if at == 0 { Data::Text } else { Data::Continue };
        let frame = Frame::message(piece.to_vec(), OpCode::Data(kind), at == last);
        // The server may have closed already; the close code shows it.
        let _ = desktop.socket.send(Message::Frame(frame)).await;
    }
}

/// The code with which the server closes, 0 if it disconnects without one.
async fn ended(back: &mut (impl Stream<Item = Result<Message, Error>> + Unpin)) -> u16 {
    let end = async {
        while let Some(Ok(message)) = back.next().await {
            if let Message::Close(Some(frame)) = message {
                return u16::from(frame.code);
            }
        }
        0
    };
    timeout(PATIENCE, end).await.unwrap()
}

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
    send_cut(&mut desktop, br#"{"type":"ready","cmd":1}"#, 1).await;
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
    // An unmasked text frame, bypassing the library.
    desktop
        .socket
        .get_mut()
        .write_all(b"\x81\x02hi")
        .await
        .unwrap();
    assert_eq!(desktop.close_code().await, 1002);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn text_is_utf_8_however_it_is_cut() {
    let centre = Centre::open().await;
    for (what, bytes) in [
        ("overlong in two bytes", &b"x\xc0\xaf"[..]),
        ("overlong in three bytes", b"x\xe0\x9f\xbf"),
        ("overlong in four bytes", b"x\xf0\x8f\xbf\xbf"),
        ("the first surrogate", b"x\xed\xa0\x80"),
        ("the last surrogate", b"x\xed\xbf\xbf"),
        ("above U+10FFFF", b"x\xf4\x90\x80\x80"),
        ("five bytes", b"x\xf8\x88\x80\x80\x80"),
        ("a byte that begins nothing", b"x\x80x"),
        ("truncated by a letter", b"x\xe4\xb8x"),
        ("truncated after one of two", b"x\xc3"),
        ("truncated after two of three", b"x\xe4\xb8"),
        ("truncated after three of four", b"x\xf0\x9f\x98"),
    ] {
        for size in 1..=bytes.len() {
            let mut desktop = centre.desktop("a1").await;
            send_cut(&mut desktop, bytes, size).await;
            let code = desktop.close_code().await;
            assert_eq!(code, 1007, "{what}, in fragments of {size}");
        }
    }
    let mut desktop = centre.desktop("a1").await;
    let reason = "aé中😀";
    for size in 1..=60 {
        let text = format!(r#"{{"reason":"{reason}","type":"not_ready","cmd":{size}}}"#);
        send_cut(&mut desktop, text.as_bytes(), size).await;
        assert_eq!(desktop.next("ok").await["cmd"], size);
    }
    let presence = desktop.next("presence").await;
    assert_eq!(presence["agent"]["reason"], reason);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fragments_without_end_are_ended() {
    let centre = Centre::open().await;
    let mut desktop = centre.desktop("a1").await;
    let mut other = centre.ready("a2").await;
    // An unfinished text with empty fragments; the pongs in between are separate messages and do
    // not finish it. The masks are zero.
    let mut piece = b"\x00\x80\0\0\0\0".repeat(50_000);
    piece.extend(b"\x8a\x80\0\0\0\0");
    let flood = async {
        let tcp = desktop.socket.get_mut();
        tcp.write_all(b"\x01\x80\0\0\0\0").await.unwrap();
        for _ in 0..8 {
            if tcp.write_all(&piece).await.is_err() {
                break;
            }
        }
        ended(&mut desktop.socket).await
    };
    let served = async {
        for _ in 0..5 {
            centre.submit().await;
            other.take().await;
        }
    };
    let (code, ()) = tokio::join!(flood, served);
    assert!([0, 1008, 1009].contains(&code), "{code}");
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
        (r#"{"type":"accept","cmd":"x","offer":7}"#, "bad_value"),
    ] {
        desktop.send(text).await;
        let answer = desktop.frame().await;
        assert_eq!(
            (&answer["type"], &answer["code"]),
            (&"refused".into(), &code.into())
        );
    }
    let null = r#""type":"ready","offer":null"#;
    assert_eq!(desktop.refused(null).await, "unknown_field");
    for number in 0..40 {
        let empty = format!(r#""type":"message","contact":"c-{number}","text":"""#);
        assert_eq!(desktop.refused(&empty).await, "bad_value", "however often");
    }
    for _ in 0..20 {
        if desktop.socket.send(Message::text("[7]")).await.is_err() {
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
        let both = async { tokio::join!(flood, ended(&mut back)) };
        let both = timeout(PATIENCE, both).await;
        assert_eq!(both.unwrap().1, 1008, "{message:?}");
    }
    // Nobody else was affected.
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
    // More than the kernel buffers: the rest waits in the node, up to a bound.
    for _ in 0..1_200 {
        let sent = centre.adapter().post(&path, &body).await;
        // Without the desktop, this much waits for the agent and no more.
        if sent.status != 201 {
            assert_eq!(
                (sent.status, sent.code()),
                (429, "messages_full".to_owned())
            );
        }
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
    let pong = timeout(Duration::from_secs(5), desktop.socket.next()).await;
    assert_eq!(
        pong.unwrap().unwrap().unwrap(),
        Message::Pong(b"there?".to_vec().into())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desktop_comes_back_to_more_than_a_socket_holds() {
    let centre = Centre::open().await;
    let mut desktop = centre.ready("a1").await;
    let attributes: serde_json::Map<String, serde_json::Value> = (0..60)
        .map(|n| (format!("field{n}"), "x".repeat(700).into()))
        .collect();
    let contact = serde_json::json!({
        "channel": "app", "text": "y".repeat(14_000), "attributes": attributes,
    });
    for _ in 0..5 {
        let made = centre
            .adapter()
            .post("/v1/contacts", &contact.to_string())
            .await;
        assert_eq!(made.status, 201, "{}", made.text());
        desktop.take().await;
    }
    drop(desktop);
    let back = centre.desktop("a1").await;
    let welcome = &back.welcome;
    assert!(welcome.to_string().len() > 256 << 10);
    assert_eq!(welcome["contacts"].as_array().unwrap().len(), 5);
}
