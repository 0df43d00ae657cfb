//! Replayed days: the same configuration reproduces the recorded waits, and more agents never make
//! them worse.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use switchboard::config::Rehearsal;
use switchboard::domain::{Channel, Millis};
use switchboard::engine::event::Recorded;
use switchboard::engine::options::Options;
use switchboard::sim::contender::Contender;
use switchboard::sim::day::Day;
use switchboard::sim::recorded::{RecordedDay, Recording, column, notes, replay, with_staff};
use switchboard::sim::report::Report;
use switchboard::sim::workload::Answers;
use switchboard::store::journal as journal_store;
use switchboard::store::journal::{Journal, RecordBatch};

const OUTAGE_DAY: &str = include_str!("../../config/outage_day.toml");

/// The outage day with an eighth of its contacts and slightly more of its agents, as a journal:
/// agents think about offers, and decline or ignore some.
fn journal() -> Vec<Recorded> {
    let mut rehearsal = Rehearsal::parse(OUTAGE_DAY).unwrap();
    let workload = &mut rehearsal.workload;
    workload.days_before = 0;
    workload.answers = Answers {
        after_s: 2.0,
        declined: 0.02,
        ignored: 0.01,
    };
    for slot in &mut workload.arrivals {
        slot.0 = slot.0.map(|contacts| contacts / 8.0);
    }
    let contender = Contender::Policy {
        policy: rehearsal.policies.pop().unwrap(),
        floor: rehearsal.floor.unwrap().scaled(1.15 / 8.0),
    };
    contender.record(&rehearsal.workload, 5, 0)
}

fn day() -> RecordedDay {
    let mut recording = Recording::new();
    for recorded in journal() {
        recording.take(recorded);
    }
    recording.finish().unwrap()
}

/// A segment that is blank after its header is still empty.
const SEGMENT_HEADER_BYTES: usize = 512;

type Key = (i64, Channel, usize);

fn waits(day: &Day) -> BTreeMap<Key, Vec<(i64, bool)>> {
    let mut waits: BTreeMap<Key, Vec<(i64, bool)>> = BTreeMap::new();
    for wait in &day.waits {
        let key = (wait.queued_at_ms, wait.channel, wait.tier);
        waits
            .entry(key)
            .or_default()
            .push((wait.ms, wait.is_answered()));
    }
    waits
}

fn in_time_percent(day: &Day) -> f64 {
    let in_time = day.waits.iter().filter(|wait| wait.in_time).count();
    100.0 * in_time as f64 / day.waits.len() as f64
}

#[test]
fn the_same_configuration_reproduces_the_recorded_waits() {
    let day = day();
    let frame = day.frame("A day");
    let was = day.as_recorded(&frame).day;
    let (options, crew) = with_staff(&day, &day.options, 0);
    let is = replay(&day, &frame, &options, &crew, 1).day;
    let (was_waits, is_waits) = (waits(&was), waits(&is));
    let same = was_waits
        .iter()
        .filter(|(key, waits)| is_waits.get(*key) == Some(waits));
    let share = same.count() as f64 / was_waits.len() as f64;
    let (before, after) = (in_time_percent(&was), in_time_percent(&is));
    eprintln!(
        "{:.4} of {} waits are the same; {before:.2} % and {after:.2} % in time",
        share,
        was_waits.len()
    );
    assert!(share > 0.98, "{share}");
    assert!((before - after).abs() < 2.0, "{before} {after}");
    assert!((was.agent_hours - is.agent_hours).abs() < 1e-6);
}

#[test]
fn two_more_agents_make_nothing_worse_and_two_fewer_nothing_better() {
    let day = day();
    let frame = day.frame("A day");
    let in_time = |change| {
        let (options, crew) = with_staff(&day, &day.options, change);
        in_time_percent(&replay(&day, &frame, &options, &crew, 1).day)
    };
    let (fewer, same, more) = (in_time(-2), in_time(0), in_time(2));
    eprintln!("{fewer:.2} % {same:.2} % {more:.2} %");
    assert!(fewer <= same && same <= more, "{fewer} {same} {more}");
}

#[test]
fn the_same_journal_and_configuration_give_the_same_report_to_the_byte() {
    let report = || {
        let day = day();
        let frame = day.frame("A day");
        let (options, crew) = with_staff(&day, &day.options, 1);
        let again = replay(&day, &frame, &options, &crew, 1);
        let columns = vec![
            column("as recorded".to_owned(), &frame, day.as_recorded(&frame)),
            column("one more".to_owned(), &frame, again),
        ];
        Report {
            title: frame.title,
            replications: 1,
            seed: 1,
            columns,
            notes: notes::of_day(&day),
        }
    };
    let (once, again) = (report(), report());
    assert_eq!(once.text(), again.text());
    assert_eq!(once.json(), again.json());
    for figure in ["within_target_diamond", "abandoned_basic", "p95_gold"] {
        assert!(once.columns[0].mean(figure).is_some(), "{figure}");
    }
}

