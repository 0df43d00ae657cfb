//! What follows when a contact leaves its queue, its agent, or the site.

use crate::domain::{ContactId, Millis, Timestamp};
use crate::engine::Engine;
use crate::engine::event::{Cooling, Labels, Return};
use crate::engine::state::apply::cooldowns::cooled_by;
use crate::engine::state::contact::{
    Closing, CustomerFirst, Escalated, Final, Rare, Stage, Transferred, Wait,
};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::AgentKey;

impl Engine {
    pub(super) fn moved(&mut self, contact: ContactId, labels: Labels) -> Slot {
        self.note_channel(labels);
        let slot = self.put(contact, Stage::Moving);
        self.free_reserved(slot);
        self.forecast.forget(slot);
        let contact = &mut self.contacts[slot];
        contact.labels = labels;
        contact.has_new_topic = false;
        contact.wait.step = 0;
        contact.escalated.reset(Escalated::leave_queue);
        slot
    }

    /// Its agent has done what there was to do, and it goes on with others.
    pub(super) fn left_agent(
        &mut self,
        contact: ContactId,
        agent: AgentKey,
        why: &Return,
        handled: Millis,
        at: Timestamp,
    ) -> Slot {
        let slot = self.known(contact);
        if why.is_transfer() {
            self.learn(slot, false, at);
            let keeps_age = matches!(why, Return::Transferred { .. });
            self.forecast.note_handing_on(slot, keeps_age);
        }
        self.finish_work(slot, agent, handled, at);
        self.note_served(slot, at);
        slot
    }

    /// It has left its agent and waits again.
    pub(super) fn came_back(
        &mut self,
        slot: Slot,
        agent: AgentKey,
        why: &Return,
        cooldown: Option<Cooling>,
        at: Timestamp,
    ) {
        self.place(slot, Stage::Moving);
        self.returned(slot, why);
        self.untell(slot, agent);
        self.hand_on(slot, agent, why);
        self.cool(slot, agent, cooldown, cooled_by(why));
        match why {
            Return::Woken => {
                let meant = &mut self.contacts[slot].meant;
                meant.alter(|meant| meant.owner_before = Some(agent));
            }
            Return::TransferredAnew { .. } => self.begin_anew(slot, at),
            Return::Transferred { .. }
            | Return::AgentLost
            | Return::Requeued { .. }
            | Return::CallbackFailed { .. }
            | Return::NoShow { .. } => {}
        }
    }

    /// Learns from how it ended, and closes it.
    pub(super) fn ended(
        &mut self,
        slot: Slot,
        closing: Closing,
        handled: Option<Millis>,
        unanswered: bool,
    ) {
        let at = closing.at;
        self.forget_cooldowns(slot);
        self.forecast.forget(slot);
        if closing.how == Final::Abandoned
            && unanswered
            && let Some(waited) = self.patience_shown(slot, at)
        {
            self.forecast.note_wait(waited, true);
        }
        if closing.how == Final::Completed && self.contacts[slot].teaches() {
            let unresolved = &self.configuration().unresolved;
            let outcome = closing.outcome.as_ref();
            let resolved = outcome.is_none_or(|as_it_is| !unresolved.contains(as_it_is));
            self.learn(slot, resolved, at);
        }
        if let (Some(agent), Some(handled)) = (closing.agent, handled) {
            self.finish_work(slot, agent, handled, at);
        }
        self.closed(slot, closing);
    }

    /// It is about to leave the agent who served it.
    fn note_served(&mut self, slot: Slot, at: Timestamp) {
        let contact = &mut self.contacts[slot];
        if let Some(since) = contact.service().map(|service| service.since) {
            contact.wait.out_of_line = contact.wait.out_of_line + (at - since);
        }
    }

    /// It has left the agent who served it.
    fn returned(&mut self, slot: Slot, why: &Return) {
        let contact = &mut self.contacts[slot];
        contact.past.reset(|past| past.recalls = 0);
        match why {
            // The customer did not answer.
            Return::CallbackFailed { .. } => {
                if let Some(callback) = &mut contact.callback {
                    callback.attempts += 1;
                    callback.call_again();
                }
            }
            Return::NoShow { boost } => {
                contact.escalated.alter(|made| made.put_back_to(*boost));
                contact.past.alter(|past| past.no_shows += 1);
            }
            Return::Transferred { .. } | Return::TransferredAnew { .. } => {
                contact.was_served = true;
                // The agent decided where it goes.
                contact.has_new_topic = false;
            }
            Return::AgentLost | Return::Requeued { .. } | Return::Woken => {
                contact.was_served = true;
            }
        }
        if let Some(callback) = &mut contact.callback {
            callback.is_handed_on = false;
        }
    }

    /// The next agent is shown who transferred it and the note.
    pub(super) fn hand_on(&mut self, slot: Slot, by: AgentKey, why: &Return) {
        if let Return::Transferred { note } | Return::TransferredAnew { note, .. } = why {
            let note = note.clone();
            let contact = &mut self.contacts[slot];
            let transferred = Some(Transferred { by, note });
            contact.past.alter(|past| past.transferred = transferred);
            if let Some(callback) = &mut contact.callback {
                callback.is_handed_on = true;
                callback.first = callback.first.map(|_| CustomerFirst::Answered);
            }
        }
    }

    /// A moving contact waits as if it had just come: it gives up its age, the steps taken by it,
    /// and what rules have made of it.
    fn begin_anew(&mut self, slot: Slot, at: Timestamp) {
        let contact = &mut self.contacts[slot];
        contact.wait = Wait::from(at);
        contact.escalated = Rare::default();
    }
}
