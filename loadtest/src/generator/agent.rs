//! The socket of one agent: opens it, carries frames between it and the desk, drops it now and then
//! if asked to, and reconnects.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio_tungstenite::tungstenite::client::ClientRequestBuilder;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use super::desk::Desk;
use super::poster::Poster;
use crate::clock::Stopwatch;
use crate::dice::Dice;

const SUBPROTOCOL: &str = "switchboard.agent.v1";
const BUFFER_BYTES: usize = 4 * 1_024;
const MINUTE_NS: f64 = 60e9;
const RECONNECT_MS_MIN: u64 = 200;
const RECONNECT_MS_MAX: u64 = 1_000;

type Socket = WebSocketStream<TcpStream>;

/// How agents reach the server.
pub(crate) struct Way {
    pub(crate) server: SocketAddr,
    pub(crate) host: String,
    /// Limits how many agents connect at the same time.
    pub(crate) gate: Semaphore,
    /// Share of the sockets dropped per minute; may exceed 1.0.
    pub(crate) drops_per_minute: f64,
}

/// One agent of the run.
pub(crate) struct Agent {
    pub(crate) desk: Desk,
    pub(crate) token: String,
    pub(crate) source: Option<IpAddr>,
    pub(crate) dice: Dice,
}

/// Why a conversation is over.
#[derive(PartialEq)]
enum End {
    Dropped,
    Lost,
}

impl Agent {
    /// Works until the end of the run aborts its task.
    pub(crate) async fn work(mut self, way: Arc<Way>, poster: Arc<Poster>) {
        let tally = &poster.room().tally;
        loop {
            let end = match self.connect(&way).await {
                Ok(mut socket) => {
                    let drop_at_ns = self.next_drop_ns(way.drops_per_minute, poster.watch());
                    self.converse(&mut socket, drop_at_ns, &poster)
                        .await
                        .unwrap_or(End::Lost)
                }
                Err(_) => End::Lost,
            };
            match end {
                End::Dropped => tally.sockets_dropped.raise(),
                End::Lost => tally.sockets_lost.raise(),
            }
            self.desk.lose_socket();
            let pause_ms = RECONNECT_MS_MIN + self.dice.below(RECONNECT_MS_MAX - RECONNECT_MS_MIN);
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        }
    }

    async fn connect(&self, way: &Way) -> Result<Socket, Error> {
        let Ok(_passed) = way.gate.acquire().await else {
            unreachable!("the gate is never closed");
        };
        let socket = match way.server {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        if let Some(source) = self.source {
            socket.bind(SocketAddr::new(source, 0))?;
        }
        let stream = socket.connect(way.server).await?;
        stream.set_nodelay(true)?;
        let uri = format!("ws://{}/v1/agent", way.host)
            .parse()
            .map_err(|_| Error::ConnectionClosed)?;
        let request = ClientRequestBuilder::new(uri)
            .with_header("Authorization", format!("Bearer {}", self.token))
            .with_sub_protocol(SUBPROTOCOL);
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER_BYTES)
            .write_buffer_size(BUFFER_BYTES);
        let (socket, _) = client_async_with_config(request, stream, Some(config)).await?;
        Ok(socket)
    }

    async fn converse(
        &mut self,
        socket: &mut Socket,
        drop_at_ns: Option<u64>,
        poster: &Poster,
    ) -> Result<End, Error> {
        let watch = poster.watch();
        loop {
            for _ in 0..self.desk.take_over_count() {
                poster.life_over();
            }
            while let Some(command) = self.desk.poll_command() {
                socket.feed(Message::text(command)).await?;
            }
            socket.flush().await?;
            let wake_ns = self
                .desk
                .next_deadline_ns()
                .into_iter()
                .chain(drop_at_ns)
                .min();
            let received = match wake_ns {
                None => Some(socket.next().await),
                Some(wake_ns) => tokio::time::timeout_at(watch.at(wake_ns), socket.next())
                    .await
                    .ok(),
            };
            let now_ns = watch.elapsed_ns();
            let mut received = received;
            while let Some(message) = received {
                match message.transpose()? {
                    Some(Message::Text(text)) => self.desk.handle(text.as_str(), now_ns),
                    Some(Message::Close(_)) | None => return Ok(End::Lost),
                    Some(_) => {}
                }
                received = socket.next().now_or_never();
            }
            self.desk.expire(now_ns);
            if drop_at_ns.is_some_and(|at_ns| at_ns <= now_ns) {
                return Ok(End::Dropped);
            }
        }
    }

    fn next_drop_ns(&mut self, drops_per_minute: f64, watch: Stopwatch) -> Option<u64> {
        (drops_per_minute > 0.0).then(|| {
            let gap_ns = self.dice.gap(drops_per_minute) * MINUTE_NS;
            watch.elapsed_ns().saturating_add(gap_ns as u64)
        })
    }
}
