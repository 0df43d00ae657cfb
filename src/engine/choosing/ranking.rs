//! How agents are compared for a contact: the one order from which the best is taken and the
//! candidates of a choice are listed.

use std::collections::{BTreeMap, btree_set};

use crate::domain::{Millis, Timestamp};
use crate::engine::Engine;
use crate::engine::choosing::cost::{Cost, Others, Pairing, idle_credit};
use crate::engine::options::Select;
use crate::engine::state::contact::Contact;
use crate::engine::state::contacts::Slot;
use crate::engine::state::learn::About;
use crate::engine::state::line::LineKey;
use crate::engine::state::needs::{Eligible, NeedLine};
use crate::engine::state::pool::{Bucket, Pool, Ranked};
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
    /// There may be agents who must not be offered it, whatever room they have.
    may_bar_some: bool,
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
        let may_bar_some = except.is_some()
            || !contact.missed.cooldowns.is_empty()
            || contact.live_offers().next().is_some()
            || need.need.is_to_be_dialled();
        Self {
            contact,
            except,
            dialled_for: &engine.dialled_for,
            need,
            others: engine.others_beside(contact.labels.channel, need),
            now,
            may_bar_some,
        }
    }

    pub(in crate::engine) fn is_free(&self, agent: AgentKey) -> bool {
        !self.may_bar_some || self.is_not_barred(agent)
    }

    fn is_not_barred(&self, agent: AgentKey) -> bool {
        self.except != Some(agent)
            && !self.contact.is_cooling(agent)
            && self.contact.offer_to(agent).is_none()
            && !(self.need.need.is_to_be_dialled() && self.dialled_for.contains_key(&agent))
    }

    fn merit(&self, scale: Scale, since: i64, agent: AgentKey) -> Merit {
        match scale {
            Scale::Idle(cost) => {
                let cost = cost + idle_credit(self.now - Timestamp(since));
                (cost.0, since, agent)
            }
            Scale::Even(value) => (value, since, agent),
            Scale::Turn => (since, 0, agent),
        }
    }
}

/// What the agents of a bucket are measured by; within it, only the idle time or turn differs.
#[derive(Clone, Copy)]
pub(in crate::engine) enum Scale {
    /// This cost, less what the idle time is worth.
    Idle(Millis),
    /// This, the same for all, and then the idle time.
    Even(i64),
    /// The idle time or turn alone.
    Turn,
}

/// The order of agents for a contact, without what knowing the customer is worth.
pub(in crate::engine) struct Ranking<'a> {
    search: &'a Search<'a>,
    pool: &'a Pool,
    about: About<'a>,
    /// The grade and the number of contacts in hand that were asked about last, with their scale:
    /// neighbours often have the same.
    last: Option<(u32, u32, Scale)>,
}

impl<'a> Ranking<'a> {
    pub(in crate::engine) fn new(engine: &'a Engine, search: &'a Search<'a>) -> Self {
        Self {
            search,
            pool: &engine.pool,
            about: engine.known_about(search.need),
            last: None,
        }
    }

    pub(in crate::engine) fn search(&self) -> &'a Search<'a> {
        self.search
    }

    /// The best agent of a group that the contact could be offered to.
    pub(in crate::engine) fn best(&mut self, eligible: &Eligible) -> Option<Merit> {
        let mut best: Option<Merit> = None;
        for (at, bucket) in self.open(eligible) {
            let Some((since, agent)) = bucket.longest_idle() else {
                continue;
            };
            let scale = self.scale(eligible, bucket);
            let is_by_idle = self.search.need.select != Select::RoundRobin;
            let found = if is_by_idle && self.search.is_free(agent) {
                Some(self.search.merit(scale, since.0, agent))
            } else {
                self.free(eligible, at, scale).next()
            };
            if let Some(found) = found
                && best.is_none_or(|known| found < known)
            {
                best = Some(found);
            }
        }
        best
    }

    /// The buckets of agents who have room for the contact, with their positions.
    pub(in crate::engine) fn open(
        &self,
        eligible: &Eligible,
    ) -> impl Iterator<Item = (usize, &'a Bucket)> + use<'a> {
        let class = self.search.need.need.class;
        let buckets = self.pool.buckets(eligible.group).iter().enumerate();
        buckets.filter(move |(_, bucket)| bucket.mask.has(class))
    }

    /// The agents of a bucket that the contact could be offered to, the best first.
    pub(in crate::engine) fn free(
        &self,
        eligible: &Eligible,
        at: usize,
        scale: Scale,
    ) -> impl Iterator<Item = Merit> + use<'a> {
        let (search, ranked) = (self.search, self.pool.ranked(eligible.group, at));
        Members::of(ranked, search.need.select)
            .filter(|(_, agent)| search.is_free(*agent))
            .map(move |(since, agent)| search.merit(scale, since, agent))
    }

    pub(in crate::engine) fn scale(&mut self, eligible: &Eligible, bucket: &Bucket) -> Scale {
        match self.search.need.select {
            Select::Best => self.scale_of_cost(eligible.grade, bucket.sessions),
            Select::LeastLoad => Scale::Even(self.load(eligible, bucket)),
            Select::MostLoad => Scale::Even(-self.load(eligible, bucket)),
            Select::BestSkill => Scale::Even(-eligible.skill_sum),
            Select::LongestIdle | Select::RoundRobin => Scale::Turn,
        }
    }

    fn scale_of_cost(&mut self, grade: u32, sessions: u32) -> Scale {
        if let Some((last, with, scale)) = self.last
            && (last, with) == (grade, sessions)
        {
            return scale;
        }
        let grades = &self.search.need.grades;
        let expected = self.about.expect(&grades[grade as usize]);
        let pairing = Pairing::new(sessions, Millis::ZERO, self.search.others);
        let cost = Cost::of(expected, pairing).total();
        let scale = if sessions == 0 {
            Scale::Idle(cost)
        } else {
            Scale::Even(cost.0)
        };
        self.last = Some((grade, sessions, scale));
        scale
    }

    fn load(&self, eligible: &Eligible, bucket: &Bucket) -> i64 {
        self.pool.group(eligible.group).load_permille(bucket.used)
    }
}

/// The agents of a bucket in order, with what orders them: the time since when they are idle, or
/// their last turn.
enum Members<'a> {
    ByIdle(btree_set::Iter<'a, (Timestamp, AgentKey)>),
    ByTurn(btree_set::Iter<'a, (u64, AgentKey)>),
}

impl<'a> Members<'a> {
    fn of(ranked: &'a Ranked, select: Select) -> Self {
        match select {
            Select::RoundRobin => Self::ByTurn(ranked.by_turn.iter()),
            Select::Best
            | Select::LeastLoad
            | Select::LongestIdle
            | Select::BestSkill
            | Select::MostLoad => Self::ByIdle(ranked.by_idle.iter()),
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
