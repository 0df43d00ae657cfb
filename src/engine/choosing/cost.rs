//! The cost of an agent taking a contact, in one currency, seconds: the lowest cost wins.
//!
//! ```text
//! cost = m / p − 0.2 m for the last agent − 0.2 m for the account manager
//!      − 0.1 · min(idle, 900 s)                      if the agent has nothing in hand
//!      + m · (e_k + π / r_(k+1))                     for channels served several at a time
//!      + m · k                                       for channels that put others on hold
//! ```
//!
//! `m` is the expected effort and `p` the probability that the contact is resolved, both learned;
//! `k` contacts are in hand already, `r_k` is the total speed with `k`, and
//! `e_k = (k+1)²/r_(k+1) − k²/r_k − 1` is by how much one more slows the others down. `π` is the
//! price of occupying one of few empty agents, for whom channels that need a whole agent wait:
//! `π = 8 · max(0, 1 − E / (1 + 0.2 N))` with `E` of `N` agents empty. From a price of about 6 on,
//! nearly full agents are preferred over nearly empty ones when no agent is empty, so that some
//! become empty at all: with 3, the service level of a peak day is three points lower. What
//! interrupts the `k` others leaves them waiting for as long as it lasts.
//!
//! Source: the speed against resolution trade-off of Zhan and Ward (2014), with an idle credit in
//! place of longest-idle-first (Chan, Koole and L'Ecuyer 2014); the weights are tuned by rehearsal
//! (docs/findings.md).

use crate::domain::Millis;
use crate::engine::state::attention::speed;
use crate::engine::state::learn::Expectation;

/// What knowing the customer saves, as a share of the effort.
const AFFINITY: f64 = 0.2;
/// What an idle second is worth.
const IDLE_CREDIT: f64 = 0.1;
const IDLE_MAX: Millis = Millis::from_s(900);
/// The price with no agent empty.
const OCCUPANCY_PRICE: f64 = 8.0;
/// With this share of agents empty, occupying one more costs nothing.
const EMPTY_ENOUGH: f64 = 0.2;

/// The effect of a contact on those that its agent has in hand.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) enum Others {
    /// None: as a rule nothing is in hand.
    Nothing,
    /// They wait on hold.
    Hold,
    /// They share the agent with it. Occupying an empty agent has this price.
    Share { price: f64 },
}

/// The relation of an agent to a contact.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Pairing {
    /// Contacts in hand.
    pub sessions: u32,
    /// Since the last work ended.
    pub idle: Millis,
    pub others: Others,
    pub is_last_agent: bool,
    pub is_account_manager: bool,
}

impl Pairing {
    /// With an agent who does not know the customer.
    pub(in crate::engine) const fn new(sessions: u32, idle: Millis, others: Others) -> Self {
        Self {
            sessions,
            idle,
            others,
            is_last_agent: false,
            is_account_manager: false,
        }
    }
}

/// The terms of a cost, in milliseconds; credits are negative.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// Expected effort divided by the probability of resolving the contact.
    pub work: Millis,
    pub last_agent: Millis,
    pub account_manager: Millis,
    pub idle: Millis,
    /// What the others in hand lose.
    pub crowding: Millis,
    /// For occupying an agent that others need whole.
    pub occupancy: Millis,
}

impl Cost {
    pub(in crate::engine) fn of(expected: Expectation, pairing: Pairing) -> Self {
        let m = expected.effort_ms;
        let affinity = |is_so: bool| Millis::truncated_ms(if is_so { -AFFINITY * m } else { 0.0 });
        let (crowding, occupancy) = match pairing.others {
            Others::Nothing => (0.0, 0.0),
            Others::Hold => (f64::from(pairing.sessions) * m, 0.0),
            Others::Share { price } => {
                let after = speed(pairing.sessions + 1);
                (slowdown(pairing.sessions) * m, price / after * m)
            }
        };
        Self {
            work: Millis::truncated_ms(m / expected.resolves),
            last_agent: affinity(pairing.is_last_agent),
            account_manager: affinity(pairing.is_account_manager),
            idle: if pairing.sessions == 0 {
                idle_credit(pairing.idle)
            } else {
                Millis::ZERO
            },
            crowding: Millis::truncated_ms(crowding),
            occupancy: Millis::truncated_ms(occupancy),
        }
    }

    pub fn total(&self) -> Millis {
        self.work
            + self.last_agent
            + self.account_manager
            + self.idle
            + self.crowding
            + self.occupancy
    }
}

/// What the idle time of an agent with nothing in hand is worth; negative.
pub(in crate::engine) fn idle_credit(idle: Millis) -> Millis {
    #[expect(clippy::cast_precision_loss, reason = "spans stay far below 2^53 ms")]
    let idle_ms = idle.min(IDLE_MAX).0.max(0) as f64;
    Millis::truncated_ms(-IDLE_CREDIT * idle_ms)
}

/// `e_k`.
fn slowdown(sessions: u32) -> f64 {
    if sessions == 0 {
        return 0.0;
    }
    let k = f64::from(sessions);
    (k + 1.0) * (k + 1.0) / speed(sessions + 1) - k * k / speed(sessions) - 1.0
}

/// The price of occupying one of `empty` agents of `staffed`.
pub(in crate::engine) fn occupancy_price(empty: u32, staffed: u32) -> f64 {
    let enough = 1.0 + EMPTY_ENOUGH * f64::from(staffed);
    OCCUPANCY_PRICE * (1.0 - f64::from(empty) / enough).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AVERAGE: Expectation = Expectation {
        effort_ms: 240_000.0,
        pace: 1.0,
        resolves: 1.0,
        certainty: 1.0,
    };

    fn alone(idle_s: i64) -> Pairing {
        Pairing {
            sessions: 0,
            idle: Millis::from_s(idle_s),
            others: Others::Nothing,
            is_last_agent: false,
            is_account_manager: false,
        }
    }

    #[test]
    fn the_terms_add_up_in_seconds() {
        let knows = Pairing {
            is_last_agent: true,
            ..alone(300)
        };
        let cost = Cost::of(AVERAGE, knows);
        assert_eq!(cost.work, Millis::from_s(240));
        assert_eq!(cost.last_agent, Millis::from_s(-48));
        assert_eq!(cost.idle, Millis::from_s(-30));
        assert_eq!(cost.total(), Millis::from_s(162));
    }

    #[test]
    fn an_idle_second_counts_for_a_quarter_of_an_hour_only() {
        assert_eq!(
            Cost::of(AVERAGE, alone(900)),
            Cost::of(AVERAGE, alone(9_000))
        );
    }

    #[test]
    fn text_goes_to_idle_agents_while_there_are_many_and_is_packed_when_there_are_few() {
        let with = |sessions, price| {
            let pairing = Pairing {
                sessions,
                others: Others::Share { price },
                ..alone(0)
            };
            Cost::of(AVERAGE, pairing).total()
        };
        let plenty = occupancy_price(30, 100);
        assert_eq!(plenty, 0.0);
        assert!(with(0, plenty) < with(1, plenty) && with(1, plenty) < with(2, plenty));
        let few = occupancy_price(1, 100);
        assert!(
            with(2, few) < with(1, few) && with(1, few) < with(0, few),
            "{few}"
        );
    }
}
