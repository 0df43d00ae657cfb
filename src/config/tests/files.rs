//! The configuration files that ship with the program.

use std::collections::BTreeSet;

use super::*;

const DEFAULT: &str = include_str!("../../../config/default.toml");
const DEMO: &str = include_str!("../../../config/demo.toml");

/// One unknown key in every table that the reader reads.
const NOSY: &str = "
zzz = 1
server.zzz = 1
auth.zzz = 1
auth.mode = 'keys'
auth.key = [{ zzz = 1 }]
auth.jwt = [{ zzz = 1 }]
journal.zzz = 1
customers.zzz = 1
fairness.zzz = 1
learning.zzz = 1
tiers.gold.zzz = 1
channels.zzz = 1
channels.app.zzz = 1
limits.zzz = 1
hours.office.zzz = 1
direct.zzz = 1
direct_to_manager.zzz = 1
categories.complaints.zzz = 1
capacity.zzz = 1
interrupts = { zzz = 1, hotline.zzz = 1 }
webhook.zzz = 1
[[queue]]
zzz = 1
target.zzz = 1
offer.zzz = 1
last.zzz = 1
step = [{ zzz = 1 }]
when_closed.zzz = 1
reserve.zzz = 1
callback.zzz = 1
prefer.zzz = 1
overflow = { zzz = 1, waiting_max.zzz = 1, when_full.zzz = 1 }
escalation = [{ zzz = 1, when.zzz = 1, do = [{ zzz = 1 }] }]
[[agent]]
zzz = 1
";

/// Every key that the reader reads, as its faults for unknown keys list them.
fn known_keys() -> BTreeSet<String> {
    let faults = Config::parse(NOSY).unwrap_err();
    let lists = unknown(&faults);
    assert_eq!(lists.len(), NOSY.matches("zzz").count());
    let keys = lists.values().flat_map(|list| list.split(", "));
    keys.map(str::to_owned).collect()
}

/// The default file with its commented examples enabled.
fn default_with_examples() -> String {
    let lines = DEFAULT.lines().map(|line| match line.strip_prefix('#') {
        Some(example) if !example.is_empty() && !example.starts_with(' ') => example,
        _ => line,
    });
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn the_default_file_says_what_is_built_in() {
    assert_eq!(config(DEFAULT), config(LEAST));
}

#[test]
fn what_an_unknown_key_is_told_does_not_depend_on_the_other_keys() {
    assert_told_the_same(NOSY, |text| Config::parse(text).unwrap_err());
}

#[test]
fn the_default_file_shows_every_key() {
    let keys = known_keys();
    assert!(keys.len() > 50, "{keys:?}");
    for key in keys {
        let shown = ["{} = ", "[{}]", "[{}.", ".{}]"].map(|form| form.replace("{}", &key));
        assert!(
            shown.iter().any(|form| DEFAULT.contains(form.as_str())),
            "config/default.toml does not show {key}"
        );
    }
}

#[test]
fn the_examples_in_the_default_file_conflict_only_if_one_excludes_the_other() {
    let faults = Config::parse(&default_with_examples()).unwrap_err();
    let paths: Vec<&str> = faults.iter().map(|fault| fault.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "auth.key",
            "auth.jwt",
            "auth.jwt[0].secret_file",
            "customers.url",
            "categories.complaints.topics[0]",
            // The queue that the examples move contacts to.
            "queue[0].no_show_back",
            "queue[0].step[0].also_agents_of[0]",
            "queue[0].escalation[0].do[2].add_queue",
            "queue[0].escalation[0].do[7].move_to",
        ],
        "{faults}"
    );
}

#[test]
fn the_example_of_an_escalation_can_be_used_as_it_is() {
    let is_example = |line: &&str| line.starts_with('#') && !line.starts_with("# ");
    let from = DEFAULT
        .lines()
        .skip_while(|line| *line != "#[[queue.escalation]]");
    let rule = from.take_while(|line| !line.is_empty()).filter(is_example);
    let rule: String = rule.map(|line| format!("{}\n", &line[1..])).collect();
    let queues = "[[queue]]\nid = 'overflow'\n[[queue]]\nid = 'general'\n";
    let queue = &config(&format!("{queues}{rule}")).routing.queues[1];
    assert_eq!(queue.escalations.len(), 1, "{rule}");
}

#[test]
fn the_builtin_configuration_is_for_development() {
    let builtin = Config::builtin();
    assert!(builtin.server.listen.ip().is_loopback());
    assert_eq!(builtin.server.listen.port(), 8080);
    assert_eq!(builtin.auth, AuthOptions::Dev);
    let path = "data".into();
    assert_eq!(builtin.journal, JournalSettings::Embedded { path });
    let agents = builtin.routing.agents.iter().map(|agent| agent.id.as_str());
    assert_eq!(agents.collect::<Vec<_>>(), ["a1", "a2", "a3", "a4"]);
    assert_eq!(warnings(&builtin), []);
}

#[test]
fn the_demonstration_is_a_whole_centre() {
    let demo = config(DEMO);
    assert_eq!(demo.routing.agents.len(), 12);
    assert_eq!(demo.routing.queues.len(), 7);
    assert_eq!(demo.routing.tiers.len(), 4);
    let path = "data/demo".into();
    assert_eq!(demo.journal, JournalSettings::Embedded { path });
    insta::assert_snapshot!(report(&demo, &warnings(&demo)));
}
