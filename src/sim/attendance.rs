//! Which rostered agents come to work, and when they take breaks.
//!
//! Chance depends on the agent and the day alone, so the same agent is absent, and on a break at
//! the same time, under every policy and configuration.
//!
//! Absent on purpose: what a break does to the contacts in hand. The agent reports it to the
//! engine, and the world plays the consequences.

use crate::domain::{Millis, Timestamp};
use crate::sim::dice::{Dice, Purpose};
use crate::sim::staff::Duty;

/// The most breaks in one duty.
pub const BREAKS_MAX: usize = 8;
/// Days per agent with chance of their own.
const DAYS_MAX: u64 = 64;

/// How rostered agents attend; by default all come, without breaks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attendance {
    /// The share of rostered agents who do not come at all that day.
    pub shrinkage: f64,
    /// Breaks of every duty, in order of time.
    pub breaks: Vec<Break>,
}

/// A break, taken in every duty that is long enough for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Break {
    /// From the start of the duty.
    pub after: Millis,
    /// Counted from when the agent has nothing left in hand.
    pub length: Millis,
    /// The largest delay of its start, uniformly distributed.
    pub spread: Millis,
}

impl Attendance {
    /// Whether paid hours and productive hours may differ.
    pub fn matters(&self) -> bool {
        self.shrinkage > 0.0 || !self.breaks.is_empty()
    }

    /// Whether an agent is absent; `day` counts backwards from the rehearsed day.
    pub fn is_absent(&self, agent: u64, day: u64, dice: Dice) -> bool {
        let mut throws = dice.throws(Purpose::Absence, agent * DAYS_MAX + day);
        throws.once_in(self.shrinkage)
    }

    /// When an agent goes on a break, and for how long. A break that would not end before the duty
    /// does is not taken.
    pub fn breaks(
        &self,
        agent: u64,
        day: u64,
        duties: &[Duty],
        dice: Dice,
    ) -> Vec<(Timestamp, Millis)> {
        let mut throws = dice.throws(Purpose::Break, agent * DAYS_MAX + day);
        let mut taken = Vec::new();
        for duty in duties {
            for pause in &self.breaks {
                let begins = duty.from + pause.after + late(pause.spread, throws.unit());
                if begins + pause.length <= duty.until {
                    taken.push((begins, pause.length));
                }
            }
        }
        taken
    }

    /// The expected share of the rostered hours of these duties that is worked.
    pub fn productive_share(&self, duties: impl Iterator<Item = Duty>) -> f64 {
        let (mut rostered_s, mut rested_s) = (0.0, 0.0);
        for duty in duties {
            rostered_s += (duty.until - duty.from).as_s_f64();
            let fits = |pause: &&Break| {
                let begins = duty.from + pause.after + late(pause.spread, 0.5);
                begins + pause.length <= duty.until
            };
            let rested = self.breaks.iter().filter(fits);
            rested_s += rested.map(|pause| pause.length.as_s_f64()).sum::<f64>();
        }
        let rested = if rostered_s > 0.0 {
            rested_s / rostered_s
        } else {
            0.0
        };
        (1.0 - self.shrinkage) * (1.0 - rested)
    }
}

/// A share of a span.
fn late(spread: Millis, share: f64) -> Millis {
    Millis::rounded_ms(spread.as_s_f64() * 1_000.0 * share)
}
