//! Queues whose contacts agents call (`pull`): the next one, a given one, or the same one again;
//! and customers who do not come.

use crate::domain::{ContactId, Millis, Name, Text, Timestamp};
use crate::engine::event::{ConsultEnd, Event, Return, ServiceEvent};
use crate::engine::lifecycle::ending::End;
use crate::engine::options::NoShow;
use crate::engine::refusal::Refusal;
use crate::engine::state::capacity::has_room;
use crate::engine::state::contact::{EndedBy, Final, Passes};
use crate::engine::state::contacts::Slot;
use crate::engine::state::line::Place;
use crate::engine::state::pool::GroupKey;
use crate::engine::state::registry::{AgentKey, QueueKey};
use crate::engine::{Done, Engine};

/// After this many no-shows a customer is not called any more.
pub(in crate::engine) const NO_SHOWS_MAX: u32 = 3;
/// The outcome of a contact whose customer did not come.
const NO_SHOW: &str = "no_show";

impl Engine {
    /// The agent calls a contact of a queue: the next one, or a given one.
    pub(in crate::engine) fn pull(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        name: &Name,
        named: Option<ContactId>,
    ) -> Result<Done, Refusal> {
        let queue = self.queue_key(name)?;
        if !self.rules[queue.index()].options.pull {
            return Err(Refusal::PullNotAllowed(name.clone()));
        }
        let group = self.pool.group_of(agent);
        let group = group.filter(|group| {
            self.may_call_from(queue, *group) || self.is_waited_for_in(queue, agent)
        });
        let group = group.ok_or_else(|| Refusal::NotYourQueue(name.clone()))?;
        let slot = match named {
            Some(contact) => self.called(contact, queue, agent, group)?,
            None => self.next_called(queue, agent, group)?.slot,
        };
        let (labels, waited, within_target) = self.answered(slot, now);
        let contact = self.contact_at(slot).id;
        let event = ServiceEvent::Pulled {
            labels,
            waited,
            within_target,
            foreseen: self.foretold(slot, now),
        };
        self.emit(now, Event::Service(contact, agent, event));
        self.catch_up(slot, agent, now);
        self.interrupt_for(slot, agent, now);
        Ok(Done::contact(contact))
    }

    /// Whether a contact of this queue waits for this agent alone, who need not serve the queue.
    fn is_waited_for_in(&self, queue: QueueKey, agent: AgentKey) -> bool {
        let mut lines = self.needs.direct_lines(agent).iter();
        lines.any(|line| self.needs.get(*line).need.queue == queue)
    }

    /// Whether these agents serve the queue, or may come to serve it by a step or a rule.
    pub(in crate::engine) fn may_call_from(&self, queue: QueueKey, group: GroupKey) -> bool {
        let served = &self.pool.group(group).signature.queues;
        let rules = &self.rules[queue.index()];
        let by_step = rules.rings.iter().flat_map(|ring| &ring.queues).copied();
        let by_rule = rules.options.added_queues();
        let by_rule = by_rule.filter_map(|added| self.registry.queues.key(added.as_str()));
        let mut admitted = by_step.chain(by_rule);
        admitted.any(|queue| served.binary_search(&queue).is_ok())
    }

    fn next_called(
        &self,
        queue: QueueKey,
        agent: AgentKey,
        group: GroupKey,
    ) -> Result<Place, Refusal> {
        let held = self.agent_at(agent);
        // Of lines for one agent, only this agent's.
        let lines = self.queues[queue.index()].active_lines.iter();
        let lines = lines.chain(self.needs.direct_lines(agent));
        let lines = lines.map(|key| self.needs.get(*key));
        let mine = lines.filter(|need| need.need.queue == queue && need.eligible(group).is_some());
        let (mut full, mut paused) = (false, false);
        let mut first: Option<(bool, bool, Place)> = None;
        for need in mine {
            if self.is_held_by_pause(queue, need.need.passes) {
                paused = true;
                continue;
            }
            if !has_room(held, need.need.class, self.configuration()) {
                full = true;
                continue;
            }
            // What the agent has just given away comes last.
            let cools = |place: &Place| self.contact_at(place.slot).is_cooling(agent);
            let mut places = need.line.iter();
            let next = places
                .find(|place| !cools(place))
                .or_else(|| need.line.head());
            let next = next.map(|place| (cools(&place), !need.need.is_reserved, place));
            first = first.into_iter().chain(next).min();
        }
        first.map(|(.., place)| place).ok_or_else(|| {
            if full {
                Refusal::AgentFull(self.registry.agents.name(agent).clone())
            } else if paused {
                Refusal::QueuePaused(self.registry.queues.name(queue).clone())
            } else {
                Refusal::NobodyWaits(self.registry.queues.name(queue).clone())
            }
        })
    }

