//! The figures of a day, by which policies and configurations are compared.

use super::{Day, Guess, Wait, WaitEnd, count};
use crate::domain::Millis;
use crate::sim::workload::Workload;

/// One figure of a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    pub key: String,
    pub unit: Unit,
    /// None if there is nothing to count.
    pub value: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Percent,
    Seconds,
    Minutes,
    Count,
    Hours,
    PerHour,
}

impl Unit {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Percent => "percent",
            Self::Seconds => "s",
            Self::Minutes => "min",
            Self::Count => "count",
            Self::Hours => "h",
            Self::PerHour => "per_h",
        }
    }
}

const SOON: Millis = Millis::from_s(20);
const LATE: Millis = Millis::from_s(180);

impl Day {
    /// The figures for comparing policies, always in the same order.
    pub fn figures(&self, workload: &Workload) -> Vec<Figure> {
        let mut figures = self.promise_figures(workload);
        figures.extend(self.tier_figures(workload));
        figures.extend(self.floor_figures(workload));
        figures.extend(self.estimate_figures());
        figures
    }

    /// The figures for judging a replayed day.
    pub fn replay_figures(&self, workload: &Workload) -> Vec<Figure> {
        let all = |_: &&Wait| true;
        let mut figures = vec![
            percent("within_target", self.share(all, |wait| wait.in_time)),
            percent("abandoned", self.share(all, Wait::gave_up)),
            seconds("mean_wait", self.mean_wait_s()),
            seconds("p95_wait", self.quantile_s(|_| true, 0.95)),
            seconds("longest_wait", self.quantile_s(|_| true, 1.0)),
        ];
        let tiers = || workload.tiers.iter().enumerate();
        figures.extend(tiers().map(|(at, tier)| {
            let of = |wait: &&Wait| wait.tier == at;
            let in_time = self.share(of, |wait| wait.in_time);
            percent(&format!("within_target_{}", tier.name), in_time)
        }));
        figures.extend(tiers().map(|(at, tier)| {
            let of = |wait: &&Wait| wait.tier == at;
            let abandoned = self.share(of, Wait::gave_up);
            percent(&format!("abandoned_{}", tier.name), abandoned)
        }));
        for (key, share) in [("p50", 0.5), ("p95", 0.95)] {
            figures.extend(tiers().map(|(at, tier)| {
                let wait = self.quantile_s(|wait| wait.tier == at, share);
                seconds(&format!("{key}_{}", tier.name), wait)
            }));
        }
        figures.extend([
            percent("occupancy", self.occupancy()),
            figure("agent_hours", Unit::Hours, Some(self.agent_hours)),
            number("waits", self.waits.len() as u64),
            number("answered", self.number(WaitEnd::Answered)),
        ]);
        figures
    }

    fn promise_figures(&self, workload: &Workload) -> Vec<Figure> {
        let all = |_: &&Wait| true;
        vec![
            percent("within_target", self.share(all, |wait| wait.in_time)),
            percent(
                "waited_at_most_180_s",
                self.share(all, |wait| wait.ended_within(LATE)),
            ),
            percent("abandoned", self.share(all, Wait::gave_up)),
            percent("value_abandoned", self.value_abandoned(workload)),
            percent("vip_lost", self.vip_lost(workload)),
            percent(
                "customers_lost",
                ratio(sum(&self.lost), sum(&self.customers)),
            ),
            seconds("mean_wait", self.mean_wait_s()),
            seconds("longest_wait", self.quantile_s(|_| true, 1.0)),
        ]
    }

    fn tier_figures(&self, workload: &Workload) -> Vec<Figure> {
        let tiers = || workload.tiers.iter().enumerate();
        let soon = tiers().map(|(at, tier)| {
            let of = |wait: &&Wait| wait.tier == at;
            let soon = self.share(of, |wait| wait.is_answered() && wait.ended_within(SOON));
            percent(&format!("within_20_s_{}", tier.name), soon)
        });
        let quantiles = [("p95", 0.95), ("longest", 1.0)];
        let waits = quantiles.into_iter().flat_map(|(name, share)| {
            tiers().map(move |(at, tier)| {
                let wait = self.quantile_s(|wait| wait.tier == at, share);
                seconds(&format!("{name}_{}", tier.name), wait)
            })
        });
        soon.chain(waits).collect()
    }

    fn floor_figures(&self, workload: &Workload) -> Vec<Figure> {
        let resolution_s = quotient(self.resolution_s_sum, count(self.resolved));
        let per_hour = quotient(count(self.resolved), self.agent_hours);
        let taken_on = sum(&self.taken_on);
        let by_grade = |grade: Option<&u64>| ratio(grade.copied().unwrap_or(0), taken_on);
        let mut figures = vec![
            figure(
                "time_to_resolution",
                Unit::Minutes,
                resolution_s.map(|seconds| seconds / 60.0),
            ),
            percent("with_best_grade", by_grade(self.taken_on.first())),
            percent("with_last_grade", by_grade(self.taken_on.last())),
            percent("handed_on", ratio(self.handed_on, taken_on)),
            percent("occupancy", self.occupancy()),
            figure("resolved_per_agent_hour", Unit::PerHour, per_hour),
        ];
        figures.extend(self.hours_figures(workload));
        figures.extend([
            number("contacts", self.waits.len() as u64),
            number("answered", self.number(WaitEnd::Answered)),
            number("waiting_at_the_end", self.number(WaitEnd::Waiting)),
            number("refused", self.number(WaitEnd::Refused)),
            number("deflected", self.number(WaitEnd::Deflected)),
            number("scheduled", self.number(WaitEnd::Scheduled)),
        ]);
        figures
    }

