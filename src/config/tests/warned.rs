//! Warnings: what is allowed, but probably not intended.

use std::fmt::Write;

use super::*;

fn warned(text: &str) -> Vec<String> {
    let warnings = warnings(&config(text));
    warnings.iter().map(Warning::to_string).collect()
}

/// A queue with an agent, without warnings.
const STAFFED: &str = "
[[queue]]
id = 'general'
[[agent]]
id = 'a1'
queues = ['general']
skills = { english = 3 }
";

#[test]
fn a_sensible_configuration_gives_no_warning() {
    assert_eq!(warned(STAFFED), [""; 0]);
}

#[test]
fn a_centre_without_agents_gives_one_warning() {
    assert_eq!(warned(LEAST), ["agent: none, so nobody can sign in"]);
}

#[test]
fn a_queue_without_agents_gives_a_warning() {
    let text = format!("{STAFFED}[[queue]]\nid = 'lonely'\n");
    assert_eq!(warned(&text), ["queue[1].id: no agent serves lonely"]);
}

#[test]
fn an_agent_without_queues_gives_a_warning() {
    let text = format!("{STAFFED}[[agent]]\nid = 'a2'\n");
    assert_eq!(warned(&text), ["agent[1].queues: a2 serves no queue"]);
}

#[test]
fn a_skill_that_nobody_has_gives_a_warning_with_a_suggestion() {
    let text = STAFFED.replace("[[agent]]", "requires = { engish = 1 }\n[[agent]]");
    let expected = "queue[0].requires.engish: no agent has this skill (did you mean \"english\"?)";
    assert_eq!(warned(&text), [expected]);
}

#[test]
fn skills_that_no_agent_of_the_queue_has_give_a_warning() {
    let text = STAFFED.replace("[[agent]]", "requires = { english = 4 }\n[[agent]]");
    let expected =
        "queue[0].requires: no agent of this queue has all of these skills at these levels";
    assert_eq!(warned(&text), [expected]);
}

#[test]
fn a_step_that_asks_for_more_gives_a_warning() {
    let step = "requires = { english = 2 }\n[[queue.step]]\nafter_s = 9\n\
                requires = { english = 3 }\n[[agent]]";
    let text = STAFFED.replace("[[agent]]", step);
    let expected = "queue[0].step[0].requires: stricter than the step before, so it adds nobody from those queues";
    assert_eq!(warned(&text), [expected]);
}

#[test]
fn a_next_step_where_there_is_none_gives_a_warning() {
    let rule = "[[queue.escalation]]\nname = 'e'\nwhen = { after_s = 9 }\n\
                do = [{ next_step = true }]\n[[agent]]";
    let text = STAFFED.replace("[[agent]]", rule);
    let expected = "queue[0].escalation[0].do: next_step, but this queue has no steps";
    assert_eq!(warned(&text), [expected]);
}

#[test]
fn a_channel_that_costs_more_than_any_agent_has_gives_a_warning() {
    let text = format!("channels.hotline.cost = 101\n{STAFFED}");
    let expected = "channels.hotline.cost: 101 is more than the capacity of any agent \
                    (100 at most), so nobody can take a contact of this channel";
    assert_eq!(warned(&text), [expected]);
}

#[test]
fn queues_that_make_a_scrape_large_give_a_warning() {
    let mut text = String::new();
    let mut ids = Vec::new();
    for number in 0..200 {
        ids.push(format!("'q{number}'"));
        writeln!(text, "[[queue]]\nid = 'q{number}'").unwrap();
    }
    let ids = ids.join(",");
    writeln!(text, "[[agent]]\nid = 'a1'\nqueues = [{ids}]").unwrap();
    let warnings = warned(&text);
    let [told] = &warnings[..] else {
        panic!("{warnings:?}");
    };
    assert!(
        told.starts_with("queue: 200 queues and 4 tiers give each scrape of the metrics 15"),
        "{told}"
    );
}

#[test]
fn the_report_ends_with_the_warnings() {
    let config = config(LEAST);
    let told = report(&config, &warnings(&config));
    assert!(told.ends_with("\nWarnings\n  agent: none, so nobody can sign in\n"));
}
