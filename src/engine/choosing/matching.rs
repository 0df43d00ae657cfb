//! Which contact goes to which agent.
//!
//! Both directions, always: a contact to be served looks for the agent with the lowest cost, an
//! agent with room looks for the contact due first. Both compare heads: of the groups' buckets, and
//! of the lines.

use crate::domain::{Channel, Timestamp};
use crate::engine::Engine;
use crate::engine::choosing::cost::{Cost, Others, Pairing, occupancy_price};
use crate::engine::choosing::ranking::{Merit, Ranking, Search};
use crate::engine::options::{Interrupt, Select};
use crate::engine::state::contact::Contact;
use crate::engine::state::contacts::Slot;
use crate::engine::state::learn::{About, Expectation};
use crate::engine::state::needs::{Eligible, NeedLine};
use crate::engine::state::pool::Standing;
use crate::engine::state::registry::{AgentKey, QueueKey};

impl Engine {
    /// The best agent for a contact that is moving, in line, or offered to others.
    pub(in crate::engine) fn find_agent(&mut self, slot: Slot, now: Timestamp) -> Option<AgentKey> {
        loop {
            let agent = self.best_agent(slot, now)?;
            if !self.keep_room(agent, slot, now) {
                return Some(agent);
            }
        }
    }

    fn best_agent(&mut self, slot: Slot, now: Timestamp) -> Option<AgentKey> {
        let key = self.line_of(slot);
        let search = Search::new(self, slot, key, None, now);
        let found = if self.is_offered(search.need) {
            self.best_for(&search)
        } else {
            None
        };
        self.needs.release(key);
        found
    }

    /// The best agent of a queue to help with a contact, if one is free now.
    pub(in crate::engine) fn find_helper(
        &mut self,
        slot: Slot,
        queue: QueueKey,
        except: AgentKey,
        now: Timestamp,
    ) -> Option<AgentKey> {
        let need = self.need_of_helper(slot, queue);
        let key = self.line_for(need);
        let search = Search::new(self, slot, key, Some(except), now);
        // Helping does not depend on whether the queue is open.
        let found = self.best_for(&search);
        self.needs.release(key);
        found
    }

    fn best_for(&self, search: &Search<'_>) -> Option<AgentKey> {
        let mut best: Option<(u32, Merit)> = None;
        let mut ranking = Ranking::new(self, search);
        for eligible in &search.need.eligible {
            // An inner ring has precedence over every outer one.
            if best.is_some_and(|(ring, _)| ring < eligible.ring) {
                break;
            }
            let merit = match search.need.need.direct {
                Some(agent) => self.merit_of_one(agent, search),
                None => ranking.best(eligible),
            };
            if let Some(merit) = merit
                && best.is_none_or(|(_, known)| merit < known)
            {
                best = Some((eligible.ring, merit));
            }
        }
        let (ring, merit) = best?;
        let liked = self.liked(search.contact);
        let liked = liked.filter_map(|agent| self.merit_of_liked(agent, ring, search));
        Some(liked.fold(merit, Merit::min).2)
    }

    /// The merit of the only agent that a contact waits for, if it could be offered to that one.
    fn merit_of_one(&self, agent: AgentKey, search: &Search<'_>) -> Option<Merit> {
        let standing = self.pool.standing(agent)?;
        let can = standing.mask.has(search.need.need.class) && search.is_free(agent);
        can.then_some((0, 0, agent))
    }

    /// The merit of an agent who knows the customer, if the agent can take the contact by this ring
    /// or an inner one.
    pub(in crate::engine) fn merit_of_liked(
        &self,
        agent: AgentKey,
        ring: u32,
        search: &Search<'_>,
    ) -> Option<Merit> {
        if search.need.select != Select::Best || search.need.need.direct.is_some() {
            return None;
        }
        let standing = self.pool.standing(agent)?;
        let eligible = search.need.eligible(self.pool.group_of(agent)?)?;
        let can = eligible.ring <= ring
            && standing.mask.has(search.need.need.class)
            && search.is_free(agent);
        can.then(|| {
            let cost = self.cost(agent, standing, eligible, search);
            (cost.total().0, standing.idle_since.0, agent)
        })
    }

