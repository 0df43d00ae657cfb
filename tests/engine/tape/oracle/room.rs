//! Whether an agent has room, computed from everything in hand.

use switchboard::domain::{Channel, ContactId, Name};
use switchboard::engine::options::{AgentOptions, Interrupt};
use switchboard::engine::state::contact::CustomerFirst;
use switchboard::engine::state::registry::AgentKey;

use super::{Known, Oracle, Place};

impl Oracle {
    pub(in super::super) fn held(&self, agent: AgentKey) -> impl Iterator<Item = &Known> {
        self.contacts.values().filter(move |known| {
            known.is_asked(agent)
                || known.is_offered_to(agent)
                || match known.place {
                    Place::Served(to) | Place::WrapUp(to, _) => to == agent,
                    Place::Nowhere
                    | Place::Scheduled(_)
                    | Place::Waiting
                    | Place::Offered(_)
                    | Place::Parked { .. }
                    | Place::Closed(_) => false,
                }
        })
    }

    pub(in super::super) fn has_room(
        &self,
        agent: &AgentOptions,
        key: AgentKey,
        contact: &Known,
    ) -> bool {
        let offers = self
            .held(key)
            .filter(|known| {
                let asked = known
                    .consult
                    .is_some_and(|consult| consult.agent == key && consult.until.is_some());
                asked || matches!(known.place, Place::Offered(_))
            })
            .count();
        self.has_capacity(agent, key, contact) && offers < 2
    }

    pub(in super::super) fn has_capacity(
        &self,
        agent: &AgentOptions,
        key: AgentKey,
        contact: &Known,
    ) -> bool {
        self.has_units(agent, key, contact) && self.is_within_numbers(key, contact)
    }

    fn has_units(&self, agent: &AgentOptions, key: AgentKey, contact: &Known) -> bool {
        let options = self.options.as_ref().unwrap();
        let (channel, rules) = (contact.channel, &options.capacity);
        let cost = options.cost(channel);
        let policy = |current: Channel| {
            let interrupts = rules.interrupts.as_ref();
            interrupts.map_or(Interrupt::Beside, |interrupts| {
                interrupts.of(channel, current)
            })
        };
        let counted = |known: &&Known| {
            let gives_way = match known.place {
                Place::Served(agent) | Place::WrapUp(agent, _) => agent == key,
                Place::Nowhere
                | Place::Scheduled(_)
                | Place::Waiting
                | Place::Offered(_)
                | Place::Parked { .. }
                | Place::Closed(_) => false,
            };
            !(gives_way && policy(known.channel) == Interrupt::Hold)
        };
        let sum = |held: &mut dyn Iterator<Item = &Known>| -> u32 {
            held.map(|known| options.cost(known.channel)).sum()
        };
        let used = sum(&mut self.held(key).filter(counted));
        let others = self.held(key).filter(counted);
        let by_others = sum(&mut others.filter(|known| !self.is_urgent(known)));
        let kept = rules.reserve.as_ref().map_or(0, |reserve| reserve.units);
        let open = agent.capacity.saturating_sub(kept).max(cost);
        used + cost <= agent.capacity
            && (rules.reserve.is_none() || self.is_urgent(contact) || by_others + cost <= open)
            && !self
                .held(key)
                .any(|known| policy(known.channel) == Interrupt::No)
    }

    fn lacks_units(&self, known: &Known, key: AgentKey) -> bool {
        let agent = self.agent(key);
        agent.is_some_and(|agent| !self.has_units(agent, key, known))
    }

    /// The limits of the channel and of the category are not reached.
    fn is_within_numbers(&self, key: AgentKey, contact: &Known) -> bool {
        let options = self.options.as_ref().unwrap();
        let (channel, rules) = (contact.channel, &options.capacity);
        let same = self.held(key).filter(|known| known.channel == channel);
        let category = rules.categories.iter().find(|category| {
            let topic = contact.topic.as_ref();
            topic.is_some_and(|topic| category.topics.contains(topic))
        });
        let category_is_full = category.is_some_and(|category| {
            let alike = self.held(key).filter(|known| {
                let topic = known.topic.as_ref();
                topic.is_some_and(|topic| category.topics.contains(topic))
            });
            alike.count() >= category.max as usize
        });
        same.count() < options.channels.get(channel).max as usize && !category_is_full
    }

    pub(in super::super) fn is_urgent(&self, known: &Known) -> bool {
        let rules = &self.options.as_ref().unwrap().capacity;
        let reserve = rules.reserve.as_ref();
        reserve.is_some_and(|reserve| reserve.tiers.contains(&known.tier))
    }

