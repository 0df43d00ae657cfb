//! Why an agent was offered a contact: the candidates at that moment, and what decided.
//!
//! Choices are not part of the state, because no decision depends on them: a restart forgets them,
//! no event carries them, and no two engines have to agree on them. They are bounded twice, in
//! number and in how many are worked out per second; beyond that the decisions are the same, and
//! only their explanation is not kept.

use std::collections::VecDeque;
use std::fmt;

use crate::domain::{ContactId, Millis, Name, OfferId, Text, Timestamp};
use crate::engine::choosing::cost::Cost;
use crate::engine::options::Select;
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::{AgentKey, QueueKey, Registry, TierKey};

/// The most agents, or heads of lines, that a choice lists.
pub const LISTED_MAX: usize = 8;
/// How many choices are remembered, the newest ones.
const KEPT_MAX: usize = 16_384;
/// How many choices of a contact are searched for a given one.
const LOOKED_BACK_MAX: usize = 16;
/// How many choices may be worked out at once, and how many more each second allows: a site that
/// constantly makes more offers than this has no time for explanations.
const AT_ONCE_MAX: i64 = 500;
const PER_S: i64 = 50;
/// The allowance is counted in thousandths: each millisecond adds `PER_S` of them.
const ONE: i64 = 1_000;
/// The number of no choice.
const NO_CHOICE: u64 = u64::MAX;

/// How agents, queues and tiers are represented.
pub trait Spelling {
    type Agent: Clone + fmt::Debug + PartialEq;
    type Queue: Clone + fmt::Debug + PartialEq;
    type Tier: Clone + fmt::Debug + PartialEq;
}

/// By name, as shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Names {}

impl Spelling for Names {
    type Agent = Name;
    type Queue = Name;
    type Tier = Name;
}

/// By key, as stored: forgetting a choice frees nothing, and names are looked up only when one is
/// asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Keys {}

impl Spelling for Keys {
    type Agent = AgentKey;
    type Queue = QueueKey;
    type Tier = TierKey;
}

/// What was compared when an offer was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice<S: Spelling = Names> {
    pub offer: OfferId,
    pub at: Timestamp,
    pub agent: S::Agent,
    /// How the queue chooses among agents.
    pub select: Select,
    /// The cost of this agent for this contact, in a queue that chooses by cost.
    pub cost: Option<Cost>,
    pub how: Basis<S>,
}

/// Who was looking for whom.
#[derive(Clone, Debug, PartialEq)]
pub enum Basis<S: Spelling = Names> {
    /// The contact looked for an agent: the best candidates, the chosen one first.
    ForContact {
        shortlist: Vec<Shortlisted<S>>,
        /// Agents that could have taken it, including those listed.
        could_take: u64,
    },
    /// The agent had room and looked for a contact: the first of each line, the chosen one first.
    ForAgent {
        heads: Vec<Head<S>>,
        /// Lines that had a contact for this agent.
        lines: u64,
    },
    /// The contact waited for this agent alone.
    Meant,
    /// A supervisor assigned it.
    Assigned { by: Text },
}

impl<S: Spelling> Basis<S> {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ForContact { .. } => "contact_sought_agent",
            Self::ForAgent { .. } => "agent_sought_contact",
            Self::Meant => "meant",
            Self::Assigned { .. } => "assigned",
        }
    }
}

/// What the chosen agent is shown of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Brief {
    pub how: &'static str,
    pub cost: Option<Cost>,
    /// The fit, in time subtracted from `due`, if the agent looked for a contact.
    pub fit: Option<Millis>,
}

impl<S: Spelling> Choice<S> {
    pub fn brief(&self) -> Brief {
        let fit = match &self.how {
            Basis::ForAgent { heads, .. } => heads.first().map(|head| head.fit),
            Basis::ForContact { .. } | Basis::Meant | Basis::Assigned { .. } => None,
        };
        Brief {
            how: self.how.name(),
            cost: self.cost,
            fit,
        }
    }
}

