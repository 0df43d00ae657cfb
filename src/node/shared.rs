//! What the handles, the loop and the committer of one site have in common.
//!
//! **Invariant:** nothing of the engine's state is here.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::sync::broadcast;

use crate::domain::Name;
use crate::node::board::Board;
use crate::node::clock::Clock;
use crate::node::feeds::Feeds;
use crate::node::notice::SharedEscalation;
use crate::node::scrapes::Scrapes;
use crate::node::webhook_queue::WebhookQueue;
use crate::telemetry::Telemetry;

/// The most escalations that a supervisor's board may leave unread before it misses the oldest:
/// a queue that is left alone escalates all who wait in it at once. The boards of a site share
/// this; it takes 2 MiB, and up to 8 MiB more while a board has not read what there is.
const ESCALATIONS_MAX: usize = 65_536;

pub(super) struct Shared {
    pub(super) site: Name,
    pub(super) clock: Clock,
    pub(super) feeds: Feeds,
    pub(super) board: Board,
    pub(super) escalations: broadcast::Sender<SharedEscalation>,
    /// Until the doors ask for it; what fires at the start waits in it.
    webhooks: Mutex<Option<WebhookQueue>>,
    pub(super) telemetry: Telemetry,
    pub(super) scrapes: Scrapes,
    pub(super) progress: Progress,
    /// How often the loop was found to have stood still.
    pub(super) standstills: AtomicU64,
    low_space: AtomicBool,
    full: AtomicBool,
}

impl Shared {
    pub(super) fn new(
        site: Name,
        clock: Clock,
        telemetry: Telemetry,
        webhooks: WebhookQueue,
    ) -> Self {
        let rendered = telemetry.clone();
        Self {
            site,
            clock,
            feeds: Feeds::default(),
            board: Board::default(),
            escalations: broadcast::channel(ESCALATIONS_MAX).0,
            webhooks: Mutex::new(Some(webhooks)),
            telemetry,
            scrapes: Scrapes::new(move || rendered.render()),
            progress: Progress::default(),
            standstills: AtomicU64::new(0),
            low_space: AtomicBool::new(false),
            full: AtomicBool::new(false),
        }
    }

    pub(super) fn take_webhooks(&self) -> Option<WebhookQueue> {
        let webhooks = self.webhooks.lock();
        webhooks.unwrap_or_else(PoisonError::into_inner).take()
    }

    /// While this holds, no new contacts are taken.
    pub(super) fn is_low_on_space(&self) -> bool {
        self.low_space.load(Ordering::Relaxed)
    }

    /// While this holds, nothing is decided for anyone, and nothing is shown: it would have to
    /// wait behind what the journal has no room for.
    pub(super) fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }

    pub(super) fn set_full(&self, full: bool) {
        self.full.store(full, Ordering::Relaxed);
    }

    pub(super) fn set_low_space(&self, reason: Option<&str>) {
        let was_low = self.low_space.swap(reason.is_some(), Ordering::Relaxed);
        match reason {
            Some(reason) if !was_low => {
                tracing::error!(reason, "the journal is short of space: no new contacts");
            }
            None if was_low => tracing::info!("the journal has space again"),
            Some(_) | None => {}
        }
    }
}

/// How far the journal has come.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Where the batch before the last ends, and where the last.
    ends: Mutex<(u64, u64)>,
    bytes: AtomicU64,
}

impl Progress {
    /// A batch of so many bytes that ends with `seq` is durable.
    pub(super) fn advance(&self, seq: u64, bytes: usize) {
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        *ends = (ends.1, seq);
        drop(ends);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Where the last two batches end; what was found at the start counts as one.
    pub(super) fn last_two(&self) -> (u64, u64) {
        *self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes made durable since the start.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_the_last_two_batches_go_together() {
        let progress = Progress::default();
        assert_eq!(progress.last_two(), (0, 0));
        progress.advance(7, 0);
        assert_eq!(progress.last_two(), (0, 7));
        progress.advance(9, 100);
        assert_eq!((progress.last_two(), progress.bytes()), ((7, 9), 100));
    }
}
