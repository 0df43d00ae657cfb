//! `switchboard plan FILE`: the smallest roster for a day, found by simulation.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use toml_edit::{Array, DocumentMut, Item, TomlError, Value};

use crate::cli::{output, parallel, say};
use crate::config::{REPLICATIONS_MAX, Rehearsal};
use crate::domain::Channel;
use crate::sim::contender::Contender;
use crate::sim::plan::{self, Plan};
use crate::sim::policy::Policy;
use crate::sim::staff::Roster;
use crate::sim::workload::Workload;

/// The table that holds the roster.
const STAFF: &str = "staff";

/// Finds the smallest roster with which every channel reaches the goal in every slot of a day
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Day file (TOML; config/rehearsal.toml shows every key); its roster is replaced
    file: PathBuf,
    /// Policy to plan for: its name, or an unambiguous part of it [default: the last in the file]
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// Service level to reach, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 80, value_parser = clap::value_parser!(u32).range(1..=99))]
    goal_percent: u32,
    /// Seed [default: the file's, or 1]
    #[arg(long)]
    seed: Option<u64>,
    /// Number of days to simulate with each candidate roster
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=i64::from(REPLICATIONS_MAX)))]
    replications: u32,
    /// Also writes the plan as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Writes a copy of the input with the new roster to FILE
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> ExitCode {
    let mut rehearsal = match Rehearsal::load(&args.file) {
        Ok(rehearsal) => rehearsal,
        Err(faults) => return say::refused(&[faults.to_string()]),
    };
    rehearsal.seed = args.seed.unwrap_or(rehearsal.seed);
    let (policy, floor) = match policy(args, &rehearsal) {
        Ok(found) => found,
        Err(fault) => return say::refused(&[fault]),
    };
    let places = [("--json", &args.json), ("--write", &args.write)];
    for (option, path) in places {
        if let Err(faults) = output::try_file(option, path.as_deref()) {
            return say::refused(&faults);
        }
    }
    let workload = &rehearsal.workload;
    let start = plan::start(workload, &floor.levels, goal(args));
    if let Some(fault) = plan::is_beyond(&start, workload) {
        return say::refused(&[fault]);
    }
    let plan = search(args, &rehearsal, &policy, start);
    let told = say::answer(&plan.text(workload, &policy.name, args.goal_percent));
    if !plan.anybody_came() {
        return say::failed(&"nobody came on any of the days, so nothing is planned or written");
    }
    let written = write(args, &plan, workload, &policy.name);
    match written.and(told) {
        Ok(()) if plan.reaches => ExitCode::SUCCESS,
        Ok(()) => say::failed(&"the goal was not reached in every slot"),
        Err(fault) => say::failed(&fault),
    }
}

fn policy(args: &Args, rehearsal: &Rehearsal) -> Result<(Policy, Roster), String> {
    let Some(floor) = &rehearsal.floor else {
        return Err("[staff]: missing, and its levels are needed for the agents".to_owned());
    };
    let policy = match &args.policy {
        Some(wanted) => named(&rehearsal.policies, wanted)?,
        None => rehearsal.policies.last(),
    };
    let policy = policy.ok_or("[[policy]]: missing, allowed: one or more")?;
    Ok((policy.clone(), floor.clone()))
}

