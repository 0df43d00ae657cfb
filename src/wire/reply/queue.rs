//! A queue as clients see it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{Name, PerChannel, Text, Timestamp};
use crate::engine::view::QueueView;
use crate::wire::written::Written;

/// The current state of a queue.
#[derive(Serialize, ToSchema)]
#[schema(as = Queue)]
pub struct QueueReply<'a> {
    #[schema(value_type = String)]
    id: Written<&'a Name>,
    #[schema(value_type = String)]
    name: Written<&'a Text>,
    /// Its contacts are not offered.
    paused: bool,
    /// The caller who paused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    paused_by: Option<Written<&'a Text>>,
    /// According to its business hours; always true without any.
    open: bool,
    /// When it next closes or opens.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    changes_at: Option<Written<Timestamp>>,
    waiting: u64,
    #[schema(value_type = std::collections::BTreeMap<String, u64>)]
    waiting_per_channel: Written<&'a PerChannel<u64>>,
    offered: u64,
    active: u64,
    parked: u64,
    wrap_up: u64,
    /// Since when its longest-waiting contact has been waiting; time with agents is not waiting.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    longest_waiting_since: Option<Written<Timestamp>>,
    /// Agents signed in and ready, or busy and ready again afterwards.
    staffed: u64,
    /// Agents who could be offered one of its contacts now, at one of its steps; none while it is
    /// paused or closed.
    available: u64,
    answer_within_s: i64,
}

impl<'a> From<&'a QueueView> for QueueReply<'a> {
    fn from(view: &'a QueueView) -> Self {
        Self {
            id: Written(&view.id),
            name: Written(&view.label),
            paused: view.paused,
            paused_by: view.paused_by.as_ref().map(Written),
            open: view.open,
            changes_at: view.changes_at.map(Written),
            waiting: view.waiting,
            waiting_per_channel: Written(&view.waiting_per_channel),
            offered: view.offered,
            active: view.active,
            parked: view.parked,
            wrap_up: view.wrap_up,
            longest_waiting_since: view.longest_waiting_since.map(Written),
            staffed: view.staffed,
            available: view.available,
            answer_within_s: view.answer_within.whole_s(),
        }
    }
}

/// All queues of the site.
#[derive(Serialize, ToSchema)]
#[schema(as = Queues)]
pub struct QueuesReply<'a> {
    queues: Vec<QueueReply<'a>>,
}

impl<'a> From<&'a [QueueView]> for QueuesReply<'a> {
    fn from(views: &'a [QueueView]) -> Self {
        Self {
            queues: views.iter().map(QueueReply::from).collect(),
        }
    }
}
