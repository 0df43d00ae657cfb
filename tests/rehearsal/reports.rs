//! Reports and charts: rows, columns, names and the line of the goal.

use switchboard::config::Rehearsal;
use switchboard::domain::Channel;
use switchboard::sim::chart::Figure;
use switchboard::sim::day::{Day, Wait, WaitEnd};
use switchboard::sim::report::Column;

use crate::centres::{centre, configuration, figure, played, report, routed, routing};

#[test]
fn a_tier_without_contacts_is_not_a_day_of_zero() {
    let tiers = "[[tier]]\nid = \"diamond\"\nshare = 3\n[[tier]]\nid = \"basic\"\nshare = 97\n\
                 [[tier]]\nid = \"nobody\"\nshare = 0\n";
    let text = centre(24, 20, 24.0).replace("[[tier]]\nid = \"basic\"\nshare = 1\n", tiers);
    let column = played(&text, 50);
    assert_eq!(figure(&column, "within_20_s_diamond"), 100.0);
    assert_eq!(column.mean("within_20_s_nobody"), None);
    assert_eq!(column.mean("p95_nobody"), None);
    let report = report(vec![column]);
    assert!(
        report
            .text()
            .contains("| within 20 s nobody (percent) | — |")
    );
    let json: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
    let figures = json["policies"][0]["figures"].as_array().unwrap();
    let nobody = figures
        .iter()
        .find(|figure| figure["figure"] == "within_20_s_nobody");
    assert!(nobody.unwrap()["mean"].is_null());
}

#[test]
fn a_topic_may_have_the_longest_possible_name() {
    let longest = "t".repeat(64);
    let text = centre(2, 2, 40.0);
    let long = text.replace("id = \"t\"", &format!("id = \"{longest}\""));
    assert_eq!(played(&long, 1).figures, played(&text, 1).figures);
}

#[test]
fn a_tier_whose_figures_share_a_name_keeps_its_own() {
    let tiers = "[[tier]]\nid = \"wait\"\nshare = 1\n[[tier]]\nid = \"basic\"\nshare = 9\n";
    let text = centre(2, 5, 200.0).replace("[[tier]]\nid = \"basic\"\nshare = 1\n", tiers);
    let strict = text.replace("first_come", "strict");
    let column = played(&strict, 3);
    let called = (column.figures.iter()).filter(|figure| figure.key == "longest_wait");
    let [of_all, of_tier] = called.collect::<Vec<_>>()[..] else {
        panic!("{:?}", column.figures);
    };
    assert_eq!(of_all.mean, column.mean("longest_basic"));
    assert!(of_tier.mean < of_all.mean, "{of_tier:?}");
}

#[test]
fn a_bar_in_a_policys_name_does_not_split_the_table() {
    let mut column = played(&centre(2, 2, 20.0), 1);
    column.policy = "a | b".to_owned();
    let text = report(vec![column]).text();
    assert!(text.contains("\n| | a \\| b |\n|---|---|\n"), "{text}");
}

#[test]
fn the_interval_of_a_share_in_the_chart_is_neither_below_nothing_nor_above_all() {
    let text = centre(1, 1, 20.0);
    let workload = Rehearsal::parse(&text).unwrap().workload;
    let mut column = played(&text, 2);
    for figure in &mut column.figures {
        (figure.mean, figure.half_width) = match figure.key.as_str() {
            "within_target" => (Some(75.0), Some(27.5)),
            "abandoned" => (Some(8.0), Some(12.0)),
            _ => (figure.mean, None),
        };
    }
    let (_, page) = report(vec![column]).pages(&workload).swap_remove(0);
    let svg = page.svg();
    assert!(svg.contains("(47.5 to 100.0)"), "{svg}");
    assert!(svg.contains("(0.0 to 20.0)"), "{svg}");
}

#[test]
fn deflected_contacts_are_not_waits_in_the_chart() {
    let workload = Rehearsal::parse(&centre(1, 1, 20.0)).unwrap().workload;
    let waits = |outcomes: &[WaitEnd]| {
        let wait = |outcome: &WaitEnd| Wait {
            queued_at_ms: 0,
            tier: 0,
            channel: Channel::Hotline,
            ms: if *outcome == WaitEnd::Answered {
                8_000
            } else {
                0
            },
            outcome: *outcome,
            in_time: true,
        };
        let day = Day {
            waits: outcomes.iter().map(wait).collect(),
            ..Day::new(&workload)
        };
        let column = Column::new("p".to_owned(), &workload, vec![day]);
        let mut pages = report(vec![column]).pages(&workload);
        let (_, page) = pages.remove(1);
        assert_eq!(page.notes[0], "1 replication, seed 1");
        let Figure::Lines(chart) = &page.figures[0] else {
            panic!("{:?}", page.figures[0]);
        };
        chart.series[0].points.clone()
    };
    let answered = waits(&[WaitEnd::Answered]);
    assert_eq!(answered[0].1, 8.0);
    let turned_away = [WaitEnd::Refused, WaitEnd::Deflected, WaitEnd::Answered];
    assert_eq!(waits(&turned_away), answered);
}

#[test]
fn rows_of_one_column_are_there_for_all() {
    let text = centre(8, 1, 400.0);
    let idle = routed(&text, &configuration(200, "topics = [\"t\"]"));
    let busy = routed(&text, &configuration(4, "topics = [\"t\"]\nwrap_up_s = 0"));
    assert!(figure(&busy, "estimates") > 0.0);
    assert_eq!(figure(&idle, "estimates"), 0.0);
    let text = report(vec![idle, busy]).text();
    let row = text
        .lines()
        .find(|line| line.contains("estimate p90 covers"));
    assert!(row.unwrap().contains("| — |"), "{text}");
}

#[test]
fn the_line_in_the_chart_is_the_goal_of_the_queues() {
    let text = centre(8, 1, 20.0);
    let rehearsal = Rehearsal::parse(&text).unwrap();
    let queue = "topics = [\"t\"]\ntarget = { answer_within_s = 20, goal_percent = 93 }";
    let contender = routing(&configuration(1, queue));
    let day = contender.play(&rehearsal.workload, 1, 0);
    let column = Column::new("c".to_owned(), &rehearsal.workload, vec![day]);
    let report = report(vec![column.aiming_at(contender.goals())]);
    let pages = report.pages(&rehearsal.workload);
    let (_, page) = pages.iter().find(|(name, _)| name == "day-1").unwrap();
    let svg = page.svg();
    assert!(svg.contains("93 %"));
    assert!(!svg.contains(">80 %<"));
}
