//! Queueing models with known answers (validation.csv: closed forms and Markov chains,
//! computed and cross-checked independently of this program).

mod configured;
mod parameters;
mod table;
mod textbook;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use table::{Experiment, RUNS, Table};
use textbook::RunFigures;

const TABLE: &str = include_str!("validation.csv");
/// Contacts of each model, over all its runs.
const CONTACTS: u64 = 2_100_000;

/// The runs of a model, on two processors.
fn runs(experiment: &Experiment, contacts: u64) -> Vec<RunFigures> {
    let next = AtomicU64::new(0);
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let run = next.fetch_add(1, Ordering::Relaxed);
                    if run >= RUNS {
                        return;
                    }
                    let outcome = experiment.run(run, contacts);
                    done.lock().unwrap().push((run, outcome));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(run, _)| *run);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Prints every figure; returns how many fail.
fn rehearse(table: &Table, contacts: u64) -> usize {
    let mut failed = 0;
    for experiment in &table.experiments {
        let runs = runs(experiment, contacts);
        for (id, findings) in experiment.findings(&runs) {
            for finding in findings {
                let verdict = if finding.passes() { "  " } else { "✗ " };
                failed += usize::from(!finding.passes());
                eprintln!(
                    "{verdict}{id:10} {:28} known {:12.6} found {:12.6} ± {:.6}",
                    finding.figure.to_string(),
                    finding.known,
                    finding.found,
                    finding.standard_error
                );
            }
        }
    }
    for (id, why) in &table.not_applicable {
        eprintln!("   {id:10} not applicable: {why}");
    }
    failed
}

#[test]
#[ignore = "minutes: cargo test --release --test rehearsal -- --ignored --nocapture"]
fn every_model_gives_its_known_results() {
    // An optional other table of the same form, or a selection of rows.
    let given = std::env::var("VALIDATION_CSV").map(|path| std::fs::read_to_string(path).unwrap());
    let mut table = Table::read(given.as_deref().unwrap_or(TABLE)).unwrap();
    if let Ok(only) = std::env::var("VALIDATE") {
        table
            .experiments
            .retain(|experiment| experiment.rows[0].id.starts_with(&only));
    }
    assert_eq!(rehearse(&table, CONTACTS), 0);
}

/// One model of each kind, briefly.
#[test]
fn a_model_of_each_kind_gives_its_known_results() {
    let mut table = Table::read(TABLE).unwrap();
    let kinds = [
        "C01", "A02", "G02", "P01", "U03", "S02", "R01", "I02", "N02", "H01", "V01",
    ];
    table.experiments.retain(|experiment| {
        let id = &experiment.rows[0].id;
        kinds.iter().any(|kind| id.starts_with(kind))
    });
    assert!(
        table.experiments.len() >= kinds.len(),
        "{}",
        table.experiments.len()
    );
    assert_eq!(rehearse(&table, CONTACTS / 20), 0);
}
