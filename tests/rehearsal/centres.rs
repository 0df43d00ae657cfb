//! Small centres whose figures are known in advance: no contact is missing from the counts, whether
//! its customer returns, gives up, waits for ever or is turned away.

use switchboard::config::{Config, Rehearsal};
use switchboard::engine::event::{ContactEvent, Event};
use switchboard::sim::contender::Contender;
use switchboard::sim::day::WaitEnd;
use switchboard::sim::report::{Column, Report};

/// One topic, one tier, calls of four minutes, and nobody abandons.
pub(crate) fn centre(slots: usize, agents: u32, contacts: f64) -> String {
    let list = |number: u32| vec![number.to_string(); slots].join(", ");
    format!(
        r#"title = "T"
[day]
opens = "00:00"
slot_min = 60
contacts = {contacts:?}
shares = [{shares}]
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
[work]
log_sd = 0.0
[[grade]]
[staff]
hotline = [{agents}]
[[policy]]
name = "p"
select = "longest_idle"
order = "first_come"
"#,
        shares = list(1),
        agents = list(agents),
    )
}

/// Adds a line to the table `[work]`.
pub(crate) fn working(text: &str, line: &str) -> String {
    text.replace("log_sd = 0.0\n", &format!("log_sd = 0.0\n{line}\n"))
}

/// Adds a line to the table `[day]`.
pub(crate) fn on_day(text: &str, line: &str) -> String {
    text.replace("slot_min = 60\n", &format!("slot_min = 60\n{line}\n"))
}

pub(crate) fn contender(rehearsal: &Rehearsal) -> Contender {
    Contender::Policy {
        policy: rehearsal.policies[0].clone(),
        floor: rehearsal.floor.clone().unwrap(),
    }
}

pub(crate) fn played(text: &str, days: u32) -> Column {
    let rehearsal = Rehearsal::parse(text).unwrap();
    let contender = contender(&rehearsal);
    let days = (0..days).map(|number| contender.play(&rehearsal.workload, 1, number));
    Column::new("p".to_owned(), &rehearsal.workload, days.collect())
}

pub(crate) fn figure(column: &Column, key: &str) -> f64 {
    column.mean(key).unwrap()
}

/// The figures of a routing configuration on that day.
pub(crate) fn routed(text: &str, config: &str) -> Column {
    let rehearsal = Rehearsal::parse(text).unwrap();
    let day = routing(config).play(&rehearsal.workload, 1, 0);
    Column::new("c".to_owned(), &rehearsal.workload, vec![day])
}

pub(crate) fn routing(config: &str) -> Contender {
    Contender::Routing {
        name: "c".to_owned(),
        options: Box::new(Config::parse(config).unwrap().routing),
    }
}

/// Agents of one queue, with additional lines for the queue.
pub(crate) fn configuration(agents: usize, queue: &str) -> String {
    let agent = |number: usize| format!("[[agent]]\nid = \"a{number}\"\nqueues = [\"q\"]\n");
    let agents: String = (0..agents).map(agent).collect();
    format!("site = \"s\"\n[[queue]]\nid = \"q\"\n{queue}\n{agents}")
}

#[test]
fn a_centre_that_never_closes_keeps_its_staff_over_midnight() {
    let alone = centre(24, 22, 7_200.0);
    let after_another = on_day(&alone, "days_before = 1");
    for text in [alone, after_another] {
        let column = played(&text, 1);
        assert!(figure(&column, "within_target") > 60.0);
        assert!((6_900.0..7_500.0).contains(&figure(&column, "answered")));
        assert_eq!(figure(&column, "waiting_at_the_end"), 0.0);
        assert_eq!(figure(&column, "agent_hours"), 22.0 * 24.5);
    }
}

#[test]
fn a_day_longer_than_a_day_has_none_before_it() {
    let text = on_day(&centre(25, 1, 20.0), "days_before = 1");
    let fault = Rehearsal::parse(&text).unwrap_err().to_string();
    let expected =
        "day.days_before: 1 before one of 1500 minutes, allowed: 0, or a day of at most 24 hours";
    assert!(fault.starts_with(expected), "{fault}");
    assert!(Rehearsal::parse(&centre(25, 1, 20.0)).is_ok());
}

