//! Agents indexed by what distinguishes them.
//!
//! Agents with the same queues, skills and capacity form a group. Within a group, agents with room
//! are kept by what they can take (a mask of classes) and how loaded they are; within such a bucket
//! only the idle time differs, so the best agent is at its head. Choosing compares the heads of
//! buckets, never the agents. The buckets are stored apart from the groups and know their heads,
//! because one choice may look at hundreds of them.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::domain::{Channel, PerChannel, Timestamp};
use crate::engine::state::capacity::Class;
use crate::engine::state::queue::Skills;
use crate::engine::state::registry::{AgentKey, QueueKey};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::engine) struct GroupKey(pub u32);

impl GroupKey {
    pub(in crate::engine) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What the members of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(in crate::engine) struct Signature {
    /// Sorted.
    pub queues: Vec<QueueKey>,
    /// Sorted.
    pub skills: Skills,
    pub capacity: u32,
}

/// The classes of contacts that an agent could take, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::engine) struct Mask(u64);

impl Mask {
    pub(in crate::engine) const NONE: Self = Self(0);

    pub(in crate::engine) const fn with(self, class: Class) -> Self {
        Self(self.0 | 1 << class.index())
    }

    /// This class alone, if it is among them.
    pub(in crate::engine) const fn only(self, class: Class) -> Self {
        Self(self.0 & (1 << class.index()))
    }

    pub(in crate::engine) const fn has(self, class: Class) -> bool {
        self.0 & (1 << class.index()) != 0
    }
}

/// An agent's standing in the pool; derived from the agent alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Standing {
    pub mask: Mask,
    pub used: u32,
    /// Contacts in hand, offered ones included.
    pub sessions: u32,
    pub idle_since: Timestamp,
    pub last_turn: u64,
}

/// Agents who differ only in how long they have been idle.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Bucket {
    pub mask: Mask,
    pub used: u32,
    pub sessions: u32,
    /// How many they are.
    pub agents: u32,
    /// The head; of no meaning while there are no agents.
    longest_idle: (AgentKey, Timestamp),
}

impl Bucket {
    fn of(standing: Standing) -> Self {
        Self {
            mask: standing.mask,
            used: standing.used,
            sessions: standing.sessions,
            agents: 0,
            longest_idle: (AgentKey::default(), Timestamp(0)),
        }
    }

    /// The head, and since when it has been idle.
    pub(in crate::engine) fn longest_idle(&self) -> Option<(Timestamp, AgentKey)> {
        let (agent, since) = self.longest_idle;
        (self.agents > 0).then_some((since, agent))
    }

    fn is_of(&self, standing: Standing) -> bool {
        (self.mask, self.used, self.sessions) == (standing.mask, standing.used, standing.sessions)
    }

    fn follow(&mut self, members: &Ranked) {
        self.agents = u32::try_from(members.by_idle.len()).expect("agents are few");
        if let Some((since, agent)) = members.by_idle.first() {
            self.longest_idle = (*agent, *since);
        }
    }
}

/// The agents of a bucket, in order.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Ranked {
    pub by_idle: BTreeSet<(Timestamp, AgentKey)>,
    /// By turn; kept only if a queue selects round-robin.
    pub by_turn: BTreeSet<(u64, AgentKey)>,
}

#[derive(Clone, Debug)]
pub(in crate::engine) struct Group {
    pub signature: Signature,
    pub members: Vec<AgentKey>,
    /// By bucket.
    ranked: Vec<Ranked>,
    pub staffed: u32,
    /// Staffed agents who are resting or suspended, by channel.
    pub ailing: PerChannel<u32>,
    /// Those of them who only rest, and until when.
    pub resting: PerChannel<BTreeSet<(Timestamp, AgentKey)>>,
    /// Ready, but with a lost connection that may come back.
    pub away: u32,
    /// Agents who could be offered something and have nothing in hand.
    pub empty: u32,
    /// One of its queues has contacts that need a whole agent.
    pub is_exclusive: bool,
    /// A queue selects round-robin.
    by_turn: bool,
}

#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct Pool {
    groups: Vec<Group>,
    /// By group. Empty ones stay: their number is bounded by channels and loads.
    buckets: Vec<SmallVec<[Bucket; 1]>>,
    by_signature: FxHashMap<Signature, GroupKey>,
    group_of: Vec<Option<GroupKey>>,
    standings: Vec<Option<Standing>>,
}

