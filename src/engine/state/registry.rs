//! Short keys for the names of the configuration.
//!
//! A key is assigned when a name first appears and is never reused, so that an event means the same
//! after any number of reconfigurations. The registry is a fold over `Configured` events alone:
//! every consumer of the events can keep one.

use std::fmt;

use rustc_hash::FxHashMap;

use crate::domain::Name;
use crate::engine::options::Options;

macro_rules! key {
    ($name:ident, $letter:literal, $what:literal) => {
        #[doc = concat!("The short key of ", $what, ".")]
        #[derive(
            Clone,
            Copy,
            Default,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
            Hash,
            minicbor::Encode,
            minicbor::Decode,
        )]
        #[cbor(transparent)]
        pub struct $name(#[n(0)] pub u32);

        impl $name {
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($letter, "{}"), self.0)
            }
        }

        impl From<usize> for $name {
            fn from(index: usize) -> Self {
                Self(u32::try_from(index).expect("names are fewer than 2^32"))
            }
        }
    };
}

key!(AgentKey, "a#", "an agent");
key!(QueueKey, "q#", "a queue");
key!(TierKey, "t#", "a tier");
key!(SkillKey, "s#", "a skill");
key!(TopicKey, "p#", "a topic");

/// The names of one kind, and their keys.
#[derive(Clone, Debug)]
pub struct Names<K> {
    by_key: Vec<Name>,
    by_name: FxHashMap<Name, K>,
}

impl<K> Default for Names<K> {
    fn default() -> Self {
        Self {
            by_key: Vec::new(),
            by_name: FxHashMap::default(),
        }
    }
}

impl<K: Copy + From<usize> + Into<usize>> Names<K> {
    fn learn(&mut self, name: &Name) -> K {
        if let Some(key) = self.by_name.get(name) {
            return *key;
        }
        let key = K::from(self.by_key.len());
        self.by_key.push(name.clone());
        self.by_name.insert(name.clone(), key);
        key
    }

    fn of(names: &[Name]) -> Self {
        let mut known = Self::default();
        for name in names {
            known.learn(name);
        }
        known
    }

    pub fn key(&self, name: &str) -> Option<K> {
        self.by_name.get(name).copied()
    }

    pub fn name(&self, key: K) -> &Name {
        &self.by_key[key.into()]
    }

    pub fn all(&self) -> &[Name] {
        &self.by_key
    }
}

macro_rules! into_usize {
    ($($name:ident),*) => { $(
        impl From<$name> for usize {
            fn from(key: $name) -> Self {
                key.index()
            }
        }
    )* };
}
into_usize!(AgentKey, QueueKey, TierKey, SkillKey, TopicKey);

/// Names in the order of their keys, as a snapshot stores them.
#[derive(Clone, Copy, Debug)]
pub struct KnownNames<'a> {
    pub agents: &'a [Name],
    pub queues: &'a [Name],
    pub tiers: &'a [Name],
    pub skills: &'a [Name],
    pub topics: &'a [Name],
}

/// All names that were ever configured.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    pub agents: Names<AgentKey>,
    pub queues: Names<QueueKey>,
    pub tiers: Names<TierKey>,
    pub skills: Names<SkillKey>,
    pub topics: Names<TopicKey>,
}

impl Registry {
    pub fn learn(&mut self, options: &Options) {
        for tier in &options.tiers {
            self.tiers.learn(&tier.name);
        }
        for queue in &options.queues {
            self.queues.learn(&queue.id);
            for topic in &queue.topics {
                self.topics.learn(topic);
            }
            let steps = queue.steps.iter().filter_map(|step| step.requires.as_ref());
            for requirements in steps.chain([&queue.requires]) {
                for (skill, _) in requirements.iter() {
                    self.skills.learn(skill);
                }
            }
        }
        for agent in &options.agents {
            self.agents.learn(&agent.id);
            for (skill, _) in agent.skills.iter() {
                self.skills.learn(skill);
            }
        }
    }

    /// From names in the order of their keys, as a snapshot stores them.
    pub fn restore(known: KnownNames<'_>) -> Self {
        Self {
            agents: Names::of(known.agents),
            queues: Names::of(known.queues),
            tiers: Names::of(known.tiers),
            skills: Names::of(known.skills),
            topics: Names::of(known.topics),
        }
    }
}
