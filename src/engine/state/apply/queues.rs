//! What events do to queues: opened and closed, paused and resumed, and grown.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::event::QueueEvent;
use crate::engine::state::deadline::Reason;
use crate::engine::state::registry::QueueKey;

impl Engine {
    pub(super) fn fold_queue(&mut self, queue: QueueKey, event: &QueueEvent) {
        match event {
            QueueEvent::Grew { waiting } => {
                self.queues[queue.index()].length_seen = *waiting;
                self.resized.push(queue);
            }
            QueueEvent::Paused { by } => {
                self.queues[queue.index()].paused_by = Some(by.clone());
                self.give_up_rooms(queue);
                self.forget_estimates(queue);
            }
            QueueEvent::Resumed { .. } => {
                self.queues[queue.index()].paused_by = None;
                self.may_fan_out = true;
            }
            QueueEvent::Opened { until } => self.opened(queue, true, *until),
            QueueEvent::Closed { until } => self.opened(queue, false, *until),
        }
    }

    /// A queue is open or closed until an instant, or for good.
    pub(in crate::engine) fn opened(
        &mut self,
        queue: QueueKey,
        open: bool,
        until: Option<Timestamp>,
    ) {
        if !open {
            self.give_up_rooms(queue);
            self.forget_estimates(queue);
        }
        let held = &mut self.queues[queue.index()];
        held.closed = !open;
        self.may_fan_out |= open;
        if let Some(before) = std::mem::replace(&mut held.changes_at, until) {
            self.deadlines.disarm(before, Reason::Hours(queue));
        }
        if let Some(until) = until {
            self.deadlines.arm(until, Reason::Hours(queue));
        }
    }
}
