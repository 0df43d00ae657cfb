//! What events do to cooldowns, during which an agent is not offered a contact again.

use crate::domain::{ContactId, Timestamp};
use crate::engine::Engine;
use crate::engine::event::{ConsultEnd, Cooling, OfferEnd, Return};
use crate::engine::state::contact::{Cooldown, Cooled};
use crate::engine::state::contacts::Slot;
use crate::engine::state::deadline::{ContactRef, Reason};
use crate::engine::state::registry::AgentKey;

impl Engine {
    pub(super) fn cool(
        &mut self,
        slot: Slot,
        agent: AgentKey,
        cooling: Option<Cooling>,
        why: Cooled,
    ) {
        let Some(cooling) = cooling else {
            return;
        };
        self.end_cooldown_timers(slot, agent);
        let contact = &mut self.contacts[slot];
        let who = ContactRef::of(contact, slot);
        let cooldown = Cooldown {
            agent,
            until: cooling.until,
            times: cooling.times,
            lift_at: cooling.lift_at,
            why,
        };
        contact.missed.alter(|missed| missed.cool(cooldown));
        self.deadlines
            .arm(cooling.until, Reason::Cooldown(who, agent));
        if let Some(lift_at) = cooling.lift_at {
            self.deadlines.arm(lift_at, Reason::Lift(who, agent));
        }
    }

    pub(super) fn cool_after_offer(
        &mut self,
        slot: Slot,
        agent: AgentKey,
        cooling: Option<Cooling>,
        how: &OfferEnd,
    ) {
        let why = match how {
            OfferEnd::Declined { .. } => Cooled::Declined,
            OfferEnd::Expired => Cooled::Expired,
            OfferEnd::Undelivered => Cooled::Undelivered,
            OfferEnd::Withdrawn(_) => Cooled::TakenBack,
        };
        self.cool(slot, agent, cooling, why);
    }

    pub(super) fn cool_after_consult(
        &mut self,
        contact: ContactId,
        agent: AgentKey,
        cooling: Option<Cooling>,
        how: &ConsultEnd,
    ) {
        if let ConsultEnd::Unanswered(how) = how {
            self.cool_after_offer(self.known(contact), agent, cooling, how);
        }
    }

    pub(super) fn end_cooldown(&mut self, contact: ContactId, agent: AgentKey) {
        let slot = self.known(contact);
        self.end_cooldown_timers(slot, agent);
        self.may_fan_out = true;
        self.contacts[slot].missed.reset(|missed| {
            if let Some(cooldown) = missed.of_mut(agent) {
                cooldown.until = Cooldown::OVER;
                cooldown.lift_at = None;
            }
        });
    }

    pub(super) fn keep_cooldown(
        &mut self,
        contact: ContactId,
        agent: AgentKey,
        again_at: Option<Timestamp>,
    ) {
        let slot = self.known(contact);
        let contact = &mut self.contacts[slot];
        let who = ContactRef::of(contact, slot);
        if contact.missed.of(agent).is_none() {
            return;
        }
        let before = contact.missed.alter(|missed| {
            let cooldown = missed.of_mut(agent)?;
            std::mem::replace(&mut cooldown.lift_at, again_at)
        });
        if let Some(lift_at) = before {
            self.deadlines.disarm(lift_at, Reason::Lift(who, agent));
        }
        if let Some(again_at) = again_at {
            self.deadlines.arm(again_at, Reason::Lift(who, agent));
        }
    }

    fn end_cooldown_timers(&mut self, slot: Slot, agent: AgentKey) {
        let contact = &self.contacts[slot];
        let who = ContactRef::of(contact, slot);
        if let Some(cooldown) = contact.missed.of(agent) {
            self.deadlines
                .disarm(cooldown.until, Reason::Cooldown(who, agent));
            if let Some(lift_at) = cooldown.lift_at {
                self.deadlines.disarm(lift_at, Reason::Lift(who, agent));
            }
        }
    }

    /// Once a contact is answered or closed, its cooldowns are over.
    pub(super) fn forget_cooldowns(&mut self, slot: Slot) {
        if self.contacts[slot].missed.cooldowns.is_empty() {
            return;
        }
        let agents: smallvec::SmallVec<[AgentKey; 2]> = self.contacts[slot]
            .missed
            .cooldowns
            .iter()
            .map(|cooldown| cooldown.agent)
            .collect();
        for agent in agents {
            self.end_cooldown_timers(slot, agent);
        }
        let missed = &mut self.contacts[slot].missed;
        missed.alter(|missed| missed.cooldowns.clear());
    }
}

/// Why an agent cools down for a contact that has come back.
pub(super) const fn cooled_by(why: &Return) -> Cooled {
    if why.is_transfer() {
        Cooled::HadIt
    } else {
        Cooled::LostIt
    }
}
