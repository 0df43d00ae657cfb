//! What a rehearsed day has shown, counted.

use crate::domain::{Channel, Millis, Timestamp};
use crate::sim::workload::Workload;

/// One contact's wait, to its answer or its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wait {
    /// When it was queued, in milliseconds from the opening.
    pub queued_at_ms: i64,
    pub tier: usize,
    pub channel: Channel,
    pub ms: i64,
    pub answered: bool,
    pub in_time: bool,
}

/// An estimate of a contact that waited, against how long it did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guess {
    pub tier: usize,
    pub p50_ms: i64,
    pub p90_ms: i64,
    pub waited_ms: i64,
}

/// How things stood on average in one slot.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Slot {
    pub samples: u32,
    pub waiting: f64,
    pub busy: f64,
    pub on_duty: f64,
}

/// A day, counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Day {
    pub waits: Vec<Wait>,
    pub guesses: Vec<Guess>,
    pub slots: Vec<Slot>,
    /// Customers who came, by tier; each once, however often they came again.
    pub customers: Vec<u64>,
    /// Of these, who were never served.
    pub lost: Vec<u64>,
    /// Whose matter was resolved, and how long that took from when they first came.
    pub resolved: u64,
    pub resolution_s_sum: f64,
    /// Times that agents took contacts on, by their grade in its topic.
    pub taken_on: Vec<u64>,
    pub handed_on: u64,
    pub refused: u64,
    /// Paid: of all who were rostered.
    pub agent_hours: f64,
    /// Of those who came, less their breaks.
    pub productive_hours: f64,
}

/// One figure of a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    pub key: String,
    pub unit: Unit,
    pub value: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Percent,
    Seconds,
    Minutes,
    Count,
    PerHour,
}

impl Unit {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Percent => "percent",
            Self::Seconds => "s",
            Self::Minutes => "min",
            Self::Count => "count",
            Self::PerHour => "per_h",
        }
    }
}

const SOON: Millis = Millis::from_s(20);
const LATE: Millis = Millis::from_s(180);

impl Day {
    pub fn new(workload: &Workload) -> Self {
        Self {
            slots: vec![Slot::default(); workload.arrivals.len()],
            customers: vec![0; workload.tiers.len()],
            lost: vec![0; workload.tiers.len()],
            taken_on: vec![0; workload.grades.len()],
            ..Self::default()
        }
    }

    /// The figures by which policies are compared, always in the same order.
    pub fn figures(&self, workload: &Workload) -> Vec<Figure> {
        let mut figures = self.promise_figures(workload);
        figures.extend(self.tier_figures(workload));
        figures.extend(self.floor_figures(workload));
        figures.extend(self.estimate_figures());
        figures
    }