impl Pool {
    /// The group of this signature, created if there is none.
    pub(in crate::engine) fn group_for(&mut self, signature: Signature, by_turn: bool) -> GroupKey {
        if let Some(key) = self.by_signature.get(&signature) {
            return *key;
        }
        let key = GroupKey(u32::try_from(self.groups.len()).expect("groups are fewer than agents"));
        self.by_signature.insert(signature.clone(), key);
        self.groups.push(Group {
            signature,
            members: Vec::new(),
            ranked: Vec::new(),
            staffed: 0,
            ailing: PerChannel::default(),
            resting: PerChannel::default(),
            away: 0,
            empty: 0,
            is_exclusive: false,
            by_turn,
        });
        self.buckets.push(SmallVec::new());
        key
    }

    pub(in crate::engine) fn join(&mut self, agent: AgentKey, group: GroupKey) {
        if self.group_of.len() <= agent.index() {
            self.group_of.resize(agent.index() + 1, None);
            self.standings.resize(agent.index() + 1, None);
        }
        self.group_of[agent.index()] = Some(group);
        self.group_mut(group).members.push(agent);
    }

    pub(in crate::engine) fn group_of(&self, agent: AgentKey) -> Option<GroupKey> {
        self.group_of.get(agent.index()).copied().flatten()
    }

    pub(in crate::engine) fn group(&self, key: GroupKey) -> &Group {
        &self.groups[key.index()]
    }

    pub(in crate::engine) fn group_mut(&mut self, key: GroupKey) -> &mut Group {
        &mut self.groups[key.index()]
    }

    pub(in crate::engine) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The agent's standing; none if nothing could be offered.
    pub(in crate::engine) fn standing(&self, agent: AgentKey) -> Option<Standing> {
        self.standings.get(agent.index()).copied().flatten()
    }

    /// Moves the agent to its new standing.
    pub(in crate::engine) fn stand(&mut self, agent: AgentKey, next: Option<Standing>) {
        let Some(group) = self.group_of(agent) else {
            return;
        };
        let current = self.standings[agent.index()];
        if current == next {
            return;
        }
        if let Some(current) = current {
            self.leave(group, agent, current);
        }
        if let Some(next) = next {
            self.enter(group, agent, next);
        }
        self.standings[agent.index()] = next;
    }

    /// The buckets of a group; their positions are those of [`Pool::ranked`].
    pub(in crate::engine) fn buckets(&self, group: GroupKey) -> &[Bucket] {
        &self.buckets[group.index()]
    }

    /// The agents of one of its buckets.
    pub(in crate::engine) fn ranked(&self, group: GroupKey, at: usize) -> &Ranked {
        &self.group(group).ranked[at]
    }

    /// How many agents of a group could be offered something now.
    pub(in crate::engine) fn available(&self, group: GroupKey) -> u64 {
        let buckets = self.buckets(group).iter();
        buckets.map(|bucket| u64::from(bucket.agents)).sum()
    }

    fn enter(&mut self, key: GroupKey, agent: AgentKey, standing: Standing) {
        let (group, buckets) = (
            &mut self.groups[key.index()],
            &mut self.buckets[key.index()],
        );
        let at = buckets.iter().position(|bucket| bucket.is_of(standing));
        let at = at.unwrap_or_else(|| {
            buckets.push(Bucket::of(standing));
            group.ranked.push(Ranked::default());
            buckets.len() - 1
        });
        group.empty += u32::from(standing.sessions == 0);
        let ranked = &mut group.ranked[at];
        ranked.by_idle.insert((standing.idle_since, agent));
        if group.by_turn {
            ranked.by_turn.insert((standing.last_turn, agent));
        }
        buckets[at].follow(ranked);
    }

    fn leave(&mut self, key: GroupKey, agent: AgentKey, standing: Standing) {
        let (group, buckets) = (
            &mut self.groups[key.index()],
            &mut self.buckets[key.index()],
        );
        let at = buckets.iter().position(|bucket| bucket.is_of(standing));
        let at = at.expect("an agent leaves the bucket that it entered");
        group.empty -= u32::from(standing.sessions == 0);
        let ranked = &mut group.ranked[at];
        ranked.by_idle.remove(&(standing.idle_since, agent));
        if group.by_turn {
            ranked.by_turn.remove(&(standing.last_turn, agent));
        }
        buckets[at].follow(ranked);
    }
}

impl Group {
    /// This many units as a share of an agent's capacity.
    pub(in crate::engine) fn load_permille(&self, used: u32) -> i64 {
        i64::from(used) * 1_000 / i64::from(self.signature.capacity.max(1))
    }

    /// How many are staffed and trusted with the channel.
    pub(in crate::engine) fn able(&self, channel: Channel) -> u32 {
        self.staffed - self.ailing.get(channel)
    }

    /// The same, including those who are only resting; not suspended ones.
    pub(in crate::engine) fn trusted(&self, channel: Channel) -> u32 {
        let resting = self.resting.get(channel).len();
        self.able(channel) + u32::try_from(resting).expect("agents are few")
    }
}
