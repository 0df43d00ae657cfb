//! `switchboard simulate FILE`: simulates a day with the production engine, once for each policy
//! or configuration to compare. `--journal FOLDER` replays a recorded day instead.

mod drawing;
mod journal;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rustix::time::{ClockId, clock_gettime};

use crate::cli::{output, parallel, say};
use crate::config::{Config, REPLICATIONS_MAX, Rehearsal};
use crate::domain::Name;
use crate::domain::period::Zone;
use crate::engine::options::Options;
use crate::sim::contender::Contender;
use crate::sim::report::{Column, Report};
use crate::sim::workload::Workload;

/// Simulates or replays a day; compares policies or configurations on the same customers
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("played").required(true).args(["file", "journal"])))]
pub(super) struct Args {
    /// Day file (TOML; config/rehearsal.toml shows every key): customers, roster and policies
    file: Option<PathBuf>,
    /// Replays the day recorded in this journal directory (read-only; safe while a server writes
    /// to it)
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["only", "replications", "staff"])]
    journal: Option<PathBuf>,
    /// With --journal: also replays it with N more agents, like those on duty longest
    #[arg(long, value_name = "N", requires = "journal", conflicts_with = "file", value_parser = clap::value_parser!(u16).range(1..))]
    more_agents: Option<u16>,
    /// With --journal: also replays it with N fewer agents, leaving out those on duty longest
    #[arg(long, value_name = "N", requires = "journal", conflicts_with = "file", value_parser = clap::value_parser!(u16).range(1..))]
    without_agents: Option<u16>,
    /// Server configuration to simulate instead of the file's policies or the journal's own;
    /// repeatable
    #[arg(long, value_name = "FILE")]
    config: Vec<PathBuf>,
    /// Only policies whose name contains TEXT
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Seed [default: the file's, or 1]
    #[arg(long)]
    seed: Option<u64>,
    /// Number of replications [default: the file's, or 1]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=i64::from(REPLICATIONS_MAX)))]
    replications: Option<u32>,
    /// Scales the file's roster by FACTOR (not with --config)
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, conflicts_with = "config", value_parser = factor)]
    staff: f64,
    /// Also writes the report as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Writes charts into this folder, as SVG and PNG
    #[arg(long, value_name = "FOLDER")]
    charts: Option<PathBuf>,
}

/// The largest factor to scale the roster by.
const FACTOR_MAX: f64 = 100.0;

fn factor(text: &str) -> Result<f64, String> {
    let factor = text.parse().ok();
    let factor = factor.filter(|factor| (0.0..=FACTOR_MAX).contains(factor));
    factor.ok_or_else(|| format!("allowed: 0 to {FACTOR_MAX}"))
}

pub(super) fn run(args: &Args) -> ExitCode {
    if let Err(faults) = try_output(args) {
        return say::refused(&faults);
    }
    match (&args.journal, &args.file) {
        (Some(folder), _) => journal::run(args, folder),
        (None, Some(file)) => run_file(args, file),
        (None, None) => say::refused(&["a file or --journal FOLDER is needed".to_owned()]),
    }
}

fn run_file(args: &Args, file: &Path) -> ExitCode {
    let mut rehearsal = match Rehearsal::load(file) {
        Ok(rehearsal) => rehearsal,
        Err(faults) => return say::refused(&[faults.to_string()]),
    };
    rehearsal.seed = args.seed.unwrap_or(rehearsal.seed);
    rehearsal.replications = args.replications.unwrap_or(rehearsal.replications);
    let contenders = match contenders(args, &mut rehearsal) {
        Ok(contenders) => contenders,
        Err(faults) => return say::refused(&faults),
    };
    let report = rehearse(&rehearsal, &contenders);
    show(args, &report, &rehearsal.workload)
}

/// Fails early, before a report is computed that cannot be written.
fn try_output(args: &Args) -> Result<(), Vec<String>> {
    output::try_file("--json", args.json.as_deref())?;
    output::try_folder("--charts", args.charts.as_deref())
}

