//! The way of notices to one desk, bounded in number and in bytes.
//!
//! **Invariant:** a single notice, as large as it may be, never makes a desk too slow.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::{TryRecvError, TrySendError};

use crate::node::notice::SharedNotice;

/// The most notices that a desktop may leave unread before it is too slow.
const NOTICES_MAX: usize = 256;
/// And the most bytes, by estimate.
const BYTES_MAX: usize = 256 << 10;

/// The node's end.
pub(super) struct Writer {
    notices: mpsc::Sender<SharedNotice>,
    waiting_bytes: Arc<AtomicUsize>,
}

/// The desk's end: its notices, the oldest first.
pub struct Notices {
    notices: mpsc::Receiver<SharedNotice>,
    waiting_bytes: Arc<AtomicUsize>,
}

/// Why a notice was not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blocked {
    /// Too much is unread.
    Full,
    /// The desk was dropped.
    Gone,
}

pub(super) fn channel() -> (Writer, Notices) {
    let (sender, receiver) = mpsc::channel(NOTICES_MAX);
    let waiting_bytes = Arc::new(AtomicUsize::new(0));
    let writer = Writer {
        notices: sender,
        waiting_bytes: Arc::clone(&waiting_bytes),
    };
    let notices = Notices {
        notices: receiver,
        waiting_bytes,
    };
    (writer, notices)
}

impl Writer {
    pub(super) fn push(&self, notice: SharedNotice) -> Result<(), Blocked> {
        let bytes = charge(&notice);
        let waiting = self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        if waiting + bytes > BYTES_MAX {
            return Err(Blocked::Full);
        }
        self.notices.try_send(notice).map_err(|error| match error {
            TrySendError::Full(_) => Blocked::Full,
            TrySendError::Closed(_) => Blocked::Gone,
        })
    }

    pub(super) fn is_dropped(&self) -> bool {
        self.notices.is_closed()
    }
}

impl Notices {
    /// The next notice; none once the node has ended the desk.
    pub async fn recv(&mut self) -> Option<SharedNotice> {
        let notice = self.notices.recv().await?;
        self.taken(&notice);
        Some(notice)
    }

    /// The next notice, if there is one already.
    pub fn try_recv(&mut self) -> Result<SharedNotice, TryRecvError> {
        let notice = self.notices.try_recv()?;
        self.taken(&notice);
        Ok(notice)
    }

    fn taken(&self, notice: &SharedNotice) {
        self.waiting_bytes
            .fetch_sub(charge(notice), Ordering::Relaxed);
    }
}

/// What a notice takes of the bound. A welcome can be larger than all of it, and what
/// follows at once must have room as well.
fn charge(notice: &SharedNotice) -> usize {
    notice.bytes.min(BYTES_MAX / 2)
}
