//! The patience of customers who were answered before they gave up.
//!
//! For customers who abandoned, the patience is known; for all others only that it exceeded their
//! wait. A Weibull distribution is fitted to both by maximum likelihood; a customer answered after
//! `w` gets a patience drawn from it, conditional on exceeding `w`. With few abandonments the shape
//! is taken as 1 (exponential); with none, nobody abandons.

use crate::domain::{Channel, Millis, PerChannel, Timestamp};
use crate::sim::dice::Throws;
use crate::sim::recorded::{Fate, Leaving, Leg, Matter};

/// With fewer abandonments a channel is fitted together with the others.
pub(super) const OWN_PATIENCE_FROM: usize = 30;
/// With fewer abandonments the shape cannot be fitted.
const SHAPE_FROM: usize = 20;
const SHAPE_MIN: f64 = 0.2;
const SHAPE_MAX: f64 = 5.0;
const ROUNDS: u32 = 60;
/// Shorter waits count as this long.
const SHORTEST_S: f64 = 0.001;

/// One wait in line, and whether it ended in abandonment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stay {
    pub s: f64,
    pub gave_up: bool,
}

/// A Weibull distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fitted {
    pub shape: f64,
    pub scale_s: f64,
}

impl Fitted {
    /// None if nobody abandoned.
    pub fn to(stays: &[Stay]) -> Option<Self> {
        let given_up = || stays.iter().filter(|stay| stay.gave_up);
        let number = given_up().count();
        if number == 0 {
            return None;
        }
        let logs: f64 = given_up().map(|stay| at_least(stay.s).ln()).sum();
        let mean_log = logs / as_f64(number);
        let shape = if number < SHAPE_FROM {
            1.0
        } else {
            shape_of(stays, mean_log)
        };
        let powers: f64 = stays.iter().map(|stay| at_least(stay.s).powf(shape)).sum();
        Some(Self {
            shape,
            scale_s: (powers / as_f64(number)).powf(1.0 / shape),
        })
    }

    /// A patience that exceeds `waited`.
    pub fn beyond(self, waited: Millis, throws: &mut Throws) -> Millis {
        let spent = (waited.as_s_f64().max(0.0) / self.scale_s).powf(self.shape);
        let s = self.scale_s * (spent + throws.exponential(1.0)).powf(1.0 / self.shape);
        Millis::rounded_s(s).max(waited + Millis(1))
    }
}

/// Where the slope of the likelihood is zero; it falls as the shape grows, so bisection finds it.
fn shape_of(stays: &[Stay], mean_log: f64) -> f64 {
    let slope = |shape: f64| {
        let (mut powers, mut weighted) = (0.0, 0.0);
        for stay in stays {
            let s = at_least(stay.s);
            let power = s.powf(shape);
            powers += power;
            weighted += power * s.ln();
        }
        1.0 / shape + mean_log - weighted / powers
    };
    let (mut low, mut high) = (SHAPE_MIN, SHAPE_MAX);
    for _ in 0..ROUNDS {
        let middle = f64::midpoint(low, high);
        if slope(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

fn at_least(s: f64) -> f64 {
    s.max(SHORTEST_S)
}

fn as_f64(count: usize) -> f64 {
    crate::sim::day::count(count as u64)
}

/// By channel, if it has enough abandonments; otherwise over all channels.
pub(super) fn by_channel(matters: &[Matter], ends_at: Timestamp) -> PerChannel<Option<Fitted>> {
    let stays = |of: Option<Channel>| -> Vec<Stay> {
        let those = matters
            .iter()
            .filter(|matter| of.is_none_or(|channel| matter.intake.channel == channel));
        let legs = those.flat_map(|matter| {
            let hung_up = matter.hung_up_at();
            matter.legs.iter().map(move |leg| (leg, hung_up))
        });
        legs.filter_map(|(leg, hung_up)| stay(leg, hung_up, ends_at))
            .collect()
    };
    let everybody = Fitted::to(&stays(None));
    PerChannel(Channel::ALL.map(|channel| {
        let own = stays(Some(channel));
        let gave_up = own.iter().filter(|stay| stay.gave_up).count();
        if gave_up < OWN_PATIENCE_FROM {
            everybody
        } else {
            Fitted::to(&own)
        }
    }))
}

/// None if it was answered before joining the line. A customer to be called back has hung up by
/// then.
fn stay(leg: &Leg, hung_up: Option<Timestamp>, ends_at: Timestamp) -> Option<Stay> {
    let (span, gave_up) = match &leg.fate {
        Fate::Open => (ends_at - leg.queued_at, false),
        Fate::Left { after, how, .. } => (*after, *how == Leaving::GaveUp),
        Fate::Served(service) => (service.waited, false),
    };
    let on_the_line = hung_up.map(|at| at - leg.queued_at);
    let (span, gave_up) = match on_the_line.filter(|until| *until < span) {
        Some(until) => (until, false),
        None => (span, gave_up),
    };
    (span.0 >= 0).then(|| Stay {
        s: span.as_s_f64(),
        gave_up,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::dice::{Dice, Purpose};
    use crate::sim::promise::Promise;

    #[test]
    fn the_fit_finds_the_distribution_although_most_were_answered_first() {
        let mut throws = Dice::new(5).throws(Purpose::Patience, 1);
        let stays: Vec<Stay> = (0..40_000)
            .map(|_| {
                let patience = throws.weibull(0.85, 442.0);
                let offered = throws.exponential(60.0);
                Stay {
                    s: patience.min(offered),
                    gave_up: patience < offered,
                }
            })
            .collect();
        let fitted = Fitted::to(&stays).unwrap();
        assert!((fitted.shape - 0.85).abs() < 0.04, "{fitted:?}");
        assert!((fitted.scale_s / 442.0 - 1.0).abs() < 0.15, "{fitted:?}");
    }

    #[test]
    fn nobody_abandons_if_nobody_did_and_few_make_it_exponential() {
        let answered = Stay {
            s: 30.0,
            gave_up: false,
        };
        assert_eq!(Fitted::to(&[answered; 9]), None);
        let left = Stay {
            s: 10.0,
            gave_up: true,
        };
        let fitted = Fitted::to(&[answered, answered, left]).unwrap();
        assert_eq!(fitted.shape, 1.0);
        assert!((fitted.scale_s - 70.0).abs() < 1e-9);
    }

    #[test]
    fn a_customer_to_be_called_back_has_hung_up_and_waits_no_longer() {
        let at = |s: i64| Timestamp(s * 1_000);
        let leg = |from_s: i64| Leg {
            queued_at: at(from_s),
            queue: "q".parse().unwrap(),
            promise: Promise::default(),
            reactions: Vec::new(),
            fate: Fate::Left {
                after: Millis::from_s(300),
                how: Leaving::GaveUp,
                reason: "customer_left".into(),
            },
        };
        let stay = |from_s, hung_up| stay(&leg(from_s), hung_up, at(900));
        let told = |s: f64, gave_up| Some(Stay { s, gave_up });
        assert_eq!(stay(10, None), told(300.0, true));
        assert_eq!(stay(10, Some(at(70))), told(60.0, false));
        assert_eq!(stay(10, Some(at(400))), told(300.0, true));
        assert_eq!(stay(80, Some(at(70))), None);
    }

    #[test]
    fn an_answered_customer_would_have_waited_longer() {
        let fitted = Fitted {
            shape: 0.85,
            scale_s: 100.0,
        };
        let mut throws = Dice::new(5).throws(Purpose::Patience, 2);
        for _ in 0..1_000 {
            assert!(fitted.beyond(Millis(250_000), &mut throws) > Millis(250_000));
        }
    }
}
