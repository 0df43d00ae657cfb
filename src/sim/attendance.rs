//! Who of the rostered agents comes, and who is on a break when.
//!
//! Chance depends on the agent and the day alone, so that the same agent is absent, and on a
//! break at the same time, under every policy and configuration.
//!
//! Absent on purpose: what a break does to the contacts in hand. The agent says so to the
//! engine and the world plays what comes of it.

use crate::domain::{Millis, Timestamp};
use crate::sim::dice::{Dice, Purpose};
use crate::sim::staff::Duty;

/// The most breaks of one duty.
pub const BREAKS_MAX: usize = 8;
/// Days of one agent that have chance of their own.
const DAYS_MAX: u64 = 64;

/// How rostered agents attend; by default all of them, without a break.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attendance {
    /// The share of the rostered who do not come that day at all.
    pub shrinkage: f64,
    /// Of every duty, in order of time.
    pub breaks: Vec<Break>,
}

/// A break of every duty that is long enough for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Break {
    /// From the beginning of the duty.
    pub after: Millis,
    /// Counted from when the agent's hands are empty.
    pub length: Millis,
    /// It begins by up to so much later, each time as likely as any other.
    pub spread: Millis,
}

impl Attendance {
    /// Whether paid hours and productive hours may differ.
    pub fn matters(&self) -> bool {
        self.shrinkage > 0.0 || !self.breaks.is_empty()
    }

    /// Whether an agent does not come; `day` counts backwards from the day that is rehearsed.
    pub fn is_absent(&self, agent: u64, day: u64, dice: Dice) -> bool {
        let mut throws = dice.throws(Purpose::Absence, agent * DAYS_MAX + day);
        throws.once_in(self.shrinkage)
    }

    /// When an agent goes on a break, and for how long. A break that would not be over by the
    /// end of the duty is not taken.
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

    /// The share of the rostered hours that is worked, to be expected of these duties.
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