/// A candidate, with what was compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Shortlisted<S: Spelling = Names> {
    pub agent: S::Agent,
    /// The step by which the agent became eligible: earlier ones win.
    pub step: u32,
    pub load_permille: i64,
    pub idle: Millis,
    /// The number of the agent's last offer: the agent with the lowest is next in turn.
    pub last_turn: u64,
    /// The sum of the levels of the required skills.
    pub skill_sum: i64,
    pub cost: Option<Cost>,
}

/// The first contact of a line that the agent could have taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Head<S: Spelling = Names> {
    pub contact: ContactId,
    pub queue: S::Queue,
    pub tier: S::Tier,
    pub due: Timestamp,
    /// The fit of this agent, subtracted from `due`.
    pub fit: Millis,
    /// The next agent was reserved for it, whatever else was due.
    pub is_reserved: bool,
}

impl Choice<Keys> {
    pub(in crate::engine) fn named(&self, registry: &Registry) -> Choice {
        Choice {
            offer: self.offer,
            at: self.at,
            agent: registry.agents.name(self.agent).clone(),
            select: self.select,
            cost: self.cost,
            how: match &self.how {
                Basis::ForContact {
                    shortlist,
                    could_take,
                } => Basis::ForContact {
                    shortlist: shortlist.iter().map(|one| one.named(registry)).collect(),
                    could_take: *could_take,
                },
                Basis::ForAgent { heads, lines } => Basis::ForAgent {
                    heads: heads.iter().map(|head| head.named(registry)).collect(),
                    lines: *lines,
                },
                Basis::Meant => Basis::Meant,
                Basis::Assigned { by } => Basis::Assigned { by: by.clone() },
            },
        }
    }
}

impl Shortlisted<Keys> {
    fn named(&self, registry: &Registry) -> Shortlisted {
        Shortlisted {
            agent: registry.agents.name(self.agent).clone(),
            step: self.step,
            load_permille: self.load_permille,
            idle: self.idle,
            last_turn: self.last_turn,
            skill_sum: self.skill_sum,
            cost: self.cost,
        }
    }
}

impl Head<Keys> {
    fn named(&self, registry: &Registry) -> Head {
        Head {
            contact: self.contact,
            queue: registry.queues.name(self.queue).clone(),
            tier: registry.tiers.name(self.tier).clone(),
            due: self.due,
            fit: self.fit,
            is_reserved: self.is_reserved,
        }
    }
}

/// Why a choice is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// The process has restarted since.
    RestartedSince,
    /// More offers were made since than are remembered.
    NotKept,
    /// The agent called the contact: nothing was compared.
    Called,
    /// The agent was asked to help, and then the contact was handed over.
    HandedOver,
}

impl Unknown {
    pub const fn name(self) -> &'static str {
        match self {
            Self::RestartedSince => "restarted_since",
            Self::NotKept => "not_kept",
            Self::Called => "called",
            Self::HandedOver => "handed_over",
        }
    }
}

/// A choice, and the number of the previous one for the same slot.
#[derive(Clone, Debug)]
struct Kept {
    choice: Choice<Keys>,
    before: u64,
}

/// The most recent choices.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Choices {
    kept: VecDeque<Kept>,
    /// The number of the oldest one kept.
    first: u64,
    /// The number of each contact's newest one, by slot; one never reached stands for none.
    newest: Vec<u64>,
    /// When this process made its first offer.
    began: Option<Timestamp>,
    /// How many may be worked out at `asked_at`, in thousandths.
    left_permille: i64,
    asked_at: Timestamp,
}

impl Choices {
    /// Whether there is time to work out the choice of an offer that is made now.
    pub(in crate::engine) fn has_time(&mut self, now: Timestamp) -> bool {
        if self.began.is_none() {
            self.began = Some(now);
            self.left_permille = AT_ONCE_MAX * ONE;
        }
        let since_ms = (now - self.asked_at).0.clamp(0, AT_ONCE_MAX * ONE);
        let left = self.left_permille + since_ms * PER_S;
        self.left_permille = left.min(AT_ONCE_MAX * ONE);
        self.asked_at = now;
        let has_time = self.left_permille >= ONE;
        if has_time {
            self.left_permille -= ONE;
        }
        has_time
    }

