//! What one contact needs, and its line.

use crate::domain::{Name, Requirements};
use crate::engine::Engine;
use crate::engine::options::Order;
use crate::engine::state::capacity::Class;
use crate::engine::state::contact::{Contact, Passes};
use crate::engine::state::contacts::Slot;
use crate::engine::state::line::LineKey;
use crate::engine::state::needs::{Ground, Need, NeedLine, could_ever};
use crate::engine::state::onward::Onward;
use crate::engine::state::registry::{QueueKey, TopicKey};

impl Engine {
    /// The line of a contact's need, created if there is none.
    pub(in crate::engine) fn line_of(&mut self, slot: Slot) -> LineKey {
        self.line_at(slot, self.contacts[slot].wait.step)
    }

    /// The line in which the contact would be at this step.
    pub(in crate::engine) fn line_at(&mut self, slot: Slot, step: u32) -> LineKey {
        let need = self.need_of(&self.contacts[slot], step);
        self.line_for(need)
    }

    /// What the contact needs of an agent at this step.
    pub(in crate::engine) fn need_of(&self, contact: &Contact, step: u32) -> Need {
        Need {
            queue: contact.labels.queue,
            step,
            class: self.classes.of(contact),
            requires: contact.intake.requires.clone(),
            topic: self.topic_of(contact),
            tier: match &self.configuration().order {
                Order::Due => None,
                Order::Urgency(_) => Some(contact.labels.tier),
            },
            is_kept_back: self.is_kept_back(contact),
            direct: contact.meant.direct,
            also: contact.escalated.also.clone(),
            is_reserved: contact.escalated.is_reserved,
            customer_first: contact.customer_first(),
            passes: contact.passes(),
        }
    }

    /// Whether any configured agent could ever take this contact, which is or would be in such a
    /// line: by a step of its queue, or of a queue to which rules are sure to take it.
    pub(in crate::engine) fn is_routable_by(&self, need: &NeedLine, contact: &Contact) -> bool {
        if need.is_routable(contact) || contact.is_meant_alone() {
            return need.is_routable(contact);
        }
        let onward = Onward {
            contact,
            tier: self.registry.tiers.name(contact.labels.tier),
            rules: |queue: QueueKey| self.rules.get(queue.index()),
            key: |name: &Name| self.registry.queues.key(name.as_str()),
        };
        onward.comes_to(
            contact.labels.queue,
            &contact.escalated.also,
            |queue, also| {
                let need = Need {
                    queue,
                    also: also.to_vec(),
                    ..need.need.clone()
                };
                could_ever(&need, &self.queues, &self.ground())
            },
        )
    }

    /// How many agents are reserved for others, if that leaves none for a contact in no line.
    pub(in crate::engine) fn keeps_all(&self, contact: &Contact) -> Option<u32> {
        if !self.is_kept_back(contact) {
            return None;
        }
        let need = NeedLine::new(
            self.need_of(contact, contact.wait.step),
            &self.queues,
            &self.ground(),
        );
        let is_short = need.kept > 0 && self.could_take(&need) <= u64::from(need.kept);
        is_short.then_some(need.kept)
    }

    /// What an agent of this queue must have to help with a contact.
    pub(in crate::engine) fn need_of_helper(&self, slot: Slot, queue: QueueKey) -> Need {
        let contact = self.contact_at(slot);
        Need {
            queue,
            step: 0,
            class: self.class_of(slot),
            requires: Requirements::default(),
            topic: self.topic_of(contact),
            tier: None,
            is_kept_back: false,
            direct: None,
            also: Vec::new(),
            is_reserved: false,
            customer_first: None,
            passes: Passes::Nothing,
        }
    }

    pub(in crate::engine) fn line_for(&mut self, need: Need) -> LineKey {
        if let Some(line) = self.needs.known(&need) {
            return line;
        }
        let made = NeedLine::new(need, &self.queues, &self.ground());
        self.needs.add(made)
    }

    pub(in crate::engine) fn ground(&self) -> Ground<'_> {
        let options = self.options.as_ref();
        Ground {
            rules: &self.rules,
            registry: &self.registry,
            pool: &self.pool,
            options: options.expect("the shell configures an engine first"),
        }
    }

    /// Whether idle agents are reserved from a contact for other tiers.
    pub(in crate::engine) fn is_kept_back(&self, contact: &Contact) -> bool {
        self.is_kept_back_in(contact.labels.queue, contact)
    }

    /// The same, if it waited in this queue.
    pub(in crate::engine) fn is_kept_back_in(&self, queue: QueueKey, contact: &Contact) -> bool {
        let reserve = &self.rules[queue.index()].options.reserve;
        let tier = self.registry.tiers.name(contact.labels.tier);
        let is_of_others = reserve
            .as_ref()
            .is_some_and(|reserve| !reserve.tiers.contains(tier));
        is_of_others && !contact.wait.agents_let_go
    }

    /// The topic, if the configuration knows it.
    pub(in crate::engine) fn topic_of(&self, contact: &Contact) -> Option<TopicKey> {
        let topic = contact.intake.topic.as_ref()?;
        self.registry.topics.key(topic.as_str())
    }

    pub(in crate::engine) fn class_of(&self, slot: Slot) -> Class {
        self.classes.of(&self.contacts[slot])
    }
}
