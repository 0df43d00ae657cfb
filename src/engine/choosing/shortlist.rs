//! The candidates of a choice, in the order that the decision goes by.

use std::collections::BTreeSet;

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::choosing::choice::{Basis, Choice, Head, Keys, LISTED_MAX, Shortlisted};
use crate::engine::choosing::cost::Cost;
use crate::engine::choosing::ranking::{Merit, Ranking, Search};
use crate::engine::choosing::turn::Turn;
use crate::engine::options::Select;
use crate::engine::state::contacts::Slot;
use crate::engine::state::line::LineKey;
use crate::engine::state::needs::Eligible;
use crate::engine::state::registry::AgentKey;

/// Who looked for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Looking {
    Contact,
    Agent,
    /// Neither: a supervisor assigned it.
    Supervisor,
}

/// A listed agent, before keys are turned into names.
#[derive(Clone, Copy)]
struct Candidate {
    rank: (u32, Merit),
    cost: Option<Cost>,
    skill_sum: i64,
}

/// The best so far, in order.
struct Best(Vec<Candidate>);

impl Best {
    fn new() -> Self {
        // Room for one more than stays, during insertion.
        Self(Vec::with_capacity(LISTED_MAX + 1))
    }

    /// Whether a candidate of this rank would be on the list.
    fn takes(&self, rank: (u32, Merit)) -> bool {
        self.0.len() < LISTED_MAX || self.0.last().is_some_and(|last| rank < last.rank)
    }

    /// Adds a candidate that is not on the list.
    fn add(&mut self, candidate: Candidate) {
        let at = self.0.partition_point(|known| known.rank < candidate.rank);
        self.0.insert(at, candidate);
        self.0.truncate(LISTED_MAX);
    }

    /// Adds a candidate that may already be on the list with a worse rank.
    fn replace(&mut self, candidate: Candidate) {
        let agent = candidate.rank.1.2;
        if let Some(at) = self.0.iter().position(|known| known.rank.1.2 == agent) {
            if self.0[at].rank <= candidate.rank {
                return;
            }
            self.0.remove(at);
        }
        self.add(candidate);
    }
}

impl Engine {
    /// The choice of this agent for this contact, before the offer is made.
    pub(in crate::engine) fn choice(
        &mut self,
        slot: Slot,
        agent: AgentKey,
        looking: Looking,
        now: Timestamp,
    ) -> Choice<Keys> {
        let line = self.line_of(slot);
        let search = Search::new(self, slot, line, None, now);
        let (contact, need) = (search.contact, search.need);
        let how = match looking {
            Looking::Supervisor => Basis::Meant,
            Looking::Contact | Looking::Agent if need.need.direct.is_some() => Basis::Meant,
            Looking::Contact => Basis::ForContact {
                shortlist: self.shortlist(&search),
                could_take: self.could_be_asked(&search),
            },
            Looking::Agent => self.heads(slot, agent, now),
        };
        let eligible = self
            .pool
            .group_of(agent)
            .and_then(|group| need.eligible(group))
            .filter(|_| need.select == Select::Best && need.need.direct.is_none());
        let cost = eligible
            .zip(self.pool.standing(agent))
            .map(|(eligible, standing)| self.cost(agent, standing, eligible, &search));
        let choice = Choice {
            offer: crate::domain::OfferId {
                contact: contact.id,
                number: contact.newest_offer + 1,
            },
            at: now,
            agent,
            select: need.select,
            cost,
            how,
        };
        self.needs.release(line);
        choice
    }

    /// How many agents could be offered it: those with room, less those who cool down for it or
    /// have an offer already.
    fn could_be_asked(&self, search: &Search<'_>) -> u64 {
        let has_room = |agent: AgentKey| {
            let group = self.pool.group_of(agent);
            let is_eligible = group.is_some_and(|group| search.need.eligible(group).is_some());
            let standing = self.pool.standing(agent);
            is_eligible && standing.is_some_and(|at| at.mask.has(search.need.need.class))
        };
        let rest = search.contact.missed.running().map(|rest| rest.agent);
        let asked = search.contact.live_offers().map(|offer| offer.agent);
        let barred = rest.chain(asked).filter(|agent| has_room(*agent));
        let barred: BTreeSet<AgentKey> = barred.collect();
        self.could_take(search.need) - barred.len() as u64
    }