/// The policy with this name, or else the only one whose name contains it.
fn named<'p>(policies: &'p [Policy], wanted: &str) -> Result<Option<&'p Policy>, String> {
    if let Some(policy) = policies.iter().find(|policy| policy.name == wanted) {
        return Ok(Some(policy));
    }
    let fits = |policy: &&Policy| policy.name.contains(wanted);
    let found: Vec<&Policy> = policies.iter().filter(fits).collect();
    let names = |those: &[&Policy]| {
        let names = those.iter().map(|policy| policy.name.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    match found[..] {
        [policy] => Ok(Some(policy)),
        [] => {
            let all: Vec<&Policy> = policies.iter().collect();
            let allowed = names(&all);
            Err(format!("--policy: {wanted}, allowed: a part of {allowed}"))
        }
        [..] => {
            let allowed = names(&found);
            Err(format!("--policy: {wanted}, allowed: one of {allowed}"))
        }
    }
}

fn goal(args: &Args) -> f64 {
    f64::from(args.goal_percent) / 100.0
}

fn search(args: &Args, rehearsal: &Rehearsal, policy: &Policy, start: Roster) -> Plan {
    let workload = &rehearsal.workload;
    let mut simulate = |floor: &Roster| {
        let contender = Contender::Policy {
            policy: policy.clone(),
            floor: floor.clone(),
        };
        let play = |job: usize| {
            let number = u32::try_from(job).expect("replications are few");
            contender.play(workload, rehearsal.seed, number)
        };
        parallel::all(args.replications as usize, play, |_| {})
    };
    let mut progress = |round: u32, roster: &Roster| {
        let hours = roster.agent_hours(workload.slot);
        say::warn(&format_args!("round {round}: {hours:.0} agent-hours"));
    };
    plan::plan(workload, start, goal(args), &mut simulate, &mut progress)
}

fn write(args: &Args, plan: &Plan, workload: &Workload, policy: &str) -> Result<(), String> {
    if let Some(path) = &args.json {
        let plan = plan.json(workload, policy, args.goal_percent);
        output::write(path, plan.as_bytes())?;
    }
    if let Some(path) = &args.write {
        let source = fs::read_to_string(&args.file);
        let source = source.map_err(|error| format!("{}: {error}", args.file.display()))?;
        let planned = with_staff(&source, &plan.roster)
            .map_err(|fault| format!("{}: {fault}", args.file.display()))?;
        output::write(path, planned.as_bytes())?;
    }
    Ok(())
}

/// The same file with another roster. Only the agents in `[staff]` change; the result is parsed
/// again to prove it.
fn with_staff(source: &str, roster: &Roster) -> Result<String, String> {
    let mut document: DocumentMut = source
        .parse()
        .map_err(|error: TomlError| error.to_string())?;
    let staff = document.get_mut(STAFF).and_then(Item::as_table_like_mut);
    let staff = staff.ok_or_else(|| format!("{STAFF}: not a table"))?;
    for channel in Channel::ALL {
        let slots = roster.on_duty.iter();
        let agents: Array = slots.map(|slot| i64::from(*slot.get(channel))).collect();
        let is_empty = roster.on_duty.iter().all(|slot| *slot.get(channel) == 0);
        match staff.get_mut(channel.name()).and_then(Item::as_value_mut) {
            Some(known) => {
                let decor = known.decor().clone();
                *known = Value::Array(agents);
                *known.decor_mut() = decor;
            }
            None if is_empty => {}
            None => {
                staff.insert(channel.name(), Item::Value(Value::Array(agents)));
            }
        }
    }
    let planned = document.to_string();
    let parse = |text: &str| Rehearsal::parse(text).map_err(|faults| faults.to_string());
    let (mut before, after) = (parse(source)?, parse(&planned)?);
    before.floor = Some(roster.clone());
    let is_it = before == after;
    is_it
        .then_some(planned)
        .ok_or_else(|| format!("{STAFF}: the roster cannot be written here"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEAK_DAY: &str = include_str!("../../config/peak_day.toml");

    #[test]
    fn a_part_of_a_name_is_enough_where_it_fits_one_policy() {
        let policies = Rehearsal::parse(PEAK_DAY).unwrap().policies;
        let said = |wanted: &str| {
            let found = named(&policies, wanted);
            found.map(|policy| policy.unwrap().name.clone())
        };
        assert_eq!(said("due").unwrap(), "due");
        assert_eq!(said("one floor").unwrap(), "P2 one floor");
        assert_eq!(said("P0 silos").unwrap(), "P0 silos");
        assert_eq!(
            said("silos").unwrap_err(),
            "--policy: silos, allowed: one of P0 silos, P1 silos by skill"
        );
        let nothing = said("nope").unwrap_err();
        assert!(nothing.starts_with("--policy: nope, allowed: a part of P0 silos, P1"));
    }

    #[test]
    fn a_written_roster_is_read_back_and_nothing_else_changes() {
        let before = Rehearsal::parse(PEAK_DAY).unwrap();
        let roster = before.floor.clone().unwrap().scaled(0.5);
        let after = Rehearsal::parse(&with_staff(PEAK_DAY, &roster).unwrap()).unwrap();
        assert_eq!(after.floor, Some(roster));
        assert_eq!(after.workload, before.workload);
        assert_eq!(after.policies, before.policies);
    }

    #[test]
    fn a_roster_is_written_however_the_file_writes_its_own() {
        let roster = Rehearsal::parse(PEAK_DAY).unwrap().floor.unwrap();
        let roster = roster.scaled(0.5);
        let written = |source: &str| {
            let floor = Rehearsal::parse(source).unwrap().floor.unwrap();
            let planned = Roster {
                levels: floor.levels,
                ..roster.clone()
            };
            let text = with_staff(source, &planned).unwrap();
            assert_eq!(Rehearsal::parse(&text).unwrap().floor, Some(planned));
            text
        };
        let begins = PEAK_DAY.find("[staff]").unwrap();
        let ends = PEAK_DAY.find("[[policy]]").unwrap();
        let (head, tail) = (&PEAK_DAY[..begins], &PEAK_DAY[ends..]);
        let nines = format!("[{}]", ["9"; 28].join(", "));
        for staff in [
            format!("[staff] # who\nhotline = {nines} # calls\n"),
            format!("[ staff ]\n'hotline' = {nines}\n[[policy]] # one, more\nname = \"x\"\n"),
            format!("[staff]\nlevels = [\n  3, # best\n]\nhotline = {nines}\n"),
        ] {
            let text = written(&format!("{head}{staff}{tail}"));
            for comment in staff.split('#').skip(1) {
                let comment = comment.lines().next().unwrap();
                assert!(text.contains(comment), "{comment}");
            }
        }
        written(&format!("staff = {{ hotline = {nines} }}\n{head}{tail}"));
        written(&format!("staff.hotline = {nines}\n{head}{tail}"));
    }
}
