//! A new contact's first step: the agent it names, or agents who know its customer.
//!
//! It is bounded in time. A contact does not wait for an agent in the middle of work, only for one
//! who is in wrap-up or resting for a moment; otherwise it goes to its queue at once.

use crate::domain::{Millis, Timestamp};
use crate::engine::Engine;
use crate::engine::state::contact::Contact;
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::AgentKey;

/// An agent, and until when a contact waits for that agent alone.
type First = (AgentKey, Option<Timestamp>);

impl Engine {
    /// Puts a contact that has just come in where it belongs.
    pub(in crate::engine) fn come_in(&mut self, slot: Slot, now: Timestamp) {
        if let Some(agent) = self.dialled_for(slot) {
            return self.dial_is_over(slot, agent, now);
        }
        self.leave_vanished(slot, now);
        let Some((agent, until)) = self.first_choice(slot, now) else {
            self.enter_line(slot, now);
            return;
        };
        self.direct_until(slot, agent, until, now);
        if self.is_queued(slot) && until.is_some_and(|until| until <= now) {
            self.release_to_anyone(slot, now);
        }
        self.escalate(slot, now);
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
    }

    /// Into the line where it belongs; no agent is looked for yet.
    pub(in crate::engine) fn stand_in_line(&mut self, slot: Slot, now: Timestamp) {
        self.leave_vanished(slot, now);
        match self.first_choice(slot, now) {
            Some((agent, until)) => self.queue_up_for(slot, agent, until, now),
            None => {
                self.take_steps(slot, now);
                self.queue_up(slot, now);
            }
        }
    }

    /// The agent was not free at once, and there is no time to wait: anyone may take it.
    pub(in crate::engine) fn stop_waiting_for_agent_in_vain(&mut self, slot: Slot, now: Timestamp) {
        let until = self.contact_at(slot).meant.direct_until;
        if self.is_queued(slot) && until.is_some_and(|until| until <= now) {
            self.release_to_anyone(slot, now);
        }
    }

    /// To this agent at once, or into the agent's own line; to anyone after `until`.
    pub(in crate::engine) fn direct_until(
        &mut self,
        slot: Slot,
        agent: AgentKey,
        until: Option<Timestamp>,
        now: Timestamp,
    ) {
        self.queue_up_for(slot, agent, until, now);
        self.seek(slot, now);
    }

    /// To this agent alone, together with agents who have just got room: they take the contact due
    /// first, this one included.
    pub(in crate::engine) fn direct_beside(
        &mut self,
        slot: Slot,
        agent: AgentKey,
        freed: impl IntoIterator<Item = AgentKey>,
        now: Timestamp,
    ) {
        self.queue_up_for(slot, agent, None, now);
        for freed in freed {
            self.go_on(freed, now);
        }
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
    }

    fn queue_up_for(
        &mut self,
        slot: Slot,
        agent: AgentKey,
        until: Option<Timestamp>,
        now: Timestamp,
    ) {
        self.leave_vanished(slot, now);
        self.put_in_line(slot, Some((agent, until)), now);
        self.tell_routable(slot, now);
    }

    /// The customer of a contact in line has been recognised late: it is put through as it would
    /// have been when it came in, unless it is meant for somebody already.
    pub(in crate::engine) fn choose_late(&mut self, slot: Slot, now: Timestamp) {
        let contact = self.contact_at(slot);
        let is_new = contact.newest_offer == 0 && !contact.was_served;
        if !self.is_queued(slot)
            || !is_new
            || contact.meant.direct.is_some()
            || contact.is_to_be_dialled()
            || contact.is_dialled()
        {
            return;
        }
        if let Some((agent, until)) = self.first_by_customer(slot, now) {
            self.direct_until(slot, agent, until, now);
            self.stop_waiting_for_agent_in_vain(slot, now);
        }
    }

    fn first_choice(&mut self, slot: Slot, now: Timestamp) -> Option<First> {
        let contact = self.contact_at(slot);
        // A contact that comes back has no preference.
        if contact.newest_offer > 0 || contact.was_served {
            return self.meant_alone(slot).map(|agent| (agent, None));
        }
        self.asked_for(slot, now)
            .or_else(|| self.first_by_customer(slot, now))
    }

    /// An agent who knows the customer.
    fn first_by_customer(&mut self, slot: Slot, now: Timestamp) -> Option<First> {
        self.manager_first(slot, now)
            .or_else(|| self.preferred(slot, now))
    }

    /// The agent that the contact names, if nobody else will do, until it has been served.
    pub(in crate::engine) fn meant_alone(&self, slot: Slot) -> Option<AgentKey> {
        self.alone_for(self.contact_at(slot))
    }