    /// Being worked on, and not held for another contact.
    pub(in super::super) fn takes_capacity(&self, known: &Known, key: AgentKey) -> bool {
        match known.place {
            Place::Served(agent) if agent == key => !known.interrupted,
            Place::Served(_) => known.consult.is_some_and(|consult| consult.until.is_none()),
            Place::WrapUp(..) => {
                let rules = &self.options.as_ref().unwrap().capacity;
                let interrupts = rules.interrupts.unwrap_or_default();
                let mut others = self.held(key);
                !known.interrupted
                    && !others.any(|other| {
                        matches!(other.place, Place::Served(_) | Place::WrapUp(..))
                            && interrupts.of(other.channel, known.channel) == Interrupt::Hold
                    })
            }
            Place::Nowhere
            | Place::Scheduled(_)
            | Place::Waiting
            | Place::Offered(_)
            | Place::Parked { .. }
            | Place::Closed(_) => false,
        }
    }

    /// The agent would be offered something else, and keeps room instead.
    pub(super) fn room_kept(&mut self, contact: ContactId, agent: AgentKey) {
        let overtake_max = self.options.as_ref().unwrap().overtake_max;
        let known = &self.contacts[&contact];
        assert!(self.held(agent).next().is_some(), "empty hands have room");
        assert!(!self.may_serve(known, agent), "there is room for {contact}");
        assert!(self.may_serve_if_empty(known, agent));
        assert!(
            self.lacks_units(known, agent),
            "it is not room that it lacks"
        );
        let waited = self.at - known.first_queued_at;
        assert!(known.reserved || waited > overtake_max, "{waited}");
        assert!(!self.has_room_kept(contact), "one agent is enough");
        let desk = self.desks.get_mut(&agent).unwrap();
        assert_eq!(desk.room_for.replace(contact), None);
    }

    pub(super) fn give_up_rooms(&mut self, of: impl Fn(AgentKey, ContactId, &Known) -> bool) {
        for (key, desk) in &mut self.desks {
            let contacts = &self.contacts;
            let stays = |kept_for: &ContactId| !of(*key, *kept_for, &contacts[kept_for]);
            desk.room_for = desk.room_for.filter(stays);
        }
    }

    /// Whether the agent keeps room for a contact of another class.
    pub(in super::super) fn keeps_room_from(&self, key: AgentKey, known: &Known) -> bool {
        let class = |known: &Known| (known.channel, self.is_urgent(known), self.category(known));
        let kept_for = self.desks[&key].room_for;
        kept_for.is_some_and(|kept_for| class(&self.contacts[&kept_for]) != class(known))
    }

    fn has_room_kept(&self, contact: ContactId) -> bool {
        let mut desks = self.desks.values();
        desks.any(|desk| desk.room_for == Some(contact))
    }

    fn category(&self, known: &Known) -> Option<&Name> {
        let categories = &self.options.as_ref().unwrap().capacity.categories;
        let topic = known.topic.as_ref()?;
        let category = categories.iter().find(|c| c.topics.contains(topic))?;
        Some(&category.name)
    }

    /// No contact is overtaken for longer than that for lack of room, unless an agent keeps room
    /// for it.
    pub(super) fn judge_room(&self, contact: ContactId, agent: AgentKey) {
        let overtake_max = self.options.as_ref().unwrap().overtake_max;
        let later = &self.contacts[&contact];
        let keeps_room = self.desks[&agent].room_for.is_some();
        if later.reserved || keeps_room || self.held(agent).next().is_none() {
            return;
        }
        let turn = |id: ContactId| (self.due(id), self.contacts[&id].arrival);
        for (id, known) in &self.contacts {
            let is_overtaken = *id != contact
                && known.place == Place::Waiting
                && known.first != Some(CustomerFirst::Waits)
                && self.may_serve_if_empty(known, agent)
                && !self.may_serve(known, agent)
                && self.lacks_units(known, agent)
                && (known.reserved || later.first_queued_at - known.first_queued_at > overtake_max)
                && turn(*id) < turn(contact);
            // Among contacts of the same class, the one due first comes first.
            let mut waiting = self.contacts.iter();
            assert!(
                !is_overtaken
                    || self.has_room_kept(*id)
                    || waiting.any(|(other, known)| {
                        known.place == Place::Waiting && turn(*other) < turn(*id)
                    }),
                "{id} is overtaken by {contact}, and nobody keeps room for it"
            );
        }
    }
}
