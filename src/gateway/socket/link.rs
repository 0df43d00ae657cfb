//! The two halves of an open WebSocket, and its orderly end.

use std::time::Duration;

use axum::extract::Request;
use futures_util::stream::SplitSink;
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use rustix::rand::{GetRandomFlags, getrandom};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use crate::gateway::server::ConnectionPermit;
use crate::gateway::socket::close::Close;
use crate::gateway::socket::meter::{Incoming, Metered};
use crate::gateway::stream::Stream;
use crate::wire::frame::FRAME_BYTES_MAX;

/// Small, so that ten thousand idle agents cost little.
const BUFFER_BYTES: usize = 4 * 1_024;
/// From the handshake response to the upgraded connection.
const UPGRADE_WITHIN: Duration = Duration::from_secs(5);
/// How long a client has to answer a close.
const CLOSE_WITHIN: Duration = Duration::from_secs(3);
/// The same while the server stops, when it does not wait long for a client.
const CLOSE_AT_END_WITHIN: Duration = Duration::from_secs(1);
/// How much further input is discarded, so that no reset overtakes the close frame.
const LINGER_BYTES_MAX: usize = 4 * 1_024 * 1_024;

type Socket = WebSocketStream<Metered>;
pub(in crate::gateway) type Outgoing = SplitSink<Socket, Message>;

/// A connection that is about to become a WebSocket.
pub(in crate::gateway) struct Upgrading {
    upgrade: OnUpgrade,
    /// Held while the socket is open: it counts as a connection.
    permit: Option<ConnectionPermit>,
}

/// An open WebSocket.
pub(in crate::gateway) struct Link {
    pub(in crate::gateway) incoming: Incoming,
    pub(in crate::gateway) outgoing: Outgoing,
    _permit: Option<ConnectionPermit>,
}

impl Upgrading {
    pub(in crate::gateway) fn of(request: &mut Request) -> Self {
        Self {
            permit: request.extensions_mut().remove(),
            upgrade: hyper::upgrade::on(request),
        }
    }

    /// None if the client has gone in the meantime.
    pub(in crate::gateway) async fn finish(self) -> Option<Link> {
        let upgraded = timeout(UPGRADE_WITHIN, self.upgrade).await.ok()?.ok()?;
        let parts = upgraded.downcast::<TokioIo<Stream>>().ok()?;
        let tcp = parts.io.into_inner().into_tcp();
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER_BYTES)
            .write_buffer_size(BUFFER_BYTES)
            // A snapshot is one frame and can be as large as the site. The sink accepts no second
            // one while a client is slow to read the first.
            .max_write_buffer_size(usize::MAX)
            .max_message_size(Some(FRAME_BYTES_MAX))
            .max_frame_size(Some(FRAME_BYTES_MAX));
        let begun = parts.read_buf.to_vec();
        let (tcp, count) = Metered::new(tcp);
        let socket = Socket::from_partially_read(tcp, begun, Role::Server, Some(config)).await;
        let (outgoing, messages) = socket.split();
        Some(Link {
            incoming: Incoming::new(messages, count),
            outgoing,
            _permit: self.permit,
        })
    }
}

impl Link {
    /// Sends the reason, gives the client a little time to react, and disconnects.
    pub(in crate::gateway) async fn close(self, why: Close) {
        // Boxed, because every open socket reserves room for it and few are ending.
        Box::pin(self.hang_up(why)).await;
    }

    async fn hang_up(self, why: Close) {
        let Self {
            incoming,
            mut outgoing,
            _permit,
        } = self;
        // The client may be too slow for this as well.
        let within = if matches!(why, Close::Restarting) {
            CLOSE_AT_END_WITHIN
        } else {
            CLOSE_WITHIN
        };
        let _ = timeout(within, async {
            if let Some(frame) = why.frame() {
                let _ = outgoing.send(Message::Close(Some(frame))).await;
            } else if outgoing.flush().await.is_err() {
                // A message still to be written is refused after the client's close and dropped;
                // the reply to the close is queued behind it.
                let _ = outgoing.flush().await;
            }
            let Ok(socket) = incoming.into_messages().reunite(outgoing) else {
                return;
            };
            linger(socket.into_inner().into_tcp()).await;
        })
        .await;
    }
}

/// Discards further input until the client disconnects.
async fn linger(mut tcp: TcpStream) {
    if tcp.shutdown().await.is_err() {
        return;
    }
    let mut room = [0; BUFFER_BYTES];
    let mut read = 0;
    while let Ok(bytes @ 1..) = tcp.read(&mut room).await {
        read += bytes;
        if read > LINGER_BYTES_MAX {
            return;
        }
    }
}

/// A random share of the time over which a stop spreads the closing of sockets.
pub(in crate::gateway) fn drain_pause(drain_for: Duration) -> Duration {
    let mut chance = [0_u8; 2];
    // Without entropy all close at once, which still works.
    let _ = getrandom(&mut chance, GetRandomFlags::NONBLOCK);
    drain_for.mul_f64(f64::from(u16::from_ne_bytes(chance)) / 65_536.0)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    async fn pair() -> (Link, WebSocketStream<TcpStream>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it listens");
        let client = TcpStream::connect(address).await.expect("it listens");
        let (accepted, _) = listener.accept().await.expect("somebody connects");
        let (tcp, count) = Metered::new(accepted);
        let socket = Socket::from_raw_socket(tcp, Role::Server, None).await;
        let (outgoing, messages) = socket.split();
        let link = Link {
            incoming: Incoming::new(messages, count),
            outgoing,
            _permit: None,
        };
        let client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
        (link, client)
    }

    #[tokio::test]
    async fn a_close_is_answered_although_something_was_about_to_be_written() {
        let (mut link, mut client) = pair().await;
        client
            .send(Message::Close(None))
            .await
            .expect("the server is there");
        let message = link.incoming.next().await;
        assert!(matches!(message, Some(Ok(Message::Close(_)))));
        let written = link.outgoing.feed(Message::Text("late".into())).await;
        assert!(written.is_ok(), "it is queued in the sink");
        let answer = async move { client.next().await };
        let (answer, ()) = tokio::join!(answer, link.close(Close::Gone));
        assert!(matches!(answer, Some(Ok(Message::Close(_)))), "{answer:?}");
    }
}
