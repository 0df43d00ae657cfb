//! What the handles, the loop and the committer of one site share.
//!
//! **Invariant:** no engine state is kept here.

use std::mem;
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
use crate::store::journal::Hindrance;
use crate::telemetry::Telemetry;

/// The most escalations a supervisor's board may leave unread before it misses the oldest: an
/// unattended queue escalates all its waiting contacts at once. The boards of a site share this
/// buffer; it takes 2 MiB, and up to 8 MiB more while a board is behind.
const ESCALATIONS_MAX: usize = 65_536;

pub(super) struct Shared {
    pub(super) site: Name,
    pub(super) clock: Clock,
    pub(super) feeds: Feeds,
    pub(super) board: Board,
    pub(super) escalations: broadcast::Sender<SharedEscalation>,
    /// Until the gateway takes it; calls caused during the start wait in it.
    webhooks: Mutex<Option<WebhookQueue>>,
    pub(super) telemetry: Telemetry,
    pub(super) scrapes: Scrapes,
    pub(super) progress: Progress,
    /// How many times the loop was found to have stood still.
    pub(super) standstills: AtomicU64,
    hindered: AtomicBool,
    hindrance: Mutex<Option<Hindrance>>,
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
            hindered: AtomicBool::new(false),
            hindrance: Mutex::default(),
            full: AtomicBool::new(false),
        }
    }

    pub(super) fn take_webhooks(&self) -> Option<WebhookQueue> {
        let webhooks = self.webhooks.lock();
        webhooks.unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The journal cannot be extended: while that is so, no new contacts are accepted.
    pub(super) fn is_hindered(&self) -> bool {
        self.hindered.load(Ordering::Relaxed)
    }

    /// While true, nothing is decided and nothing is read: the replies would wait behind what the
    /// journal has no room for.
    pub(super) fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }

    pub(super) fn set_full(&self, full: bool) {
        self.full.store(full, Ordering::Relaxed);
    }

    /// What keeps the journal from being extended.
    pub(super) fn hindrance(&self) -> Hindrance {
        let hindrance = self.hindrance.lock();
        hindrance
            .unwrap_or_else(PoisonError::into_inner)
            .unwrap_or_default()
    }

    pub(super) fn set_hindrance(&self, now: Option<(&str, Hindrance)>) {
        let hindrance = now.map(|(_, hindrance)| hindrance);
        let mut known = self
            .hindrance
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let before = mem::replace(&mut *known, hindrance);
        drop(known);
        self.hindered.store(now.is_some(), Ordering::Relaxed);
        match now {
            _ if before == hindrance => {}
            Some((reason, hindrance)) if hindrance.is_of_space() => {
                tracing::error!(reason, "the journal is short of space: no new contacts");
            }
            Some((reason, _)) => {
                tracing::error!(reason, "the journal cannot be written: no new contacts");
            }
            None if before.is_some_and(Hindrance::is_of_space) => {
                tracing::info!("the journal has space again");
            }
            None => tracing::info!("the journal can be written again"),
        }
    }
}

/// How far the journal has got.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// Where the last batch but one ends, and the last.
    ends: Mutex<(u64, u64)>,
    bytes: AtomicU64,
}

impl Progress {
    /// A batch of `bytes` bytes ending with `seq` is durable.
    pub(super) fn advance(&self, seq: u64, bytes: usize) {
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        *ends = (ends.1, seq);
        drop(ends);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Where the last two batches end; the state at the start counts as one.
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
