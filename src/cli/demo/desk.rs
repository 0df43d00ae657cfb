//! The desktop of an agent: carries frames between the server and an [`Agent`].

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::cli::demo::floor::{Act, Agent};
use crate::cli::demo::heard::Frame;
use crate::cli::demo::socket;
use crate::cli::demo::socket::Socket;
use crate::stopwatch::Stopwatch;
use crate::wire::frame::AGENT_PROTOCOL;

/// Until a desktop that could not connect tries again.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How often a desktop wakes with nothing planned.
const LOOK_AFTER_MS: u64 = 1_000;

/// Runs until the task is aborted.
pub(super) async fn work(address: SocketAddr, id: String, mut agent: Agent, watch: Stopwatch) {
    let token = format!("dev-agent:{id}");
    loop {
        let opened = socket::open(address, "/v1/agent", AGENT_PROTOCOL, &token).await;
        let away = match opened {
            Ok(mut socket) => converse(&mut socket, &mut agent, watch).await,
            Err(error) => Err(error),
        };
        let away = away.unwrap_or_else(|error| {
            tracing::debug!(id, %error, "a desktop lost its socket");
            RETRY_AFTER
        });
        agent.lose_socket();
        sleep(away).await;
    }
}

/// Returns how long the agent stays away.
async fn converse(
    socket: &mut Socket,
    agent: &mut Agent,
    watch: Stopwatch,
) -> Result<Duration, Error> {
    loop {
        while let Some(act) = agent.poll() {
            match act {
                Act::Say(frame) => {
                    let text = serde_json::to_string(&frame);
                    let text = text.expect("a frame is text and numbers");
                    socket.feed(Message::text(text)).await?;
                }
                Act::HangUp { back_after_ms } => {
                    return Ok(Duration::from_millis(back_after_ms));
                }
            }
        }
        socket.flush().await?;
        let now_ms = elapsed_ms(watch);
        let due_ms = agent.next_deadline_ms().unwrap_or(now_ms + LOOK_AFTER_MS);
        let left = Duration::from_millis(due_ms.saturating_sub(now_ms));
        match timeout(left, socket.next()).await {
            Ok(Some(message)) => hear(agent, &message?, elapsed_ms(watch)),
            Ok(None) => return Err(Error::ConnectionClosed),
            Err(_) => {}
        }
        agent.expire(elapsed_ms(watch));
    }
}

fn hear(agent: &mut Agent, message: &Message, now_ms: u64) {
    let Ok(text) = message.to_text().map(str::trim) else {
        return;
    };
    if !message.is_text() {
        return;
    }
    match Frame::read(text) {
        Ok(frame) => agent.hear(frame, now_ms),
        Err(error) => tracing::error!(%error, text, "cannot parse a frame"),
    }
}

pub(super) fn elapsed_ms(watch: Stopwatch) -> u64 {
    u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX)
}
