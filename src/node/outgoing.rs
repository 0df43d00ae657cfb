//! What leaves the node once everything before it is durable.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::domain::Timestamp;
use crate::engine::Census;
use crate::engine::event::Event;
use crate::node::feed::{Arrival, Feed};
use crate::node::handle::Effect;
use crate::node::notice::{SharedEscalation, SharedNotice};

pub(super) enum Outgoing {
    /// Counted by the metrics.
    Fact(Event),
    Notice {
        feed: Arc<Feed>,
        notice: SharedNotice,
    },
    /// The first notice of a session brings its desk with it.
    Welcome {
        feed: Arc<Feed>,
        session: u64,
        notice: SharedNotice,
        arrival: Box<Arrival>,
    },
    /// The agent did not come back in time.
    Forget(Arc<Feed>),
    Escalation(SharedEscalation),
    /// An escalation for the webhook.
    Webhook(SharedEscalation),
    /// To be compared with the facts that left before it.
    Census(Box<Counted>),
    Effect(Effect),
}

/// A census and the caller waiting for it to be recorded.
pub(super) struct Counted {
    pub(super) census: Census,
    pub(super) at: Timestamp,
    pub(super) inbox_depth: usize,
    pub(super) taken_up: Option<oneshot::Sender<()>>,
}
