//! Agents whose room for a contact is limited by more than their capacity: by the maximum of its
//! channel or category, or by channels that it cannot interrupt. They get room only when the work
//! that keeps the contact out ends.

use smallvec::SmallVec;

use crate::domain::{Channel, Timestamp};
use crate::engine::Engine;
use crate::engine::options::Interrupt;
use crate::engine::shown::forecast::around::{Agents, Around};
use crate::engine::shown::forecast::number;
use crate::engine::state::capacity::{Class, Lack, lack};
use crate::engine::state::contact::Contact;
use crate::engine::state::registry::{AgentKey, QueueKey};

/// How many agents are examined; they represent all.
const LIMITED_MAX: usize = 32;

impl Engine {
    /// Corrects the work of these agents whose end was counted as making room for a contact.
    pub(super) fn limit_all(&self, contact: &Contact, agents: &Agents<'_>, around: &mut Around) {
        if !self.is_limited(self.classes.of(contact), agents) {
            return;
        }
        let groups = agents.sampled.iter().map(|(group, _)| *group);
        let members = groups.flat_map(|group| &self.pool.group(group).members);
        let there = members.filter(|agent| self.agent_at(**agent).is_staffed());
        let looked_at: SmallVec<[AgentKey; LIMITED_MAX]> =
            there.take(LIMITED_MAX).copied().collect();
        let scale = agents.staffed / number(looked_at.len()).max(1.0);
        for agent in looked_at {
            let counted = |queue| agents.share(queue) * scale;
            self.limit(contact, (agent, scale), counted, agents.now, around);
        }
    }

    /// The same for one agent, who represents `scale` agents; `counted` is the weight with which
    /// work of a queue was counted.
    pub(super) fn limit(
        &self,
        contact: &Contact,
        (agent, scale): (AgentKey, f64),
        counted: impl Fn(QueueKey) -> f64,
        now: Timestamp,
        around: &mut Around,
    ) {
        let class = self.classes.of(contact);
        let held = self.agent_at(agent);
        if self.is_whole(class.channel) || self.keeps_room_from(held, class) {
            return;
        }
        let Some(lack) = lack(&held.load, class, self.configuration()) else {
            return;
        };
        let stands_against = |other: &Contact| match lack {
            Lack::Capacity { .. } | Lack::Reserved { .. } => true,
            Lack::Channel { .. } => other.labels.channel == class.channel,
            Lack::Category { .. } => self.classes.of(other).category == class.category,
            Lack::Exclusive { .. } => self.bars(other.labels.channel, class.channel),
        };
        let against = self.in_hands_of(agent, now);
        let against = against.filter(|(other, _)| stands_against(other)).count();
        // Of `k` that must all end, the last ends about `√k` times as late as one alone would.
        let part = match lack {
            Lack::Exclusive { .. } => number(against).max(1.0).powf(-1.5),
            Lack::Capacity { .. }
            | Lack::Reserved { .. }
            | Lack::Channel { .. }
            | Lack::Category { .. } => 1.0,
        };
        for (other, in_hand) in self.in_hands_of(agent, now) {
            let labels = other.labels;
            let sum = self.by_kind(labels.channel, around).0;
            sum.take_away(in_hand, counted(labels.queue));
            if stands_against(other) {
                sum.add(in_hand, part * scale);
            }
        }
    }

    /// Whether more than capacity can keep out a contact of this class.
    fn is_limited(&self, class: Class, agents: &Agents<'_>) -> bool {
        let limits = self.configuration().channels.get(class.channel);
        let binds = |capacity: u32| limits.max < capacity / limits.cost.max(1);
        let mut groups = agents.sampled.iter().map(|(group, _)| *group);
        class.category > 0
            || Channel::ALL
                .into_iter()
                .any(|current| self.bars(current, class.channel))
            || groups.any(|group| binds(self.pool.group(group).signature.capacity))
    }

    /// Whether a new contact of one channel cannot come beside one of another in hand.
    fn bars(&self, current: Channel, new: Channel) -> bool {
        let interrupts = self.configuration().capacity.interrupts.as_ref();
        interrupts.is_some_and(|interrupts| interrupts.of(new, current) == Interrupt::No)
    }
}
