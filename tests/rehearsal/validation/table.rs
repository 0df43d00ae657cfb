//! Queueing models with known results, and whether the rehearsal reproduces them.
//!
//! A row of the table names a model, its parameters and a figure known exactly. The engine passes
//! if it is within four standard errors, or within half a percent, of every known figure. Rows of
//! one model share its runs.

use std::collections::BTreeMap;
use std::fmt;

use super::parameters::model;
use super::textbook::{self, Law, Model, RunFigures, Seen};

/// Independent runs of each model.
pub(super) const RUNS: u64 = 30;
const ERRORS_MAX: f64 = 4.0;
const SHARE_MAX: f64 = 0.005;

/// One line of the table.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) id: String,
    /// Counted from 1; none means all classes together.
    class: Option<usize>,
    model: Result<Model, String>,
    known: Vec<(Figure, f64)>,
}

/// The figures that can be known of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Figure {
    WaitProbability,
    MeanWaitS,
    ServedWithin20S,
    Abandonment,
    QueueLength,
    Occupancy,
    FastOccupancy,
    SlowOccupancy,
    LaterThan20S,
    ServedMeanWaitS,
    MeanSessions,
    MeanInServiceS,
}

/// The result for one figure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Finding {
    pub(super) figure: Figure,
    pub(super) known: f64,
    pub(super) found: f64,
    pub(super) standard_error: f64,
}

impl Finding {
    pub(super) fn passes(&self) -> bool {
        let allowed = (ERRORS_MAX * self.standard_error).max(SHARE_MAX * self.known.abs());
        (self.found - self.known).abs() <= allowed
    }
}

/// Rows answered by the same runs of a model.
#[derive(Clone, Debug)]
pub(super) struct Experiment {
    pub(super) model: Model,
    pub(super) rows: Vec<Row>,
}

/// The parsed table.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) experiments: Vec<Experiment>,
    /// Rows that no configuration of the engine can answer, with the reason.
    pub(super) not_applicable: Vec<(String, String)>,
}

impl Table {
    /// Reads a table with a header line.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let headers = reader.headers().map_err(|error| error.to_string())?.clone();
        let mut table = Self::default();
        for record in reader.records() {
            let record = record.map_err(|error| error.to_string())?;
            let fields: Fields = headers
                .iter()
                .map(str::to_owned)
                .zip(record.iter().map(str::to_owned))
                .collect();
            table.add(Row::read(&fields));
        }
        Ok(table)
    }

    fn add(&mut self, row: Row) {
        let model = match &row.model {
            Err(why) => return self.not_applicable.push((row.id, why.clone())),
            Ok(model) => model.clone(),
        };
        // Rows of one model differ in what follows the dot, and in nothing else.
        let stem = |id: &str| id.split('.').next().unwrap_or(id).to_owned();
        let same = self.experiments.iter_mut().find(|experiment| {
            row.class.is_some() && stem(&experiment.rows[0].id) == stem(&row.id)
        });
        match same {
            Some(experiment) => experiment.rows.push(row),
            None => self.experiments.push(Experiment {
                model,
                rows: vec![row],
            }),
        }
    }
}

pub(super) type Fields = BTreeMap<String, String>;

impl Row {
    fn read(fields: &Fields) -> Self {
        let text = |key: &str| fields.get(key).map_or("", String::as_str);
        let class = text("klass").split_once(" of ");
        let params = params(text("params"));
        let mut known: Vec<(Figure, f64)> = [
            ("p_wait", Figure::WaitProbability),
            ("ew_s", Figure::MeanWaitS),
            ("sl20", Figure::ServedWithin20S),
            ("p_ab", Figure::Abandonment),
            ("eq", Figure::QueueLength),
            ("occ", Figure::Occupancy),
            ("p_w_gt20", Figure::LaterThan20S),
            ("ew_served", Figure::ServedMeanWaitS),
        ]
        .into_iter()
        .filter_map(|(key, figure)| Some((figure, text(key).parse().ok()?)))
        .collect();
        let more = [
            ("occ_fast", Figure::FastOccupancy),
            ("occ_slow", Figure::SlowOccupancy),
            ("mean_sessions", Figure::MeanSessions),
            ("mean_in_service_s", Figure::MeanInServiceS),
        ];
        for (key, figure) in more {
            known.extend(
                params
                    .get(key)
                    .and_then(|text| text.parse().ok())
                    .map(|known| (figure, known)),
            );
        }
        Self {
            id: text("id").to_owned(),
            class: class.and_then(|(class, _)| class.trim().parse().ok()),
            model: model(fields, &params),
            known,
        }
    }
}

/// `key=value` pairs separated by `;`; a bare word is a value named by its position.
fn params(text: &str) -> BTreeMap<String, String> {
    let parts = text
        .split(';')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts
        .map(|part| match part.split_once('=') {
            Some((key, value)) => (key.to_owned(), value.to_owned()),
            None => (part.to_owned(), String::new()),
        })
        .collect()
}

