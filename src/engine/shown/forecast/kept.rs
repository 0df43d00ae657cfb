//! Idle agents who are kept for others: a contact from which `k` are kept waits until one more is
//! free at a time. While that many come to an end, none of them takes anything, so that they
//! come to it ever more rarely: of `n` who are busy the first after `1 / n` of the time that one
//! takes, the next after `1 / (n − 1)` more. Those before the contact have `n − k` agents for
//! themselves from then on.

use crate::engine::Engine;
use crate::engine::shown::forecast::around::Agents;
use crate::engine::state::needs::NeedLine;

/// The most who are reckoned with one by one.
const KEPT_MAX: u32 = 1_000;

/// Agents kept from a contact.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kept {
    pub(super) agents: u32,
    /// So many of them, or of those beside them, are idle.
    idle: u32,
    /// All who may serve it, and are there.
    staffed: f64,
}

/// So many ends of all agents' work a contact waits for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    pub(super) count: f64,
    /// How many alike ones would spread as much, in shares of them.
    pub(super) evenness: f64,
}

impl Kept {
    /// The ends that it takes where without any kept it would take so many.
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
