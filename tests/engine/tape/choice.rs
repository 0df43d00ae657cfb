//! Whether the right agent was chosen: every agent who could have taken the contact is compared,
//! one by one, by the queue's method.

use switchboard::domain::{Channel, ContactId, Hours, Millis, Name, Timestamp};
use switchboard::engine::options::{AgentOptions, Select, TierOptions};
use switchboard::engine::shown::fairness::{
    Deferral, Side, between, bounds, called_first, in_working_time, unbounded,
};
use switchboard::engine::state::contact::CustomerFirst;
use switchboard::engine::state::registry::AgentKey;

use super::oracle::{Known, Oracle, Place};

/// The total speed of an agent with this many contacts in hand.
fn speed(contacts: usize) -> f64 {
    let speeds = [1.0, 1.7, 2.1, 2.4, 2.6, 2.7];
    speeds[contacts.clamp(1, speeds.len()) - 1]
}

fn working_between(hours: &Hours, from: Timestamp, until: Timestamp) -> Millis {
    let (mut at, mut sum) = (from, Millis::ZERO);
    while at < until {
        let change = hours.next_change(at).map_or(until, |next| next.min(until));
        if hours.is_open(at) {
            sum = sum + (change - at);
        }
        at = change;
    }
    sum
}

/// What agents are compared by: the ring first, then two figures, then the key.
type Rank = (usize, i64, i64, AgentKey);

impl Oracle {
    /// The agent chosen for a contact is the best of all who could take it now.
    pub(super) fn judge_agent(&self, contact: ContactId, chosen: AgentKey) {
        let known = &self.contacts[&contact];
        if known.direct.is_some() {
            return;
        }
        let price = self.price(known);
        let keys = self.desks.keys().copied();
        let ranks = keys
            .filter(|key| self.may_serve(known, *key))
            .map(|key| self.rank(known, key, price));
        let best = ranks.min().map(|(.., agent)| agent);
        assert_eq!(
            best,
            Some(chosen),
            "{contact} goes to the best agent, by {}",
            self.queues[&known.queue].select.name()
        );
    }

    fn rank(&self, known: &Known, key: AgentKey, price: Option<f64>) -> Rank {
        let agent = self.agent(key).unwrap();
        let ring = self.ring_of(known, agent).unwrap();
        let desk = &self.desks[&key];
        let since = desk.idle_since.0;
        let options = self.options.as_ref().unwrap();
        let used: u32 = self.held(key).map(|held| options.cost(held.channel)).sum();
        let load = i64::from(used) * 1_000 / i64::from(agent.capacity);
        match self.queues[&known.queue].select {
            Select::Best => (ring, self.cost_ms(known, key, agent, price), since, key),
            Select::LeastLoad => (ring, load, since, key),
            Select::MostLoad => (ring, -load, since, key),
            Select::LongestIdle => (ring, since, 0, key),
            Select::RoundRobin => (ring, i64::try_from(desk.last_turn).unwrap(), 0, key),
            Select::BestSkill => (ring, -self.skill_sum(known, agent), since, key),
        }
    }

    fn skill_sum(&self, known: &Known, agent: &AgentOptions) -> i64 {
        let own = self.queues[&known.queue].requires.iter();
        let mut skills: Vec<&Name> = own
            .chain(known.requires.iter())
            .map(|(skill, _)| skill)
            .collect();
        skills.sort();
        skills.dedup();
        skills
            .into_iter()
            .map(|skill| Self::level(agent, skill))
            .sum()
    }

    /// Effort divided by the chance to resolve it, less the value of knowing the customer and of
    /// idle time, plus the cost of one more session for the agent's other contacts and for those
    /// that need a whole agent.
    fn cost_ms(
        &self,
        known: &Known,
        key: AgentKey,
        agent: &AgentOptions,
        price: Option<f64>,
    ) -> i64 {
        let grade = self.grade(known, agent);
        let (effort, resolves) = self.lore.expect(self.subject(known), known.channel, grade);
        let in_hand = self.held(key).count();
        let name = Some(self.registry.agents.name(key));
        let mut cost = (effort / resolves) as i64;
        for knows in [
            &known.recognition.last_agent,
            &known.recognition.account_manager,
        ] {
            if knows.as_ref() == name {
                cost += (-0.2 * effort) as i64;
            }
        }
        if in_hand == 0 {
            let idle = (self.at - self.desks[&key].idle_since).0.clamp(0, 900_000);
            cost += (-0.1 * idle as f64) as i64;
        }
        if let Some(price) = price {
            let k = in_hand as f64;
            let slower = if in_hand == 0 {
                0.0
            } else {
                (k + 1.0) * (k + 1.0) / speed(in_hand + 1) - k * k / speed(in_hand) - 1.0
            };
            cost += (slower * effort) as i64;
            cost += (price / speed(in_hand + 1) * effort) as i64;
        }
        cost
    }

    /// The price of occupying an idle agent needed whole by others.
    fn price(&self, known: &Known) -> Option<f64> {
        let options = self.options.as_ref().unwrap();
        if options.channels.get(known.channel).max == 1 {
            return None;
        }
        let (mut empty, mut staffed) = (0, 0);
        for (key, desk) in &self.desks {
            let Some(agent) = self.agent(*key) else {
                continue;
            };
            let is_needed_whole = agent.queues.iter().any(|queue| self.whole.contains(queue));
            if !is_needed_whole || self.ring_of(known, agent).is_none() {
                continue;
            }
            let is_there = desk.takes_offers();
            staffed += i32::from(is_there);
            let could_take_something = Channel::ALL.into_iter().any(|channel| {
                !desk.unhealthy.contains(&channel)
                    && self.has_room(
                        agent,
                        *key,
                        &Known {
                            channel,
                            ..known.clone()
                        },
                    )
            });
            let is_empty = self.held(*key).next().is_none();
            empty += i32::from(is_there && could_take_something && is_empty);
        }
        if staffed == 0 {
            return Some(0.0);
        }
        let enough = 1.0 + 0.2 * f64::from(staffed);
        Some(8.0 * (1.0 - f64::from(empty) / enough).max(0.0))
    }

