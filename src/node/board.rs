//! STUB: signatures only.

use std::sync::Arc;
use tokio::sync::broadcast;

use crate::domain::{Name, Timestamp};
use crate::engine::view::{AgentView, QueueView};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct BoardView {
    pub at: Timestamp,
    pub queues: Vec<QueueView>,
    pub agents: Vec<AgentView>,
    pub queues_gone: Vec<Name>,
    pub agents_gone: Vec<Name>,
}

pub struct Watch {
    pub snapshot: BoardView,
    pub changes: broadcast::Receiver<Arc<BoardView>>,
}
