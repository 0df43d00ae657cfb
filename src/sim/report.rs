//! Policies side by side, over replications: averages with confidence intervals.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::domain::counted;
use crate::sim::day::{Day, Figure, Unit, count};
use crate::sim::workload::Workload;

/// The results of a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub policy: String,
    pub figures: Vec<Estimate>,
    /// The first replication's day, to be drawn.
    pub day: Day,
    /// The service-level goal of the queues, in percent.
    pub goals: BTreeSet<u32>,
}

/// An average over replications.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    pub key: String,
    pub unit: Unit,
    /// Over the replications that have the figure; none if none does.
    pub mean: Option<f64>,
    /// Half the width of the 95 % confidence interval of the mean; none with one replication.
    pub half_width: Option<f64>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub title: String,
    pub replications: u32,
    pub seed: u64,
    pub columns: Vec<Column>,
    /// What the figures leave out or assume, one line each.
    pub notes: Vec<String>,
}

impl Column {
    /// `days` are the replications, at least one.
    pub fn new(policy: String, workload: &Workload, days: Vec<Day>) -> Self {
        let figures = days.iter().map(|day| day.figures(workload)).collect();
        let first = days.into_iter().next();
        Self::over(policy, figures, first.unwrap_or_default())
    }

    /// A column of the figures of each replication, and the day of the first.
    pub fn over(policy: String, figures: Vec<Vec<Figure>>, day: Day) -> Self {
        let first = figures.first().map_or(&[][..], Vec::as_slice);
        // By position: a tier's name may give two figures the same key.
        let of = |at: usize| -> Vec<f64> {
            let days = figures.iter();
            days.filter_map(|day| day.get(at)?.value).collect()
        };
        let estimates = first.iter().enumerate().map(|(at, figure)| {
            let values = of(at);
            let (mean, half_width) = interval(&values);
            let mean = (!values.is_empty()).then_some(mean);
            Estimate {
                key: figure.key.clone(),
                unit: figure.unit,
                mean,
                half_width,
            }
        });
        Self {
            figures: estimates.collect(),
            policy,
            day,
            goals: BTreeSet::new(),
        }
    }

    /// A column of a single day.
    pub fn of(policy: String, figures: Vec<Figure>, day: Day) -> Self {
        let estimates = figures.into_iter().map(|figure| Estimate {
            key: figure.key,
            unit: figure.unit,
            mean: figure.value,
            half_width: None,
        });
        Self {
            policy,
            figures: estimates.collect(),
            day,
            goals: BTreeSet::new(),
        }
    }

    #[must_use]
    pub fn aiming_at(self, goals: BTreeSet<u32>) -> Self {
        Self { goals, ..self }
    }

    pub fn mean(&self, key: &str) -> Option<f64> {
        let found = self.figures.iter().find(|figure| figure.key == key);
        found.and_then(|figure| figure.mean)
    }
}

/// The 97.5 % quantiles of Student's t by degrees of freedom, from 1.
const T_QUANTILES: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042,
];

/// The same quantile of the normal distribution, the limit of t.
const NORMAL: f64 = 1.959_963_985;

/// Beyond the table by the approximation of Cornish and Fisher, exact to the table's digits.
fn t_quantile(freedom: usize) -> f64 {
    if let Some(found) = T_QUANTILES.get(freedom.saturating_sub(1)) {
        return *found;
    }
    let (z, n) = (NORMAL, count(freedom as u64));
    let first = (z.powi(3) + z) / 4.0;
    let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
    z + first / n + second / (n * n)
}

fn interval(values: &[f64]) -> (f64, Option<f64>) {
    let number = count(values.len() as u64);
    let mean = values.iter().sum::<f64>() / number.max(1.0);
    if values.len() < 2 {
        return (mean, None);
    }
    let squares = values.iter().map(|value| (value - mean).powi(2));
    let error = (squares.sum::<f64>() / (number - 1.0) / number).sqrt();
    (mean, Some(t_quantile(values.len() - 1) * error))
}

/// The half-width of a ratio of two sums over days, each of which has a part and a whole; none for
/// one day.
pub(super) fn ratio_half_width(days: &[(f64, f64)]) -> Option<f64> {
    let number = count(days.len() as u64);
    let part: f64 = days.iter().map(|(part, _)| part).sum();
    let whole: f64 = days.iter().map(|(_, whole)| whole).sum();
    if days.len() < 2 || whole <= 0.0 {
        return None;
    }
    let squares = days
        .iter()
        .map(|(part_of, whole_of)| (part_of - part / whole * whole_of).powi(2));
    let error = (squares.sum::<f64>() * number / (number - 1.0)).sqrt() / whole;
    Some(t_quantile(days.len() - 1) * error)
}

