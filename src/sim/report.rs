//! Policies side by side, over replications: averages with their confidence intervals.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::sim::day::{Day, Figure, Unit, count};
use crate::sim::workload::Workload;

/// How a policy has done.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub policy: String,
    pub figures: Vec<Estimate>,
    /// The first replication's day, to be drawn.
    pub day: Day,
    /// Of a hundred contacts, how many queues mean to answer in time.
    pub goals: BTreeSet<u32>,
}

/// An average over replications.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    pub key: String,
    pub unit: Unit,
    /// Over the replications that have the figure; none if none has.
    pub mean: Option<f64>,
    /// Half the width of the interval that holds the true mean in 95 of 100 cases, none with
    /// one replication.
    pub half_width: Option<f64>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub title: String,
    pub replications: u32,
    pub seed: u64,
    pub columns: Vec<Column>,
    /// What the figures leave out, and what they assume; a line each.
    pub notes: Vec<String>,
}

impl Column {
    /// `days` are the replications, at least one.
    pub fn new(policy: String, workload: &Workload, days: Vec<Day>) -> Self {
        let figures: Vec<Vec<Figure>> = days.iter().map(|day| day.figures(workload)).collect();
        let first = figures.first().map_or(&[][..], Vec::as_slice);
        let of = |key: &str| -> Vec<f64> {
            let all = figures.iter().flatten();
            all.filter(|figure| figure.key == key)
                .filter_map(|figure| figure.value)
                .collect()
        };
        let estimates = first.iter().map(|figure| {
            let values = of(&figure.key);
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
            day: days.into_iter().next().unwrap_or_default(),
            goals: BTreeSet::new(),
        }
    }

    /// Of one day that is not repeated.
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

pub(super) fn interval(values: &[f64]) -> (f64, Option<f64>) {
    let number = count(values.len() as u64);
    let mean = values.iter().sum::<f64>() / number.max(1.0);
    if values.len() < 2 {
        return (mean, None);
    }
    let squares = values.iter().map(|value| (value - mean).powi(2));
    let error = (squares.sum::<f64>() / (number - 1.0) / number).sqrt();
    let t = T_QUANTILES.get(values.len() - 2).unwrap_or(&1.96);
    (mean, Some(t * error))
}

impl Report {
    /// What a person reads.
    pub fn text(&self) -> String {
        let Self {
            title,
            replications,
            seed,
            ..
        } = self;
        let intervals = if *replications > 1 {
            ", ± half of the 95 % interval"
        } else {
            ""
        };
        let table = self.table();
        let plural = if *replications == 1 { "" } else { "s" };
        let head = format!("{title}: {replications} replication{plural}, seed {seed}{intervals}");
        let notes = self.notes.iter().map(|note| format!("\n{note}\n"));
        let notes: String = notes.collect();
        format!("{head}\n\n{table}{notes}")
    }

    /// What a program reads.
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

    /// A table in Markdown: a row for each figure, a column for each policy.
    pub fn table(&self) -> String {
        let names = self.columns.iter().map(|column| column.policy.as_str());
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

/// In place of a figure where there was nothing to count.
const NO_FIGURE: &str = "—";

impl Estimate {
    fn print(&self) -> String {
        let digits = match self.unit {
            Unit::Percent | Unit::PerHour => 2,
            Unit::Seconds | Unit::Minutes => 1,
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
