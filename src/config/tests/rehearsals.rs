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
    let lists = unknown(&faults);
    assert_eq!(lists.len(), NOSY.matches("zzz").count());
    let keys = lists.values().flat_map(|list| list.split(", "));
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
fn what_an_unknown_key_is_told_does_not_depend_on_the_other_keys() {
    assert_told_the_same(NOSY, |text| Rehearsal::parse(text).unwrap_err());
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
    // There are no days before, and the order of the policy is "due".
    assert_eq!(
        paths,
        [
            "day.days_before_factor",
            "policy[0].weights",
            "policy[0].convex_s"
        ],
        "{faults}"
    );
}

/// The faults of [`LEAST_DAY`] with one of its lines changed.
fn refused(line: &str, by: &str) -> Vec<String> {
    let text = LEAST_DAY.replace(line, by);
    assert_ne!(text, LEAST_DAY, "{line}");
    let faults = Rehearsal::parse(&text).unwrap_err();
    faults.iter().map(Fault::to_string).collect()
}

#[test]
fn faults_in_a_list_name_the_item() {
    let day = "shares = [1, 2, 2, 1] }";
    let expected = [
        "day.shares[1]: -0.5, allowed: 0.0..=1000000000.0 (line 3)",
        "day.shares[3]: \"b\", allowed: 0.0..=1000000000.0 (line 3)",
    ];
    assert_eq!(refused(day, "shares = [1, -0.5, 2, 'b'] }"), expected);
    let expected = ["day.shares: a list of 0, allowed: a list of 1..=288 numbers (line 3)"];
    assert_eq!(refused(day, "shares = [] }"), expected);
    let policy = "policy = [{ name = 'due' }]";
    let head_start = "policy = [{ name = 'due', head_start_s = [4000] }]";
    let expected = ["policy[0].head_start_s[0]: 4000, allowed: 0..=3600 (line 9)"];
    assert_eq!(refused(policy, head_start), expected);
    let levels = "staff.levels = [3, 11]\npolicy = [{ name = 'due' }]";
    let expected = ["staff.levels[1]: 11, allowed: 1..=10 (line 9)"];
    assert_eq!(refused(policy, levels), expected);
    let twice = "policy = [{ name = 'due' }, { name = 'due' }]";
    let expected =
        ["policy[1].name: due, allowed: a unique value (policy[0].name has this one) (line 9)"];
    assert_eq!(refused(policy, twice), expected);
}

#[test]
fn shares_of_nothing_are_refused() {
    for table in ["topic = [{ id = 'billing'", "tier = [{ id = 'basic'"] {
        let (line, by) = (format!("{table}, share = 1"), format!("{table}, share = 0"));
        let key = table.split(' ').next().unwrap();
        let found = refused(&line, &by);
        assert_eq!(found.len(), 1, "{found:?}");
        let expected = format!("{key}: no share above 0, allowed: one or more (line ");
        assert!(found[0].starts_with(&expected), "{found:?}");
    }
}

#[test]
fn a_factor_without_days_before_is_refused() {
    let line = "shares = [1, 2, 2, 1] }";
    let with = |days: &str| line.replace(" }", &format!(", {days}days_before_factor = 2 }}"));
    let expected = "day.days_before_factor: of no effect without days before, \
                    allowed: with days_before of 1 or more (line 3)";
    for days in ["", "days_before = 0, "] {
        assert_eq!(refused(line, &with(days)), [expected]);
    }
    rehearsal(&LEAST_DAY.replace(line, &with("days_before = 1, ")));
    // An unreadable number of days is a fault of its own.
    let expected = ["day.days_before: 31, allowed: 0..=30 (line 3)"];
    assert_eq!(refused(line, &with("days_before = 31, ")), expected);
}

#[test]
fn a_surge_of_channels_without_contacts_is_refused() {
    let line = "grade = [{}]";
    let with = |channels: &str| {
        let surge = format!("from = '09:00', until = '10:00', channels = [{channels}], more = 1");
        format!("{line}\nsurge = [{{ {surge} }}]")
    };
    let allowed = "a channel of [channels] with a share above 0 (line 8)";
    let expected = format!("surge[0].channels[1]: \"app\", allowed: {allowed}");
    assert_eq!(refused(line, &with("'hotline', 'app'")), [expected]);
    rehearsal(&LEAST_DAY.replace(line, &with("'hotline'")));
    // So is a channel whose share is 0; an unreadable share is a fault of its own.
    let none = "channels.app = { share = 0, effort_s = 1 }";
    let expected = "surge[0].channels[0]: \"app\", allowed: \
                    a channel of [channels] with a share above 0 (line 9)";
    let with_app = |app: &str| refused(line, &format!("{app}\n{}", with("'app'")));
    assert_eq!(with_app(none), [expected]);
    let expected = "channels.app.share: -1, allowed: 0.0..=1000000.0 (line 7)";
    assert_eq!(with_app(&none.replace('0', "-1")), [expected]);
}

#[test]
fn returns_without_a_number_of_them_are_refused() {
    let line = "staff.hotline = [3, 5, 5, 3]";
    let with = |work: &str| refused(line, &format!("work.{work}\n{line}"));
    let missing = "times_max: missing, allowed: 0..=20 (line 8)";
    assert_eq!(
        with("redials = { share = 0.4 }"),
        [format!("work.redials.{missing}")]
    );
    assert_eq!(
        with("repeats = { after_s = 600 }"),
        [format!("work.repeats.{missing}")]
    );
    let expected = "work.redials.share: missing, allowed: 0.0..=1.0 (line 8)";
    assert_eq!(with("redials = { times_max = 2 }"), [expected]);
}

#[test]
fn parts_of_agents_and_of_seconds_are_refused() {
    let expected = ["staff.hotline[1]: 1.5, allowed: 0..=20000 (line 8)"];
    assert_eq!(refused("[3, 5, 5, 3]", "[3, 1.5, 5, 3]"), expected);
    let head_start = "name = 'due', head_start_s = [0.9]";
    let expected = ["policy[0].head_start_s[0]: 0.9, allowed: 0..=3600 (line 9)"];
    assert_eq!(refused("name = 'due'", head_start), expected);
}

#[test]
fn grades_that_no_agent_would_have_are_refused() {
    let expected = ["grade[1]: after a grade without level_min, allowed: \
         the grade without level_min last, because every agent reaches it (line 7)"];
    assert_eq!(refused("[{}]", "[{}, { level_min = 2 }]"), expected);
    let expected = [
        "grade[1].level_min: 2, allowed: less than 2, because the best grade comes first (line 7)",
    ];
    let grades = "[{ level_min = 2 }, { level_min = 2 }, {}]";
    assert_eq!(refused("[{}]", grades), expected);
    rehearsal(&LEAST_DAY.replace("[{}]", "[{ level_min = 3 }, { level_min = 2 }, {}]"));
}
