//! Shifts: agents sign in and become ready, or go off duty.

use super::World;
use crate::domain::Text;
use crate::engine::Done;
use crate::engine::command::{Act, DeskAct, Intention};
use crate::sim::crowd::Crowd;

impl<C: Crowd> World<C> {
    pub(super) fn change_shift(&mut self) {
        let Some(shift) = self.shift.take() else {
            return;
        };
        self.shift = self.crowd.next_shift();
        if self.desks[shift.agent].on_duty == shift.begins {
            return;
        }
        self.end_rest(shift.agent);
        self.desks[shift.agent].on_duty = shift.begins;
        self.is_deserted &= !shift.begins;
        self.tally(shift.agent);
        if !shift.begins {
            let reason = Text::from("off_duty");
            return self.intend(shift.agent, Intention::NotReady { reason });
        }
        if self.desks[shift.agent].session == 0 {
            let connected = self.act(shift.agent, Act::Connect);
            if let Some(Done::Session { number }) = connected {
                self.desks[shift.agent].session = number;
            }
        }
        self.intend(shift.agent, Intention::Ready);
    }

    pub(super) fn intend(&mut self, agent: usize, intent: Intention) {
        let by = Text::from("shift");
        self.desk_act(agent, DeskAct::Intend { intent, by });
    }
}