    pub(in crate::engine) fn cost(
        &self,
        agent: AgentKey,
        standing: Standing,
        eligible: &Eligible,
        search: &Search<'_>,
    ) -> Cost {
        let expected = self.expect(eligible, search.need);
        let recognition = &search.contact.recognition;
        let is = |name: &Option<_>| name.as_ref().is_some_and(|name| self.is_agent(agent, name));
        let idle = search.now - standing.idle_since;
        let pairing = Pairing {
            is_last_agent: is(&recognition.last_agent)
                || search.contact.meant.owner_before == Some(agent),
            is_account_manager: is(&recognition.account_manager),
            ..Pairing::new(standing.sessions, idle, search.others)
        };
        Cost::of(expected, pairing)
    }

    fn is_agent(&self, agent: AgentKey, name: &crate::domain::Name) -> bool {
        self.registry.agents.name(agent) == name
    }

    /// The agents who know the customer: the account manager, the last agent, and the one who had
    /// the contact before.
    pub(in crate::engine) fn liked(
        &self,
        contact: &Contact,
    ) -> impl Iterator<Item = AgentKey> + use<> {
        let key = |name: &Option<crate::domain::Name>| {
            let name = name.as_ref()?;
            self.registry.agents.key(name.as_str())
        };
        let recognition = &contact.recognition;
        let manager = key(&recognition.account_manager);
        let last = key(&recognition.last_agent).filter(|last| Some(*last) != manager);
        let before = contact.meant.owner_before;
        let before = before.filter(|before| Some(*before) != manager && Some(*before) != last);
        manager.into_iter().chain(last).chain(before)
    }

    pub(in crate::engine) fn expect(&self, eligible: &Eligible, need: &NeedLine) -> Expectation {
        self.known_about(need).expect(need.grade_of(eligible))
    }

    /// What was learned of the contacts of this line.
    pub(in crate::engine) fn known_about(&self, need: &NeedLine) -> About<'_> {
        self.learned.about(need.need.class.channel, need.subject)
    }

    /// What a contact of this line does to others in hand, with the price of occupying an empty
    /// agent for channels served several at a time if others need a whole agent.
    pub(in crate::engine) fn others_beside(&self, channel: Channel, need: &NeedLine) -> Others {
        // Where no cost is compared, the price is not needed.
        if need.select != Select::Best || need.need.direct.is_some() {
            return Others::Nothing;
        }
        let options = self.configuration();
        if options.channels.get(channel).is_exclusive() {
            let interrupts = options.capacity.interrupts.unwrap_or_default();
            let holds = |current: &Channel| interrupts.of(channel, *current) == Interrupt::Hold;
            return if Channel::ALL.iter().any(holds) {
                Others::Hold
            } else {
                Others::Nothing
            };
        }
        let groups = need
            .eligible
            .iter()
            .map(|eligible| self.pool.group(eligible.group));
        let (mut empty, mut staffed) = (0, 0);
        for group in groups.filter(|group| group.is_exclusive) {
            empty += group.empty;
            staffed += group.staffed;
        }
        let price = if staffed == 0 {
            0.0
        } else {
            occupancy_price(empty, staffed)
        };
        Others::Share { price }
    }

    /// Whether contacts of this line are offered now.
    pub(in crate::engine) fn is_offered(&self, need: &NeedLine) -> bool {
        self.lets_in(need) && (need.kept == 0 || self.could_take(need) > u64::from(need.kept))
    }

    /// Whether neither a pause nor closing nor `pull` keeps contacts of this line from agents.
    pub(in crate::engine) fn lets_in(&self, need: &NeedLine) -> bool {
        let (queue, passes) = (need.need.queue.index(), need.need.passes);
        let is_closed = self.queues[queue].closed && !passes.closing();
        let is_shut = self.queues[queue].is_paused() || self.rules[queue].options.pull;
        !is_closed && (!is_shut || passes.everything()) && !self.is_stopping
    }

    /// How many agents could be offered a contact of this line.
    pub(in crate::engine) fn could_take(&self, need: &NeedLine) -> u64 {
        let groups = need.eligible.iter();
        let buckets = groups.flat_map(|eligible| self.pool.buckets(eligible.group));
        let open = buckets.filter(|bucket| bucket.mask.has(need.need.class));
        open.map(|bucket| u64::from(bucket.agents)).sum()
    }
}