    /// The figures by which a day that was played again is judged.
    pub fn replay_figures(&self, workload: &Workload) -> Vec<Figure> {
        let all = |_: &&Wait| true;
        let answered = self.waits.iter().filter(|wait| wait.answered).count();
        let mut figures = vec![
            percent("within_target", self.share(all, |wait| wait.in_time)),
            percent("abandoned", self.share(all, |wait| !wait.answered)),
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
            let abandoned = self.share(of, |wait| !wait.answered);
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
            figure("agent_hours", Unit::Count, self.agent_hours),
            figure("waits", Unit::Count, count(self.waits.len() as u64)),
            figure("answered", Unit::Count, count(answered as u64)),
        ]);
        figures
    }

    fn promise_figures(&self, workload: &Workload) -> Vec<Figure> {
        let all = |_: &&Wait| true;
        vec![
            percent("within_target", self.share(all, |wait| wait.in_time)),
            percent("within_180_s", self.share(all, |wait| wait.ms <= LATE.0)),
            percent("abandoned", self.share(all, |wait| !wait.answered)),
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
            let soon = self.share(of, |wait| wait.answered && wait.ms <= SOON.0);
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
        let answered = self.waits.iter().filter(|wait| wait.answered).count();
        let resolution_s = self.resolution_s_sum / count(self.resolved).max(1.0);
        let per_hour = count(self.resolved) / self.agent_hours.max(1e-9);
        let taken_on = sum(&self.taken_on);
        let by_grade = |grade: Option<&u64>| ratio(grade.copied().unwrap_or(0), taken_on);
        let mut figures = vec![
            figure("time_to_resolution", Unit::Minutes, resolution_s / 60.0),
            percent("with_best_grade", by_grade(self.taken_on.first())),
            percent("with_last_grade", by_grade(self.taken_on.last())),
            percent("handed_on", ratio(self.handed_on, taken_on)),
            percent("occupancy", self.occupancy()),
            figure("resolved_per_agent_hour", Unit::PerHour, per_hour),
        ];
        figures.extend(self.hours_figures(workload));
        figures.extend([
            figure("contacts", Unit::Count, count(self.waits.len() as u64)),
            figure("answered", Unit::Count, count(answered as u64)),
        ]);
        figures
    }

    /// Paid and productive agent-hours where they may differ; the workload alone decides on
    /// that, so that all columns have the same rows.
    fn hours_figures(&self, workload: &Workload) -> Vec<Figure> {
        if !workload.attendance.matters() {
            return vec![figure("agent_hours", Unit::Count, self.agent_hours)];
        }
        vec![
            figure("paid_agent_hours", Unit::Count, self.agent_hours),
            figure("productive_agent_hours", Unit::Count, self.productive_hours),
        ]
    }

    /// How good the estimates were of those who had to wait and were answered.
    fn estimate_figures(&self) -> Vec<Figure> {
        if self.guesses.is_empty() {
            return Vec::new();
        }
        let number = count(self.guesses.len() as u64);
        let waited = |guess: &Guess| guess.waited_ms as f64;
        let mean = self.guesses.iter().map(waited).sum::<f64>() / number;
        let square = |guess: &Guess| (guess.p50_ms as f64 - waited(guess)).powi(2);
        let mse = self.guesses.iter().map(square).sum::<f64>() / number;
        let covered = self
            .guesses
            .iter()
            .filter(|guess| guess.waited_ms <= guess.p90_ms);
        let covered = count(covered.count() as u64) / number;
        vec![
            percent("estimate_rmse_of_mean", mse.sqrt() / mean.max(1e-9)),
            percent("estimate_p90_covers", covered),
            figure("estimates", Unit::Count, number),
        ]
    }

    fn share(&self, of: impl Fn(&&Wait) -> bool, is: impl Fn(&Wait) -> bool) -> f64 {
        let (mut those, mut all) = (0_u64, 0_u64);
        for wait in self.waits.iter().filter(of) {
            all += 1;
            those += u64::from(is(wait));
        }
        ratio(those, all)
    }

    fn value_abandoned(&self, workload: &Workload) -> f64 {
        let value = |wait: &&Wait| workload.tiers[wait.tier].value;
        let lost = self.waits.iter().filter(|wait| !wait.answered);
        let lost: f64 = lost.map(|wait| value(&wait)).sum();
        let all: f64 = self.waits.iter().map(|wait| value(&wait)).sum();
        if all > 0.0 { lost / all } else { 0.0 }
    }

    fn vip_lost(&self, workload: &Workload) -> f64 {
        let vip = |counts: &[u64]| {
            let tiers = workload.tiers.iter().zip(counts);
            tiers
                .filter(|(tier, _)| tier.is_vip)
                .map(|(_, count)| *count)
                .sum()
        };
        ratio(vip(&self.lost), vip(&self.customers))
    }

    fn occupancy(&self) -> f64 {
        let busy: f64 = self.slots.iter().map(|slot| slot.busy).sum();
        let on_duty: f64 = self.slots.iter().map(|slot| slot.on_duty).sum();
        if on_duty > 0.0 { busy / on_duty } else { 0.0 }
    }

    fn mean_wait_s(&self) -> f64 {
        let sum: i64 = self.waits.iter().map(|wait| wait.ms).sum();
        Millis(sum).as_s_f64() / count(self.waits.len() as u64).max(1.0)
    }

    /// The wait that this share of some contacts does not exceed.
    pub fn quantile_s(&self, of: impl Fn(&Wait) -> bool, share: f64) -> f64 {
        let mut waits: Vec<i64> = self
            .waits
            .iter()
            .filter(|wait| of(wait))
            .map(|wait| wait.ms)
            .collect();
        if waits.is_empty() {
            return 0.0;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "an index"
        )]
        let at = ((waits.len() as f64 * share).ceil() as usize).clamp(1, waits.len()) - 1;
        let (_, found, _) = waits.select_nth_unstable(at);
        Millis(*found).as_s_f64()
    }

    /// Adds a sample of how things stand.
    pub fn sample(&mut self, slot: usize, waiting: usize, busy: usize, on_duty: usize) {
        let slot = &mut self.slots[slot];
        slot.samples += 1;
        slot.waiting += count(waiting as u64);
        slot.busy += count(busy as u64);
        slot.on_duty += count(on_duty as u64);
    }
}

/// The instant of the day, for reports.
pub fn time_of_day(at: Timestamp) -> String {
    let minutes = at.0.div_euclid(60_000).rem_euclid(24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn sum(counts: &[u64]) -> u64 {
    counts.iter().sum()
}

fn ratio(part: u64, all: u64) -> f64 {
    count(part) / count(all).max(1.0)
}

pub(super) fn count(number: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    let count = number as f64;
    count
}

fn figure(key: &str, unit: Unit, value: f64) -> Figure {
    Figure {
        key: key.to_owned(),
        unit,
        value,
    }
}

fn percent(key: &str, share: f64) -> Figure {
    figure(key, Unit::Percent, share * 100.0)
}

fn seconds(key: &str, value: f64) -> Figure {
    figure(key, Unit::Seconds, value)
}
