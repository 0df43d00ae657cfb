//! The day files that ship with the program.

use std::collections::BTreeSet;

use super::*;

const DAY: &str = include_str!("../../../config/rehearsal.toml");

/// The required keys of [`DAY`], and an empty policy for its roster.
const LEAST_DAY: &str = "
title = 'A small day'
day = { opens = '09:00', contacts = 80, shares = [1, 2, 2, 1] }
channels.hotline = { share = 1, effort_s = 240 }
topic = [{ id = 'billing', share = 1 }]
tier = [{ id = 'basic', share = 1 }]
grade = [{}]
staff.hotline = [3, 5, 5, 3]
policy = [{ name = 'due' }]
";

/// One unknown key in every table that the reader knows.
const NOSY: &str = "
zzz = 1
day.zzz = 1
channels.zzz = 1
channels.app = { zzz = 1, patience.zzz = 1 }
topic = [{ zzz = 1 }]
tier = [{ zzz = 1 }]
grade = [{ zzz = 1 }]
surge = [{ zzz = 1 }]
staff.zzz = 1
policy = [{ zzz = 1 }]
[work]
zzz = 1
acquaintance.zzz = 1
repeats.zzz = 1
redials.zzz = 1
answers.zzz = 1
breaks = [{ zzz = 1 }]
";

fn rehearsal(text: &str) -> Rehearsal {
    Rehearsal::parse(text).unwrap_or_else(|faults| panic!("{faults}\n\n{text}"))
}

#[test]
fn the_day_file_shows_the_defaults() {
    assert_eq!(rehearsal(DAY), rehearsal(LEAST_DAY));
}

#[test]
fn the_day_file_shows_every_key() {
    let faults = Rehearsal::parse(NOSY).unwrap_err();
    let unknown = faults.iter().filter(|fault| fault.found == "unknown key");
    let lists: Vec<&str> = unknown.map(|fault| fault.allowed.as_str()).collect();
    assert_eq!(lists.len(), NOSY.matches("zzz").count());
    let keys = lists.iter().flat_map(|list| list.split(", "));
    let keys: BTreeSet<&str> = keys.collect();
    assert!(keys.len() > 50, "{keys:?}");
    for key in keys {
        let shown = ["{} = ", "[{}]", "[channels.{}]"].map(|form| form.replace("{}", key));
        assert!(
            shown.iter().any(|form| DAY.contains(form.as_str())),
            "config/rehearsal.toml does not show {key}"
        );
    }
}

#[test]
fn the_examples_in_the_day_file_contradict_each_other_only_where_one_excludes_the_other() {
    let lines = DAY.lines().map(|line| match line.strip_prefix('#') {
        Some(example) if !example.is_empty() && !example.starts_with(' ') => example,
        _ => line,
    });
    let examples: String = lines.map(|line| format!("{line}\n")).collect();
    let faults = Rehearsal::parse(&examples).unwrap_err();
    let paths: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
    // The order of the policy is "due".
    assert_eq!(
        paths,
        ["policy[0].weights", "policy[0].convex_s"],
        "{faults}"
    );
}