#[test]
fn contacts_still_waiting_when_everybody_has_gone_home_count_as_arrived() {
    let column = played(&centre(8, 10, 2_400.0), 2);
    let (came, answered) = (figure(&column, "contacts"), figure(&column, "answered"));
    let waiting = figure(&column, "waiting_at_the_end");
    assert!((2_200.0..2_600.0).contains(&came), "{came}");
    assert_eq!(came, answered + waiting);
    assert!(waiting > 900.0, "{waiting}");
    assert!((figure(&column, "customers_lost") - 100.0 * waiting / came).abs() < 1.0);
    assert_eq!(figure(&column, "abandoned"), 0.0);
    assert!(figure(&column, "waited_at_most_180_s") < 60.0);
}

#[test]
fn without_agents_nobody_is_answered_and_all_customers_are_lost() {
    let column = played(&centre(8, 0, 20.0), 1);
    let came = figure(&column, "contacts");
    assert!(came > 10.0, "{came}");
    assert_eq!(figure(&column, "waiting_at_the_end"), came);
    assert_eq!(figure(&column, "customers_lost"), 100.0);
    assert_eq!(figure(&column, "within_target"), 0.0);
    // A share of no agents is none, and a sum of nothing is not -0.
    assert_eq!(column.mean("occupancy"), None);
    let report = report(vec![column]);
    assert!(!report.json().contains("-0.0"), "{}", report.json());
    assert!(report.text().contains("| agent hours (h) | 0.00 |"));
}

pub(crate) fn report(columns: Vec<Column>) -> Report {
    Report {
        title: "T".to_owned(),
        replications: 1,
        seed: 1,
        columns,
        notes: Vec::new(),
    }
}

#[test]
fn refused_and_deflected_contacts_are_in_the_denominator_and_in_their_own_rows() {
    let text = centre(8, 1, 1_600.0);
    let queue = |more: &str| format!("topics = [\"t\"]\nwrap_up_s = 0\n{more}");
    let all = routed(&text, &configuration(10, &queue("")));
    let refused = routed(&text, &configuration(10, &queue("waiting_max = 1")));
    let deflecting = "waiting_max = 1\noverflow = { when_full = { deflect = \"Later.\" } }";
    let deflected = routed(&text, &configuration(10, &queue(deflecting)));
    assert_eq!(figure(&all, "refused") + figure(&all, "deflected"), 0.0);
    for (column, row, other) in [
        (&refused, "refused", "deflected"),
        (&deflected, "deflected", "refused"),
    ] {
        let turned_away = figure(column, row);
        assert!(turned_away > 200.0, "{turned_away}");
        assert_eq!(figure(column, other), 0.0);
        assert_eq!(figure(column, "contacts"), figure(&all, "contacts"));
        let missed = 100.0 - figure(column, "within_target");
        assert!(missed > 100.0 * turned_away / figure(column, "contacts"));
        assert!(figure(column, "customers_lost") > 10.0);
    }
}

#[test]
fn an_agent_who_declines_a_contact_may_take_it_the_next_time() {
    let text = centre(8, 1, 20.0);
    let declining = working(&text, "answers = { declined = 0.3 }");
    let (keen, column) = (played(&text, 1), played(&declining, 1));
    assert_eq!(figure(&column, "contacts"), figure(&keen, "contacts"));
    assert_eq!(figure(&column, "answered"), figure(&column, "contacts"));
    assert!(figure(&column, "mean_wait") > figure(&keen, "mean_wait"));
}

#[test]
fn a_day_without_possible_contacts_is_refused() {
    let text = centre(2, 1, 20.0);
    for (text, fault) in [
        (
            text.replace("shares = [1, 1]", "shares = [0, 0]"),
            "day.shares: nothing but 0, allowed: one or more above 0, or there are no contacts",
        ),
        (
            text.replace(
                "[channels.hotline]\nshare = 1",
                "[channels.hotline]\nshare = 0",
            ),
            "channels: no share above 0, allowed: one or more, or there are no contacts",
        ),
        (
            text.replace(
                "[channels.hotline]\nshare = 1\neffort_s = 240\nanswer_within_s = 20\n",
                "",
            ),
            "channels: no share above 0, allowed: one or more, or there are no contacts",
        ),
    ] {
        let found = Rehearsal::parse(&text).unwrap_err().to_string();
        assert!(found.starts_with(fault), "{found}");
        assert_eq!(found.lines().count(), 1, "{found}");
    }
}

