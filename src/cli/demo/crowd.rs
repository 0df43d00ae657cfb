//! Which customers come when, with what, and how patient they are.
//!
//! Arrivals are random, with an occasional rush in which everyone has the same problem. The pace
//! divides the times between arrivals and leaves patience alone.
//!
//! **Invariant:** the same seed gives the same crowd in the same order.

use crate::cli::demo::dice::Dice;
use crate::domain::Channel;

/// Contacts a second outside of rushes.
const RATE: f64 = 1.1;
/// Contacts a second during a rush.
const RUSH_RATE: f64 = 5.0;
const RUSH_FIRST_AT_S: f64 = 15.0;
const RUSH_FOR_S: f64 = 4.0;
/// From the end of one rush to the next, in seconds.
const RUSH_PAUSE_S: (u64, u64) = (45, 90);

/// Share of customers with a profile; the others are strangers.
const KNOWN_PERCENT: u64 = 88;
/// Share of customers who wait only a few seconds.
const HASTY_PERCENT: u64 = 10;
const HASTY_MS: (u64, u64) = (5_000, 15_000);
const PATIENT_MS: (u64, u64) = (45_000, 180_000);
/// Share of complaints with a very negative sentiment.
const ANGRY_PERCENT: u64 = 35;

const CHANNELS: [(Channel, u64); 3] = [
    (Channel::Wechat, 42),
    (Channel::App, 36),
    (Channel::Hotline, 22),
];

#[rustfmt::skip]
const REASONS: [(Reason, u64); 11] = [
    (Reason { topic: "billing", text: "这个月的话费怎么多了三十块？" }, 14),
    (Reason { topic: "invoice", text: "请帮我开一张电子发票" }, 7),
    (Reason { topic: "plan", text: "想看看有没有更合适的套餐" }, 15),
    (Reason { topic: "upgrade", text: "我要升级到 5G 套餐" }, 9),
    (Reason { topic: "cancel_plan", text: "想取消流量包" }, 4),
    (Reason { topic: "fault", text: "手机打不出电话" }, 8),
    (Reason { topic: "no_signal", text: "家里没有信号" }, 7),
    (Reason { topic: "broadband_fault", text: "家里宽带断了" }, 14),
    (Reason { topic: "complaint", text: "上次的问题还没有解决！" }, 7),
    (Reason { topic: "roaming", text: "下周去新加坡，怎么开通漫游？" }, 7),
    (COUNTER, 8),
];
const COUNTER: Reason = Reason {
    topic: "storefront",
    text: "到营业厅取号",
};
const TROUBLES: [&str; 3] = ["no_signal", "broadband_fault", "billing"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    pub(super) topic: &'static str,
    pub(super) text: &'static str,
}

/// A customer who arrives.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Arrival {
    /// Since the start.
    pub(super) at_ms: u64,
    pub(super) number: u64,
    pub(super) channel: Channel,
    pub(super) reason: Reason,
    pub(super) who: Who,
    /// How long the customer waits for an answer before leaving.
    pub(super) patience_ms: u64,
    pub(super) is_angry: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Index in the list of customers.
    Customer(usize),
    /// A number of their own, from which their phone number is made.
    Stranger(u64),
}

/// The crowd, an endless iterator of arrivals.
pub(super) struct Crowd {
    dice: Dice,
    pace: f64,
    /// Time of the last arrival, as if the pace were 1.
    at_s: f64,
    made: u64,
    rush: Rush,
    /// Customers still to come in this round; everyone comes once in a round.
    deck: Vec<usize>,
    customers: usize,
}

struct Rush {
    from_s: f64,
    trouble: &'static str,
}

impl Crowd {
    /// A crowd of `customers` customers, and strangers.
    pub(super) fn new(seed: u64, pace: f64, customers: usize) -> Self {
        Self {
            dice: Dice::new(seed, 2),
            pace,
            at_s: 0.0,
            made: 0,
            rush: Rush {
                from_s: RUSH_FIRST_AT_S,
                trouble: TROUBLES[0],
            },
            deck: Vec::new(),
            customers,
        }
    }