    /// A paused queue gives nothing out, not even to agents who call.
    fn is_held_by_pause(&self, queue: QueueKey, passes: Passes) -> bool {
        self.queues[queue.index()].is_paused() && !passes.everything()
    }

    /// A contact that waits in this queue for any agent like this one.
    fn called(
        &self,
        contact: ContactId,
        queue: QueueKey,
        agent: AgentKey,
        group: GroupKey,
    ) -> Result<Slot, Refusal> {
        let slot = self.slot(contact)?;
        let waiting = self.contact_at(slot);
        let waits = self.is_queued(slot) && waiting.labels.queue == queue && {
            let need = self.needs.get(waiting.index.line);
            need.need.direct.is_none_or(|direct| direct == agent) && need.eligible(group).is_some()
        };
        if !waits {
            let queue = self.registry.queues.name(queue).clone();
            return Err(Refusal::NotWaitingHere(queue));
        }
        if self.is_held_by_pause(queue, waiting.passes()) {
            let queue = self.registry.queues.name(queue).clone();
            return Err(Refusal::QueuePaused(queue));
        }
        let class = self.class_of(slot);
        if !has_room(self.agent_at(agent), class, self.configuration()) {
            let id = self.registry.agents.name(agent).clone();
            return Err(Refusal::AgentFull(id));
        }
        Ok(slot)
    }

    /// The agent calls the same customer again, on boards and in the waiting room.
    pub(in crate::engine) fn recall(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
    ) -> Result<Done, Refusal> {
        let slot = self.called_by(agent, id)?;
        let contact = self.contact_at(slot);
        let event = ServiceEvent::Recalled {
            queue: contact.labels.queue,
            times: contact.past.recalls + 1,
        };
        self.emit(now, Event::Service(id, agent, event));
        Ok(Done::contact(id))
    }

    /// The customer did not come: the contact ends, or waits again further back.
    pub(in crate::engine) fn no_show(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
    ) -> Result<Done, Refusal> {
        let slot = self.called_by(agent, id)?;
        let contact = self.contact_at(slot);
        let back = match self.rules[contact.labels.queue.index()].options.no_show {
            NoShow::Requeue { places } if contact.past.no_shows < NO_SHOWS_MAX => Some(places),
            NoShow::Requeue { .. } | NoShow::Close => None,
        };
        match back {
            Some(places) => {
                let boost = self.boost_back(slot, places);
                let helper = self.stop_consult(slot, ConsultEnd::Left, now);
                self.give_back(slot, now, Return::NoShow { boost });
                match self.meant_alone(slot) {
                    Some(alone) => self.direct_beside(slot, alone, helper, now),
                    None => self.enter_line_beside(slot, helper, now),
                }
                for agent in [agent].into_iter().chain(helper) {
                    self.go_on(agent, now);
                }
            }
            None => {
                let outcome = Some(Text::from(NO_SHOW));
                let end = End::of(Final::Abandoned, EndedBy::Agent, outcome);
                self.close(slot, now, end);
            }
        }
        Ok(Done::contact(id))
    }

    /// A contact that this agent has called and serves.
    fn called_by(&self, agent: AgentKey, id: ContactId) -> Result<Slot, Refusal> {
        let (slot, _) = self.active_with(agent, id)?;
        let queue = self.contact_at(slot).labels.queue;
        if !self.rules[queue.index()].options.pull {
            let name = self.registry.queues.name(queue).clone();
            return Err(Refusal::PullNotAllowed(name));
        }
        Ok(slot)
    }

    /// The boost with which a contact is placed right behind this many others of its queue, or
    /// behind all: never one that brings it forward.
    fn boost_back(&self, slot: Slot, places: Option<u32>) -> Millis {
        let contact = self.contact_at(slot);
        let queue = contact.labels.queue;
        let lines = self.queues[queue.index()].active_lines.iter();
        let own = lines.map(|key| self.needs.get(*key));
        let own = own.filter(|need| need.need.queue == queue);
        let last = match places {
            None => own.filter_map(|need| need.line.last()).max(),
            Some(places) => {
                let most = places as usize;
                let mut before: Vec<Place> =
                    own.flat_map(|need| need.line.iter().take(most)).collect();
                before.sort_unstable();
                before.truncate(most);
                before.pop()
            }
        };
        let due = self.due_of(contact);
        let behind = last.map_or(due, |last| last.due + Millis(1));
        contact.escalated.boost - (behind.max(due) - due)
    }
}
