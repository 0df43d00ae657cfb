//! What is compared in a rehearsal: a policy for a drawn floor, or a whole routing configuration.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::engine::event::Recorded;
use crate::engine::options::Options;
use crate::sim::centre::{Entry, Scene};
use crate::sim::day::Day;
use crate::sim::dice::Dice;
use crate::sim::policy::{GOAL_PERCENT, Policy};
use crate::sim::staff::{Roster, Staff};
use crate::sim::workload::Workload;
use crate::sim::world::fork::{Fork, Forking};

#[derive(Clone, Debug)]
pub enum Contender {
    /// With agents drawn anew in each replication.
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

    /// The service-level goal of its queues, in percent.
    pub fn goals(&self) -> BTreeSet<u32> {
        match self {
            Self::Policy { .. } => BTreeSet::from([GOAL_PERCENT]),
            Self::Routing { options, .. } => goals(options),
        }
    }

    /// The journal that a server would have written on the day that [`Self::play`] plays.
    pub fn record(&self, workload: &Workload, seed: u64, number: u32) -> Vec<Recorded> {
        self.cast(workload, seed, number).scene().record()
    }

    /// Some waits of the day that [`Self::play`] plays, each in several futures.
    pub fn forks(
        &self,
        workload: &Workload,
        seed: u64,
        number: u32,
        forking: Forking,
    ) -> Vec<Fork> {
        self.cast(workload, seed, number).scene().fork(forking)
    }

    /// Plays one day. The same seed and number give every contender the same customers.
    pub fn play(&self, workload: &Workload, seed: u64, number: u32) -> Day {
        self.cast(workload, seed, number).scene().play()
    }

    fn cast<'a>(&'a self, workload: &'a Workload, seed: u64, number: u32) -> Cast<'a> {
        let seed = seed.wrapping_mul(1_000_003).wrapping_add(u64::from(number));
        let dice = Dice::new(seed);
        let (staff, entry, options) = match self {
            Self::Policy { policy, floor } => {
                let staff = floor.draw(workload, dice);
                let options = policy.options(workload, &staff);
                (staff, Policy::entry(workload), Cow::Owned(options))
            }
            Self::Routing { options, .. } => {
                let staff = Staff::of(&options.agents, workload, dice);
                (staff, Entry::ByTopic, Cow::Borrowed(options.as_ref()))
            }
        };
        Cast {
            workload,
            staff,
            entry,
            options,
            seed,
        }
    }
}

/// Everything that one day of a contender needs.
struct Cast<'a> {
    workload: &'a Workload,
    staff: Staff,
    entry: Entry,
    options: Cow<'a, Options>,
    seed: u64,
}

impl Cast<'_> {
    fn scene(&self) -> Scene<'_> {
        Scene {
            workload: self.workload,
            staff: &self.staff,
            entry: &self.entry,
            options: &self.options,
            seed: self.seed,
        }
    }
}

/// The service-level goal of the queues of a configuration, in percent.
pub fn goals(options: &Options) -> BTreeSet<u32> {
    let queues = options.queues.iter();
    queues.map(|queue| queue.target.goal_percent).collect()
}
