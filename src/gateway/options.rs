//! The checked configuration of the gateway.

use std::net::SocketAddr;
use std::time::Duration;

use crate::domain::Millis;
use crate::gateway::webhook;

/// The default of `server.connections_max`.
pub const CONNECTIONS_MAX: u32 = 20_000;

/// Where the server listens, and its limits.
#[derive(Clone, Debug)]
pub struct DoorOptions {
    pub listen: SocketAddr,
    /// The most connections, WebSockets included; further ones get 503.
    pub connections_max: usize,
    /// How many further connections are read and answered with 503 at a time.
    pub porch: usize,
    /// From the first byte of a request's head to its last.
    pub head_within: Duration,
    /// How long a connection may be kept alive between two requests.
    pub idle_for: Duration,
    /// From a request's head to its answer.
    pub request_within: Duration,
    /// How long a stop waits for requests in progress.
    pub finish_within: Duration,
    /// Over how long a stop spreads the closing of WebSockets.
    pub drain_for: Duration,
    /// The origins, besides the server's own, whose pages may open a WebSocket with a ticket.
    pub origins: Vec<String>,
    /// The period over which desktops are asked, in `welcome`, to spread their reconnects.
    pub reconnect_jitter: Millis,
    /// Where escalations with `notify = "webhook"` are sent.
    pub webhook: Option<webhook::WebhookOptions>,
}

impl DoorOptions {
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            listen,
            connections_max: CONNECTIONS_MAX as usize,
            porch: 256,
            head_within: Duration::from_secs(10),
            idle_for: Duration::from_secs(75),
            request_within: Duration::from_secs(10),
            finish_within: Duration::from_secs(10),
            drain_for: Duration::from_secs(3),
            origins: Vec::new(),
            reconnect_jitter: Millis::from_s(3),
            webhook: None,
        }
    }

    /// The longest time that a stop takes.
    pub(super) fn end_within(&self) -> Duration {
        self.drain_for + self.finish_within
    }
}