    /// Paid and productive agent-hours if they can differ. The workload alone decides that, so that
    /// all columns have the same rows.
    fn hours_figures(&self, workload: &Workload) -> Vec<Figure> {
        if !workload.attendance.matters() {
            return vec![figure("agent_hours", Unit::Hours, Some(self.agent_hours))];
        }
        vec![
            figure("paid_agent_hours", Unit::Hours, Some(self.agent_hours)),
            figure(
                "productive_agent_hours",
                Unit::Hours,
                Some(self.productive_hours),
            ),
        ]
    }

    /// The accuracy of estimates for contacts that had to wait and were answered.
    fn estimate_figures(&self) -> Vec<Figure> {
        let guesses = self.guesses.len() as u64;
        let waited = |guess: &Guess| guess.waited_ms as f64;
        let square = |guess: &Guess| (guess.p50_ms as f64 - waited(guess)).powi(2);
        let sum = |of: &dyn Fn(&Guess) -> f64| self.guesses.iter().map(of).sum::<f64>();
        let mean = quotient(sum(&waited), count(guesses));
        let mse = quotient(sum(&square), count(guesses));
        let of_mean = mean.zip(mse).map(|(mean, mse)| mse.sqrt() / mean.max(1e-9));
        let covers = |guess: &&Guess| guess.waited_ms <= guess.p90_ms;
        let covered = self.guesses.iter().filter(covers).count() as u64;
        vec![
            percent("estimate_rmse_of_mean", of_mean),
            percent("estimate_p90_covers", ratio(covered, guesses)),
            number("estimates", guesses),
        ]
    }

    fn share(&self, of: impl Fn(&&Wait) -> bool, is: impl Fn(&Wait) -> bool) -> Option<f64> {
        let (mut those, mut all) = (0_u64, 0_u64);
        for wait in self.waits.iter().filter(of) {
            all += 1;
            those += u64::from(is(wait));
        }
        ratio(those, all)
    }

    fn value_abandoned(&self, workload: &Workload) -> Option<f64> {
        let value = |wait: &&Wait| workload.tiers[wait.tier].value;
        let lost = self.waits.iter().filter(|wait| wait.gave_up());
        let lost: f64 = lost.map(|wait| value(&wait)).sum();
        let all: f64 = self.waits.iter().map(|wait| value(&wait)).sum();
        quotient(lost, all)
    }

    fn vip_lost(&self, workload: &Workload) -> Option<f64> {
        let vip = |counts: &[u64]| {
            let tiers = workload.tiers.iter().zip(counts);
            tiers
                .filter(|(tier, _)| tier.is_vip)
                .map(|(_, count)| *count)
                .sum()
        };
        ratio(vip(&self.lost), vip(&self.customers))
    }

    /// The share of agents at work among those on duty.
    fn occupancy(&self) -> Option<f64> {
        let busy: f64 = self.slots.iter().map(|slot| slot.busy).sum();
        let on_duty: f64 = self.slots.iter().map(|slot| slot.on_duty).sum();
        quotient(busy, on_duty)
    }

    fn mean_wait_s(&self) -> Option<f64> {
        let waits = || self.waits.iter().filter(|wait| wait.has_waited());
        let sum: i64 = waits().map(|wait| wait.ms).sum();
        quotient(Millis(sum).as_s_f64(), count(waits().count() as u64))
    }
}

fn sum(counts: &[u64]) -> u64 {
    counts.iter().sum()
}

fn ratio(part: u64, all: u64) -> Option<f64> {
    quotient(count(part), count(all))
}

/// None for a share of nothing.
fn quotient(part: f64, all: f64) -> Option<f64> {
    (all > 0.0).then(|| part / all)
}

fn figure(key: &str, unit: Unit, value: Option<f64>) -> Figure {
    Figure {
        key: key.to_owned(),
        unit,
        // The sum of no numbers is -0.
        value: value.map(|value| value + 0.0),
    }
}

/// A count.
pub(in crate::sim) fn number(key: &str, number: u64) -> Figure {
    figure(key, Unit::Count, Some(count(number)))
}

fn percent(key: &str, share: Option<f64>) -> Figure {
    figure(key, Unit::Percent, share.map(|share| share * 100.0))
}

fn seconds(key: &str, value: Option<f64>) -> Figure {
    figure(key, Unit::Seconds, value)
}
