//! Counters besides the lives of the contacts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// A counter shared by many tasks.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn raise(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counters under names that the server chooses.
#[derive(Debug, Default)]
pub(crate) struct ByCode(Mutex<BTreeMap<String, u64>>);

impl ByCode {
    pub(crate) fn raise(&self, code: &str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(code) {
            *count += 1;
        } else {
            counts.insert(code.to_owned(), 1);
        }
    }

    pub(crate) fn get(&self) -> BTreeMap<String, u64> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Agents confirmed as ready by the server.
    pub(crate) agents_ready: Count,
    /// Agents' sockets that the generator dropped on purpose.
    pub(crate) sockets_dropped: Count,
    /// Agents' sockets that ended otherwise or could not be opened.
    pub(crate) sockets_lost: Count,
    pub(crate) resyncs: Count,
    /// Frames whose sequence number left a gap.
    pub(crate) seq_gaps: Count,
    /// Frames that had already been read.
    pub(crate) seq_repeats: Count,
    pub(crate) unreadable: Count,
    /// Offers of contacts that this run did not send.
    pub(crate) foreign_offers: Count,
    /// Connections for contacts that broke.
    pub(crate) connections_lost: Count,
    /// Contacts that the generator could not send because its queue was full.
    pub(crate) unsent: Count,
    /// Commands of agents that the server refused.
    pub(crate) commands_refused: ByCode,
    /// Contacts that the server refused, by status and code.
    pub(crate) contacts_refused: ByCode,
}
