//! A TCP connection with the checks that the HTTP library lacks: a request head must be complete in
//! time, a response must be read in time, and a head that declares its length in two ways is
//! detected.

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

/// How long a client may leave a response unread.
const WRITE_WITHIN: Duration = Duration::from_secs(10);

/// Shared by a connection's stream and the service of its requests.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    /// A request is being answered: its body has its own timeouts.
    is_answering: AtomicBool,
    /// Requests handed over so far. After the first, a silent connection is kept alive.
    begun: AtomicU32,
    /// A head declared its length in both ways.
    is_twofold: AtomicBool,
}

impl Exchange {
    /// Call it with each request; false if its length cannot be trusted: it is chunked and had a
    /// Content-Length as well.
    pub(super) fn begin(&self, is_chunked: bool) -> bool {
        self.is_answering.store(true, Ordering::Relaxed);
        self.begun.fetch_add(1, Ordering::Relaxed);
        !is_chunked || !self.is_twofold.load(Ordering::Relaxed)
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
    /// How many requests had begun when the last bytes outside an answered request's body arrived:
    /// if none has begun since, those bytes were part of a head.
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

    /// For a WebSocket, which has its own timeouts.
    pub(super) fn into_tcp(self) -> TcpStream {
        self.tcp
    }

    /// Whether the rest of a head, or the first one, is still to come.
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
        // The start of the next head may arrive with the rest of a body: until more of it arrives,
        // the HTTP library's own timeout applies.
        if !this.exchange.is_answering.load(Ordering::Relaxed) {
            this.in_head = Some(this.exchange.begun.load(Ordering::Relaxed));
        }
        if this.lines.are_twofold(came) {
            this.exchange.is_twofold.store(true, Ordering::Relaxed);
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
const TRANSFER_ENCODING: &[u8] = b"transfer-encoding";

/// Scans line by line. A head ends with an empty line and contains none, so lines without an empty
/// one between them belong to one head at most.
#[derive(Clone, Copy, Debug, Default)]
struct Lines {
    /// The beginning of the current line.
    beginning: [u8; TRANSFER_ENCODING.len()],
    length: usize,
    /// A Content-Length line was seen since the last empty line.
    has_length: bool,
    has_coding: bool,
}

impl Lines {
    /// Whether one head turned out to contain both names.
    fn are_twofold(&mut self, bytes: &[u8]) -> bool {
        let mut are_twofold = false;
        for byte in bytes {
            match byte {
                b'\n' if self.length == 0 => *self = Self::default(),
                b'\n' => self.length = 0,
                b'\r' if self.length == 0 => {}
                _ if self.length == self.beginning.len() => {}
                _ => {
                    self.beginning[self.length] = byte.to_ascii_lowercase();
                    self.length += 1;
                    let line = &self.beginning[..self.length];
                    self.has_length |= line == CONTENT_LENGTH;
                    self.has_coding |= line == TRANSFER_ENCODING;
                    are_twofold |= self.has_length && self.has_coding;
                }
            }
        }
        are_twofold
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether `text` is found to contain both, however it is split.
    fn is_twofold(text: &str) -> bool {
        let found = |size: usize| {
            let mut lines = Lines::default();
            let pieces = text.as_bytes().chunks(size);
            pieces.fold(false, |found, piece| found | lines.are_twofold(piece))
        };
        let whole = found(text.len());
        for size in 1..text.len() {
            assert_eq!(found(size), whole, "{text:?} in pieces of {size}");
        }
        whole
    }

    #[test]
    fn a_head_with_both_ways_is_noticed() {
        let first = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";
        for head in [
            "CONTENT-length: 5\r\ntransfer-ENCODING: chunked\r\n\r\n",
            "Transfer-Encoding: chunked\r\nX: y\r\nContent-Length: 5\r\n\r\n",
            "Transfer-Encoding: chunked\nContent-Length: 5\n\n",
        ] {
            let second = format!("POST / HTTP/1.1\r\nHost: x\r\n{head}");
            assert!(is_twofold(&second), "{second:?}");
            assert!(is_twofold(&[first, &second].concat()), "{second:?}");
        }
    }

    #[test]
    fn the_lengths_of_other_heads_are_theirs() {
        let chunked = "POST / HTTP/1.1\r\nX-Content-Length: 1\r\nContent-Lengt: 7\r\n\
                       Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
        let sized = "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}";
        assert!(!is_twofold(&[chunked, sized, chunked, sized].concat()));
    }

    #[test]
    fn a_chunked_request_with_a_length_is_not_trusted() {
        let exchange = Exchange::default();
        assert!(exchange.begin(true));
        exchange.is_twofold.store(true, Ordering::Relaxed);
        assert!(exchange.begin(false), "it has only a length");
        assert!(!exchange.begin(true));
    }
}
