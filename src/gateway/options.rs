//! What the doors are configured with, checked.

use std::net::SocketAddr;
use std::time::Duration;

use crate::domain::Millis;
use crate::gateway::webhook;

/// Unless it is configured otherwise.
pub const CONNECTIONS_MAX: u32 = 20_000;

/// How the server listens and how much it bears.
#[derive(Clone, Debug)]
pub struct DoorOptions {
    pub listen: SocketAddr,
    /// The most connections, WebSockets included; one more is told to come back.
    pub connections_max: usize,
    /// How many of those are heard out before they are told so.
    pub porch: usize,
    /// From the first byte of a request's head to its last.
    pub head_within: Duration,
    /// How long a connection may be kept alive between two requests.
    pub idle_for: Duration,
    /// From a request's head to its answer.
    pub request_within: Duration,
    /// How long a stop waits for requests that are under way.
    pub finish_within: Duration,
    /// Over how long a stop spreads the closing of WebSockets.
    pub drain_for: Duration,
    /// From which pages, besides our own, a browser may open a WebSocket with a ticket.
    pub origins: Vec<String>,
    /// Over how long desktops are asked, in `welcome`, to spread their return.
    pub reconnect_jitter: Millis,
    /// Where escalations that notify it are told to.
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

    /// How long a stop takes at most.
    pub(super) fn end_within(&self) -> Duration {
        self.drain_for + self.finish_within
    }
}
