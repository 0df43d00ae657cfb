//! A queue is paused, so that none of its contacts is offered, and resumed.

use crate::domain::{Name, Text, Timestamp};
use crate::engine::command::RequestKey;
use crate::engine::event::{Event, QueueEvent};
use crate::engine::refusal::Refusal;
use crate::engine::{Done, Engine};

impl Engine {
    pub(in crate::engine) fn pause(
        &mut self,
        now: Timestamp,
        name: &Name,
        by: Text,
        key: Option<RequestKey>,
    ) -> Result<Done, Refusal> {
        let queue = self.queue_key(name)?;
        self.once_without_contact(now, key, |engine| {
            if !engine.queues[queue.index()].is_paused() {
                engine.emit(now, Event::Queue(queue, QueueEvent::Paused { by }));
            }
        })
    }

    pub(in crate::engine) fn resume(
        &mut self,
        now: Timestamp,
        name: &Name,
        by: Text,
        key: Option<RequestKey>,
    ) -> Result<Done, Refusal> {
        let queue = self.queue_key(name)?;
        let was_paused = self.queues[queue.index()].is_paused();
        let done = self.once_without_contact(now, key, |engine| {
            if was_paused {
                engine.emit(now, Event::Queue(queue, QueueEvent::Resumed { by }));
            }
        })?;
        if was_paused && done != Done::Again {
            self.serve_all(now);
            self.review_waits(&[queue], now);
        }
        Ok(done)
    }
}
