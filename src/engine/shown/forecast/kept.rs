//! Idle agents who are reserved for other tiers: a contact from which `k` agents are withheld waits
//! until `k + 1` are free at the same time. Agents who become free meanwhile take nothing, so that
//! further ends become rarer: of `n` busy agents the first is free after `1 / n` of a handling
//! time, the next after another `1 / (n − 1)`. The contacts ahead then share `n − k` agents.

use crate::engine::Engine;
use crate::engine::shown::forecast::around::Agents;
use crate::engine::state::needs::NeedLine;

/// How many ends are summed one by one.
const KEPT_MAX: u32 = 1_000;

/// Agents withheld from a contact.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kept {
    pub(super) agents: u32,
    /// How many agents who may serve it are idle.
    idle: u32,
    /// How many agents who may serve it are on duty.
    staffed: f64,
}

/// How many ends of all agents' work a contact waits for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    pub(super) count: f64,
    /// How many equal ends would have the same spread, as a share of `count`.
    pub(super) evenness: f64,
}

impl Kept {
    /// The ends to wait for, if without reserved agents it would be `ahead`.
    pub(super) fn places(self, ahead: f64) -> Places {
        if self.agents == 0 {
            return Places {
                count: ahead,
                evenness: 1.0,
            };
        }
        let busy = (self.staffed - f64::from(self.idle)).max(1.0);
        let ends = self.agents.saturating_sub(self.idle).min(KEPT_MAX);
        let (mut count, mut variance) = (0.0, 0.0);
        for ended in 0..=ends {
            let each = busy / (busy - f64::from(ended)).max(1.0);
            count += each;
            variance += each * each;
        }
        let each = busy / (self.staffed - f64::from(self.agents)).max(1.0);
        let others = (ahead - 1.0).max(0.0);
        count += others * each;
        variance += others * each * each;
        Places {
            count,
            evenness: count / variance,
        }
    }
}

impl Engine {
    pub(super) fn kept_from(&self, need: &NeedLine, agents: &Agents<'_>) -> Kept {
        if need.kept == 0 {
            return Kept::default();
        }
        Kept {
            agents: need.kept,
            idle: u32::try_from(self.could_take(need)).expect("agents are few"),
            staffed: agents.staffed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(agents: u32, idle: u32) -> Kept {
        Kept {
            agents,
            idle,
            staffed: 3.0,
        }
    }

    #[test]
    fn of_three_who_are_busy_all_must_end_where_two_are_kept() {
        let next = |kept: Kept| kept.places(1.0).count / 3.0;
        assert!((next(kept(0, 0)) - 1.0 / 3.0).abs() < 1e-9);
        assert!((next(kept(1, 0)) - 5.0 / 6.0).abs() < 1e-9);
        assert!((next(kept(2, 0)) - 11.0 / 6.0).abs() < 1e-9);
        // One of the two who are busy, and then the other one.
        assert!((kept(2, 1).places(1.0).count / 2.0 - 1.5).abs() < 1e-9);
    }
}
