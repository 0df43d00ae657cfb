//! The listener and its connections.
//!
//! [`Server::bind`] binds the address, [`Server::run`] serves until it is stopped. Only HTTP/1.1 is
//! spoken, because the WebSockets need it; every timeout that a slow client could exploit is set
//! here or in [`stream`](super::stream).

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use futures_util::FutureExt;
use http::header::{HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Request, Version};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use metrics::Gauge;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};
use tower::Service;

use crate::episode::Episode;
use crate::gateway::answer;
use crate::gateway::options::DoorOptions;
use crate::gateway::stream::{Exchange, Stream};
use crate::stopwatch::now;
use crate::task;
use crate::telemetry::Connections;
use crate::wire::problem::Problem;

/// Connections waiting to be accepted, sized for a storm of reconnecting agents.
const BACKLOG: u32 = 4_096;
const HEADERS_MAX: usize = 64;
const HEAD_BYTES_MAX: usize = 16 * 1_024;
/// Bytes buffered in the kernel for a client that does not read.
const SEND_BUFFER_BYTES: u32 = 128 * 1_024;
const TURN_AWAY_WITHIN: Duration = Duration::from_secs(1);
/// The pause after an error of the listener, such as too many open files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Failures to accept, or refusals for lack of room, are over when absent this long.
const QUIET: Duration = Duration::from_secs(10);

/// The permit for a connection; a WebSocket keeps it beyond the request.
pub(super) type ConnectionPermit = Arc<Place>;

/// A permit, counted while it is held.
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    open: Gauge,
}

