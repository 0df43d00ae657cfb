//! What is compared in a rehearsal: a policy for a drawn floor, or a whole routing configuration.

use std::collections::BTreeSet;

use crate::engine::event::Recorded;
use crate::engine::options::Options;
use crate::sim::centre::{Entry, fork, play, record};
use crate::sim::day::Day;
use crate::sim::dice::Dice;
use crate::sim::policy::{GOAL_PERCENT, Policy};
use crate::sim::staff::{Roster, Staff};
use crate::sim::workload::Workload;
use crate::sim::world::fork::{Fork, Forking};

#[derive(Clone, Debug)]
pub enum Contender {
    /// On agents that are drawn anew in every replication.
    Policy { policy: Policy, floor: Roster },
    /// With its own agents, on duty all day.
    Routing { name: String, options: Box<Options> },
}

impl Contender {
    pub fn name(&self) -> &str {
        match self {
            Self::Policy { policy, .. } => &policy.name,
            Self::Routing { name, .. } => name,
        }
    }

    /// Of a hundred contacts, how many its queues mean to answer in time.
    pub fn goals(&self) -> BTreeSet<u32> {
        match self {
            Self::Policy { .. } => BTreeSet::from([GOAL_PERCENT]),
            Self::Routing { options, .. } => goals(options),
        }
    }

    /// What a server would have written into its journal on the day that [`Self::play`] plays.
    pub fn record(&self, workload: &Workload, seed: u64, number: u32) -> Vec<Recorded> {
        let seed = seed.wrapping_mul(1_000_003).wrapping_add(u64::from(number));
        let dice = Dice::new(seed);
        match self {
            Self::Policy { policy, floor } => {
                let staff = floor.draw(workload, dice);
                let options = policy.options(workload, &staff);
                record(workload, &staff, &Policy::entry(workload), &options, seed)
            }
            Self::Routing { options, .. } => {
                let staff = Staff::of(&options.agents, workload, dice);
                record(workload, &staff, &Entry::ByTopic, options, seed)
            }
        }
    }

    /// Some who waited on the day that [`Self::play`] plays, in several futures each.
    pub fn forks(
        &self,
        workload: &Workload,
        seed: u64,
        number: u32,
        forking: Forking,
    ) -> Vec<Fork> {
        let seed = seed.wrapping_mul(1_000_003).wrapping_add(u64::from(number));
        let dice = Dice::new(seed);
        let (staff, entry, options) = match self {
            Self::Policy { policy, floor } => {
                let staff = floor.draw(workload, dice);
                let options = policy.options(workload, &staff);
                (staff, Policy::entry(workload), options)
            }
            Self::Routing { options, .. } => {
                let staff = Staff::of(&options.agents, workload, dice);
                (staff, Entry::ByTopic, Options::clone(options))
            }
        };
        fork(workload, &staff, &entry, &options, (seed, forking))
    }

    /// One day. The same seed and number give every contender the same customers.
    pub fn play(&self, workload: &Workload, seed: u64, number: u32) -> Day {
        let seed = seed.wrapping_mul(1_000_003).wrapping_add(u64::from(number));
        let dice = Dice::new(seed);
        match self {
            Self::Policy { policy, floor } => {
                let staff = floor.draw(workload, dice);
                let options = policy.options(workload, &staff);
                play(workload, &staff, &Policy::entry(workload), &options, seed)
            }
            Self::Routing { options, .. } => {
                let staff = Staff::of(&options.agents, workload, dice);
                play(workload, &staff, &Entry::ByTopic, options, seed)
            }
        }
    }
}

/// Of a hundred contacts, how many the queues of a configuration mean to answer in time.
pub fn goals(options: &Options) -> BTreeSet<u32> {
    let queues = options.queues.iter();
    queues.map(|queue| queue.target.goal_percent).collect()
}
