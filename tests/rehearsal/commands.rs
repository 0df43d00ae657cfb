//! What `simulate` and `plan` refuse before playing anything.

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
fn a_name_that_matches_no_policy_or_several_is_refused_with_the_names() {
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
fn output_that_cannot_be_written_is_refused_before_the_day_is_played() {
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
    // The trial does not touch files that can be written, and leaves nothing behind.
    let good = at("report.json");
    refused(&["simulate", PEAK_DAY, "--json", &file, "--only", "nope"]);
    refused(&["simulate", PEAK_DAY, "--json", &good, "--only", "nope"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "kept");
    assert!(!Path::new(&good).exists());
}

#[test]
fn a_report_goes_where_a_link_leads_although_no_file_is_there_yet() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("day.toml"), SMALL_DAY).unwrap();
    std::fs::create_dir(at("reports")).unwrap();
    let link = |name: &str, to: &str| std::os::unix::fs::symlink(to, at(name)).unwrap();
    link("first", "second");
    link("second", "reports/today.json");
    said(0, &["simulate", &at("day.toml"), "--json", &at("first")]);
    let report = std::fs::read_to_string(at("reports/today.json")).unwrap();
    assert!(report.starts_with('{'), "{report}");
    assert!(Path::new(&at("first")).is_symlink() && Path::new(&at("second")).is_symlink());
    // A circle of links leads nowhere.
    link("round", "round");
    let told = refused(&["simulate", &at("day.toml"), "--json", &at("round")]);
    assert!(told.starts_with("--json: "), "{told}");
}

#[test]
fn an_option_that_would_do_nothing_is_refused_by_name() {
    let told = refused(&["simulate"]);
    assert!(told.contains("--journal <FOLDER>"), "{told}");
    let day = ["simulate", PEAK_DAY, "--staff", "0.5"];
    let told = refused(&[&day[..], &["--config", "config/demo.toml"]].concat());
    assert!(told.contains("--staff"), "{told}");
}

/// The output of a command that succeeds or fails.
fn said(code: i32, words: &[&str]) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.args(words).output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

const SMALL_DAY: &str = r#"title = "客服"
[day]
opens = "08:00"
slot_min = 60
contacts = 1.5
shares = [1]
[channels.hotline]
share = 1
effort_s = 240
answer_within_s = 20
[[topic]]
id = "t"
share = 1
[[tier]]
id = "basic"
share = 1
[[grade]]
[staff] # who is there
hotline = [3] # in the one hour
[[policy]] # first, and only
name = "p"
"#;

#[test]
fn a_plan_serves_its_contacts_and_is_written_with_the_hours_that_a_rehearsal_counts() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (day, planned, json) = (at("day.toml"), at("planned.toml"), at("report.json"));
    std::fs::write(&day, SMALL_DAY).unwrap();
    let (plan, _) = said(0, &["plan", &day, "--write", &planned]);
    assert!(plan.contains("The goal is reached"), "{plan}");
    assert!(plan.contains("\n1.5 agent-hours"), "{plan}");
    let written = std::fs::read_to_string(&planned).unwrap();
    assert_eq!(written, SMALL_DAY.replace("hotline = [3]", "hotline = [1]"));
    said(0, &["simulate", &planned, "--json", &json]);
    let report = std::fs::read_to_string(&json).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let mut figures = report["policies"][0]["figures"].as_array().unwrap().iter();
    let hours = figures.find(|figure| figure["figure"] == "agent_hours");
    assert_eq!(hours.unwrap()["mean"], 1.5);
}

#[test]
fn a_disk_without_room_for_the_planned_file_leaves_the_old_one_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let day = folder.path().join("day.toml");
    let text = format!("{SMALL_DAY}# {}\n", "so it is. ".repeat(2_000));
    std::fs::write(&day, &text).unwrap();
    // Files may have at most a few kilobytes; the process gets an error instead of a signal.
    let limited = "trap '' XFSZ; ulimit -f 4; exec \"$0\" plan \"$1\" --write \"$1\"";
    let mut command = Command::new("sh");
    command.args(["-c", limited, env!("CARGO_BIN_EXE_switchboard")]);
    let output = command.arg(&day).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("day.toml: "), "{told}");
    assert!(std::fs::read_to_string(&day).unwrap() == text);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_plan_for_days_without_contacts_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let day = folder.path().join("day.toml").display().to_string();
    std::fs::write(&day, SMALL_DAY.replace("contacts = 1.5", "contacts = 1")).unwrap();
    let (plan, _) = said(1, &["plan", &day, "--replications", "1", "--seed", "4"]);
    assert!(plan.contains("Nobody came on any of the days"), "{plan}");
}