#[test]
fn what_a_configuration_lacks_of_the_day_is_noted() {
    let mut day = day();
    assert_eq!(notes::of_variant(&day, "same", &day.options, 0), None);
    assert_eq!(
        notes::of_variant(&day, "same", &day.options, -2).unwrap(),
        "same: agents a0, a5 left out."
    );
    let mut options = Options::clone(&day.options);
    let first = options.queues.remove(0).id;
    let agent = options.agents.remove(0).id;
    let told = notes::of_variant(&day, "new", &options, -9_999).unwrap();
    assert!(
        told.starts_with(&format!("new: without queue {first} (")),
        "{told}"
    );
    assert!(
        told.contains(&format!("; without agent {agent}; it has ")),
        "{told}"
    );
    assert!(told.ends_with(" agents, so that none is left."), "{told}");
    day.under_way = 1;
    let told = notes::of_day(&day);
    assert_eq!(
        told[0],
        "Left out: 1 contact under way when the journal begins."
    );
}

#[test]
fn a_journal_that_breaks_off_leaves_waiting_contacts_waiting() {
    let mut events = journal();
    events.truncate(events.len() / 2);
    let mut recording = Recording::new();
    for recorded in events {
        recording.take(recorded);
    }
    let day = recording.finish().unwrap();
    assert!(day.span() > Millis::ZERO);
    let frame = day.frame("Half a day");
    let was = day.as_recorded(&frame);
    let (options, crew) = with_staff(&day, &day.options, 0);
    let is = replay(&day, &frame, &options, &crew, 1);
    eprintln!("{} {} still wait", was.waiting, is.waiting);
    let told = notes::of_day(&day);
    assert!(told[0].contains(" still open when it ends"), "{told:?}");
    assert!(was.waiting.abs_diff(is.waiting) <= 3);
    let (before, after) = (in_time_percent(&was.day), in_time_percent(&is.day));
    assert!((before - after).abs() < 2.0, "{before} {after}");
}

#[test]
fn a_journal_without_configuration_is_no_day() {
    assert!(Recording::new().finish().is_none());
}

/// A journal as a server writes it, locked until it is dropped.
fn journal_in(folder: &Path, events: &[Recorded]) -> Journal {
    let options = journal_store::JournalOptions::new("rehearsal", 1 << 20).unwrap();
    let (mut journal, _) =
        Journal::open(folder, &options, 1, &mut |_, _| Ok(()), &mut |_| {}).unwrap();
    for events in events.chunks(100) {
        let mut batch = RecordBatch::new();
        for event in events {
            batch.push(&minicbor::to_vec(event).unwrap());
        }
        journal.append(&mut batch).unwrap();
    }
    journal
}

fn simulate(folder: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.args(["simulate", "--journal"]).arg(folder);
    command.args(more).output().unwrap()
}

#[test]
fn the_journal_of_a_running_server_is_read_and_nothing_in_its_folder_changes() {
    let folder = tempfile::tempdir().unwrap();
    let _held = journal_in(folder.path(), &journal());
    let written = || {
        let mut files = BTreeMap::new();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let file = file.unwrap();
            // The server that holds the journal may be creating its next, empty segment.
            let (name, bytes) = (file.file_name(), std::fs::read(file.path()));
            files.insert(name, bytes.unwrap_or_default());
        }
        let prepared = |name: &std::ffi::OsString, bytes: &Vec<u8>| {
            let name = name.to_string_lossy();
            name.ends_with(".tmp")
                || name.ends_with(".segment")
                    && bytes
                        .iter()
                        .skip(SEGMENT_HEADER_BYTES)
                        .all(|byte| *byte == 0)
        };
        files.retain(|name, bytes| !prepared(name, bytes));
        files
    };
    let before = written();
    let once = simulate(folder.path(), &["--more-agents", "2"]);
    let again = simulate(folder.path(), &["--more-agents", "2"]);
    let told = String::from_utf8_lossy(&once.stdout);
    assert_eq!(once.status.code(), Some(0), "{once:?}");
    assert!(told.contains("; hotline to its own "), "{told}");
    assert!(
        told.contains("| | as recorded | same configuration | same configuration, 2 more |"),
        "{told}"
    );
    assert_eq!(once.stdout, again.stdout);
    assert!(before.len() > 1, "{:?}", before.keys());
    assert!(written() == before, "{:?}", written().keys());
}

#[test]
fn a_folder_without_a_journal_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let output = simulate(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("there is no journal in"), "{told}");
}
