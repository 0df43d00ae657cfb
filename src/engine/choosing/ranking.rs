//! How agents are compared for a contact: the one order from which the best is taken and the
//! candidates of a choice are listed.

use std::collections::{BTreeMap, btree_set};

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::choosing::cost::{Cost, Others, Pairing};
use crate::engine::options::Select;
use crate::engine::state::contact::Contact;
use crate::engine::state::contacts::Slot;
use crate::engine::state::learn::Expectation;
use crate::engine::state::line::LineKey;
use crate::engine::state::needs::{Eligible, NeedLine};
use crate::engine::state::pool::{Bucket, Group};
use crate::engine::state::registry::AgentKey;

/// Smaller is better; the agent's key breaks ties.
pub(in crate::engine) type Merit = (i64, i64, AgentKey);

/// A contact in search of an agent.
pub(in crate::engine) struct Search<'a> {
    pub contact: &'a Contact,
    /// An agent to leave out.
    pub except: Option<AgentKey>,
    /// No second customer is called for these agents.
    pub dialled_for: &'a BTreeMap<AgentKey, Slot>,
    pub need: &'a NeedLine,
    pub others: Others,
    pub now: Timestamp,
}

impl<'a> Search<'a> {
    pub(in crate::engine) fn new(
        engine: &'a Engine,
        slot: Slot,
        line: LineKey,
        except: Option<AgentKey>,
        now: Timestamp,
    ) -> Self {
        let (contact, need) = (engine.contact_at(slot), engine.needs.get(line));
        Self {
            contact,
            except,
            dialled_for: &engine.dialled_for,
            need,
            others: engine.others_beside(contact.labels.channel, need),
            now,
        }
    }

    pub(in crate::engine) fn is_free(&self, agent: AgentKey) -> bool {
        self.except != Some(agent)
            && !self.contact.is_cooling(agent)
            && self.contact.offer_to(agent).is_none()
            && !(self.need.need.is_to_be_dialled() && self.dialled_for.contains_key(&agent))
    }
}

/// The order of a group's agents for a contact, without what knowing the customer is worth.
pub(in crate::engine) struct Ranking<'a> {
    search: &'a Search<'a>,
    eligible: &'a Eligible,
    group: &'a Group,
    /// Only worked out where it decides.
    expected: Option<Expectation>,
}

impl<'a> Ranking<'a> {
    pub(in crate::engine) fn new(
        engine: &'a Engine,
        eligible: &'a Eligible,
        search: &'a Search<'a>,
    ) -> Self {
        let is_by_cost = search.need.select == Select::Best;
        Self {
            search,
            eligible,
            group: engine.pool.group(eligible.group),
            expected: is_by_cost.then(|| engine.expect(eligible, search.need)),
        }
    }

    /// What decides where the cost does.
    pub(in crate::engine) fn expected(&self) -> Option<Expectation> {
        self.expected
    }

    /// The buckets of agents who have room for the contact.
    pub(in crate::engine) fn buckets(&self) -> impl Iterator<Item = &'a Bucket> + use<'a> {
        let class = self.search.need.need.class;
        let buckets = self.group.buckets.iter();
        buckets.filter(move |bucket| bucket.mask.has(class))
    }

    /// The agents of a bucket that it could be offered to, the best first.
    pub(in crate::engine) fn free(&self, bucket: &Bucket) -> impl Iterator<Item = Merit> {
        let members = Members::of(bucket, self.search.need.select);
        members
            .filter(|(_, agent)| self.search.is_free(*agent))
            .map(|(since, agent)| self.merit(bucket, since, agent))
    }

    fn merit(&self, bucket: &Bucket, since: i64, agent: AgentKey) -> Merit {
        match (self.search.need.select, self.expected) {
            (Select::Best, Some(expected)) => {
                let idle = self.search.now - Timestamp(since);
                let pairing = Pairing::new(bucket.sessions, idle, self.search.others);
                (Cost::of(expected, pairing).total().0, since, agent)
            }
            (Select::Best | Select::LeastLoad, _) => (self.load(bucket), since, agent),
            (Select::MostLoad, _) => (-self.load(bucket), since, agent),
            (Select::LongestIdle | Select::RoundRobin, _) => (since, 0, agent),
            (Select::BestSkill, _) => (-self.eligible.skill_sum, since, agent),
        }
    }

    fn load(&self, bucket: &Bucket) -> i64 {
        self.group.load_permille(bucket.used)
    }
}

/// The agents of a bucket in order, with what orders them: the time since when they are idle, or
/// their last turn.
enum Members<'a> {
    ByIdle(btree_set::Iter<'a, (Timestamp, AgentKey)>),
    ByTurn(btree_set::Iter<'a, (u64, AgentKey)>),
}

impl<'a> Members<'a> {
    fn of(bucket: &'a Bucket, select: Select) -> Self {
        match select {
            Select::RoundRobin => Self::ByTurn(bucket.by_turn.iter()),
            Select::Best
            | Select::LeastLoad
            | Select::LongestIdle
            | Select::BestSkill
            | Select::MostLoad => Self::ByIdle(bucket.by_idle.iter()),
        }
    }
}

impl Iterator for Members<'_> {
    type Item = (i64, AgentKey);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::ByIdle(agents) => agents.next().map(|(since, agent)| (since.0, *agent)),
            Self::ByTurn(agents) => {
                let (turn, agent) = agents.next()?;
                let turn = i64::try_from(*turn).expect("offers are countable");
                Some((turn, *agent))
            }
        }
    }
}
