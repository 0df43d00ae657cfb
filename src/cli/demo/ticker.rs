//! The latest escalations, as a supervisor's socket receives them.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::StreamExt;
use serde::Deserialize;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Error;

use crate::cli::demo::socket;
use crate::wire::frame::SUPERVISOR_PROTOCOL;

/// Escalations that are shown; with two the screen has 23 lines.
const NEWS_MAX: usize = 2;
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// The time of day within an RFC 3339 instant.
const TIME_OF_DAY: std::ops::Range<usize> = 11..19;

#[derive(Debug, Default)]
pub(super) struct Ticker(Mutex<VecDeque<String>>);

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Frame {
    Escalation {
        rule: String,
        queue: String,
        contact: String,
        at: String,
        notify: bool,
    },
    #[serde(other)]
    Other,
}

impl Ticker {
    /// The newest first.
    pub(super) fn news(&self) -> Vec<String> {
        let news = self.0.lock().expect("nothing panics under this lock");
        news.iter().cloned().collect()
    }

    /// Listens until the task is aborted.
    pub(super) async fn listen(&self, address: SocketAddr) {
        loop {
            if let Err(error) = self.hear(address).await {
                tracing::debug!(%error, "the supervisor lost its socket");
            }
            sleep(RETRY_AFTER).await;
        }
    }

    async fn hear(&self, address: SocketAddr) -> Result<(), Error> {
        let path = "/v1/supervisor";
        let opened = socket::open(address, path, SUPERVISOR_PROTOCOL, "dev-supervisor");
        let mut socket = opened.await?;
        while let Some(message) = socket.next().await {
            self.note(message?.to_text().unwrap_or_default());
        }
        Ok(())
    }

    fn note(&self, text: &str) {
        let Ok(Frame::Escalation {
            rule,
            queue,
            contact,
            at,
            notify: true,
        }) = serde_json::from_str(text)
        else {
            return;
        };
        let at = at.get(TIME_OF_DAY).unwrap_or(&at);
        let mut news = self.0.lock().expect("nothing panics under this lock");
        news.push_front(format!("{at} {queue}: {rule}, contact {contact}"));
        news.truncate(NEWS_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_escalations_are_kept() {
        let ticker = Ticker::default();
        ticker.note(r#"{"type":"snapshot","at":"","queues":[],"agents":[]}"#);
        let note = |rule: &str, notify: bool| {
            ticker.note(&format!(
                r#"{{"type":"escalation","rule":"{rule}","queue":"fault","contact":"c1",
                "at":"2026-11-21T20:31:02.123Z","notify":{notify}}}"#
            ));
        };
        for rule in ["a", "b", "c", "d"] {
            note(rule, true);
        }
        note("for the record", false);
        let news = ticker.news();
        assert_eq!(news.len(), NEWS_MAX);
        assert_eq!(news[0], "20:31:02 fault: d, contact c1");
    }
}
