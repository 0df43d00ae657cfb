//! What is learned from finished work.

use crate::domain::{Millis, Timestamp};
use crate::engine::Engine;
use crate::engine::event::Labels;
use crate::engine::state::contact::Stage;
use crate::engine::state::contact::WRAP_UP_EXTENSION;
use crate::engine::state::contacts::Slot;
use crate::engine::state::learn::{Subject, Work, grade};
use crate::engine::state::needs::asked_of;
use crate::engine::state::queue::skill_keys;
use crate::engine::state::registry::AgentKey;

impl Engine {
    pub(super) fn finish_work(
        &mut self,
        slot: Slot,
        agent: AgentKey,
        handled: Millis,
        at: Timestamp,
    ) {
        let Labels { queue, channel, .. } = self.contacts[slot].labels;
        if !self.contacts[slot].is_end_made_up {
            self.queues[queue.index()].handle_time.measure(handled);
            self.forecast.note_handled(channel, handled);
            self.note_wrap_up(slot, at);
        }
        // A parked contact has not occupied its agent since.
        if !matches!(self.contacts[slot].stage, Stage::Parked(_)) {
            self.idle_from(agent, at);
        }
    }

    /// Records the length of the wrap-up, if there was one.
    fn note_wrap_up(&mut self, slot: Slot, at: Timestamp) {
        let contact = &self.contacts[slot];
        let queue = contact.labels.queue;
        let Stage::WrapUp {
            until, extended, ..
        } = contact.stage
        else {
            return;
        };
        if let Some(at_most) = self.rules[queue.index()].options.wrap_up {
            let longer = if extended {
                WRAP_UP_EXTENSION
            } else {
                Millis::ZERO
            };
            let left = Millis((until - at).0.max(0));
            self.forecast.note_wrap_up(queue, at_most + longer - left);
        }
    }

    /// For how long the customer of a waiting contact has shown patience: none for customers who
    /// are told that their queue is closed.
    pub(super) fn patience_shown(&self, slot: Slot, at: Timestamp) -> Option<Millis> {
        let contact = &self.contacts[slot];
        let waited = contact.waited_on_the_line(at)?;
        let hours = self.rules[contact.labels.queue.index()].hours.as_ref();
        let open = hours.map_or(waited, |hours| hours.working_between(at - waited, at));
        (open > Millis::ZERO).then_some(open)
    }

    /// The agent has just finished some work.
    pub(super) fn idle_from(&mut self, agent: AgentKey, at: Timestamp) {
        self.agents[agent.index()].idle_since = at;
        self.stand(agent);
    }

    /// Learns from finished work: `resolved` unless it was transferred or its outcome says
    /// otherwise.
    pub(super) fn learn(&mut self, slot: Slot, resolved: bool, at: Timestamp) {
        let contact = &self.contacts[slot];
        let Some(service) = contact.service().cloned() else {
            return;
        };
        let effort = if let Stage::Parked(parked) = &contact.stage {
            parked.effort
        } else {
            self.effort_of(&service, at)
        };
        let contact = &self.contacts[slot];
        let Some(group) = self.pool.group_of(service.agent) else {
            return;
        };
        let queue = contact.labels.queue;
        let extra = skill_keys(&contact.intake.requires, &self.registry);
        let asked = asked_of(&self.rules[queue.index()], &extra);
        let grade = grade(&asked, &self.pool.group(group).signature.skills);
        let subject = match self.topic_of(contact) {
            Some(topic) => Subject::Topic(topic),
            None => Subject::Queue(queue),
        };
        let work = Work {
            channel: contact.labels.channel,
            subject,
            effort: effort.span(),
            resolved,
        };
        self.learned.measure(work, grade);
    }

    /// Notes a queue whose contacts need a whole agent, and thereby the agents that serve it.
    pub(super) fn note_channel(&mut self, labels: Labels) {
        let limits = *self.configuration().channels.get(labels.channel);
        let queue = &mut self.queues[labels.queue.index()];
        if limits.is_exclusive() && !queue.is_exclusive {
            queue.is_exclusive = true;
            for group in &queue.groups {
                self.pool.group_mut(*group).is_exclusive = true;
            }
        }
    }
}