#[test]
fn a_load_that_no_roster_serves_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let day = folder.path().join("day.toml").display().to_string();
    // Seconds that were meant as milliseconds.
    let text = SMALL_DAY.replace("effort_s = 240", "effort_s = 1000000");
    let text = text.replace(
        "answer_within_s = 20",
        "answer_within_s = 20\npatience = { shape = 1.0, scale_s = 300 }",
    );
    std::fs::write(&day, text.replace("contacts = 1.5", "contacts = 900")).unwrap();
    let told = refused(&["plan", &day]);
    let fault = "channels.hotline.effort_s: 1000000, allowed: what 20000 agents can serve at 08:00";
    assert!(told.contains(fault), "{told}");
}

#[test]
fn a_day_without_a_zone_uses_that_of_the_business_hours_if_there_is_only_one() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let config = |zone: &str| {
        format!(
            "site = \"s\"\n[hours.office]\nzone = \"{zone}\"\nwed = [\"08:00-18:00\"]\n\
             [[queue]]\nid = \"q\"\nhours = \"office\"\n[[agent]]\nid = \"a\"\nqueues = [\"q\"]\n"
        )
    };
    let day = SMALL_DAY.replace("contacts = 1.5", "contacts = 10");
    write("day.toml", &day);
    write("east.toml", &config("Asia/Shanghai"));
    write("west.toml", &config("America/Lima"));
    let (day, east, west) = (at("day.toml"), at("east.toml"), at("west.toml"));
    for config in [&east, &west] {
        let (report, _) = said(0, &["simulate", &day, "--config", config]);
        assert!(
            report.contains("| waiting at the end (count) | 0 |"),
            "{report}"
        );
    }
    let both = ["simulate", &day, "--config", &east, "--config", &west];
    assert_eq!(
        refused(&both),
        "day.zone: missing, as business hours are in several, allowed: one of America/Lima, Asia/Shanghai\n"
    );
}

#[test]
fn topics_and_tiers_that_a_configuration_lacks_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (day, config) = (at("day.toml"), at("config.toml"));
    let configure = |topics: &str| {
        let tiers = "[tiers.gold]\nhead_start_s = 0\n";
        let queue = format!("[[queue]]\nid = \"q\"\n{topics}");
        std::fs::write(&config, format!("site = \"s\"\n{tiers}{queue}")).unwrap();
    };
    std::fs::write(&day, SMALL_DAY).unwrap();
    let words = ["simulate", &day, "--config", &config];
    let tier = format!("tier[0].id: \"basic\", allowed: a tier of {config} (gold)\n");
    configure("topics = [\"u\", \"tt\"]\n");
    let topic = format!("topic[0].id: \"t\", allowed: a topic of {config} (tt, u)\n");
    assert_eq!(refused(&words), format!("{topic}{tier}"));
    // Without topics of its own, one queue takes them all.
    configure("");
    assert_eq!(refused(&words), tier);
}

#[test]
fn a_date_on_which_clocks_change_is_refused_with_a_proposal() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (day, config) = (at("day.toml"), at("berlin.toml"));
    let dated = |opens: &str, zone: &str| {
        let lines = format!("opens = \"{opens}\"\ndate = \"2026-03-29\"\n{zone}");
        std::fs::write(&day, SMALL_DAY.replace("opens = \"08:00\"\n", &lines)).unwrap();
    };
    let zone = "zone = \"Europe/Berlin\"\n";
    let fault = "day.date: 2026-03-29, when clocks change in Europe/Berlin, allowed: a date on \
                 which they do not change during the day, as 2026-03-30";
    dated("02:00", zone);
    let told = refused(&["simulate", &day]);
    assert!(told.starts_with(fault), "{told}");
    let hours = format!("[hours.office]\n{zone}wed = [\"08:00-18:00\"]\n");
    let queue = "site = \"s\"\n[[queue]]\nid = \"q\"\nhours = \"office\"\n";
    std::fs::write(&config, format!("{queue}{hours}")).unwrap();
    dated("02:00", "");
    let told = refused(&["simulate", &day, "--config", &config]);
    assert!(told.starts_with(fault), "{told}");
    // By the afternoon the clocks have changed.
    dated("14:00", zone);
    said(0, &["simulate", &day]);
}

#[test]
fn charts_have_chinese_letters_or_the_command_says_that_no_font_has_them() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let day = at("day.toml");
    let charts = |title: &str| {
        std::fs::write(&day, SMALL_DAY.replace("客服", title)).unwrap();
        said(0, &["simulate", &day, "--charts", &at("charts")]).1
    };
    assert!(!charts("A day").contains("--charts"));
    let told = charts("客服");
    let fault = "--charts: no font of this machine has 客服: the PNG files show boxes";
    assert!(!told.contains("--charts") || told.contains(fault), "{told}");
}
