//! Commands to the site, and a supervisor's action on one contact.
//!
//! What a restart, a pause and a reload do is in files of their own: `restart`, `pausing`, `reload`.

use crate::domain::{ContactId, Name, Text, Timestamp};
use crate::engine::command::SiteCommand;
use crate::engine::event::{ConsultEnd, Event, Return, SiteEvent};
use crate::engine::refusal::Refusal;
use crate::engine::state::contact::{Parked, Stage};
use crate::engine::{Done, Engine};

impl Engine {
    pub(in crate::engine) fn handle_site(
        &mut self,
        now: Timestamp,
        command: SiteCommand,
    ) -> Result<Done, Refusal> {
        match command {
            SiteCommand::Configure(options) => self.reconfigure(now, options),
            SiteCommand::Restart => {
                self.is_stopping = false;
                Ok(self.restart(now))
            }
            SiteCommand::Stop => {
                self.is_stopping = true;
                Ok(Done::Nothing)
            }
            SiteCommand::Pause { queue, by, key } => self.pause(now, &queue, by, key),
            SiteCommand::Resume { queue, by, key } => self.resume(now, &queue, by, key),
            SiteCommand::FileHistory { closed_upto } => {
                if closed_upto > self.filed_upto && closed_upto <= self.closed_number {
                    self.emit(now, Event::Site(SiteEvent::HistoryFiled { closed_upto }));
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
                if offer.agent == agent
                    && (offer.is_assigned || contact.escalated.beside_max == 0) =>
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
        if self.is_stopping {
            return Err(Refusal::Stopping);
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
                if contact.meant.direct.is_some() && self.meant_alone(slot).is_none() {
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
            None if self.contact_at(slot).meant.direct.is_some() => {
                self.stop_waiting_for_agent(slot, now)
            }
            None => self.enter_line_beside(slot, helper, now),
        }
        for agent in agents.into_iter().chain(helper) {
            self.go_on(agent, now);
        }
        Ok(())
    }
}
