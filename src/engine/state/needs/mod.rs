//! What waiting contacts need, and the lines that this puts them in.
//!
//! Contacts with the same candidates share a line. For every line the groups that may serve it are
//! known, each with the relaxation step by which it came in and its fit; so neither contacts nor
//! agents have to be looked at to know who may serve whom.

mod contact;
mod skills;

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use slab::Slab;

use crate::domain::{Channel, Requirements};
use crate::engine::options::{Options, Select};
use crate::engine::state::capacity::Class;
use crate::engine::state::contact::{Contact, CustomerFirst, Passes};
use crate::engine::state::due;
use crate::engine::state::learn::{Grade, Subject, grade};
use crate::engine::state::line::{Line, LineKey, Place};
use crate::engine::state::needs::skills::merge;
pub(in crate::engine) use crate::engine::state::needs::skills::{asked_of, missing, satisfies};
use crate::engine::state::pool::{GroupKey, Pool};
use crate::engine::state::queue::{Queue, QueueRules, Skills, skill_keys};
use crate::engine::state::registry::{AgentKey, QueueKey, Registry, TierKey, TopicKey};

/// Everything that decides who may serve a contact.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::engine) struct Need {
    pub queue: QueueKey,
    pub step: u32,
    /// What decides about room: its channel, whether capacity is reserved for it, its category.
    pub class: Class,
    pub topic: Option<TopicKey>,
    /// Some idle agents are reserved for others.
    pub is_kept_back: bool,
    /// Set only if the order depends on the tier at the moment of choice.
    pub tier: Option<TierKey>,
    /// The contact's own requirements; no step relaxes them.
    pub requires: Requirements,
    /// This agent alone.
    pub direct: Option<AgentKey>,
    /// Further queues whose agents may serve; sorted.
    pub also: Vec<QueueKey>,
    /// It comes before all that do not have it.
    pub is_reserved: bool,
    /// Its customer is called first, and waits for that or on the line.
    pub customer_first: Option<CustomerFirst>,
    /// What the contacts are exempt from.
    pub passes: Passes,
}

/// A group that may serve a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Eligible {
    pub group: GroupKey,
    /// The step by which it came in; an inner one has precedence.
    pub ring: u32,
    /// By how much its levels exceed the requirements, in thousandths.
    pub excess_permille: i64,
    /// The sum of the levels of the required skills.
    pub skill_sum: i64,
    /// The grade under which its work is learned: its place in the line's `grades`.
    pub grade: u32,
}

#[derive(Clone, Debug)]
pub(in crate::engine) struct NeedLine {
    pub need: Need,
    pub subject: Subject,
    pub line: Line,
    /// Sorted by ring, then group.
    pub eligible: Vec<Eligible>,
    pub grades: Vec<Grade>,
    /// The same, sorted by group.
    by_group: Vec<(GroupKey, u32)>,
    /// The queues whose agents may serve it.
    pub queues: Vec<QueueKey>,
    pub select: Select,
    /// How many idle agents are reserved for others.
    pub kept: u32,
    /// A registered agent with nothing in hand could serve it, at this step or a later one; in a
    /// line for one agent alone: that agent could.
    is_routable: bool,
    /// The same once a contact no longer waits for one agent.
    is_routable_by_anyone: bool,
}

impl Need {
    /// When an agent is found, the customer is called instead of an offer being made.
    pub(in crate::engine) fn is_to_be_dialled(&self) -> bool {
        self.customer_first == Some(CustomerFirst::Waits)
    }
}

impl NeedLine {
    /// Whether any registered agent could ever take this contact, which is or would be in this
    /// line.
    pub(in crate::engine) fn is_routable(&self, contact: &Contact) -> bool {
        // A contact that is not meant for one agent alone is released to anyone in the end.
        self.is_routable || (self.is_routable_by_anyone && !contact.is_meant_alone())
    }

    /// How many contacts of this line come before one at that place, reserved or not.
    pub(in crate::engine) fn ahead_of(&self, place: Place, is_reserved: bool) -> usize {
        match (self.need.is_reserved, is_reserved) {
            (true, false) => self.line.len(),
            (false, true) => 0,
            (true, true) | (false, false) => self.line.rank(place),
        }
    }

    /// The grade under which the work of a group with this line is learned.
    pub(in crate::engine) fn grade_of(&self, eligible: &Eligible) -> &Grade {
        &self.grades[eligible.grade as usize]
    }

    /// How a group may serve this line, if it may.
    pub(in crate::engine) fn eligible(&self, group: GroupKey) -> Option<&Eligible> {
        let at = self
            .by_group
            .binary_search_by_key(&group, |(key, _)| *key)
            .ok()?;
        Some(&self.eligible[self.by_group[at].1 as usize])
    }
}

