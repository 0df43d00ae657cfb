//! A report as charts: waits by tier, service level, occupancy and queue over the day for each
//! policy, and a comparison of the policies.

use std::collections::BTreeSet;

use crate::domain::Timestamp;
use crate::sim::chart::{Axis, Bar, Bars, Chart, Group, Hours, Mark, Page, Series, Shape};
use crate::sim::day::{Day, Wait};
use crate::sim::report::{Column, Report};
use crate::sim::workload::Workload;

/// The key figures, shown as bars.
const COMPARED: [(&str, &str); 3] = [
    ("Answered within target", "within_target"),
    ("Given up", "abandoned"),
    ("VIP customers lost", "vip_lost"),
];

impl Report {
    /// Pages by file name.
    pub fn pages(&self, workload: &Workload) -> Vec<(String, Page)> {
        let mut pages = vec![("policies".to_owned(), self.comparison())];
        for (number, column) in (1..).zip(&self.columns) {
            pages.push((format!("day-{number}"), self.day(column, workload)));
        }
        pages
    }

    fn notes(&self) -> Vec<String> {
        vec![self.origin()]
    }

    fn comparison(&self) -> Page {
        let figures = |key: &'static str| {
            let all = self.columns.iter().flat_map(|column| &column.figures);
            all.filter(move |figure| figure.key == key)
        };
        let bars = |(title, key): (&str, &'static str)| {
            let bar = |column: &Column| {
                let estimate = column.figures.iter().find(|figure| figure.key == key)?;
                let half = estimate.half_width.unwrap_or(f64::NAN);
                let mean = estimate.mean?;
                Some(Bar {
                    series: column.policy.clone(),
                    value: mean,
                    // A share is neither below nothing nor above all.
                    lo: (mean - half).clamp(0.0, 100.0),
                    hi: (mean + half).clamp(0.0, 100.0),
                })
            };
            let note = if figures(key).any(|figure| figure.half_width.is_some()) {
                "percent; lines: 95 % interval"
            } else {
                "percent"
            };
            Bars {
                title: title.to_owned(),
                note: note.to_owned(),
                unit: "%".to_owned(),
                groups: vec![Group {
                    name: String::new(),
                    bars: self.columns.iter().filter_map(bar).collect(),
                }],
            }
        };
        Page {
            heading: self.title.clone(),
            notes: self.notes(),
            figures: COMPARED
                .into_iter()
                .filter(|(_, key)| figures(key).next().is_some())
                .map(|compared| bars(compared).into())
                .collect(),
        }
    }

    fn day(&self, column: &Column, workload: &Workload) -> Page {
        let plot = Plot {
            day: &column.day,
            goals: &column.goals,
            workload,
        };
        let mut notes = self.notes();
        notes.push("the first replication's day".to_owned());
        Page {
            heading: format!("{}: {}", self.title, column.policy),
            notes,
            figures: vec![
                plot.waits().into(),
                plot.service_level().into(),
                plot.floor().into(),
                plot.waiting().into(),
            ],
        }
    }
}

/// One day, to be drawn slot by slot.
struct Plot<'a> {
    day: &'a Day,
    goals: &'a BTreeSet<u32>,
    workload: &'a Workload,
}

impl Plot<'_> {
    fn minute(&self, slot: usize) -> f64 {
        let minute = self.workload.minute_of(slot);
        f64::from(i32::try_from(minute).unwrap_or(i32::MAX))
    }

    fn chart(&self, title: &str, y: Axis, series: Vec<Series>) -> Chart {
        let slots = self.workload.arrivals.len();
        Chart {
            title: title.to_owned(),
            hours: Hours {
                from_min: self.minute(0),
                to_min: self.minute(0) + self.workload.slot.as_s_f64() / 60.0 * slots as f64,
            },
            y,
            shape: Shape::Step,
            series,
            ..Chart::default()
        }
    }

    /// A value for each slot, from the waits that started in it.
    fn by_slot(
        &self,
        of: impl Fn(&Wait) -> bool,
        value: impl Fn(&[&Wait]) -> f64,
    ) -> Vec<(f64, f64)> {
        let mut slots: Vec<Vec<&Wait>> = vec![Vec::new(); self.workload.arrivals.len()];
        for wait in self.day.waits.iter().filter(|wait| of(wait)) {
            let at = Timestamp(self.workload.opens_at.0 + wait.queued_at_ms);
            if let Some(slot) = self.workload.slot_at(at) {
                slots[slot].push(wait);
            }
        }
        let values = slots.iter().enumerate();
        values
            .map(|(slot, waits)| (self.minute(slot), value(waits)))
            .collect()
    }

    fn waits(&self) -> Chart {
        let tiers = self.workload.tiers.iter().enumerate();
        let series = tiers.map(|(at, tier)| Series {
            name: tier.name.to_string(),
            points: self.by_slot(|wait| wait.tier == at && wait.has_waited(), mean_wait_s),
            band: None,
        });
        let axis = Axis {
            label: "mean wait".to_owned(),
            unit: "s".to_owned(),
            max: None,
        };
        self.chart("Waits by tier", axis, series.collect())
    }

    fn service_level(&self) -> Chart {
        let share = |waits: &[&Wait]| {
            let in_time = waits.iter().filter(|wait| wait.in_time).count();
            100.0 * in_time as f64 / waits.len() as f64
        };
        let series = Series {
            name: "within target".to_owned(),
            points: self.by_slot(|_| true, share),
            band: None,
        };
        let axis = Axis {
            label: "answered within target".to_owned(),
            unit: "%".to_owned(),
            max: Some(100.0),
        };
        let mut chart = self.chart("Service level", axis, vec![series]);
        let marks = self.goals.iter().map(|goal| Mark {
            label: format!("{goal} %"),
            at: f64::from(*goal),
        });
        chart.marks.extend(marks);
        chart
    }

    fn floor(&self) -> Chart {
        let each = |value: fn(&crate::sim::day::Slot) -> f64| -> Vec<(f64, f64)> {
            let slots = self.day.slots.iter().enumerate();
            slots
                .map(|(slot, seen)| (self.minute(slot), value(seen) / seen.lasted_ms))
                .collect()
        };
        let series = |name: &str, points| Series {
            name: name.to_owned(),
            points,
            band: None,
        };
        let axis = Axis {
            label: "agents".to_owned(),
            ..Axis::default()
        };
        let lines = vec![
            series("on duty", each(|slot| slot.on_duty)),
            series("at work", each(|slot| slot.busy)),
        ];
        self.chart("Occupancy", axis, lines)
    }

    fn waiting(&self) -> Chart {
        let slots = self.day.slots.iter().enumerate();
        let series = Series {
            name: "waiting".to_owned(),
            points: slots
                .map(|(slot, seen)| (self.minute(slot), seen.waiting / seen.lasted_ms))
                .collect(),
            band: None,
        };
        let axis = Axis {
            label: "contacts".to_owned(),
            ..Axis::default()
        };
        self.chart("Queue length", axis, vec![series])
    }
}

fn mean_wait_s(waits: &[&Wait]) -> f64 {
    let sum: i64 = waits.iter().map(|wait| wait.ms).sum();
    sum as f64 / 1_000.0 / waits.len() as f64
}
