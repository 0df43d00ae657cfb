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

/// [`STAFFED`] with this in front of its agent.
fn with(queue: &str) -> String {
    STAFFED.replace("[[agent]]", &format!("{queue}\n[[agent]]"))
}

#[test]
fn a_step_that_asks_for_no_less_than_an_earlier_one_gives_a_warning() {
    const NOBODY: &str = "adds nobody, because all of its agents are eligible before it";
    let two = "requires = { english = 2 }\n[[queue.step]]\nafter_s = 9\nrequires = ";
    for same_or_more in ["{ english = 3 }", "{ english = 2 }"] {
        let expected = format!("queue[0].step[0]: {NOBODY}");
        assert_eq!(warned(&with(&format!("{two}{same_or_more}"))), [expected]);
    }
    let after_less = format!(
        "{two}{{ english = 1 }}\n[[queue.step]]\nafter_s = 12\nrequires = {{ english = 2 }}"
    );
    let expected = format!("queue[0].step[1]: {NOBODY}");
    assert_eq!(warned(&with(&after_less)), [expected]);
    let step = "last = 'any_in_queue'\n[[queue.step]]\nafter_s = 9\nalso_agents_of = ['other']\n";
    let other = "[[queue]]\nid = 'other'\n[[agent]]\nid = 'a2'\nqueues = ['other']\n";
    let expected = format!("queue[0].last: {NOBODY}");
    assert_eq!(warned(&format!("{}{other}", with(step))), [expected]);
}

#[test]
fn a_step_that_asks_for_another_skill_gives_no_warning() {
    let step = "requires = { english = 2 }\n[[queue.step]]\nafter_s = 9\n\
                requires = { french = 1 }";
    let other = "[[agent]]\nid = 'a2'\nqueues = ['general']\nskills = { french = 1 }\n";
    assert_eq!(warned(&format!("{}{other}", with(step))), [""; 0]);
}

#[test]
fn a_stricter_step_for_agents_of_another_queue_gives_no_warning() {
    let step = "[[queue.step]]\nafter_s = 9\nrequires = { english = 3 }\n\
                also_agents_of = ['other']\n[[queue]]\nid = 'other'";
    let other = "[[agent]]\nid = 'a2'\nqueues = ['other']\nskills = { english = 4 }\n";
    assert_eq!(warned(&format!("{}{other}", with(step))), [""; 0]);
}

#[test]
fn a_queue_without_agents_that_others_serve_gives_no_warning() {
    let rule = |when: &str, what: &str| {
        format!("[[queue.escalation]]\nname = 'e'\nwhen = {{ {when} }}\ndo = [{{ {what} }}]")
    };
    let served = [
        "[[queue.step]]\nafter_s = 5\nalso_agents_of = ['general']".to_owned(),
        "last = { overflow = 'general', after_s = 5 }".to_owned(),
        rule("nobody_staffed = true", "move_to = 'general'"),
        rule("target_percent = 50", "add_queue = 'general'"),
        rule("after_s = 1", "deflect = 'by mail'"),
    ];
    for how in served {
        let text = format!("{STAFFED}[[queue]]\nid = 'lonely'\n{how}\n");
        assert_eq!(warned(&text), [""; 0], "{how}");
    }
    let not_served = [
        "[[queue.step]]\nafter_s = 5\nalso_agents_of = ['general']\nrequires = { english = 4 }"
            .to_owned(),
        rule("after_s = 5, tiers = ['gold']", "move_to = 'general'"),
        rule("offers_ended = 1", "move_to = 'general'"),
        rule("after_s = 5", "notify = 'supervisor'"),
    ];
    for how in not_served {
        let text = format!("{STAFFED}[[queue]]\nid = 'lonely'\n{how}\n");
        assert_eq!(
            warned(&text),
            ["queue[1].id: no agent serves lonely"],
            "{how}"
        );
    }
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
fn a_reservation_that_its_own_rule_ends_gives_a_warning() {
    for leaves in ["move_to = 'other'", "deflect = 'by mail'"] {
        let rule = format!(
            "[[queue.escalation]]\nname = 'e'\nwhen = {{ after_s = 9 }}\n\
             do = [{{ reserve_next = true }}, {{ {leaves} }}]\n[[queue]]\nid = 'other'"
        );
        let expected = "queue[0].escalation[0].do: \
                        reserve_next, which ends when this rule takes the contact away";
        let text = with(&rule).replace("['general']", "['general', 'other']");
        assert_eq!(warned(&text), [expected]);
    }
}

#[test]
fn a_condition_about_what_does_not_exist_gives_a_warning() {
    let condition = |source: &str| {
        let rule = format!(
            "topics = ['billing']\n[[queue.escalation]]\nname = 'e'\nif = \"{source}\"\n\
             do = [{{ boost_s = 9 }}]"
        );
        warned(&with(&rule))
    };
    for (source, expected) in [
        (
            "customer.tier == 'platinum'",
            "\"platinum\": no tier has this name",
        ),
        (
            "customer.tier in ['gold', 'sliver']",
            "\"sliver\": no tier has this name (did you mean \"silver\"?)",
        ),
        (
            "contact.offers > 1 && !('zzz' != queue.id)",
            "\"zzz\": no queue has this id",
        ),
        (
            "contact.channel == 'email' ? true : false",
            "\"email\": no channel has this name",
        ),
        (
            "contact.topic == 'biling'",
            "\"biling\": no queue lists this topic (did you mean \"billing\"?)",
        ),
    ] {
        let expected = format!("queue[0].escalation[0].if: {expected}");
        assert_eq!(condition(source), [expected], "{source}");
    }
    for source in [
        "customer.tier in ['gold', 'silver'] || contact.topic == ''",
        "queue.id == 'general' && contact.channel != 'hotline'",
        "contact.topic == 'billing' || contact.language == 'fr'",
        "contact.attributes.tier == 'platinum' || contact.topic.startsWith('bill')",
    ] {
        assert_eq!(condition(source), [""; 0], "{source}");
    }
}

#[test]
fn a_channel_that_costs_more_than_any_agent_has_gives_a_warning() {
    let text = format!("channels.hotline.cost = 101\n{STAFFED}");
    let expected = "channels.hotline.cost: 101 is more than the capacity of any agent \
                    (100 at most), so nobody can take a contact of this channel";
    assert_eq!(warned(&text), [expected]);
}

#[test]
fn a_channel_that_no_agent_of_a_queue_has_the_capacity_for_gives_a_warning() {
    let small = STAFFED.replace("queues", "capacity = 20\nqueues");
    let other = "[[queue]]\nid = 'other'\n[[agent]]\nid = 'a2'\nqueues = ['other']\n";
    let text = format!("{small}{other}");
    let expected = "queue[0].id: no agent who serves general has the capacity for a contact of app, \
                    hotline, storefront (20 at most)";
    assert_eq!(warned(&text), [expected]);
    for more in [
        "step = [{ after_s = 9, also_agents_of = ['other'] }]",
        "escalation = [{ name = 'e', when = { after_s = 9 }, do = [{ add_queue = 'other' }] }]",
        "escalation = [{ name = 'e', when = { after_s = 9 }, do = [{ move_to = 'other' }] }]",
    ] {
        let text = text.replacen("[[agent]]", &format!("{more}\n[[agent]]"), 1);
        assert_eq!(warned(&text), [""; 0], "{more}");
    }
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
