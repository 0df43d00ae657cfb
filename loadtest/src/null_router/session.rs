//! One agent's socket, from the upgrade to its end.

use std::sync::Arc;

use futures_util::{FutureExt, SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

use super::contact::Contact;
use super::desk::Desk;
use super::hub::Hub;
use crate::clock::wall_ms;

const MESSAGE_BYTES_MAX: usize = 64 * 1_024;
const BUFFER_BYTES: usize = 4 * 1_024;
const UNSENT_BYTES_MAX: usize = 256 * 1_024;
/// Contacts offered before the socket is flushed.
const BATCH_MAX: usize = 32;
const SUPERSEDED: u16 = 4_001;

type Socket = WebSocketStream<TcpStream>;

/// Why a session is over.
enum End {
    Superseded,
    Lost,
}

pub(super) async fn serve(upgraded: Upgraded, agent: Arc<str>, hub: Arc<Hub>) {
    let Ok(parts) = upgraded.downcast::<TokioIo<TcpStream>>() else {
        unreachable!("only TCP connections are accepted");
    };
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .max_write_buffer_size(UNSENT_BYTES_MAX)
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX));
    // A copy, because the original would keep the whole read buffer of the handshake alive.
    let rest = parts.read_buf.to_vec();
    drop(parts.read_buf);
    let stream = parts.io.into_inner();
    let mut socket =
        WebSocketStream::from_partially_read(stream, rest, Role::Server, Some(config)).await;
    let mut login = hub.log_in(&agent);
    let mut desk = login.desk.lock().await;
    desk.welcome(wall_ms());
    match converse(&mut socket, &mut desk, &mut login.inbox, &agent, &hub).await {
        Ok(End::Superseded) => {
            let close = CloseFrame {
                code: SUPERSEDED.into(),
                reason: "a newer login took over".into(),
            };
            // The other side may be long gone, which is one reason for a new login.
            let _ = socket.close(Some(close)).await;
        }
        Ok(End::Lost) | Err(_) => hub.make_unready(&agent),
    }
    login.inbox.close();
    let mut returned = desk.lose_socket(wall_ms());
    while let Ok(contact) = login.inbox.try_recv() {
        returned.push(contact);
    }
    drop(desk);
    for contact in returned {
        // It had been accepted before, so there was room for it.
        let _ = hub.place(contact);
    }
}

async fn converse(
    socket: &mut Socket,
    desk: &mut Desk,
    inbox: &mut mpsc::Receiver<Arc<Contact>>,
    agent: &Arc<str>,
    hub: &Hub,
) -> Result<End, Error> {
    loop {
        while let Some(frame) = desk.poll_frame() {
            socket.feed(Message::Text(frame)).await?;
        }
        socket.flush().await?;
        tokio::select! {
            received = socket.next() => {
                let mut received = Some(received);
                while let Some(message) = received {
                    match message.transpose()? {
                        Some(Message::Text(text)) => take(text.as_str(), desk, agent, hub),
                        Some(Message::Close(_)) | None => return Ok(End::Lost),
                        Some(_) => {}
                    }
                    received = socket.next().now_or_never();
                }
            }
            contact = inbox.recv() => match contact {
                Some(contact) => desk.offer(contact, wall_ms()),
                None => return Ok(End::Superseded),
            },
        }
        for _ in 0..BATCH_MAX {
            let Ok(contact) = inbox.try_recv() else {
                break;
            };
            desk.offer(contact, wall_ms());
        }
        if desk.wants_contacts()
            && let Some(contact) = hub.next_waiting()
        {
            desk.offer(contact, wall_ms());
        }
    }
}

/// An unreadable frame is dropped: the null router serves only our own client.
fn take(text: &str, desk: &mut Desk, agent: &Arc<str>, hub: &Hub) {
    let wanted = desk.wants_contacts();
    let Ok(kind) = desk.handle(text, wall_ms()) else {
        return;
    };
    if desk.wants_contacts() && kind.opens_the_door() {
        hub.make_ready(agent);
    } else if wanted && !desk.wants_contacts() {
        hub.make_unready(agent);
    }
}