    fn shortlist(&self, search: &Search<'_>) -> Vec<Shortlisted<Keys>> {
        let mut best = Best::new();
        let mut ranking = Ranking::new(self, search);
        for eligible in &search.need.eligible {
            let is_full = best.0.len() == LISTED_MAX;
            if is_full
                && best
                    .0
                    .last()
                    .is_some_and(|last| last.rank.0 < eligible.ring)
            {
                break;
            }
            self.list_group(eligible, &mut ranking, &mut best);
        }
        if search.need.select == Select::Best {
            let innermost = best.0.first().map_or(u32::MAX, |first| first.rank.0);
            for agent in self.liked(search.contact) {
                // Agents who know the customer are compared within the innermost ring.
                if let Some(candidate) = self.liked_candidate(agent, innermost, search) {
                    best.replace(candidate);
                }
            }
        }
        let listed = best.0.into_iter();
        listed
            .filter_map(|known| self.listed(known, search))
            .collect()
    }

    fn list_group(&self, eligible: &Eligible, ranking: &mut Ranking<'_>, best: &mut Best) {
        let search = ranking.search();
        for (at, bucket) in ranking.open(eligible) {
            let scale = ranking.scale(eligible, bucket);
            for merit in ranking.free(eligible, at, scale) {
                // Within a bucket the order is that of the merits.
                if !best.takes((eligible.ring, merit)) {
                    break;
                }
                let (.., agent) = merit;
                let standing = self.pool.standing(agent);
                let standing = standing.filter(|_| search.need.select == Select::Best);
                best.add(Candidate {
                    rank: (eligible.ring, merit),
                    cost: standing.map(|standing| self.cost(agent, standing, eligible, search)),
                    skill_sum: eligible.skill_sum,
                });
            }
        }
    }

    fn liked_candidate(
        &self,
        agent: AgentKey,
        ring: u32,
        search: &Search<'_>,
    ) -> Option<Candidate> {
        let merit = self.merit_of_liked(agent, ring, search)?;
        let standing = self.pool.standing(agent)?;
        let eligible = search.need.eligible(self.pool.group_of(agent)?)?;
        Some(Candidate {
            rank: (ring, merit),
            cost: Some(self.cost(agent, standing, eligible, search)),
            skill_sum: eligible.skill_sum,
        })
    }

    fn listed(&self, known: Candidate, search: &Search<'_>) -> Option<Shortlisted<Keys>> {
        let (step, (.., agent)) = known.rank;
        let standing = self.pool.standing(agent)?;
        let group = self.pool.group(self.pool.group_of(agent)?);
        Some(Shortlisted {
            agent,
            step,
            load_permille: group.load_permille(standing.used),
            idle: search.now - standing.idle_since,
            last_turn: standing.last_turn,
            skill_sum: known.skill_sum,
            cost: known.cost,
        })
    }

    /// The contacts that the agent could have taken, one per line.
    fn heads(&self, slot: Slot, agent: AgentKey, now: Timestamp) -> Basis<Keys> {
        let mut turns: Vec<(Turn, LineKey)> = Vec::new();
        let mut lines: u64 = 0;
        self.each_turn(agent, now, |turn, line| {
            // An agent who knows the customer may find a contact twice: in its line, and by name.
            if let Some(at) = turns.iter().position(|((.., slot), _)| *slot == turn.3) {
                if turns[at].0 <= turn {
                    return;
                }
                turns.remove(at);
            } else {
                lines += 1;
            }
            let at = turns.partition_point(|(known, _)| *known < turn);
            if at < LISTED_MAX {
                turns.insert(at, (turn, line));
                turns.truncate(LISTED_MAX);
            }
        });
        debug_assert!(turns.first().is_none_or(|((.., first), _)| *first == slot));
        let heads = turns.iter().map(|((is_not_reserved, .., slot), line)| {
            let contact = self.contact_at(*slot);
            Head {
                contact: contact.id,
                queue: contact.labels.queue,
                tier: contact.labels.tier,
                due: self.due_of(contact),
                fit: self.fit_of(contact, self.needs.get(*line), agent),
                is_reserved: !is_not_reserved,
            }
        });
        Basis::ForAgent {
            heads: heads.collect(),
            lines,
        }
    }
}