impl Experiment {
    /// One of the independent runs; `contacts` in all of them together.
    pub(super) fn run(&self, run: u64, contacts: u64) -> RunFigures {
        let agents: usize = self.model.pools.iter().map(|pool| pool.agents).sum();
        // Enough to forget the empty start.
        let warm_up = (contacts / RUNS / 5).max(20 * agents as u64);
        // Separate random streams for each model, so that bad luck is not shared.
        let name = self.rows[0].id.bytes();
        let seed = name.fold(run, |seed, byte| {
            seed.wrapping_mul(1_000_003) ^ u64::from(byte)
        });
        textbook::run(&self.model, seed, warm_up, contacts.div_ceil(RUNS))
    }

    /// The result for every row.
    pub(super) fn findings(&self, runs: &[RunFigures]) -> Vec<(String, Vec<Finding>)> {
        let finding = |row: &Row, figure: Figure, known: f64| {
            let values: Vec<f64> = runs
                .iter()
                .map(|run| self.value(run, row.class, figure))
                .collect();
            let (found, standard_error) = mean_and_error(&values);
            Finding {
                figure,
                known,
                found,
                standard_error,
            }
        };
        self.rows
            .iter()
            .map(|row| {
                let findings = row.known.iter();
                let findings = findings.map(|(figure, known)| finding(row, *figure, *known));
                (row.id.clone(), findings.collect())
            })
            .collect()
    }

    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    fn value(&self, run: &RunFigures, class: Option<usize>, figure: Figure) -> f64 {
        let mut seen = Seen::default();
        let of = |number: usize| class.is_none_or(|class| class == number + 1);
        for (number, one) in run.classes.iter().enumerate() {
            if of(number) {
                seen.add(one);
            }
        }
        let contacts = seen.contacts.max(1) as f64;
        let share = |count: u64| count as f64 / contacts;
        let pools = self.model.pools.iter().zip(&run.busy_s);
        let occupancy: Vec<f64> = pools
            .map(|(pool, busy_s)| busy_s / (pool.agents as f64 * run.span_s))
            .collect();
        let agents: usize = self.model.pools.iter().map(|pool| pool.agents).sum();
        let rates = self.model.classes.iter().enumerate();
        let rate_per_h: f64 = rates
            .filter(|(number, _)| of(*number))
            .map(|(_, class)| class.rate_per_h)
            .sum();
        let fastest_first = mean_of(self.model.pools[0].service)
            <= mean_of(self.model.pools[self.model.pools.len() - 1].service);
        match figure {
            Figure::WaitProbability => share(seen.waited),
            Figure::MeanWaitS => seen.wait_s_sum / contacts,
            Figure::ServedWithin20S => share(seen.in_time),
            Figure::Abandonment => share(seen.abandoned),
            // Little's law.
            Figure::QueueLength => rate_per_h / 3_600.0 * seen.wait_s_sum / contacts,
            // Relative to an agent's places, if there are several.
            Figure::Occupancy if self.model.sessions_max > 1 => {
                let places = agents as f64 * f64::from(self.model.sessions_max);
                run.session_s / run.span_s / places
            }
            Figure::Occupancy => run.busy_s.iter().sum::<f64>() / (agents as f64 * run.span_s),
            Figure::FastOccupancy => {
                occupancy[if fastest_first {
                    0
                } else {
                    occupancy.len() - 1
                }]
            }
            Figure::SlowOccupancy => {
                occupancy[if fastest_first {
                    occupancy.len() - 1
                } else {
                    0
                }]
            }
            Figure::LaterThan20S => share(seen.late),
            Figure::ServedMeanWaitS => seen.served_wait_s_sum / seen.served.max(1) as f64,
            Figure::MeanSessions => run.session_s / run.span_s,
            Figure::MeanInServiceS => seen.in_service_s_sum / seen.served.max(1) as f64,
        }
    }
}

fn mean_of(law: Law) -> f64 {
    match law {
        Law::Never => f64::INFINITY,
        Law::Exactly { s } => s,
        Law::Exponential { mean_s } | Law::Lognormal { mean_s, .. } => mean_s,
        Law::Uniform { low_s, high_s } => f64::midpoint(low_s, high_s),
        Law::Weibull { scale_s, .. } => scale_s,
    }
}

#[expect(clippy::cast_precision_loss, reason = "runs are few")]
fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (count - 1.0).max(1.0) / count).sqrt())
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WaitProbability => "P(wait)",
            Self::MeanWaitS => "mean wait, s",
            Self::ServedWithin20S => "served within 20 s",
            Self::Abandonment => "P(abandon)",
            Self::QueueLength => "queue length",
            Self::Occupancy => "occupancy",
            Self::FastOccupancy => "occupancy, fast",
            Self::SlowOccupancy => "occupancy, slow",
            Self::LaterThan20S => "P(wait > 20 s)",
            Self::ServedMeanWaitS => "mean wait of the served, s",
            Self::MeanSessions => "mean sessions",
            Self::MeanInServiceS => "mean time in service, s",
        })
    }
}