#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Needs {
    lines: Slab<NeedLine>,
    by_need: FxHashMap<Need, LineKey>,
    /// Non-empty lines for one agent alone.
    direct: FxHashMap<AgentKey, Vec<LineKey>>,
    /// Waiting contacts whose account manager or last agent this is.
    wanted: FxHashMap<AgentKey, BTreeSet<(LineKey, Place)>>,
}

/// What is needed to work out who may serve a need.
pub(in crate::engine) struct Ground<'a> {
    pub rules: &'a [QueueRules],
    pub registry: &'a Registry,
    pub pool: &'a Pool,
    pub options: &'a Options,
}

impl Ground<'_> {
    /// Whether a contact of this channel fits these agents with nothing in hand.
    pub(in crate::engine) fn fits(&self, group: GroupKey, channel: Channel) -> bool {
        self.pool.group(group).signature.capacity >= self.options.cost(channel)
    }
}

impl Needs {
    pub(in crate::engine) fn get(&self, line: LineKey) -> &NeedLine {
        &self.lines[line.index()]
    }

    /// The line of this need, if there is one.
    pub(in crate::engine) fn known(&self, need: &Need) -> Option<LineKey> {
        self.by_need.get(need).copied()
    }

    pub(in crate::engine) fn add(&mut self, made: NeedLine) -> LineKey {
        let need = made.need.clone();
        let key = LineKey(u32::try_from(self.lines.insert(made)).expect("lines are few"));
        self.by_need.insert(need, key);
        key
    }

    pub(in crate::engine) fn enter(&mut self, key: LineKey, place: Place, queues: &mut [Queue]) {
        let need_line = &mut self.lines[key.index()];
        need_line.line.insert(place);
        if need_line.line.len() > 1 {
            return;
        }
        match need_line.need.direct {
            Some(agent) => self.direct.entry(agent).or_default().push(key),
            None => {
                for queue in &need_line.queues {
                    queues[queue.index()].active_lines.push(key);
                }
            }
        }
    }

    pub(in crate::engine) fn leave(&mut self, key: LineKey, place: Place, queues: &mut [Queue]) {
        let need_line = &mut self.lines[key.index()];
        need_line.line.remove(place);
        if !need_line.line.is_empty() {
            return;
        }
        match need_line.need.direct {
            Some(agent) => {
                let lines = self.direct.entry(agent).or_default();
                lines.retain(|line| *line != key);
                if lines.is_empty() {
                    self.direct.remove(&agent);
                }
            }
            None => {
                for queue in &need_line.queues {
                    queues[queue.index()]
                        .active_lines
                        .retain(|line| *line != key);
                }
            }
        }
        self.release(key);
    }

    pub(in crate::engine) fn want(&mut self, agent: AgentKey, line: LineKey, place: Place) {
        self.wanted.entry(agent).or_default().insert((line, place));
    }

    pub(in crate::engine) fn unwant(&mut self, agent: AgentKey, line: LineKey, place: Place) {
        let wanted = self.wanted.get_mut(&agent);
        let wanted = wanted.expect("who is no longer wanted was wanted before");
        wanted.remove(&(line, place));
        if wanted.is_empty() {
            self.wanted.remove(&agent);
        }
    }

    /// For each line the contacts whose customers know this agent, in order.
    pub(in crate::engine) fn wanting(
        &self,
        agent: AgentKey,
    ) -> impl Iterator<Item = (LineKey, Place)> {
        self.wanted.get(&agent).into_iter().flatten().copied()
    }

    /// Drops an empty line that few contacts would ever use again.
    pub(in crate::engine) fn release(&mut self, key: LineKey) {
        let need_line = &self.lines[key.index()];
        let need = &need_line.need;
        let common = need.direct.is_none()
            && need.requires.is_empty()
            && need.also.is_empty()
            && !need.is_reserved;
        if need_line.line.is_empty() && !common {
            self.by_need.remove(&need_line.need);
            self.lines.remove(key.index());
        }
    }

    /// The lines of contacts that wait for this agent alone.
    pub(in crate::engine) fn direct_lines(&self, agent: AgentKey) -> &[LineKey] {
        self.direct.get(&agent).map_or(&[], Vec::as_slice)
    }

    pub(in crate::engine) fn iter(&self) -> impl Iterator<Item = (LineKey, &NeedLine)> {
        self.lines
            .iter()
            .map(|(at, line)| (LineKey(u32::try_from(at).expect("lines are few")), line))
    }

