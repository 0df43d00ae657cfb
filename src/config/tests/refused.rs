//! Every fault has its line.

use super::*;

/// Documents, each under a title that names the fault, and above the lines that report it.
const FAULTY: &str = include_str!("faults.txt");

/// A document without queues gets the smallest one.
fn complete(document: &str) -> String {
    let has_queues = document.lines().any(|line| {
        ["[queue", "[[queue", "queue ="]
            .iter()
            .any(|start| line.starts_with(start))
    });
    let rest = if has_queues { "" } else { LEAST };
    format!("{document}{rest}")
}

#[test]
fn every_fault_is_reported_with_what_was_found_and_what_is_allowed() {
    let retold = FAULTY.trim_end().split("\n\n").map(|story| {
        let (title, rest) = story.split_once('\n').unwrap();
        let document = rest.lines().filter(|line| !line.starts_with("=> "));
        let document: String = document.map(|line| format!("{line}\n")).collect();
        let faults = faults(&complete(&document));
        let lines: String = faults.iter().map(|fault| format!("=> {fault}\n")).collect();
        format!("{title}\n{document}{lines}\n")
    });
    let told: String = retold.collect();
    for (told, expected) in told.lines().zip(FAULTY.lines()) {
        assert_eq!(told, expected);
    }
    assert_eq!(told.trim_end(), FAULTY.trim_end());
}

#[test]
fn there_are_many_ways_to_be_wrong() {
    assert!(
        FAULTY
            .lines()
            .filter(|line| line.starts_with("=> "))
            .count()
            > 120
    );
}

#[test]
fn the_number_of_faults_is_bounded() {
    let agents = |len: usize| format!("{LEAST}{}", "[[agent]]\n".repeat(len));
    let all = Config::parse(&agents(1_000)).unwrap_err();
    assert_eq!(all.iter().count(), 1_000);
    assert_eq!(all.to_string().lines().count(), 1_000);
    let first = Config::parse(&agents(1_001)).unwrap_err();
    assert_eq!(first.iter().count(), 1_000);
    assert!(
        first
            .to_string()
            .ends_with("\n… and more; only the first 1000 are listed")
    );
}

#[test]
fn lists_longer_than_their_bound_are_refused() {
    let steps: String = (1..=17)
        .map(|s| format!("[[queue.step]]\nafter_s = {s}\nrequires = {{}}\n"))
        .collect();
    let expected = "queue[0].step: a list of 17, allowed: a list of 0..=16 tables (line 3)";
    assert_eq!(faults(&format!("{LEAST}{steps}")), [expected]);
    let tiers: String = (1..=17)
        .map(|n| format!("tiers.t{n}.head_start_s = 0\n"))
        .collect();
    let expected = "tiers: 17 entries, allowed: 1..=16 entries (line 1)";
    assert_eq!(faults(&format!("{tiers}{LEAST}")), [expected]);
}

#[test]
fn a_found_value_is_shown_in_one_short_line() {
    let long = "x".repeat(5_000);
    let told = faults(&format!("site = \"{long}\"\n{LEAST}"));
    assert_eq!(told.len(), 1);
    assert!(told[0].len() < 200, "{}", told[0]);
    let told = faults(&format!("site = \"a\\nb\"\n{LEAST}"));
    assert!(told[0].starts_with("site: \"a\\nb\", allowed: "));
}

#[test]
fn a_file_that_cannot_be_read_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Config::load(&folder.path().join("missing.toml")).unwrap_err();
    assert!(missing.to_string().contains("missing.toml: "));
    let bytes = folder.path().join("bytes.toml");
    std::fs::write(&bytes, [0xff, 0xfe]).unwrap();
    let unreadable = Config::load(&bytes).unwrap_err();
    assert!(unreadable.to_string().contains("UTF-8"));
    let least = folder.path().join("least.toml");
    std::fs::write(&least, LEAST).unwrap();
    assert_eq!(Config::load(&least), Config::parse(LEAST));
}
