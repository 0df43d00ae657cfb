//! Carries out what is due by the clock, in order.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::event::{AgentEvent, Event, LineEvent};
use crate::engine::state::contact::Stage;
use crate::engine::state::contacts::Slot;
use crate::engine::state::deadline::Reason;

impl Engine {
    /// Carries out at most `at_most` due deadlines; true if more are due.
    ///
    /// Late ones take effect once, at `now`, the earliest first.
    pub fn expire(&mut self, now: Timestamp, at_most: usize) -> bool {
        for _ in 0..at_most {
            let Some((at, reason)) = self.deadlines.due(now) else {
                return false;
            };
            self.carry_out(reason, now);
            self.conclude(now);
            // A rule of the queue that the contact has moved to may be due at the same instant.
            let is_armed = self.deadlines.contains(at, reason);
            debug_assert!(
                !is_armed || matches!(reason, Reason::Sla(_)),
                "carrying out {reason:?} disarms it"
            );
        }
        self.deadlines.due(now).is_some()
    }

    fn carry_out(&mut self, reason: Reason, now: Timestamp) {
        match reason {
            Reason::Hours(queue) => self.keep_hours(queue, now),
            Reason::Health(agent, _) => self.recover(now, agent),
            Reason::Grace(agent) => self.give_up_on(now, agent),
            Reason::Schedule(who) => self.come_in_time(who.slot, now),
            Reason::WrapUp(who) => self.end_wrap_up(who.slot, now),
            Reason::Offer(_) | Reason::Consult(_) => self.offers_are_over(now),
            Reason::Cooldown(who, agent) => {
                let contact = self.contact_at(who.slot).id;
                let event = LineEvent::CooldownLifted { agent };
                self.emit(now, Event::Line(contact, event));
                self.serve(agent, now);
            }
            Reason::Lift(who, agent) => self.lift_cooldown(who.slot, agent, now),
            Reason::Direct(who) => self.stop_waiting_for_agent(who.slot, now),
            Reason::Sla(who) => self.keep_promise(who.slot, now),
            Reason::Parked(who) => self.parking_is_over(who.slot, now),
            Reason::Unended(agent) => self.check_ends(agent, now),
            Reason::Response(who) => self.miss_response(who.slot, now),
            Reason::Rest(agent) => {
                self.emit(now, Event::Agent(agent, AgentEvent::Rested));
                self.serve(agent, now);
            }
        }
    }

    /// Whether the contact is with nobody and may be given to an agent.
    pub(in crate::engine) fn is_waiting(&self, slot: Slot) -> bool {
        match self.contact_at(slot).stage {
            Stage::Queued { .. } | Stage::Scheduled { .. } => true,
            Stage::Moving
            | Stage::Offered { .. }
            | Stage::Active(_)
            | Stage::Parked(_)
            | Stage::WrapUp { .. }
            | Stage::Closed(_) => false,
        }
    }
}
