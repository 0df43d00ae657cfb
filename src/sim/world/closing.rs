//! The end of a day: once everybody has gone home, nobody who still waits is served any more.

use super::{World, id_of};
use crate::domain::Text;
use crate::engine::command::{Command, ContactCommand, ContactRequest};
use crate::sim::crowd::Crowd;

/// Why a contact leaves the line of a day that is over.
const CLOSED: &str = "closed";

impl<C: Crowd> World<C> {
    /// Whoever waits now will not be served, unless agents work on around the clock.
    pub(super) fn go_home(&mut self) {
        self.home_at = self.crowd.goes_home_at();
        if self.desks.iter().any(|desk| desk.on_duty) {
            return;
        }
        self.is_deserted = true;
        for slot in 0..self.lives.len() {
            self.leave_waiting(slot);
        }
    }

    /// Everybody has gone home from the last day.
    pub(super) fn is_over(&self) -> bool {
        self.is_deserted && self.home_at.is_none()
    }

    /// The contact is out of the line before another day begins. After the last day, the engine
    /// keeps it.
    pub(super) fn leave_waiting(&mut self, slot: usize) {
        let Some(life) = self.lives[slot].take_if(|life| life.is_waiting) else {
            return;
        };
        self.free.push(slot);
        self.gauges.waiting -= 1;
        self.crowd.left_waiting(life.case);
        if !self.is_over() {
            self.command(Command::Contact(ContactCommand::Request {
                contact: id_of(slot, life.number),
                request: ContactRequest::Cancel {
                    reason: Text::from(CLOSED),
                },
                key: None,
            }));
        }
    }
}
