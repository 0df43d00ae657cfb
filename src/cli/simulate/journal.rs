//! `switchboard simulate --journal FOLDER`: compares a recorded day with replays of it under other
//! configurations, or with more or fewer agents.
//!
//! **Invariant:** the folder is only read, without taking its lock.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use crate::cli::say;
use crate::cli::simulate::{Args, show};
use crate::config::Config;
use crate::domain::{Millis, counted, instant};
use crate::engine::Engine;
use crate::engine::event::Recorded;
use crate::engine::options::Options;
use crate::sim::contender::goals;
use crate::sim::day::time_of_day;
use crate::sim::recorded::{RecordedDay, Recording, column, notes, replay, with_staff};
use crate::sim::report::Report;
use crate::store::{journal, snapshot};

/// A configuration to replay the day with, and how many agents are added or left out.
struct Variant {
    name: String,
    options: Arc<Options>,
    change: i32,
}

pub(super) fn run(args: &Args, folder: &Path) -> ExitCode {
    let variants = match configurations(args) {
        Ok(configurations) => configurations,
        Err(faults) => return say::refused(&faults),
    };
    let day = match read(folder) {
        Ok(day) => day,
        Err(fault) => return say::failed(&fault),
    };
    if args.charts.is_some() && !day.is_within_a_day() {
        let fault = "charts cover one day, and the journal is longer";
        return say::refused(&[format!("--charts: {fault}")]);
    }
    let report = play(args, &day, variants);
    show(args, &report, &day.frame(&report.title))
}

fn configurations(args: &Args) -> Result<Vec<(String, Arc<Options>)>, Vec<String>> {
    let load = |path: &std::path::PathBuf| {
        let config = Config::load(path).map_err(|faults| vec![faults.to_string()])?;
        Ok((path.display().to_string(), Arc::new(config.routing)))
    };
    args.config.iter().map(load).collect()
}

fn play(args: &Args, day: &RecordedDay, configurations: Vec<(String, Arc<Options>)>) -> Report {
    // The times of a longer journal need their dates.
    let is_long = day.ends_at - day.begins_at >= Millis::from_s(24 * 60 * 60);
    let at = |at| {
        if is_long {
            instant::print(at)
        } else {
            format!("{} UTC", time_of_day(at))
        }
    };
    let title = format!(
        "{} from {} to {}",
        counted(day.matters.len() as u64, "contact"),
        at(day.begins_at),
        at(day.ends_at)
    );
    let frame = day.frame(&title);
    let seed = args.seed.unwrap_or(1);
    let recorded = day.as_recorded(&frame);
    let goals = goals(&day.options);
    let recorded = column("as recorded".to_owned(), &frame, recorded);
    let mut columns = vec![recorded.aiming_at(goals.clone())];
    let mut notes = notes::of_day(day);
    for variant in variants(args, day, configurations) {
        say::warn(&format_args!("replaying: {}", variant.name));
        let Variant {
            name,
            options,
            change,
        } = &variant;
        notes.extend(notes::of_variant(day, name, options, *change));
        let (options, crew) = with_staff(day, &variant.options, variant.change);
        let replayed = replay(day, &frame, &options, &crew, seed);
        let column = column(variant.name, &frame, replayed);
        columns.push(column.aiming_at(goals.clone()));
    }
    Report {
        title,
        replications: 1,
        seed,
        columns,
        notes,
    }
}

fn variants(
    args: &Args,
    day: &RecordedDay,
    mut configurations: Vec<(String, Arc<Options>)>,
) -> Vec<Variant> {
    if configurations.is_empty() {
        configurations.push(("same configuration".to_owned(), Arc::clone(&day.options)));
    }
    let more = args.more_agents.map(i32::from);
    let fewer = args.without_agents.map(|agents| -i32::from(agents));
    let changes: Vec<i32> = [Some(0), more, fewer].into_iter().flatten().collect();
    let mut variants = Vec::new();
    for (name, options) in configurations {
        for change in &changes {
            let name = match change.signum() {
                0 => name.clone(),
                1 => format!("{name}, {change} more"),
                _ => format!("{name}, {} fewer", -change),
            };
            variants.push(Variant {
                name,
                options: Arc::clone(&options),
                change: *change,
            });
        }
    }
    variants
}

/// Reads the whole journal, or from its oldest snapshot on if its beginning has been removed.
fn read(folder: &Path) -> Result<RecordedDay, String> {
    let (site, first) = journal::identify(folder).map_err(|error| error.to_string())?;
    let (mut recording, from) = if first <= 1 {
        (Recording::new(), 1)
    } else {
        let engine = oldest(folder, first)?;
        (Recording::after(&engine), engine.seq() + 1)
    };
    let mut each = |seq: u64, bytes: &[u8]| {
        let recorded: Recorded = minicbor::decode(bytes).map_err(|error| error.to_string())?;
        if recorded.seq != seq {
            return Err(format!("it holds event {}", recorded.seq));
        }
        recording.take(recorded);
        Ok(())
    };
    journal::read_all(folder, &site, from, &mut each).map_err(|error| error.to_string())?;
    let day = recording.finish();
    day.ok_or_else(|| format!("{}: the journal is empty", folder.display()))
}

fn oldest(folder: &Path, first: u64) -> Result<Engine, String> {
    let found = snapshot::oldest(folder).map_err(|error| error.to_string())?;
    let found = found.filter(|snapshot| snapshot.seq + 1 >= first);
    let found = found.ok_or_else(|| {
        let folder = folder.display();
        format!("{folder}: the journal begins with event {first}, and there is no snapshot to start from")
    })?;
    Engine::restore(&found.payload)
}