impl Place {
    fn take(permit: OwnedSemaphorePermit, open: Gauge) -> ConnectionPermit {
        open.increment(1.0);
        Arc::new(Self {
            _permit: permit,
            open,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.open.decrement(1.0);
    }
}

/// The listener, before it serves.
pub(super) struct Server {
    listener: TcpListener,
    router: Router,
    http: http1::Builder,
    options: DoorOptions,
    places: Arc<Semaphore>,
    porch: Arc<Semaphore>,
    counts: Connections,
    /// Connections cannot be accepted.
    failing: Episode,
    /// More connections arrive than are allowed.
    crowded: Episode,
    stopping: watch::Sender<bool>,
}

impl Server {
    /// `stopping` stops the WebSockets behind `router`.
    pub(super) fn bind(
        router: Router,
        options: DoorOptions,
        counts: Connections,
        stopping: watch::Sender<bool>,
    ) -> io::Result<Self> {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(options.idle_for)
            .max_headers(HEADERS_MAX)
            .max_header_size(HEAD_BYTES_MAX)
            .keep_alive(true)
            .half_close(true);
        Ok(Self {
            listener: listen(options.listen)?,
            router,
            http,
            places: Arc::new(Semaphore::new(options.connections_max)),
            porch: Arc::new(Semaphore::new(options.porch)),
            options,
            counts,
            failing: Episode::new(QUIET),
            crowded: Episode::new(QUIET),
            stopping,
        })
    }

    pub(super) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` completes; then lets requests finish and closes the WebSockets one after
    /// another.
    pub(super) async fn run(self, stop: impl Future<Output = ()>) {
        let serving = async {
            loop {
                let tcp = self.accept().await;
                self.take_in(tcp);
            }
        };
        tokio::select! {
            biased;
            () = stop => self.finish().await,
            () = serving => {}
        }
    }

    /// Answers new connections with 503 while open ones have a bounded time to end.
    async fn finish(&self) {
        self.stopping.send_replace(true);
        let all = u32::try_from(self.options.connections_max).unwrap_or(u32::MAX);
        let ended = timeout(self.options.end_within(), self.places.acquire_many(all));
        let refusing = async {
            loop {
                let tcp = self.accept().await;
                self.refuse(tcp, "stopping", "the server is stopping");
            }
        };
        tokio::select! {
            biased;
            ended = ended => if ended.is_err() {
                tracing::warn!("connections were still open at the end of the shutdown grace period");
            },
            () = refusing => {}
        }
    }

    async fn accept(&self) -> TcpStream {
        loop {
            let error = match self.listener.accept().await {
                Ok((tcp, _)) => return tcp,
                Err(error) => error,
            };
            if self.failing.came(1, now()) {
                tracing::warn!(%error, "cannot accept a connection");
            }
            sleep(ACCEPT_PAUSE).await;
        }
    }

    fn refuse(&self, tcp: TcpStream, code: &'static str, detail: &'static str) {
        let problem = Problem::new(503, code, detail).with_retry_after_s(1);
        match Arc::clone(&self.porch).try_acquire_owned() {
            Ok(permit) => drop(task::spawn("turning away", turn_away(tcp, problem, permit))),
            Err(_) => say_no(&tcp, &problem),
        }
    }

    fn take_in(&self, tcp: TcpStream) {
        let Ok(permit) = Arc::clone(&self.places).try_acquire_owned() else {
            self.note_crowd();
            self.refuse(tcp, "too_many_connections", "too many connections");
            return;
        };
        // Without it a reply can wait for the client's acknowledgement.
        if tcp.set_nodelay(true).is_err() {
            return;
        }
        let connection = Connection {
            router: self.router.clone(),
            http: self.http.clone(),
            permit: Place::take(permit, self.counts.open.clone()),
            stopping: self.stopping.subscribe(),
            head_within: self.options.head_within,
            request_within: self.options.request_within,
        };
        task::spawn("connection", connection.serve(tcp));
    }

    /// Counts a refused connection.
    fn note_crowd(&self) {
        self.counts.refused.increment(1);
        if self.crowded.came(1, now()) {
            let connections_max = self.options.connections_max;
            tracing::warn!(
                connections_max,
                "server.connections_max reached: further connections get 503"
            );
        }
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.set_keepalive(true)?;
    // Inherited by accepted sockets.
    socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Reads the request, because HTTP allows no answer before one, refuses it, and waits briefly so
/// that no reset overtakes the answer.
async fn turn_away(mut tcp: TcpStream, problem: Problem, _permit: OwnedSemaphorePermit) {
    let mut room = [0; 4_096];
    let _ = timeout(TURN_AWAY_WITHIN, tcp.read(&mut room)).await;
    say_no(&tcp, &problem);
    let _ = timeout(TURN_AWAY_WITHIN, async {
        let _ = tcp.shutdown().await;
        while let Ok(1..) = tcp.read(&mut room).await {}
    })
    .await;
}

/// Refuses as far as is possible without waiting.
fn say_no(tcp: &TcpStream, problem: &Problem) {
    let body = problem.to_json();
    let head = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\n\
         retry-after: 1\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    // With unread input, a reset would overtake the answer.
    let _ = tcp.try_read(&mut [0; 4_096]);
    let _ = tcp.try_write(&[head.as_bytes(), &body].concat());
}

/// One connection, from its first byte to its last request.
struct Connection {
    router: Router,
    http: http1::Builder,
    permit: ConnectionPermit,
    stopping: watch::Receiver<bool>,
    head_within: Duration,
    request_within: Duration,
}

impl Connection {
    async fn serve(self, tcp: TcpStream) {
        let Self {
            router,
            http,
            permit,
            mut stopping,
            head_within,
            request_within,
        } = self;
        let exchange = Arc::new(Exchange::default());
        let stream = Stream::new(tcp, Arc::clone(&exchange), head_within);
        let service = service_fn(|request: Request<Incoming>| {
            let (router, exchange, permit) = (router.clone(), &exchange, &permit);
            async move {
                let response = answer(router, request, exchange, permit, request_within).await;
                exchange.end();
                Ok::<_, Infallible>(response)
            }
        });
        let connection = http.serve_connection(TokioIo::new(stream), service);
        let mut connection = std::pin::pin!(connection.with_upgrades());
        tokio::select! {
            biased;
            // Clients that vanish or do not speak HTTP are not logged.
            _ = connection.as_mut() => return,
            _ = stopping.wait_for(|stopping| *stopping) => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}

async fn answer(
    mut router: Router,
    mut request: Request<Incoming>,
    exchange: &Exchange,
    permit: &ConnectionPermit,
    within: Duration,
) -> Response {
    let headers = request.headers();
    let is_chunked = headers.contains_key(TRANSFER_ENCODING);
    if !exchange.begin(is_chunked) || !coding_fits(headers) {
        let detail = "send either Content-Length or Transfer-Encoding: chunked, not both";
        return answer::last_problem(&Problem::new(400, "bad_framing", detail));
    }
    if !host_fits(&request) {
        let detail =
            "exactly one Host header is required, and it must match an absolute request target";
        return answer::last_problem(&Problem::new(400, "bad_host", detail));
    }
    request.extensions_mut().insert(Arc::clone(permit));
    let changes_nothing = request.method().is_safe();
    let routed = AssertUnwindSafe(router.call(request)).catch_unwind();
    match timeout(within, routed).await {
        Ok(Ok(Ok(response))) => response,
        Ok(Ok(Err(never))) => match never {},
        Ok(Err(_)) => {
            // The panic hook has reported the panic itself.
            tracing::error!("a request handler panicked");
            let detail = "internal server error; details are in the server log";
            answer::problem(&Problem::new(500, "internal", detail))
        }
        Err(_) => {
            let detail = if changes_nothing {
                "timed out; try again"
            } else {
                "timed out; it may still be carried out: repeat it with the same Idempotency-Key"
            };
            let problem = Problem::new(504, "outcome_unknown", detail);
            answer::problem(&problem.with_retry_after_s(1))
        }
    }
}

/// No transfer coding except a single chunked: intermediaries may frame others differently.
fn coding_fits(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    let is_chunked = |coding: &HeaderValue| {
        let coding = coding.as_bytes().trim_ascii();
        coding.eq_ignore_ascii_case(b"chunked")
    };
    codings.next().is_none_or(is_chunked) && codings.next().is_none()
}

/// RFC 9112 §3.2: exactly one host, and the same one in an absolute target.
fn host_fits(request: &Request<Incoming>) -> bool {
    let headers: &HeaderMap = request.headers();
    let mut hosts = headers.get_all(HOST).iter();
    let authority = request
        .uri()
        .authority()
        .map(|authority| authority.as_str());
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => authority
            .is_none_or(|authority| host.as_bytes().eq_ignore_ascii_case(authority.as_bytes())),
        (None, _) => request.version() < Version::HTTP_11,
        (Some(_), Some(_)) => false,
    }
}
