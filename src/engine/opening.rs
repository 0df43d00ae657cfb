//! Business hours at work: a queue opens and closes by its timetable.
//!
//! Each change is an event that says when the next one comes; that instant stands
//! in the deadline table. Opening serves everybody who waits, closing takes nobody
//! away from an agent.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::event::Event;
use crate::engine::registry::QueueKey;

impl Engine {
    /// The instant has come at which a timetable opens or closes its queue.
    pub(super) fn keep_hours(&mut self, queue: QueueKey, now: Timestamp) {
        let (open, until) = self.by_hours(queue, now);
        self.turn_over(queue, open, until, now);
        if open {
            self.serve_queue(queue, now);
        }
    }

    /// After a change of the configuration every queue is what its timetable says.
    pub(super) fn open_by_hours(&mut self, now: Timestamp) {
        for index in 0..self.queues.len() {
            let queue = QueueKey::from(index);
            let (open, until) = self.by_hours(queue, now);
            let known = &self.queues[index];
            if (open, until) != (!known.closed, known.changes_at) {
                self.turn_over(queue, open, until, now);
            }
        }
    }

    /// Whether it is open, and until when that holds.
    fn by_hours(&self, queue: QueueKey, now: Timestamp) -> (bool, Option<Timestamp>) {
        match &self.rules[queue.index()].hours {
            Some(hours) => (hours.is_open(now), hours.next_change(now)),
            None => (true, None),
        }
    }

    fn turn_over(&mut self, queue: QueueKey, open: bool, until: Option<Timestamp>, now: Timestamp) {
        let event = if open {
            Event::QueueOpened { queue, until }
        } else {
            Event::QueueClosed { queue, until }
        };
        self.emit(now, event);
    }

    /// Looks for agents for all who wait in a queue, in the order in which they are due.
    fn serve_queue(&mut self, queue: QueueKey, now: Timestamp) {
        let lines = self.needs.iter().map(|(_, need)| need);
        let mut waiting: Vec<_> = lines
            .filter(|need| need.need.queue == queue)
            .flat_map(|need| need.line.iter())
            .collect();
        waiting.sort_unstable();
        for place in waiting {
            if self.is_queued(place.slot) {
                self.seek(place.slot, now);
            }
            self.escalate(place.slot, now);
            if self.is_queued(place.slot) {
                self.seek(place.slot, now);
            }
        }
    }
}
