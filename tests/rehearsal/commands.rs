//! What `simulate` and `plan` refuse before anything is played.

use std::path::Path;
use std::process::Command;

fn refused(words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.args(words).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

const PEAK_DAY: &str = "config/peak_day.toml";

#[test]
fn a_name_that_fits_no_policy_or_several_is_told_the_names() {
    let none = refused(&["simulate", PEAK_DAY, "--only", "nope"]);
    assert!(
        none.starts_with("--only: nope, allowed: a part of P0 silos, P1"),
        "{none}"
    );
    let several = refused(&["plan", PEAK_DAY, "--policy", "silos"]);
    assert_eq!(
        several,
        "--policy: silos, allowed: one of P0 silos, P1 silos by skill\n"
    );
}

#[test]
fn what_cannot_be_written_is_refused_before_the_day_is_played() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (nowhere, file) = (at("absent/report.json"), at("file"));
    std::fs::write(&file, "kept").unwrap();
    let inside = format!("{file}/charts");
    for (words, option) in [
        (["simulate", PEAK_DAY, "--json", &nowhere], "--json"),
        (["simulate", PEAK_DAY, "--charts", &inside], "--charts"),
        (["plan", PEAK_DAY, "--json", &nowhere], "--json"),
        (["plan", PEAK_DAY, "--write", &nowhere], "--write"),
    ] {
        let told = refused(&words);
        assert!(
            told.starts_with(&format!("{option}: {}", folder.path().display())),
            "{told}"
        );
    }
    // What can be written is not touched by the trial, and a trial leaves nothing behind.
    let good = at("report.json");
    refused(&["simulate", PEAK_DAY, "--json", &file, "--only", "nope"]);
    refused(&["simulate", PEAK_DAY, "--json", &good, "--only", "nope"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "kept");
    assert!(!Path::new(&good).exists());
}

#[test]
fn an_option_that_would_do_nothing_is_refused_by_name() {
    let told = refused(&["simulate"]);
    assert!(told.contains("--journal <FOLDER>"), "{told}");
    let day = ["simulate", PEAK_DAY, "--staff", "0.5"];
    let told = refused(&[&day[..], &["--config", "config/demo.toml"]].concat());
    assert!(told.contains("--staff"), "{told}");
}
