//! Commands that steer the site: restart, pausing a queue, and a supervisor's action on one
//! contact.
//!
//! Reloads are in a file of their own, `reload`, for their length.

use crate::domain::{ContactId, Millis, Name, Text, Timestamp};
use crate::engine::command::{RequestKey, SiteCommand};
use crate::engine::event::{ConsultEnd, Event, Return, Withdrawal};
use crate::engine::options::Limits;
use crate::engine::refusal::Refusal;
use crate::engine::state::agent::Session;
use crate::engine::state::contact::{Parked, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::{AgentKey, QueueKey};
use crate::engine::{Done, Engine};

impl Engine {
    pub(in crate::engine) fn handle_site(
        &mut self,
        now: Timestamp,
        command: SiteCommand,
    ) -> Result<Done, Refusal> {
        match command {
            SiteCommand::Configure(options) => self.reconfigure(now, options),
            SiteCommand::Restart => Ok(self.restart(now)),
            SiteCommand::Pause { queue, by, key } => self.pause(now, &queue, by, key),
            SiteCommand::Resume { queue, by, key } => self.resume(now, &queue, by, key),
            SiteCommand::FileHistory { closed_upto } => {
                if closed_upto > self.filed_upto && closed_upto <= self.closed_number {
                    self.emit(now, Event::HistoryFiled { closed_upto });
                }
                Ok(Done::Nothing)
            }
            SiteCommand::EscalationsTold { upto_seq } => {
                self.told_upto(upto_seq, now);
                Ok(Done::Nothing)
            }
        }
    }

    /// Offers the contact to a named agent, regardless of queue and skills but not of capacity;
    /// offers to other agents are taken back.
    pub(in crate::engine) fn assign(
        &mut self,
        now: Timestamp,
        id: ContactId,
        name: &Name,
        by: Text,
    ) -> Result<(), Refusal> {
        let slot = self.slot(id)?;
        let agent = self.agent_key(name)?;
        let contact = self.contact_at(slot);
        match &contact.stage {
            Stage::Offered { offer, .. }
                if offer.agent == agent && (offer.is_assigned || contact.beside_max == 0) =>
            {
                return Ok(());
            }
            Stage::Scheduled { .. } if self.dialled_for(slot).is_some() => {
                return Err(Refusal::WrongState(contact.state()));
            }
            Stage::Offered { .. } | Stage::Queued { .. } | Stage::Scheduled { .. } => {}
            Stage::Moving
            | Stage::Active(_)
            | Stage::Parked(_)
            | Stage::WrapUp { .. }
            | Stage::Closed(_) => {
                return Err(Refusal::WrongState(contact.state()));
            }
        }
        if !self.agent_at(agent).is_staffed() {
            return Err(Refusal::AgentNotReady(name.clone()));
        }
        // An offer that the agent already has includes its room.
        let has_offer = self.contact_at(slot).offer_to(agent).is_some();
        if !has_offer && !self.fits(slot, agent) {
            return Err(Refusal::AgentFull(name.clone()));
        }
        let before = self.take_back(slot, now, &by);
        self.offer_by(slot, agent, now, by);
        for other in before {
            self.serve(other, now);
        }
        Ok(())
    }

    /// Back into the line, in the contact's old place.
    pub(in crate::engine) fn requeue(
        &mut self,
        now: Timestamp,
        id: ContactId,
        by: Text,
    ) -> Result<(), Refusal> {
        let slot = self.slot(id)?;
        let contact = self.contact_at(slot);
        let mut helper = None;
        let agents = match &contact.stage {
            Stage::Offered { .. } => self.take_back(slot, now, &by),
            Stage::Active(service) | Stage::Parked(Parked { service, .. }) => {
                let agent = service.agent;
                helper = self.stop_consult(slot, ConsultEnd::Left, now);
                self.give_back(slot, now, Return::Requeued { by });
                vec![agent]
            }
            Stage::Queued { .. } => {
                if contact.direct.is_some() && self.meant_alone(slot).is_none() {
                    self.stop_waiting_for_agent(slot, now);
                }
                return Ok(());
            }
            Stage::Moving | Stage::Scheduled { .. } | Stage::WrapUp { .. } | Stage::Closed(_) => {
                return Err(Refusal::WrongState(contact.state()));
            }
        };
        // A supervisor releases it to anyone, unless nobody else will do.
        match self.meant_alone(slot) {
            Some(alone) if !self.put_off(slot, now) => {
                self.direct_until(slot, alone, None, now);
                self.escalate(slot, now);
            }
            Some(_) => {}
            None if self.contact_at(slot).direct.is_some() => {
                self.stop_waiting_for_agent(slot, now)
            }
            None => self.enter_line_beside(slot, helper, now),
        }
        for agent in agents.into_iter().chain(helper) {
            self.go_on(agent, now);
        }
        Ok(())
    }

    fn pause(
        &mut self,
        now: Timestamp,
        name: &Name,
        by: Text,
        key: Option<RequestKey>,
    ) -> Result<Done, Refusal> {
        let queue = self.queue_key(name)?;
        if self.request(now, key)?.is_some() {
            return Ok(Done::Again);
        }
        if !self.queues[queue.index()].paused {
            self.emit(now, Event::QueuePaused { queue, by });
        }
        self.keep_request(now, key, None);
        Ok(Done::Nothing)
    }

    fn resume(
        &mut self,
        now: Timestamp,
        name: &Name,
        by: Text,
        key: Option<RequestKey>,
    ) -> Result<Done, Refusal> {
        let queue = self.queue_key(name)?;
        if self.request(now, key)?.is_some() {
            return Ok(Done::Again);
        }
        let was_paused = self.queues[queue.index()].paused;
        if was_paused {
            self.emit(now, Event::QueueResumed { queue, by });
        }
        self.keep_request(now, key, None);
        if was_paused {
            self.serve_all(now);
            self.review_waits(&[queue], now);
        }
        Ok(Done::Nothing)
    }

    /// No socket from before the restart exists: open offers are taken back. Agents who were
    /// connected, or had lost the connection shortly before, have the whole grace period from now
    /// on: nobody could come back while the server was down. The events of a large command may span
    /// more than one batch: what a crash has cut off is completed here.
    fn restart(&mut self, now: Timestamp) -> Done {
        let until = now + self.grace();
        let mut lost = Vec::new();
        for index in 0..self.agents.len() {
            let agent = AgentKey::from(index);
            if self.agent_at(agent).session == Session::Gone {
                continue;
            }
            self.withdraw_all(agent, now, Withdrawal::SessionLost);
            self.emit(now, Event::AgentLost { agent, until });
            lost.push(agent);
        }
        let moved = self.finish_reload(now);
        let mut moving = self.on_the_way();
        for agent in lost {
            moving.extend(self.waits_in_vain_for(agent));
        }
        self.sort_by_turn(&mut moving);
        for slot in moving {
            match self.contact_at(slot).direct {
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
