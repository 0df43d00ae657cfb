//! Changes to a contact after it has arrived: its customer, topic and attributes.

use std::sync::Arc;

use crate::domain::{ContactId, Name, Recognition, Timestamp};
use crate::engine::command::{Change, Patch};
use crate::engine::event::{ContactEvent, Event, Labels, Withdrawal};
use crate::engine::lifecycle::offering::open_offers;
use crate::engine::refusal::Refusal;
use crate::engine::state::capacity::{Class, has_room_with};
use crate::engine::state::contact::{Contact, Stage};
use crate::engine::state::contacts::Slot;
use crate::engine::state::place::involved;
use crate::engine::state::registry::{AgentKey, QueueKey, TierKey};
use crate::engine::{Done, Engine};

impl Engine {
    pub(in crate::engine) fn recognise(
        &mut self,
        now: Timestamp,
        id: ContactId,
        recognition: Recognition,
    ) -> Result<Done, Refusal> {
        let slot = self.slot(id)?;
        let contact = self.contact_at(slot);
        if contact.is_closed() || *contact.recognition == recognition {
            return Ok(Done::Nothing);
        }
        let (tier, before) = (self.tier_of(&recognition), self.class_of(slot));
        let has_news = brings_agents(contact, &recognition, tier);
        let event = ContactEvent::Recognised {
            recognition: Arc::new(recognition),
            tier,
            due: self.due_with(
                contact,
                Labels {
                    tier,
                    ..contact.labels
                },
            ),
            told: contact.agent(),
        };
        self.emit(now, Event::Contact(id, event));
        if matches!(
            self.contact_at(slot).stage,
            Stage::Queued { .. } | Stage::Scheduled { .. }
        ) {
            // Rules for its tier may take it to whoever could.
            self.tell_routable(slot, now);
        }
        self.show_helper(slot, now);
        self.show_beside(slot, now);
        if has_news {
            self.choose_late(slot, now);
        }
        self.escalate(slot, now);
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
        self.look_again(slot, before, now);
        Ok(Done::Nothing)
    }

    pub(in crate::engine) fn update(
        &mut self,
        now: Timestamp,
        id: ContactId,
        patch: Patch,
    ) -> Result<Done, Refusal> {
        let done = Done::contact(id);
        let slot = self.slot(id)?;
        let contact = self.contact_at(slot);
        if contact.is_closed() {
            return Err(Refusal::WrongState(contact.state()));
        }
        let attributes = patch.attributes;
        let attributes = attributes.map(|changes| contact.intake.attributes.with(changes));
        let change = Change {
            topic: patch.topic,
            sentiment: patch.sentiment,
            attributes: attributes.transpose()?,
        };
        let (told, before) = (contact.agent(), self.class_of(slot));
        let known = contact.intake.topic.as_ref();
        let is_new = |topic: &Name| contact.has_new_topic || Some(topic) != known;
        let topic = change.topic.as_ref().filter(|topic| is_new(topic));
        let has_new_topic = topic.is_some();
        let stays_for_now = topic.is_some_and(|topic| self.stays_for_now(contact, topic));
        let event = ContactEvent::Updated {
            change,
            told,
            stays_for_now,
        };
        self.emit(now, Event::Contact(id, event));
        self.show_helper(slot, now);
        self.show_beside(slot, now);
        self.rerank(slot, has_new_topic, now);
        self.look_again(slot, before, now);
        Ok(done)
    }

    /// After a change of class a contact may have room where it had none, or need less.
    fn look_again(&mut self, slot: Slot, before: Class, now: Timestamp) {
        // A rule may have closed it, and closed contacts are forgotten eventually.
        if self.contacts.get(slot).is_none() || self.class_of(slot) == before {
            return;
        }
        self.withdraw_excess(slot, now);
        if self.contacts.get(slot).is_none() {
            return;
        }
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
        let contact = self.contact_at(slot);
        let parked_by = matches!(contact.stage, Stage::Parked(_)).then(|| contact.agent());
        let holders = involved(&contact.stage).into_iter().map(|(agent, _)| agent);
        for agent in holders.chain(parked_by.flatten()) {
            // It may now need the room of another contact that is still being offered.
            let returned = self.withdraw_excess_from(agent, now);
            self.return_to_line(&returned, agent, now);
        }
    }

    /// Takes back an agent's offers for which there is no room any more, those due last first;
    /// returns them in the order of due.
    pub(in crate::engine) fn withdraw_excess_from(
        &mut self,
        agent: AgentKey,
        now: Timestamp,
    ) -> Vec<Slot> {
        let mut offered = open_offers(self, agent);
        self.sort_by_turn(&mut offered);
        let mut returned = Vec::new();
        for slot in offered.into_iter().rev() {
            if self.offered_in_excess(slot).contains(&agent) {
                self.withdraw_from(slot, agent, now, Withdrawal::ContactChanged);
                returned.push(slot);
            }
        }
        returned.reverse();
        returned
    }

    /// Takes back a contact's offers to agents who have no room for its new class: it keeps its
    /// place.
    fn withdraw_excess(&mut self, slot: Slot, now: Timestamp) {
        for agent in self.offered_in_excess(slot) {
            self.withdraw_from(slot, agent, now, Withdrawal::ContactChanged);
            self.return_to_line(&[slot], agent, now);
        }
    }