    pub(in crate::engine) fn alone_for(&self, contact: &Contact) -> Option<AgentKey> {
        let intake = Some(&contact.intake).filter(|_| !contact.was_served)?;
        let agent = intake.agent.as_ref().filter(|_| !intake.or_queue)?;
        let agent = self.registry.agents.key(agent.as_str())?;
        self.agent_at(agent).configured.then_some(agent)
    }

    /// The agent that a contact waits for as it enters a line: the one that it waited for, who may
    /// have left in the meantime, or the one that it names if nobody else will do.
    pub(in crate::engine) fn still_waits_for(&self, slot: Slot) -> Option<AgentKey> {
        let alone = self.meant_alone(slot);
        let direct = self.contact_at(slot).meant.direct.or(alone)?;
        (alone == Some(direct) || self.waits_on_for(slot, direct)).then_some(direct)
    }

    /// The agent that the contact names; if others will do, only an agent who is there and could be
    /// offered such a contact is waited for.
    fn asked_for(&self, slot: Slot, now: Timestamp) -> Option<First> {
        let intake = &self.contact_at(slot).intake;
        let agent = self.registry.agents.key(intake.agent.as_ref()?.as_str())?;
        let held = self.agent_at(agent);
        if !held.configured {
            return None;
        }
        if !intake.or_queue {
            return Some((agent, None));
        }
        let channel = self.contact_at(slot).labels.channel;
        let until = now + self.configuration().direct_wait;
        let may_come = held.is_staffed() && self.is_able(held, channel);
        may_come.then_some((agent, Some(until)))
    }

    /// The account manager, for tiers and channels configured to go there first.
    fn manager_first(&self, slot: Slot, now: Timestamp) -> Option<First> {
        let contact = self.contact_at(slot);
        let rule = self.configuration().direct_to_manager.as_ref()?;
        let tier = self.registry.tiers.name(contact.labels.tier);
        if !rule.tiers.contains(tier) || !rule.channels.contains(&contact.labels.channel) {
            return None;
        }
        let manager = contact.recognition.account_manager.as_ref()?;
        let manager = self.registry.agents.key(manager.as_str())?;
        let queue = contact.labels.queue.index();
        let is_shut = self.queues[queue].is_paused() || self.queues[queue].closed;
        if is_shut || self.rules[queue].options.pull {
            return None;
        }
        self.now_or_soon(manager, contact, rule.hold, now)
            .then_some((manager, Some(now + rule.hold)))
    }

    /// An agent of the queue who knows the customer: a free one, or else one who soon will be.
    fn preferred(&mut self, slot: Slot, now: Timestamp) -> Option<First> {
        let contact = self.contact_at(slot);
        let hold = self.rules[contact.labels.queue.index()].options.prefer?;
        let key = self.line_of(slot);
        let need = self.needs.get(key);
        let contact = self.contact_at(slot);
        let may_serve = |agent: &AgentKey| {
            let group = self.pool.group_of(*agent);
            group.is_some_and(|group| need.eligible(group).is_some())
        };
        let liked: Vec<AgentKey> = if self.is_offered(need) {
            self.liked(contact).filter(may_serve).collect()
        } else {
            Vec::new()
        };
        let mut free = liked.iter().filter(|agent| self.is_free(**agent, contact));
        let mut soon = liked
            .iter()
            .filter(|agent| self.now_or_soon(**agent, contact, hold, now));
        let found = free.next().or_else(|| soon.next()).copied();
        self.needs.release(key);
        found.map(|agent| (agent, Some(now + hold)))
    }

    /// Whether the agent could be offered the contact now.
    fn is_free(&self, agent: AgentKey, contact: &Contact) -> bool {
        let standing = self.pool.standing(agent);
        standing.is_some_and(|standing| standing.mask.has(self.classes.of(contact)))
    }

    /// Whether the agent is free, or will be after a wrap-up or a rest that ends in time.
    fn now_or_soon(
        &self,
        agent: AgentKey,
        contact: &Contact,
        hold: Millis,
        now: Timestamp,
    ) -> bool {
        if self.is_free(agent, contact) {
            return true;
        }
        let held = self.agent_at(agent);
        if hold <= Millis::ZERO || !held.is_staffed() {
            return false;
        }
        let class = self.classes.of(contact);
        let rests_until = held.health.get(class.channel).rested_at();
        rests_until.is_ok_and(|at| at.is_none_or(|at| at <= now + hold))
            && held.load.keeps_room_for.is_none()
            && self.room_at(held, class).is_ok()
    }

    /// The agent that it waits for has not become free: anyone may take it.
    pub(in crate::engine) fn stop_waiting_for_agent(&mut self, slot: Slot, now: Timestamp) {
        self.release_to_anyone(slot, now);
        self.escalate(slot, now);
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
    }
}