    /// Starts over; the contacts have to be placed again.
    pub(in crate::engine) fn clear(&mut self, queues: &mut [Queue]) {
        *self = Self::default();
        for queue in queues {
            queue.active_lines.clear();
        }
    }
}

impl NeedLine {
    pub(in crate::engine) fn new(need: Need, queues: &[Queue], ground: &Ground<'_>) -> Self {
        let rules = &ground.rules[need.queue.index()];
        let extra = skill_keys(&need.requires, ground.registry);
        let mut grades = Vec::new();
        let eligible = match need.direct {
            Some(agent) => ground.pool.group_of(agent).map_or_else(Vec::new, |group| {
                vec![Eligible {
                    group,
                    ring: 0,
                    excess_permille: 0,
                    skill_sum: 0,
                    grade: place_of(Grade::new(), &mut grades),
                }]
            }),
            None => eligible(&need, &extra, queues, ground, &mut grades),
        };
        let mut by_group: Vec<(GroupKey, u32)> =
            (0..).zip(&eligible).map(|(at, e)| (e.group, at)).collect();
        by_group.sort_unstable();
        let reached = (need.step as usize).min(rules.rings.len() - 1);
        let mut served_by = rules.rings[reached].queues.clone();
        served_by.extend(&need.also);
        served_by.sort_unstable();
        served_by.dedup();
        let fits = |eligible: &Eligible| ground.fits(eligible.group, need.class.channel);
        let is_routable_by_anyone = could_ever(&need, queues, ground);
        Self {
            is_routable: match need.direct {
                Some(_) => eligible.iter().any(fits),
                None => is_routable_by_anyone,
            },
            is_routable_by_anyone,
            subject: match need.topic {
                Some(topic) => Subject::Topic(topic),
                None => Subject::Queue(need.queue),
            },
            line: Line::default(),
            eligible,
            grades,
            by_group,
            queues: served_by,
            select: rules.options.select,
            kept: match &rules.options.reserve {
                // A contact that waits for one agent takes no other.
                Some(reserve) if need.is_kept_back && need.direct.is_none() => reserve.agents,
                Some(_) | None => 0,
            },
            need,
        }
    }
}

fn eligible(
    need: &Need,
    extra: &Skills,
    queues: &[Queue],
    ground: &Ground<'_>,
    grades: &mut Vec<Grade>,
) -> Vec<Eligible> {
    let rules = &ground.rules[need.queue.index()];
    let base = merge(&rules.rings[0].requires, extra);
    let asked = asked_of(rules, extra);
    let reached = (need.step as usize).min(rules.rings.len() - 1);
    let mut found: FxHashMap<GroupKey, ()> = FxHashMap::default();
    let mut eligible = Vec::new();
    let rings = rules.rings[..=reached].iter();
    let rings = rings.map(|ring| (&ring.queues, &ring.requires));
    let outermost = (&need.also, &rules.rings[reached].requires);
    for (number, (ring_queues, requires)) in (0..).zip(rings.chain([outermost])) {
        let requires = merge(requires, extra);
        for queue in ring_queues {
            for group in &queues[queue.index()].groups {
                let skills = &ground.pool.group(*group).signature.skills;
                if satisfies(skills, &requires) && found.insert(*group, ()).is_none() {
                    eligible.push(Eligible {
                        group: *group,
                        ring: number,
                        excess_permille: due::excess_permille(&base, skills),
                        grade: place_of(grade(&asked, skills), grades),
                        skill_sum: base
                            .iter()
                            .map(|(skill, _)| due::level_of(skills, *skill))
                            .sum(),
                    });
                }
            }
        }
    }
    eligible.sort_by_key(|eligible| (eligible.ring, eligible.group));
    eligible
}

/// The place of this grade among those known, to which it is added if it is new.
fn place_of(grade: Grade, grades: &mut Vec<Grade>) -> u32 {
    let at = grades.iter().position(|known| *known == grade);
    let at = at.unwrap_or_else(|| {
        grades.push(grade);
        grades.len() - 1
    });
    u32::try_from(at).expect("grades are few")
}

/// Whether some group comes in by any of the steps.
fn could_ever(need: &Need, queues: &[Queue], ground: &Ground<'_>) -> bool {
    let extra = skill_keys(&need.requires, ground.registry);
    ground.rules[need.queue.index()].rings.iter().any(|ring| {
        let requires = merge(&ring.requires, &extra);
        let groups = ring.queues.iter().chain(&need.also);
        let mut groups = groups.flat_map(|queue| &queues[queue.index()].groups);
        groups.any(|group| {
            let skills = &ground.pool.group(*group).signature.skills;
            ground.fits(*group, need.class.channel) && satisfies(skills, &requires)
        })
    })
}