    fn is_rush(&self) -> bool {
        (self.rush.from_s..self.rush.from_s + RUSH_FOR_S).contains(&self.at_s)
    }

    fn step(&mut self) {
        let rate = if self.is_rush() { RUSH_RATE } else { RATE };
        self.at_s += self.dice.gap(rate);
        if self.at_s >= self.rush.from_s + RUSH_FOR_S {
            let pause_s = self.dice.within(RUSH_PAUSE_S.0, RUSH_PAUSE_S.1);
            self.rush = Rush {
                from_s: self.at_s + f64::from(u32::try_from(pause_s).unwrap_or(u32::MAX)),
                trouble: self.dice.pick(&TROUBLES),
            };
        }
    }

    fn reason(&mut self) -> Reason {
        let trouble = self.rush.trouble;
        let mut shared = REASONS.iter().map(|(reason, _)| *reason);
        let shared = shared.rfind(|reason| reason.topic == trouble);
        shared
            .filter(|_| self.is_rush())
            .unwrap_or_else(|| self.dice.weigh(&REASONS))
    }

    fn who(&mut self) -> Who {
        if !self.dice.percent(KNOWN_PERCENT) {
            return Who::Stranger(self.made);
        }
        if self.deck.is_empty() {
            self.deck = (0..self.customers).collect();
            self.dice.shuffle(&mut self.deck);
        }
        let drawn = self.deck.pop();
        drawn.map_or(Who::Stranger(self.made), Who::Customer)
    }
}

impl Iterator for Crowd {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        self.step();
        self.made += 1;
        let reason = self.reason();
        let channel = if reason == COUNTER {
            Channel::Storefront
        } else {
            self.dice.weigh(&CHANNELS)
        };
        let is_hasty = channel != Channel::Storefront && self.dice.percent(HASTY_PERCENT);
        let (from_ms, to_ms) = if is_hasty { HASTY_MS } else { PATIENT_MS };
        Some(Arrival {
            at_ms: whole_ms(self.at_s / self.pace),
            number: self.made,
            channel,
            reason,
            who: self.who(),
            patience_ms: self.dice.within(from_ms, to_ms),
            is_angry: reason.topic == "complaint" && self.dice.percent(ANGRY_PERCENT),
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float saturates, and no time here is negative"
)]
fn whole_ms(seconds: f64) -> u64 {
    (seconds * 1_000.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn crowd(pace: f64, count: usize) -> Vec<Arrival> {
        Crowd::new(7, pace, 60).take(count).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_crowd() {
        assert_eq!(crowd(1.0, 500), crowd(1.0, 500));
    }

    #[test]
    fn the_pace_divides_the_time_and_changes_nobody() {
        let (slow, fast) = (crowd(1.0, 400), crowd(4.0, 400));
        for (slow, fast) in slow.iter().zip(&fast) {
            assert!((slow.at_ms / 4).abs_diff(fast.at_ms) <= 1);
            assert_eq!(slow.who, fast.who);
            assert_eq!(slow.patience_ms, fast.patience_ms);
        }
    }

    #[test]
    fn one_to_two_come_in_a_second_on_every_channel_with_a_rush_now_and_then() {
        let arrivals = crowd(1.0, 2_000);
        let minutes = arrivals.last().unwrap().at_ms / 60_000;
        let per_minute = 2_000 / minutes;
        assert!((70..120).contains(&per_minute), "{per_minute}");
        for channel in Channel::ALL {
            let count = arrivals.iter().filter(|a| a.channel == channel).count();
            assert!(count > 80, "{channel:?}: {count}");
        }
        let busiest = arrivals
            .windows(12)
            .filter(|few| few[11].at_ms - few[0].at_ms < 4_000);
        assert!(busiest.count() > 20);
    }

    #[test]
    fn every_topic_belongs_to_a_queue() {
        let config = Config::parse(crate::cli::demo::CENTRE).unwrap();
        let queues = &config.routing.queues;
        for (reason, _) in REASONS {
            let known = queues
                .iter()
                .any(|queue| queue.topics.iter().any(|t| t.as_str() == reason.topic));
            assert!(known, "{reason:?}");
        }
    }
}