    pub(in crate::engine) fn keep(&mut self, slot: Slot, choice: Choice<Keys>) {
        if self.kept.len() == KEPT_MAX {
            self.kept.pop_front();
            self.first += 1;
        }
        let at = slot.index();
        if self.newest.len() <= at {
            self.newest.resize(at + 1, NO_CHOICE);
        }
        let number = self.first + self.kept.len() as u64;
        let before = std::mem::replace(&mut self.newest[at], number);
        self.kept.push_back(Kept { choice, before });
    }

    /// The choice of this offer of the contact at `slot`.
    pub(in crate::engine) fn of(&self, slot: Slot, offer: OfferId) -> Option<&Choice<Keys>> {
        let mut known = self.of_contact(slot, offer.contact);
        known.find(|choice| choice.offer == offer)
    }

    /// The choices of this contact, which is at `slot`, newest first.
    pub(in crate::engine) fn of_contact(
        &self,
        slot: Slot,
        contact: ContactId,
    ) -> impl Iterator<Item = &Choice<Keys>> {
        let kept = |number: u64| {
            let at = usize::try_from(number.checked_sub(self.first)?).ok()?;
            self.kept.get(at)
        };
        let newest = self.newest.get(slot.index()).copied();
        let known = std::iter::successors(newest.and_then(kept), move |known| kept(known.before));
        let known = known.take_while(move |known| known.choice.offer.contact == contact);
        known.take(LOOKED_BACK_MAX).map(|known| &known.choice)
    }

    /// Why the choice of an offer made at `offered_at` is not kept.
    pub(in crate::engine) fn missing(&self, offered_at: Timestamp) -> Unknown {
        match self.began {
            Some(began) if began <= offered_at => Unknown::NotKept,
            Some(_) | None => Unknown::RestartedSince,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(contact: u128) -> Choice<Keys> {
        Choice {
            offer: OfferId {
                contact: ContactId(contact),
                number: 1,
            },
            at: Timestamp(0),
            agent: AgentKey(1),
            select: Select::Best,
            cost: None,
            how: Basis::Meant,
        }
    }

    #[test]
    fn the_newest_are_kept_and_the_oldest_dropped() {
        let mut choices = Choices::default();
        let made = KEPT_MAX as u128 + 10;
        let slot = |contact: u128| Slot(u32::try_from(contact).unwrap());
        for contact in 0..made {
            choices.keep(slot(contact), choice(contact));
        }
        let known = |choices: &Choices, contact| {
            let offer = choice(contact).offer;
            choices.of(slot(contact), offer).is_some()
        };
        assert!(!known(&choices, 9) && known(&choices, 10) && known(&choices, made - 1));
        // A slot that another contact has taken.
        choices.keep(Slot(10), choice(7));
        assert!(!known(&choices, 10) && choices.of(Slot(10), choice(7).offer).is_some());
        assert_eq!(choices.kept.len(), KEPT_MAX);
    }

    #[test]
    fn a_burst_is_worked_out_and_then_a_fixed_number_per_second() {
        let mut choices = Choices::default();
        let mut in_time = |from_ms: i64, to_ms: i64| {
            let all = (from_ms..to_ms).flat_map(|ms| [Timestamp(ms); 10]);
            all.filter(|now| choices.has_time(*now)).count()
        };
        assert_eq!(in_time(1_000, 1_100), 500 + 4);
        assert_eq!(in_time(1_100, 3_100), 100);
        assert_eq!(in_time(3_600_000, 3_600_100), 500 + 4);
    }

    #[test]
    fn an_unknown_choice_says_why() {
        let mut choices = Choices::default();
        assert_eq!(choices.missing(Timestamp(5)), Unknown::RestartedSince);
        choices.has_time(Timestamp(10));
        assert_eq!(choices.missing(Timestamp(5)), Unknown::RestartedSince);
        assert_eq!(choices.missing(Timestamp(10)), Unknown::NotKept);
    }
}
