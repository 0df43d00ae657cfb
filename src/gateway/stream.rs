//! A TCP connection with what the HTTP library leaves open: the head of a
//! request has to be complete in time, an answer has to be taken off in time,
//! and a head that announces its length in two ways is noticed.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// How long a client may leave an answer unread.
const WRITE_WITHIN: Duration = Duration::from_secs(10);

/// What a connection's stream and the service of its requests tell each other.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    /// A request is being answered: its body has its own deadlines.
    is_answering: AtomicBool,
    /// Requests that were handed over so far. After the first, silence is a
    /// kept-alive connection.
    begun: AtomicU32,
    /// Lines that began with `Content-Length`.
    lengths_seen: AtomicU32,
    /// Requests that were handed over with a `Content-Length`.
    lengths_known: AtomicU32,
}

impl Exchange {
    /// To be called with each request; false if it cannot be trusted to end
    /// where it seems to: it is chunked, and there was a length as well.
    pub(super) fn begin(&self, has_length: bool, is_chunked: bool) -> bool {
        self.is_answering.store(true, Ordering::Relaxed);
        self.begun.fetch_add(1, Ordering::Relaxed);
        let known = self
            .lengths_known
            .fetch_add(u32::from(has_length), Ordering::Relaxed)
            .wrapping_add(u32::from(has_length));
        !is_chunked || self.lengths_seen.load(Ordering::Relaxed) == known
    }

    pub(super) fn end(&self) {
        self.is_answering.store(false, Ordering::Relaxed);
    }
}

/// The server's end of a connection.
pub(super) struct Stream {
    tcp: TcpStream,
    exchange: Arc<Exchange>,
    lines: Lines,
    head_within: Duration,
    /// Runs while a head is incomplete.
    head_deadline: Option<Pin<Box<Sleep>>>,
    /// How many requests had begun when bytes last came in: if none has since,
    /// they were part of a head.
    in_head: Option<u32>,
    write_deadline: Option<Pin<Box<Sleep>>>,
}

impl Stream {
    pub(super) fn new(tcp: TcpStream, exchange: Arc<Exchange>, head_within: Duration) -> Self {
        Self {
            tcp,
            exchange,
            lines: Lines::default(),
            head_within,
            head_deadline: None,
            in_head: None,
            write_deadline: None,
        }
    }

    /// For a WebSocket, which has its own deadlines.
    pub(super) fn into_tcp(self) -> TcpStream {
        self.tcp
    }

    /// Whether the client owes us the rest of a head, or its first one.
    fn owes_a_head(&self) -> bool {
        let begun = self.exchange.begun.load(Ordering::Relaxed);
        !self.exchange.is_answering.load(Ordering::Relaxed)
            && (begun == 0 || self.in_head == Some(begun))
    }

    fn poll_head_deadline(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.owes_a_head() {
            self.head_deadline = None;
            return Poll::Pending;
        }
        let deadline = self
            .head_deadline
            .get_or_insert_with(|| Box::pin(sleep(self.head_within)));
        ready!(deadline.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    fn poll_write_deadline(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let deadline = self
            .write_deadline
            .get_or_insert_with(|| Box::pin(sleep(WRITE_WITHIN)));
        ready!(deadline.as_mut().poll(cx));
        Poll::Ready(io::ErrorKind::TimedOut.into())
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let filled = room.filled().len();
        if Pin::new(&mut this.tcp).poll_read(cx, room)?.is_pending() {
            return this.poll_head_deadline(cx);
        }
        let came = &room.filled()[filled..];
        this.in_head = Some(this.exchange.begun.load(Ordering::Relaxed));
        let lengths = this.lines.count_lengths(came);
        if lengths > 0 {
            let seen = &this.exchange.lengths_seen;
            seen.fetch_add(lengths, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match Pin::new(&mut this.tcp).poll_write(cx, bytes) {
            Poll::Ready(written) => {
                this.write_deadline = None;
                Poll::Ready(written)
            }
            Poll::Pending => this.poll_write_deadline(cx).map(Err),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match Pin::new(&mut this.tcp).poll_write_vectored(cx, pieces) {
            Poll::Ready(written) => {
                this.write_deadline = None;
                Poll::Ready(written)
            }
            Poll::Pending => this.poll_write_deadline(cx).map(Err),
        }
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

const CONTENT_LENGTH: &[u8] = b"content-length";

/// Where in a line the stream stands.
#[derive(Clone, Copy, Debug, Default)]
enum Lines {
    /// The line so far is so many bytes of the name.
    Matching(usize),
    #[default]
    Elsewhere,
}

impl Lines {
    /// How many lines turned out to begin with the name.
    fn count_lengths(&mut self, bytes: &[u8]) -> u32 {
        let mut count = 0;
        let mut rest = bytes;
        while !rest.is_empty() {
            match *self {
                Self::Elsewhere => {
                    let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
                        return count;
                    };
                    rest = &rest[end + 1..];
                    *self = Self::Matching(0);
                }
                Self::Matching(length) if length == CONTENT_LENGTH.len() => {
                    count += 1;
                    *self = Self::Elsewhere;
                }
                Self::Matching(length) if rest[0].eq_ignore_ascii_case(&CONTENT_LENGTH[length]) => {
                    rest = &rest[1..];
                    *self = Self::Matching(length + 1);
                }
                Self::Matching(_) => *self = Self::Elsewhere,
            }
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] =
        b"POST / HTTP/1.1\r\nHost: x\r\nCONTENT-length: 5\r\nX-Content-Length: 1\r\n\
        Content-Lengt: 7\r\nContent-Length: 5\r\n\r\ncontent-length\n\ncontent-length: no";

    #[test]
    fn lines_with_a_length_are_counted_however_they_are_cut() {
        for size in 1..=HEAD.len() {
            let mut lines = Lines::default();
            let counted: u32 = HEAD
                .chunks(size)
                .map(|piece| lines.count_lengths(piece))
                .sum();
            assert_eq!(counted, 4, "in pieces of {size}");
        }
    }

    #[test]
    fn a_chunked_request_with_a_length_is_not_trusted() {
        let exchange = Exchange::default();
        exchange.lengths_seen.store(1, Ordering::Relaxed);
        assert!(exchange.begin(true, false));
        assert!(
            exchange.begin(false, true),
            "the length was of the request before"
        );
        exchange.lengths_seen.store(2, Ordering::Relaxed);
        assert!(!exchange.begin(false, true));
    }
}
