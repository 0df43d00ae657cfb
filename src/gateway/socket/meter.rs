//! Limits the bytes a WebSocket may use for one message: the library limits the message but not the
//! number of empty fragments.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

/// Twice what the longest message takes in fragments of one byte.
const MESSAGE_WIRE_BYTES_MAX: usize = 1 << 20;

/// What a client sends before the body of a ping or a pong.
const CONTROL_HEAD_BYTES: usize = 6;

/// Bytes received since the last complete message, without pings and pongs.
type Count = Arc<AtomicUsize>;

/// The connection; fails with [`io::ErrorKind::InvalidData`] when a message takes too many bytes.
pub(in crate::gateway) struct Metered {
    tcp: TcpStream,
    count: Count,
}

/// The messages of a metered connection.
pub(in crate::gateway) struct Incoming {
    messages: SplitStream<WebSocketStream<Metered>>,
    count: Count,
}

impl Metered {
    pub(super) fn new(tcp: TcpStream) -> (Self, Count) {
        let count = Count::default();
        let metered = Self {
            tcp,
            count: Arc::clone(&count),
        };
        (metered, count)
    }

    pub(super) fn into_tcp(self) -> TcpStream {
        self.tcp
    }
}

impl Incoming {
    pub(super) fn new(messages: SplitStream<WebSocketStream<Metered>>, count: Count) -> Self {
        Self { messages, count }
    }

    pub(in crate::gateway) async fn next(&mut self) -> Option<Result<Message, Error>> {
        let message = self.messages.next().await;
        if let Some(Ok(Message::Ping(body) | Message::Pong(body))) = &message {
            // It may come between the fragments of a message and does not complete it.
            let bytes = CONTROL_HEAD_BYTES + body.len();
            let without = |count: usize| Some(count.saturating_sub(bytes));
            let count = &self.count;
            let _ = count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, without);
        } else {
            self.count.store(0, Ordering::Relaxed);
        }
        message
    }

    pub(super) fn into_messages(self) -> SplitStream<WebSocketStream<Metered>> {
        self.messages
    }
}

impl AsyncRead for Metered {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let filled = room.filled().len();
        ready!(Pin::new(&mut this.tcp).poll_read(cx, room))?;
        let came = room.filled().len() - filled;
        let before = this.count.fetch_add(came, Ordering::Relaxed);
        if before + came > MESSAGE_WIRE_BYTES_MAX {
            return Poll::Ready(Err(io::ErrorKind::InvalidData.into()));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().tcp).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().tcp).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_shutdown(cx)
    }
}