impl Report {
    /// The report for people.
    pub fn text(&self) -> String {
        let intervals = if self.replications > 1 {
            ", ± half of the 95 % interval"
        } else {
            ""
        };
        let table = self.table();
        let head = format!("{}: {}{intervals}", self.title, self.origin());
        let notes = self.notes.iter().map(|note| format!("\n{note}\n"));
        let notes: String = notes.collect();
        format!("{head}\n\n{table}{notes}")
    }

    /// What reproduces the same figures.
    pub(super) fn origin(&self) -> String {
        let Self {
            replications, seed, ..
        } = self;
        let replications = counted(u64::from(*replications), "replication");
        format!("{replications}, seed {seed}")
    }

    /// The report for programs.
    pub fn json(&self) -> String {
        let figure = |estimate: &Estimate| {
            json!({
                "figure": estimate.key,
                "unit": estimate.unit.name(),
                "mean": estimate.mean,
                "half_width_95": estimate.half_width,
            })
        };
        let columns = self.columns.iter().map(|column| {
            let figures: Vec<Value> = column.figures.iter().map(figure).collect();
            json!({ "policy": column.policy, "figures": figures })
        });
        let report = json!({
            "title": self.title,
            "replications": self.replications,
            "seed": self.seed,
            "policies": columns.collect::<Vec<_>>(),
            "notes": self.notes,
        });
        format!("{report:#}\n")
    }

    /// A Markdown table: a row for each figure, a column for each policy.
    pub fn table(&self) -> String {
        // A bar in a name must not separate columns.
        let names = self.columns.iter();
        let names = names.map(|column| column.policy.replace('|', "\\|"));
        let mut lines = vec![
            format!("| | {} |", names.collect::<Vec<_>>().join(" | ")),
            format!("|---|{}", "---|".repeat(self.columns.len())),
        ];
        let figures = self
            .columns
            .first()
            .map_or(&[][..], |column| &column.figures);
        for (at, figure) in figures.iter().enumerate() {
            let cells = self.columns.iter().map(|column| {
                let estimate = column.figures.get(at);
                estimate.map_or_else(String::new, Estimate::print)
            });
            let label = format!("{} ({})", figure.key.replace('_', " "), figure.unit.name());
            lines.push(format!(
                "| {label} | {} |",
                cells.collect::<Vec<_>>().join(" | ")
            ));
        }
        lines.join("\n") + "\n"
    }
}

/// Shown in place of a figure without anything to count.
const NO_FIGURE: &str = "—";

/// Below this, the mean of a count has a decimal.
const FEW: f64 = 100.0;

impl Estimate {
    /// Of so few that whole numbers would not show them.
    fn is_mean_of_few(&self) -> bool {
        let is_few = |mean: f64| mean > 0.0 && mean < FEW;
        self.half_width.is_some() && self.mean.is_some_and(is_few)
    }

    fn print(&self) -> String {
        let digits = match self.unit {
            Unit::Percent | Unit::PerHour | Unit::Hours => 2,
            Unit::Seconds | Unit::Minutes => 1,
            Unit::Count if self.is_mean_of_few() => 1,
            Unit::Count => 0,
        };
        let Some(mean) = self.mean else {
            return NO_FIGURE.to_owned();
        };
        let mean = format!("{mean:.digits$}");
        match self.half_width {
            Some(half_width) => format!("{mean} ±{half_width:.digits$}"),
            None => mean,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_counts_in_a_ratio_by_its_size() {
        // Days of equal size: the interval of their shares.
        let equal = [(1.0, 4.0), (3.0, 4.0), (2.0, 4.0)];
        let (_, expected) = interval(&[0.25, 0.75, 0.5]);
        let found = ratio_half_width(&equal);
        assert!((found.unwrap() - expected.unwrap()).abs() < 1e-12);
        // A day with one contact weighs little beside days with hundreds.
        let small = [(0.0, 1.0), (198.0, 200.0), (197.0, 200.0), (199.0, 200.0)];
        let found = ratio_half_width(&small).unwrap();
        assert!(found < 0.02, "{found}");
        assert_eq!(ratio_half_width(&[(1.0, 2.0)]), None);
    }

    #[test]
    fn the_quantiles_continue_where_the_table_ends() {
        assert_eq!(t_quantile(1), 12.706);
        assert_eq!(t_quantile(30), 2.042);
        for (freedom, expected) in [(31, 2.0395), (47, 2.0117), (99, 1.9842), (999, 1.9623)] {
            let found = t_quantile(freedom);
            assert!((found - expected).abs() < 1e-4, "{freedom}: {found}");
        }
    }
}