/// Writes the report in every requested form.
fn show(args: &Args, report: &Report, workload: &Workload) -> ExitCode {
    let told = say::answer(&report.text());
    if let Some(path) = &args.json
        && let Err(fault) = output::write(path, report.json().as_bytes())
    {
        return say::failed(&fault);
    }
    let drawn = args.charts.as_deref();
    let drawn = drawn.map_or(Ok(()), |folder| drawing::draw(report, workload, folder));
    match drawn.and(told) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => say::failed(&fault),
    }
}

/// The policies or configurations to compare. Without a zone of its own, the day is moved to that
/// of the configurations.
fn contenders(args: &Args, rehearsal: &mut Rehearsal) -> Result<Vec<Contender>, Vec<String>> {
    let mut contenders = Vec::new();
    let mut zones = BTreeMap::new();
    let mut faults = Vec::new();
    for path in &args.config {
        let config = Config::load(path).map_err(|faults| vec![faults.to_string()])?;
        let hours = config.routing.hours.iter().map(|hours| hours.hours.zone());
        zones.extend(hours.map(|zone| (zone.name().to_owned(), zone.clone())));
        faults.extend(strangers(&rehearsal.workload, path, &config.routing));
        contenders.push(Contender::Routing {
            name: path.display().to_string(),
            options: Box::new(config.routing),
        });
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    settle(rehearsal, &zones)?;
    if let (true, Some(floor)) = (contenders.is_empty(), &rehearsal.floor) {
        let policies = rehearsal.policies.iter().map(|policy| Contender::Policy {
            policy: policy.clone(),
            floor: floor.scaled(args.staff),
        });
        contenders.extend(policies);
    }
    if contenders.is_empty() {
        let allowed = "[staff] and [[policy]] in the file, or --config FILE";
        return Err(vec![format!("nothing to rehearse, allowed: {allowed}")]);
    }
    match &args.only {
        Some(only) => named(contenders, only),
        None => Ok(contenders),
    }
}

/// The topics and tiers of the day that a configuration does not have. One without any topics takes
/// all of them in its default queue.
fn strangers(workload: &Workload, path: &Path, options: &Options) -> Vec<String> {
    let path = path.display();
    let fault = |key: &str, at: usize, name: &Name, known: &BTreeSet<&Name>| {
        let known: Vec<&str> = known.iter().map(|name| name.as_str()).collect();
        let known = known.join(", ");
        format!("{key}[{at}].id: \"{name}\", allowed: a {key} of {path} ({known})")
    };
    let topics = options.queues.iter().flat_map(|queue| &queue.topics);
    let topics: BTreeSet<&Name> = topics.collect();
    let tiers: BTreeSet<&Name> = options.tiers.iter().map(|tier| &tier.name).collect();
    let strange = |topic: &Name| !topics.is_empty() && !topics.contains(topic);
    let of_day = workload.topics.iter().enumerate();
    let of_day = of_day.filter(|(_, topic)| strange(&topic.name));
    let by_topic = of_day.map(|(at, topic)| fault("topic", at, &topic.name, &topics));
    let of_day = workload.tiers.iter().enumerate();
    let of_day = of_day.filter(|(_, tier)| !tiers.contains(&tier.name));
    let by_tier = of_day.map(|(at, tier)| fault("tier", at, &tier.name, &tiers));
    by_topic.chain(by_tier).collect()
}

/// Without a zone in the file, the day is moved to the one zone of all business hours.
fn settle(rehearsal: &mut Rehearsal, zones: &BTreeMap<String, Zone>) -> Result<(), Vec<String>> {
    if rehearsal.calendar.zone().is_some() {
        return Ok(());
    }
    if zones.len() > 1 {
        let names: Vec<&str> = zones.keys().map(String::as_str).collect();
        let names = names.join(", ");
        return Err(vec![format!(
            "day.zone: missing, as business hours are in several, allowed: one of {names}"
        )]);
    }
    if let Some(zone) = zones.values().next() {
        return rehearsal.move_to(zone).map_err(|fault| vec![fault]);
    }
    Ok(())
}

fn named(contenders: Vec<Contender>, only: &str) -> Result<Vec<Contender>, Vec<String>> {
    let names: Vec<String> = contenders
        .iter()
        .map(|contender| contender.name().to_owned())
        .collect();
    let mut those = contenders;
    those.retain(|contender| contender.name().contains(only));
    if those.is_empty() {
        let names = names.join(", ");
        return Err(vec![format!("--only: {only}, allowed: a part of {names}")]);
    }
    Ok(those)
}

/// Plays every contender's replications on all processors; the result does not depend on their
/// number.
fn rehearse(rehearsal: &Rehearsal, contenders: &[Contender]) -> Report {
    let count = rehearsal.replications as usize;
    let jobs = contenders.len() * count;
    // A day is large, and only the first of each contender is drawn.
    let play = |job: usize| {
        let number = u32::try_from(job % count).expect("replications are few");
        let day = contenders[job / count].play(&rehearsal.workload, rehearsal.seed, number);
        (
            day.figures(&rehearsal.workload),
            (number == 0).then_some(day),
        )
    };
    let mut played = parallel::all(jobs, play, |done| show_progress(done, jobs)).into_iter();
    let mut columns = Vec::new();
    for contender in contenders {
        let (figures, days): (Vec<_>, Vec<_>) = played.by_ref().take(count).unzip();
        let first = days.into_iter().flatten().next().unwrap_or_default();
        let column = Column::over(contender.name().to_owned(), figures, first);
        columns.push(column.aiming_at(contender.goals()));
    }
    tell_pace(&rehearsal.workload, jobs);
    Report {
        title: rehearsal.workload.title.clone(),
        replications: rehearsal.replications,
        seed: rehearsal.seed,
        columns,
        notes: Vec::new(),
    }
}

/// Prints the processor time. Not part of the report, which is the same on any machine.
fn tell_pace(workload: &Workload, jobs: usize) {
    let days = f64::from(workload.days_before) * workload.days_before_factor + 1.0;
    let contacts = workload.contacts() * days;
    let used = clock_gettime(ClockId::ProcessCPUTime);
    let used_s = used.tv_sec as f64 + used.tv_nsec as f64 / 1e9;
    let each_s = used_s / jobs as f64;
    let plural = if jobs == 1 { "" } else { "s" };
    say::warn(&format_args!(
        "{jobs} day{plural} of {contacts:.0} contacts, {each_s:.2} s of CPU time each"
    ));
}

fn show_progress(done: usize, jobs: usize) {
    const WIDTH: usize = 40;
    let mut out = io::stderr();
    if !out.is_terminal() {
        return;
    }
    let filled = WIDTH * done / jobs;
    let bar = "█".repeat(filled) + &"░".repeat(WIDTH - filled);
    let end = if done == jobs { "\n" } else { "" };
    let _ = write!(out, "\r{bar} {done} of {jobs} days{end}").and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::Args;

    #[derive(Debug, Parser)]
    struct Simulate {
        #[command(flatten)]
        _args: Args,
    }

    #[test]
    fn more_or_fewer_agents_are_for_journals_only() {
        let said = |words: &str| Simulate::try_parse_from(words.split(' ')).is_ok();
        assert!(said("simulate day.toml"));
        assert!(said("simulate --journal data --more-agents 2"));
        assert!(said("simulate day.toml --staff 0.9"));
        assert!(!said("simulate day.toml --staff 0.9 --config new.toml"));
        assert!(!said("simulate --journal data --staff 0.9"));
        assert!(!said("simulate day.toml --journal data"));
        for option in ["--more-agents 2", "--without-agents 2"] {
            assert!(!said(&format!("simulate day.toml {option}")), "{option}");
        }
    }

    #[test]
    fn without_file_or_journal_both_are_named() {
        let fault = Simulate::try_parse_from(["simulate"])
            .unwrap_err()
            .to_string();
        assert!(fault.contains("<FILE|--journal <FOLDER>>"), "{fault}");
    }
}