    /// Whether so few agents are idle that they are kept for others.
    pub(super) fn is_kept_back(&self, known: &Known) -> bool {
        let Some(reserve) = &self.queues[&known.queue].reserve else {
            return false;
        };
        if known.direct.is_some() || known.agents_let_go || reserve.tiers.contains(&known.tier) {
            return false;
        }
        let could = self.desks.keys().filter(|key| {
            let Some(agent) = self.agent(**key) else {
                return false;
            };
            self.is_there(**key, known.channel)
                && !self.keeps_room_from(**key, known)
                && self.has_room(agent, **key, known)
                && self.is_eligible(known, agent, **key)
        });
        could.count() <= reserve.agents as usize
    }

    /// A moment at which an agent became idle.
    pub(super) fn is_idle_from(&mut self, agent: AgentKey, at: Timestamp) {
        self.desks.entry(agent).or_default().idle_since = at;
    }

    /// Its tier; the one with the greatest head start for customers who have lost their agent.
    fn counts_as(&self, known: &Known) -> &TierOptions {
        let mut tiers = self.options.as_ref().unwrap().tiers.iter();
        if known.has_lost_agent {
            tiers.max_by_key(|tier| tier.head_start).unwrap()
        } else {
            tiers.find(|tier| tier.name == known.tier).unwrap()
        }
    }

    /// No contact is served before one that came earlier by more than the bound of `switchboard
    /// check`, by an agent who could have taken either; in working time if the target runs in it.
    pub(super) fn judge_overtaking(&self, contact: ContactId, agent: AgentKey) {
        let options = self.options.as_ref().unwrap();
        let later = &self.contacts[&contact];
        if later.configuration != self.configuration {
            return;
        }
        if later.reserved {
            return self.judge_reserved(contact, later);
        }
        if later.strayed || self.is_out_of_a_pulled_queue(later) {
            return;
        }
        let hours_of = |known: &Known| options.queue(&known.queue)?.hours.as_ref();
        let bounds = bounds(options, Deferral::Bounded);
        for (id, known) in &self.contacts {
            let ahead = later.first_queued_at - known.first_queued_at;
            let is_overtaken = *id != contact
                && known.place == Place::Waiting
                && ahead.0 > 0
                && known.boost >= Millis::ZERO
                && !(later.first == Some(CustomerFirst::Answered)
                    && known.first == Some(CustomerFirst::Waits))
                && !self.is_out_of_a_pulled_queue(known)
                && options.queues.iter().any(|queue| queue.id == known.queue)
                && self.may_serve(known, agent);
            if !is_overtaken {
                continue;
            }
            let bound = bounds.iter().find(|bound| {
                let (overtaken, by) = (bound.overtaken.tier, bound.by.tier);
                overtaken == self.counts_as(known) && by == self.counts_as(later)
            });
            let said = bound.unwrap();
            let side = |known: &Known| {
                let queue = options.queue(&known.queue).unwrap();
                let tier = self.counts_as(known);
                Side { tier, queue }
            };
            // The printed bound is for the worst pair of queues; this is the closer check.
            let bound = between(options, side(known), side(later));
            assert!(
                bound.longest() <= said.longest(),
                "{bound}, and said {said}"
            );
            let mut working = in_working_time(options);
            let working = working.find(|working| working.queue.id == known.queue);
            let (gap, longest) = match (working, self.hours(&known.queue)) {
                (Some(working), Some(hours)) => (
                    working_between(hours, known.first_queued_at, later.first_queued_at),
                    working.longest(&bound, hours_of(later)),
                ),
                (None, None) => (ahead, bound.longest()),
                (working, _) => panic!("{} and its hours: {working:?}", known.queue),
            };
            assert!(
                gap <= longest,
                "{id} is overtaken by {contact}, who came {gap} later: promised {longest}"
            );
        }
    }

    /// Which agent calls from a queue is decided by a person.
    fn is_out_of_a_pulled_queue(&self, known: &Known) -> bool {
        let queue = self.options.as_ref().unwrap().queue(&known.queue);
        known.is_handed_on() && queue.is_some_and(|queue| queue.pull)
    }

    /// A contact that goes before all others does so by a rule of its queue that `switchboard
    /// check` names, and is the only one of its queue.
    fn judge_reserved(&self, contact: ContactId, later: &Known) {
        let options = self.options.as_ref().unwrap();
        let queue = &later.queue;
        match &later.reserved_by {
            Some((by, rule)) => {
                let mut named = unbounded(options);
                assert!(
                    named.any(|named| named.queue.id == *by && named.rule.name == *rule),
                    "{contact} goes before all by {rule} of {by}, of which nobody was warned"
                );
                assert_eq!(by, queue, "a move ends what was reserved");
            }
            None => {
                assert_eq!(later.first, Some(CustomerFirst::Answered), "{contact}");
                assert!(
                    called_first(options).is_some(),
                    "of which nobody was warned"
                );
            }
        }
        let others = self.contacts.iter();
        let others = others.filter(|(id, known)| **id != contact && known.queue == *queue);
        assert!(
            others.into_iter().all(|(_, known)| !known.reserved),
            "{contact} is not the only one of {queue}"
        );
    }
}
