//! What follows once a site with a history has started.

use crate::domain::{Millis, Timestamp};
use crate::engine::event::{AgentEvent, Event, Withdrawal};
use crate::engine::options::Limits;
use crate::engine::state::agent::Session;
use crate::engine::state::contact::Stage;
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::{AgentKey, QueueKey};
use crate::engine::{Done, Engine};

impl Engine {
    /// No socket from before the restart exists: open offers are taken back. Agents who were
    /// connected, or had lost the connection shortly before, have the whole grace period from now
    /// on: nobody could come back while the server was down. The events of a large command may span
    /// more than one batch: what a crash has cut off is completed here.
    pub(in crate::engine) fn restart(&mut self, now: Timestamp) -> Done {
        let until = now + self.grace();
        let mut lost = Vec::new();
        for index in 0..self.agents.len() {
            let agent = AgentKey::from(index);
            if self.agent_at(agent).session == Session::Gone {
                continue;
            }
            self.withdraw_all(agent, now, Withdrawal::SessionLost);
            let is_restart = true;
            let event = AgentEvent::Lost { until, is_restart };
            self.emit(now, Event::Agent(agent, event));
            lost.push(agent);
        }
        let moved = self.finish_reload(now);
        let mut moving = self.on_the_way();
        for agent in lost {
            moving.extend(self.waits_in_vain_for(agent));
        }
        self.sort_by_turn(&mut moving);
        for slot in moving {
            match self.contact_at(slot).meant.direct {
                Some(agent) => self.go_on_without(slot, agent, now),
                None => self.enter_line(slot, now),
            }
        }
        for slot in moved {
            self.escalate(slot, now);
        }
        // The process may have ended before a reload had done this.
        let queues: Vec<QueueKey> = (0..self.queues.len()).map(QueueKey::from).collect();
        self.review_waits(&queues, now);
        Done::Nothing
    }

    /// Moving contacts: their offers have just been taken back, or the process ended in the middle
    /// of a command.
    fn on_the_way(&self) -> Vec<Slot> {
        let open = self.contacts.open_after(0);
        open.filter(|(_, contact)| contact.stage == Stage::Moving)
            .map(|(slot, _)| slot)
            .collect()
    }

    fn grace(&self) -> Millis {
        let limits = self.options.as_ref().map(|options| options.limits);
        limits.unwrap_or(Limits::DEFAULT).grace
    }
}
