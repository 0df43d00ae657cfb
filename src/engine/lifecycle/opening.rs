//! Business hours in operation: a queue opens and closes by its timetable.
//!
//! Each change is an event that says when the next one comes; that time is in the deadline table.
//! Opening serves all waiting contacts, earliest due first; closing takes none away from an agent.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::event::{Event, QueueEvent};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::QueueKey;

impl Engine {
    /// A timetable opens or closes its queue now: all that open now do so before anyone is served.
    pub(in crate::engine) fn keep_hours(&mut self, queue: QueueKey, now: Timestamp) {
        let mut opened = Vec::new();
        for index in 0..self.queues.len() {
            let other = QueueKey::from(index);
            let changes_at = self.queues[index].changes_at;
            if other == queue || changes_at.is_some_and(|at| at <= now) {
                let (open, until) = self.by_hours(other, now);
                self.turn_over(other, open, until, now);
                opened.extend(open.then_some(other));
            }
        }
        if !opened.is_empty() {
            let waiting = self.waiting_in(&opened);
            self.come_in_together(waiting, now);
        }
    }

    /// After a change of the configuration, brings every queue in line with its timetable.
    pub(in crate::engine) fn open_by_hours(&mut self, now: Timestamp) {
        for index in 0..self.queues.len() {
            let queue = QueueKey::from(index);
            let (open, until) = self.by_hours(queue, now);
            let known = &self.queues[index];
            if (open, until) != (!known.closed, known.changes_at) {
                self.turn_over(queue, open, until, now);
            }
        }
    }

    /// Whether it is open, and until when.
    fn by_hours(&self, queue: QueueKey, now: Timestamp) -> (bool, Option<Timestamp>) {
        match &self.rules[queue.index()].hours {
            Some(hours) => (hours.is_open(now), hours.next_change(now)),
            None => (true, None),
        }
    }

    fn turn_over(&mut self, queue: QueueKey, open: bool, until: Option<Timestamp>, now: Timestamp) {
        let event = if open {
            Event::Queue(queue, QueueEvent::Opened { until })
        } else {
            Event::Queue(queue, QueueEvent::Closed { until })
        };
        self.emit(now, event);
    }

    fn waiting_in(&self, queues: &[QueueKey]) -> Vec<Slot> {
        let lines = self.needs.iter().map(|(_, need)| need);
        let lines = lines.filter(|need| queues.contains(&need.need.queue));
        lines
            .flat_map(|need| need.line.iter().map(|place| place.slot))
            .collect()
    }
}
