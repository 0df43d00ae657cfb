//! Who goes to whom.
//!
//! Both directions, always: a contact that has to be served looks for an
//! agent, an agent who can take something looks for the contact that is due
//! first. Both compare heads: of the groups' buckets, of the lines.

use crate::domain::{Millis, Timestamp};
use crate::engine::Engine;
use crate::engine::contact::Contact;
use crate::engine::line::LineKey;
use crate::engine::needs::{Eligible, NeedLine};
use crate::engine::options::Select;
use crate::engine::pool::Bucket;
use crate::engine::registry::AgentKey;

/// Smaller is better; the agent's key is the last word.
type Merit = (i64, i64, AgentKey);

impl Engine {
    /// The best agent for a contact that stands nowhere or in line.
    pub(super) fn find_agent(&mut self, slot: u32) -> Option<AgentKey> {
        let queue = self.contact_at(slot).labels.queue;
        if self.queues[queue.index()].paused || self.rules[queue.index()].options.pull {
            return None;
        }
        let key = self.line_of(slot);
        let need = self.needs.get(key);
        let found = self.best_for(self.contact_at(slot), need);
        self.needs.release(key);
        found
    }

    fn best_for(&self, contact: &Contact, need: &NeedLine) -> Option<AgentKey> {
        let mut best: Option<(u32, Merit)> = None;
        for eligible in &need.eligible {
            // An inner ring has precedence over every outer one.
            if best.is_some_and(|(ring, _)| ring < eligible.ring) {
                break;
            }
            let merit = match need.need.direct {
                Some(agent) => self.merit_of_one(agent, contact),
                None => self.best_of_group(eligible, contact, need.select),
            };
            if let Some(merit) = merit
                && best.is_none_or(|(_, known)| merit < known)
            {
                best = Some((eligible.ring, merit));
            }
        }
        best.map(|(_, (_, _, agent))| agent)
    }

    /// A contact may wait for one agent although others cool down.
    fn merit_of_one(&self, agent: AgentKey, contact: &Contact) -> Option<Merit> {
        let standing = self.pool.standing(agent)?;
        standing
            .mask
            .has(contact.labels.channel)
            .then_some((0, 0, agent))
    }

    fn best_of_group(
        &self,
        eligible: &Eligible,
        contact: &Contact,
        select: Select,
    ) -> Option<Merit> {
        let group = self.pool.group(eligible.group);
        group
            .buckets
            .iter()
            .filter(|bucket| bucket.mask.has(contact.labels.channel))
            .filter_map(|bucket| {
                let load =
                    i64::from(bucket.used) * 1_000 / i64::from(group.signature.capacity.max(1));
                best_of_bucket(bucket, contact, select).map(|(since, agent)| match select {
                    Select::Best | Select::LeastLoad => (load, since, agent),
                    Select::LongestIdle | Select::RoundRobin => (since, 0, agent),
                    Select::BestSkill => (-eligible.skill_sum, since, agent),
                })
            })
            .min()
    }

    /// The contact that is due first for this agent, over all the queues and
    /// channels that the agent serves.
    pub(super) fn find_contact(&self, agent: AgentKey) -> Option<u32> {
        let standing = self.pool.standing(agent)?;
        let group = self.pool.group_of(agent)?;
        let queues = &self.pool.group(group).signature.queues;
        let shared = queues
            .iter()
            .flat_map(|queue| &self.queues[queue.index()].active_lines);
        let own = self.needs.direct_lines(agent);
        let mut best: Option<(Timestamp, u64, u32)> = None;
        for key in shared.chain(own) {
            let need = self.needs.get(*key);
            if !standing.mask.has(need.need.channel) || !self.is_offered(need) {
                continue;
            }
            let Some(eligible) = need.eligible(group) else {
                continue;
            };
            if let Some(first) = self.first_of(*key, agent, eligible.fit)
                && best.is_none_or(|known| first < known)
            {
                best = Some(first);
            }
        }
        best.map(|(_, _, slot)| slot)
    }

    /// The first of a line that this agent is not cooling down for.
    fn first_of(
        &self,
        line: LineKey,
        agent: AgentKey,
        fit: Millis,
    ) -> Option<(Timestamp, u64, u32)> {
        let mut places = self.needs.get(line).line.iter();
        let place = places.find(|place| !self.contact_at(place.slot).is_cooling(agent))?;
        Some((place.due - fit, place.arrival, place.slot))
    }

    /// Whether contacts of this line are offered to anyone at all.
    pub(super) fn is_offered(&self, need: &NeedLine) -> bool {
        let queue = need.need.queue.index();
        !self.queues[queue].paused && !self.rules[queue].options.pull
    }

    /// Gives the agent what is due, as long as there is room.
    pub(super) fn serve(&mut self, agent: AgentKey, now: Timestamp) {
        while let Some(slot) = self.find_contact(agent) {
            self.make_offer(slot, agent, now);
        }
    }

    /// Finds an agent for a contact that stands in line, if there is one now.
    pub(super) fn seek(&mut self, slot: u32, now: Timestamp) {
        if let Some(agent) = self.find_agent(slot) {
            self.make_offer(slot, agent, now);
        }
    }

    /// Looks for agents for all who wait, in the order in which they are due:
    /// after changes that concern more than one contact and one agent.
    pub(super) fn serve_all(&mut self, now: Timestamp) {
        let mut waiting: Vec<_> = self
            .needs
            .iter()
            .flat_map(|(_, need)| need.line.iter())
            .collect();
        waiting.sort_unstable();
        for place in waiting {
            self.seek(place.slot, now);
        }
    }
}

/// The head of a bucket, past those who cool down for this contact.
fn best_of_bucket(bucket: &Bucket, contact: &Contact, select: Select) -> Option<(i64, AgentKey)> {
    let free = |agent: AgentKey| !contact.is_cooling(agent);
    match select {
        Select::RoundRobin => bucket
            .by_turn
            .iter()
            .find(|(_, agent)| free(*agent))
            .map(|(turn, agent)| (i64::try_from(*turn).expect("offers are countable"), *agent)),
        Select::Best | Select::LeastLoad | Select::LongestIdle | Select::BestSkill => bucket
            .by_idle
            .iter()
            .find(|(_, agent)| free(*agent))
            .map(|(since, agent)| (since.0, *agent)),
    }
}
