//! Room for contacts that need more of it than is ever left.
//!
//! An agent with some work in hand may have no room for a call, say, but for another chat: as long
//! as chats come, a waiting call is overtaken by every one of them. So if an agent is about to take
//! a contact that arrived more than `overtake_max` after such a waiting one, or if the next agent
//! is reserved for that one, the agent's room is kept for it instead: as long as it is in line, the
//! agent takes no contact of another class. One agent keeps room for a contact, and an agent for
//! one contact.
//!
//! The alternative orders of rehearsals keep no room.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::event::{Event, LineEvent};
use crate::engine::options::Order;
use crate::engine::state::agent::Agent;
use crate::engine::state::capacity::{Class, Lack, lack, mask_if_empty};
use crate::engine::state::contacts::Slot;
use crate::engine::state::line::{LineKey, Place};
use crate::engine::state::place::place_of;
use crate::engine::state::registry::{AgentKey, QueueKey};

impl Engine {
    /// Makes the agent, who is about to be offered the contact in `slot`, keep room for another one
    /// instead, if necessary; returns whether it was.
    pub(in crate::engine) fn keep_room(
        &mut self,
        agent: AgentKey,
        slot: Slot,
        now: Timestamp,
    ) -> bool {
        let Some(waiting) = self.overtaken(agent, slot) else {
            return false;
        };
        let contact = self.contact_at(waiting).id;
        self.emit(now, Event::Line(contact, LineEvent::RoomKept { agent }));
        true
    }

    /// The contact that would be overtaken for too long if the agent took the one in `slot`.
    fn overtaken(&self, agent: AgentKey, slot: Slot) -> Option<Slot> {
        let standing = self.pool.standing(agent)?;
        let keeps_room = self.agent_at(agent).load.keeps_room_for.is_some();
        let by_due = matches!(self.configuration().order, Order::Due);
        if standing.sessions == 0 || keeps_room || !by_due {
            return None;
        }
        let whole = mask_if_empty(self.agent_at(agent), self.configuration());
        if whole == standing.mask {
            return None;
        }
        let group = self.pool.group_of(agent)?;
        let queues = &self.pool.group(group).signature.queues;
        let queues = queues.iter().map(|queue| &self.queues[queue.index()]);
        let lines = queues.flat_map(|queue| &queue.active_lines);
        let lines = lines.chain(self.needs.direct_lines(agent));
        let blocked = lines.filter(|key| {
            let need = self.needs.get(**key);
            let class = need.need.class;
            !standing.mask.has(class)
                && whole.has(class)
                && self.lacks_room(agent, class)
                && need.eligible(group).is_some()
                && !need.need.is_to_be_dialled()
                && self.is_offered(need)
        });
        let earlier = blocked.filter_map(|key| self.comes_before(*key, agent, slot));
        earlier.min().map(|(_, place)| place.slot)
    }

    /// Only a lack of capacity counts, not the limit of the channel or category: a contact that
    /// reaches one of these fits once another of its kind ends.
    fn lacks_room(&self, agent: AgentKey, class: Class) -> bool {
        let load = &self.agent_at(agent).load;
        match lack(load, class, self.configuration()) {
            Some(Lack::Capacity { .. } | Lack::Reserved { .. } | Lack::Exclusive { .. }) => true,
            Some(Lack::Channel { .. } | Lack::Category { .. }) | None => false,
        }
    }

    /// The first of a line that no room is kept for yet, if the contact in `slot` may not overtake
    /// it.
    fn comes_before(&self, key: LineKey, agent: AgentKey, slot: Slot) -> Option<(bool, Place)> {
        let need = self.needs.get(key);
        let first = need.line.iter().find(|place| {
            let contact = self.contact_at(place.slot);
            contact.meant.room_kept_by.is_none() && !contact.is_cooling(agent)
        })?;
        let coming = self.contact_at(slot);
        let waiting = self.contact_at(first.slot);
        let later = coming.wait.first_queued_at - waiting.wait.first_queued_at;
        let is_too_late = later > self.configuration().overtake_max;
        let turn = (!need.need.is_reserved, first);
        let coming_turn = (
            !coming.escalated.is_reserved,
            place_of(coming, slot, self.due_of(coming)),
        );
        ((need.need.is_reserved || is_too_late) && turn < coming_turn).then_some(turn)
    }

    /// Whether the agent's room is kept for a contact of another class.
    pub(in crate::engine) fn keeps_room_from(&self, agent: &Agent, class: Class) -> bool {
        let kept_for = agent.load.keeps_room_for;
        kept_for.is_some_and(|(_, kept_for)| kept_for != class)
    }

    pub(in crate::engine) fn room_kept(&mut self, slot: Slot, agent: AgentKey) {
        let meant = &mut self.contacts[slot].meant;
        meant.alter(|meant| meant.room_kept_by = Some(agent));
        self.index_room(slot);
    }

    /// Updates the index for a contact in line.
    pub(in crate::engine) fn index_room(&mut self, slot: Slot) {
        if let Some(agent) = self.contacts[slot].meant.room_kept_by {
            let class = self.class_of(slot);
            self.agents[agent.index()].load.keeps_room_for = Some((slot, class));
            self.keeping_room.insert(agent);
            self.stand(agent);
        }
    }

    /// The contact leaves its line, or the agent stops being available.
    pub(in crate::engine) fn give_up_room(&mut self, slot: Slot) {
        if let Some(agent) = self.contacts[slot].meant.room_kept_by {
            let meant = &mut self.contacts[slot].meant;
            meant.alter(|meant| meant.room_kept_by = None);
            self.agents[agent.index()].load.keeps_room_for = None;
            self.keeping_room.remove(&agent);
            self.has_room_again.insert(agent);
            self.stand(agent);
        }
    }

    /// Agents who no longer keep room take what is due.
    pub(in crate::engine) fn use_room_again(&mut self, now: Timestamp) {
        while let Some(agent) = self.has_room_again.pop_first() {
            self.serve(agent, now);
        }
    }

    /// A queue that offers nothing has no agent keep room for its contacts.
    pub(in crate::engine) fn give_up_rooms(&mut self, queue: QueueKey) {
        let keeping = self.keeping_room.iter();
        let kept = keeping.filter_map(|agent| self.agent_at(*agent).load.keeps_room_for);
        let here = kept.filter(|(slot, _)| self.contact_at(*slot).labels.queue == queue);
        let slots: Vec<Slot> = here.map(|(slot, _)| slot).collect();
        for slot in slots {
            self.give_up_room(slot);
        }
    }
}