    /// The agents that it is offered to and whom it does not fit.
    fn offered_in_excess(&self, slot: Slot) -> Vec<AgentKey> {
        let contact = self.contact_at(slot);
        if !matches!(contact.stage, Stage::Offered { .. }) {
            return Vec::new();
        }
        let (class, options) = (self.class_of(slot), self.configuration());
        let held = involved(&contact.stage).into_iter();
        let load = |agent| &self.agent_at(agent).load;
        let fits = |agent, as_what| has_room_with(load(agent), class, as_what, options);
        let excess = held.filter(|(agent, as_what)| !fits(*agent, *as_what));
        excess.map(|(agent, _)| agent).collect()
    }

    /// A changed topic may belong to another queue, a changed sentiment may trigger a rule.
    fn rerank(&mut self, slot: Slot, has_new_topic: bool, now: Timestamp) {
        let contact = self.contact_at(slot);
        let offered = matches!(contact.stage, Stage::Offered { .. });
        if !offered && !self.is_waiting(slot) {
            return;
        }
        let queue = self.queue_of_topic(contact.intake.topic.as_ref());
        let is_other = has_new_topic && queue != contact.labels.queue;
        let is_moved = is_other && self.may_follow_topic(queue, contact);
        if let Stage::Scheduled { until } = contact.stage
            && is_moved
        {
            return self.reorder(slot, queue, until, now);
        }
        if is_moved && self.goes_on_in(queue, contact) {
            let freed = contact.agent();
            let beside = self.offered_beside(slot);
            if offered {
                self.withdraw(slot, now, Withdrawal::ContactChanged);
            }
            self.change_queue(slot, queue, now);
            match freed {
                Some(agent) => self.return_to_line(&[slot], agent, now),
                None => self.enter_line(slot, now),
            }
            for agent in beside {
                self.serve(agent, now);
            }
            return;
        }
        self.escalate(slot, now);
        if self.is_queued(slot) {
            self.seek(slot, now);
        }
    }

    /// Whether a contact that nobody serves yet belongs to another queue by this topic, and that
    /// queue does not take it, or not before its time.
    fn stays_for_now(&self, contact: &Contact, topic: &Name) -> bool {
        let queue = self.queue_of_topic(Some(topic));
        let is_refused = match contact.stage {
            Stage::Scheduled { .. } => true,
            Stage::Queued { .. } | Stage::Offered { .. } => !self.goes_on_in(queue, contact),
            Stage::Moving
            | Stage::Active(_)
            | Stage::Parked(_)
            | Stage::WrapUp { .. }
            | Stage::Closed(_) => false,
        };
        let is_other = queue != contact.labels.queue;
        is_refused && is_other && self.belongs_by_topic(queue, contact)
    }

    /// Whether a contact that enters a line still has a topic that it could not follow.
    pub(in crate::engine) fn belongs_elsewhere(&self, contact: &Contact) -> bool {
        let queue = self.queue_of_topic(contact.intake.topic.as_ref());
        let is_other = queue != contact.labels.queue;
        contact.has_new_topic && is_other && self.may_follow_topic(queue, contact)
    }

    /// Whether a contact may move to the queue of its topic.
    pub(in crate::engine) fn may_follow_topic(&self, queue: QueueKey, contact: &Contact) -> bool {
        // A call to a customer who is called first is made for the queue that the contact is in.
        self.belongs_by_topic(queue, contact) && !contact.is_dialled()
    }

    /// A contact submitted to a queue by name stays there, and agents who pull from a queue cannot
    /// serve customers who are called first.
    fn belongs_by_topic(&self, queue: QueueKey, contact: &Contact) -> bool {
        let is_first = contact.customer_first().is_some();
        let stays = is_first && self.rules[queue.index()].options.pull;
        contact.intake.queue.is_none() && !stays
    }

    /// Moves a contact that has not come in yet to another queue, or to the one that takes over for
    /// it; it comes in when it would have if submitted there. It stays if none takes it.
    fn reorder(&mut self, slot: Slot, queue: QueueKey, before: Timestamp, now: Timestamp) {
        let contact = self.contact_at(slot);
        let id = contact.id;
        let next = if contact.is_called_again(now) {
            let again_at = before.min(self.tried_again_at(queue, now));
            Some((queue, again_at))
        } else {
            self.ordered_in(queue, contact, now)
        };
        let goes_there = |next: QueueKey| {
            next != contact.labels.queue && !self.has_callback_beside(next, contact)
        };
        let Some((queue, until)) = next.filter(|(next, _)| goes_there(*next)) else {
            return;
        };
        self.change_queue(slot, queue, now);
        self.schedule(id, until, now);
        if until <= now {
            self.come_in(slot, now);
        } else {
            self.tell_routable(slot, now);
        }
    }
}

/// Whether agents have become known who know the customer, or the customer is of a tier that may
/// be put through to them.
fn brings_agents(contact: &Contact, recognition: &Recognition, tier: TierKey) -> bool {
    let known = |known: &Recognition| (known.account_manager.clone(), known.last_agent.clone());
    let agents = known(recognition);
    let is_other = agents != known(&contact.recognition) || tier != contact.labels.tier;
    is_other && agents != (None, None)
}