#[test]
fn wrap_up_is_work_and_occupancy_never_exceeds_one() {
    let text = centre(8, 1, 400.0);
    let queue = |wrap_up_s: u32| format!("topics = [\"t\"]\nwrap_up_s = {wrap_up_s}");
    let occupancy = |wrap_up_s| {
        let column = routed(&text, &configuration(20, &queue(wrap_up_s)));
        (
            figure(&column, "occupancy"),
            figure(&column, "answered") * 240.0 / (8.0 * 3_600.0 * 20.0) * 100.0,
        )
    };
    let (without, talk) = occupancy(0);
    assert!((without - talk).abs() < 2.0, "{without} {talk}");
    let (with, talk) = occupancy(120);
    assert!((with - talk * 1.5).abs() < 3.0, "{with} {talk}");
    // An agent still on a call after the shift counts as on duty.
    let shifts = centre(8, 0, 4_000.0).replace(
        "hotline = [0, 0, 0, 0, 0, 0, 0, 0]",
        "hotline = [30, 2, 30, 2, 30, 2, 30, 2]",
    );
    let long = shifts.replace("effort_s = 240", "effort_s = 3000");
    let occupancy = figure(&played(&long, 1), "occupancy");
    assert!((90.0..=100.0).contains(&occupancy), "{occupancy}");
}

#[test]
fn agents_stay_half_an_hour_after_closing_whatever_the_slots() {
    let hours = |text: &str| figure(&played(text, 1), "agent_hours");
    let hourly = centre(8, 4, 100.0);
    let quarterly = centre(32, 4, 100.0).replace("slot_min = 60", "slot_min = 15");
    for text in [&hourly, &quarterly] {
        assert_eq!(hours(text), 4.0 * 8.5);
        let rehearsal = Rehearsal::parse(text).unwrap();
        let planned = rehearsal.floor.unwrap();
        let planned = planned.agent_hours(rehearsal.workload.slot);
        assert!((planned - 4.0 * 8.5).abs() < 1e-9, "{planned}");
    }
}

#[test]
fn idle_agents_call_from_pull_queues() {
    let text = centre(8, 1, 300.0);
    let queue = |pull: bool| format!("topics = [\"t\"]\nwrap_up_s = 30\npull = {pull}");
    let config = |pull| configuration(4, &queue(pull));
    let (pulled, pushed) = (routed(&text, &config(true)), routed(&text, &config(false)));
    assert!(figure(&pushed, "answered") > 250.0);
    for key in ["answered", "contacts", "waiting_at_the_end", "mean_wait"] {
        assert_eq!(figure(&pulled, key), figure(&pushed, key), "{key}");
    }
}

#[test]
fn waits_are_counted_by_their_outcome() {
    let rehearsal = Rehearsal::parse(&centre(8, 10, 2_400.0)).unwrap();
    let day = contender(&rehearsal).play(&rehearsal.workload, 1, 0);
    let all = [
        WaitEnd::Answered,
        WaitEnd::GaveUp,
        WaitEnd::Waiting,
        WaitEnd::Refused,
        WaitEnd::Deflected,
        WaitEnd::Scheduled,
    ];
    let sum: u64 = all.into_iter().map(|outcome| day.number(outcome)).sum();
    assert_eq!(sum, day.waits.len() as u64);
    assert_eq!(sum, day.customers.iter().sum::<u64>());
}

#[test]
fn a_nearly_endless_patience_does_not_keep_a_day_from_ending() {
    let text = centre(8, 2, 200.0).replace(
        "answer_within_s = 20\n",
        "answer_within_s = 20\npatience = { shape = 0.1, scale_s = 300 }\n",
    );
    let column = played(&text, 1);
    assert!(figure(&column, "abandoned") > 0.0, "{column:?}");
}

#[test]
fn unresolved_customers_of_all_days_return_while_their_own_day_lasts() {
    let text = working(
        &centre(4, 20, 200.0),
        "repeats = { times_max = 20, after_s = 3600, effort = 1.0 }",
    );
    let text = on_day(&text, "days_before = 2");
    let text = text.replace("[[grade]]\n", "[[grade]]\nresolves = 0.5\n");
    let rehearsal = Rehearsal::parse(&text).unwrap();
    let opens_at = rehearsal.workload.opens_at;
    let mut came = 0;
    for recorded in contender(&rehearsal).record(&rehearsal.workload, 1, 0) {
        if let Event::Contact(_, ContactEvent::Arrived { .. }) = recorded.event {
            came += 1;
            let since = (recorded.at - opens_at).0.rem_euclid(24 * 3_600_000);
            assert!(since < 4 * 3_600_000, "{}", recorded.at);
        }
    }
    assert!(came > 800, "{came}");
}
