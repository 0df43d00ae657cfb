//! The channel of notices to one desk, bounded in number and in bytes.
//!
//! The channel itself is a small one, because every idle desktop has one.
//!
//! **Invariant:** a single notice of any size never makes a desk too slow, and neither do messages
//! owed to a desk that connects: the engine bounds those.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_channel::mpsc;
use futures_channel::mpsc::TryRecvError;

use crate::node::notice::{SharedNotice, Tells};

/// The most unread notices before a desktop is too slow.
const NOTICES_MAX: usize = 256;
/// The most unread bytes, by estimate.
const BYTES_MAX: usize = 256 << 10;

/// The node's end.
pub(super) struct Writer {
    notices: mpsc::UnboundedSender<SharedNotice>,
    unread: Arc<Unread>,
}

/// The desk's end: its notices, oldest first.
pub struct Notices {
    notices: mpsc::UnboundedReceiver<SharedNotice>,
    unread: Arc<Unread>,
}

/// The unread notices that count towards the bounds.
#[derive(Default)]
struct Unread {
    notices: AtomicUsize,
    bytes: AtomicUsize,
}

/// Why a notice was not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blocked {
    /// Too much is unread.
    Full,
    /// The desk was dropped.
    Gone,
}

#[expect(
    clippy::disallowed_methods,
    reason = "bounded by counting, and by what the engine keeps for one agent"
)]
pub(super) fn channel() -> (Writer, Notices) {
    let (sender, receiver) = mpsc::unbounded();
    let unread = Arc::<Unread>::default();
    let writer = Writer {
        notices: sender,
        unread: Arc::clone(&unread),
    };
    let notices = Notices {
        notices: receiver,
        unread,
    };
    (writer, notices)
}

impl Writer {
    pub(super) fn push(&self, notice: SharedNotice) -> Result<(), Blocked> {
        let (notices, bytes) = charge(&notice);
        let unread = &self.unread;
        let before = unread.notices.fetch_add(notices, Ordering::Relaxed);
        let bytes_before = unread.bytes.fetch_add(bytes, Ordering::Relaxed);
        if before + notices > NOTICES_MAX || bytes_before + bytes > BYTES_MAX {
            return Err(Blocked::Full);
        }
        let sent = self.notices.unbounded_send(notice);
        sent.map_err(|_| Blocked::Gone)
    }

    pub(super) fn is_dropped(&self) -> bool {
        self.notices.is_closed()
    }
}

impl Notices {
    /// The next notice; none once the node has ended the desk.
    pub async fn recv(&mut self) -> Option<SharedNotice> {
        let notice = self.notices.recv().await.ok()?;
        self.taken(&notice);
        Some(notice)
    }

    /// The next notice, if one is available.
    pub fn try_recv(&mut self) -> Result<SharedNotice, TryRecvError> {
        let notice = self.notices.try_recv()?;
        self.taken(&notice);
        Ok(notice)
    }

    fn taken(&self, notice: &SharedNotice) {
        let (notices, bytes) = charge(notice);
        self.unread.notices.fetch_sub(notices, Ordering::Relaxed);
        self.unread.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// What a notice counts towards the bounds. A welcome can exceed the bound in bytes, and there must
/// still be room for the notices after it.
fn charge(notice: &SharedNotice) -> (usize, usize) {
    if let Tells::Message { is_owed: true, .. } = &notice.tells {
        return (0, 0);
    }
    (1, notice.bytes.min(BYTES_MAX / 2))
}
