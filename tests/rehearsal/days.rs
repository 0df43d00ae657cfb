//! Rehearsed days: the same seed gives the same report, and the effect of a policy is visible.

use switchboard::config::Rehearsal;
use switchboard::sim::contender::Contender;
use switchboard::sim::day::{Day, WaitEnd};
use switchboard::sim::report::{Column, Report};
use switchboard::sim::workload::{Answers, Redials};

use crate::centres::centre;

const PEAK_DAY: &str = include_str!("../../config/peak_day.toml");
const OUTAGE_DAY: &str = include_str!("../../config/outage_day.toml");

/// The peak day with a quarter of its contacts and of its agents, twice.
fn small_day(seed: u64) -> Report {
    let mut rehearsal = Rehearsal::parse(PEAK_DAY).unwrap();
    for slot in &mut rehearsal.workload.arrivals {
        slot.0 = slot.0.map(|contacts| contacts / 4.0);
    }
    let floor = rehearsal.floor.unwrap().scaled(1.0 / 4.0);
    let columns = rehearsal.policies.into_iter().map(|policy| {
        let contender = Contender::Policy {
            policy,
            floor: floor.clone(),
        };
        let days = (0..2).map(|number| contender.play(&rehearsal.workload, seed, number));
        Column::new(
            contender.name().to_owned(),
            &rehearsal.workload,
            days.collect(),
        )
    });
    Report {
        title: "A small day".to_owned(),
        replications: 2,
        seed,
        columns: columns.collect(),
        notes: Vec::new(),
    }
}

#[test]
fn the_same_seed_gives_the_same_report_to_the_byte_and_another_seed_does_not() {
    let (once, again, other) = (small_day(7), small_day(7), small_day(8));
    assert_eq!(once.text(), again.text());
    assert_eq!(once.json(), again.json());
    assert_ne!(once.text(), other.text());
}

#[test]
fn every_policy_meets_the_same_customers_and_loses_none() {
    let report = small_day(1);
    let customers = |column: &Column| column.day.customers.clone();
    for column in &report.columns {
        assert_eq!(
            customers(column),
            customers(&report.columns[0]),
            "{}",
            column.policy
        );
        let day = &column.day;
        assert_eq!(day.number(WaitEnd::Refused), 0);
        // Every contact was answered, abandoned, or still waiting when the day ended.
        assert!(day.waits.len() as u64 >= day.customers.iter().sum());
    }
}

#[test]
fn the_agent_side_and_the_order_earn_what_they_should() {
    let report = small_day(3);
    let figure = |policy: &str, key: &str| {
        let column = report
            .columns
            .iter()
            .find(|column| column.policy.starts_with(policy));
        column.unwrap().mean(key).unwrap()
    };
    assert!(figure("due", "within_target") > figure("P0", "within_target") + 20.0);
    assert!(figure("due", "vip_lost") < figure("P0", "vip_lost"));
    assert!(figure("due", "with_best_grade") > figure("P2", "with_best_grade"));
}

#[test]
fn contacts_that_require_skill_get_it_in_a_rush_too() {
    let report = small_day(1);
    let p1 = report.columns.iter().find(|c| c.policy.starts_with("P1"));
    let day = &p1.unwrap().day;
    let long_waits = day.waits.iter().filter(|wait| wait.ms > 60_000).count();
    assert!(long_waits * 10 > day.waits.len(), "{long_waits}");
    let unskilled = day.taken_on.last().unwrap();
    assert!(unskilled * 100 < day.taken_on.iter().sum(), "{unskilled}");
}

#[test]
fn if_nobody_has_the_skill_others_serve_patient_customers() {
    let mut rehearsal = Rehearsal::parse(PEAK_DAY).unwrap();
    let workload = &mut rehearsal.workload;
    workload.days_before = 0;
    for slot in &mut workload.arrivals {
        slot.0 = slot.0.map(|contacts| contacts / 16.0);
    }
    for grade in &mut workload.grades {
        // A transferred contact keeps its age, and does not wait a second time.
        grade.hands_on = 0.0;
    }
    let mut floor = rehearsal.floor.unwrap().scaled(1.0 / 8.0);
    floor.levels.clear();
    let policy = rehearsal.policies.swap_remove(1);
    let contender = Contender::Policy { policy, floor };
    let day = contender.play(workload, 1, 0);
    let mut answered = 0;
    for wait in day.waits.iter().filter(|wait| wait.is_answered()) {
        let promised = workload.channels.get(wait.channel).answer_within;
        assert!(wait.ms >= 20 * promised.unwrap().0, "{wait:?}");
        answered += 1;
    }
    assert!(answered > 100, "{answered}");
}

#[test]
fn agents_who_decline_or_do_not_answer_make_customers_wait_without_losing_any() {
    let mut rehearsal = Rehearsal::parse(PEAK_DAY).unwrap();
    let workload = &mut rehearsal.workload;
    for slot in &mut workload.arrivals {
        slot.0 = slot.0.map(|contacts| contacts / 8.0);
    }
    workload.days_before = 0;
    let contender = Contender::Policy {
        policy: rehearsal.policies.pop().unwrap(),
        floor: rehearsal.floor.unwrap().scaled(1.0 / 4.0),
    };
    let keen = contender.play(workload, 1, 0);
    workload.answers = Answers {
        after_s: 4.0,
        declined: 0.05,
        ignored: 0.05,
    };
    let slack = contender.play(workload, 1, 0);
    let mean =
        |day: &Day| Column::new(String::new(), workload, vec![day.clone()]).mean("mean_wait");
    assert!(mean(&slack).unwrap() > mean(&keen).unwrap() + 3.0);
    assert_eq!(slack.number(WaitEnd::Refused), 0);
    assert_eq!(slack.customers, keen.customers);
    let answered = slack.number(WaitEnd::Answered);
    assert!(
        answered * 10 > slack.waits.len() as u64 * 8,
        "{answered} of {}",
        slack.waits.len()
    );
}

#[test]
fn a_customer_who_redials_has_no_more_patience_than_before() {
    let mut rehearsal = Rehearsal::parse(PEAK_DAY).unwrap();
    let workload = &mut rehearsal.workload;
    for (at, slot) in workload.arrivals.iter_mut().enumerate() {
        // Early enough for three attempts before the day is over.
        let share = if at < 8 { 1.0 / 40.0 } else { 0.0 };
        slot.0 = slot.0.map(|contacts| contacts * share);
    }
    workload.days_before = 0;
    workload.redials = Redials {
        share: 1.0,
        times_max: 2,
        after_s: 60.0,
    };
    let nobody = Contender::Policy {
        policy: rehearsal.policies.pop().unwrap(),
        floor: rehearsal.floor.unwrap().scaled(0.0),
    };
    let day = nobody.play(workload, 1, 0);
    let mut times = std::collections::BTreeMap::new();
    for wait in &day.waits {
        assert!(wait.gave_up());
        *times.entry(wait.ms).or_insert(0) += 1;
    }
    assert!(times.len() > 100, "{}", times.len());
    for (ms, times) in times {
        assert_eq!(times % 3, 0, "{ms} ms were waited {times} times");
    }
}

#[test]
fn the_outage_brings_more_contacts_about_the_fault() {
    let outage = Rehearsal::parse(OUTAGE_DAY).unwrap();
    let peak = Rehearsal::parse(PEAK_DAY).unwrap();
    assert_eq!(outage.workload.surges.len(), 1);
    assert_eq!(outage.workload.arrivals, peak.workload.arrivals);
    assert!((peak.workload.contacts() - 24_000.0).abs() < 1.0);
    let hours = peak.floor.unwrap().agent_hours(peak.workload.slot);
    assert!((hours - 1_748.0).abs() < 1.0, "{hours}");
}

#[test]
fn nine_waits_in_ten_are_within_the_p90_that_the_customer_was_told() {
    for text in [PEAK_DAY, OUTAGE_DAY] {
        let rehearsal = Rehearsal::parse(text).unwrap();
        let (workload, floor) = (rehearsal.workload, rehearsal.floor.unwrap());
        for policy in rehearsal.policies {
            let floor = floor.clone();
            let contender = Contender::Policy { policy, floor };
            let name = format!("{}, {}", workload.title, contender.name());
            let day = contender.play(&workload, 1, 0);
            let column = Column::new(name, &workload, vec![day]);
            assert!(
                column.mean("estimates") > Some(1_000.0),
                "{}",
                column.policy
            );
            let covered = column.mean("estimate_p90_covers").unwrap();
            assert!(
                (85.0..=95.0).contains(&covered),
                "{}: {covered}",
                column.policy
            );
        }
    }
}

#[test]
fn faults_of_a_rehearsal_are_reported_with_their_paths() {
    let faulty = PEAK_DAY
        .replace("slot_min = 30", "slot_min = 1")
        .replace("share = 45", "shares = 45")
        .replace("order = \"strict\"", "order = \"stricter\"");
    let faults = Rehearsal::parse(&faulty).unwrap_err().to_string();
    for path in [
        "day.slot_min: 1",
        "channels.hotline.shares: unknown key",
        "policy[4].order",
    ] {
        assert!(faults.contains(path), "{path} in\n{faults}");
    }
}

#[test]
fn missing_and_out_of_range_values_are_reported_and_never_ignored() {
    let shares = PEAK_DAY.find("shares = [").unwrap();
    let without_shares = PEAK_DAY[shares..].find("]\n").unwrap() + shares + 2;
    let without_shares = format!("{}{}", &PEAK_DAY[..shares], &PEAK_DAY[without_shares..]);
    let faulty = [
        (without_shares, "day.shares: missing"),
        (
            PEAK_DAY.replace("weights = [16, 8, 2, 1]\n", ""),
            "policy[5].weights: missing",
        ),
        (
            PEAK_DAY.replace("weights = [16, 8, 2, 1]", "weights = [16, 8]"),
            "policy[5].weights: a list of 2",
        ),
        (
            PEAK_DAY.replace("levels = [3, 3, 2, 2]", "levels = [3, 99]"),
            "staff.levels[1]: 99, allowed: 1..=10 (line ",
        ),
        (
            PEAK_DAY.replace("levels = [3, 3, 2, 2]", "levels = [2.5]"),
            "staff.levels[0]: 2.5, allowed: 1..=10 (line ",
        ),
        (
            PEAK_DAY.replace("    24, 27, 42,", "    1e12, 27, 42,"),
            "staff.hotline[0]: 1e12, allowed: 0..=20000 (line ",
        ),
        (
            PEAK_DAY.replace("    0.014757,", "    inf,"),
            "day.shares[0]: inf, allowed: 0.0..=1000000000.0 (line ",
        ),
        (
            PEAK_DAY
                .replace("order = \"urgency\"\n", "order = \"due\"\n")
                .replace("convex_s = 180\n", ""),
            "policy[5].weights: of no effect with order due, allowed: with order urgency",
        ),
        (
            PEAK_DAY.replace("order = \"strict\"\n", "order = \"strict\"\nconvex_s = 9\n"),
            "policy[4].convex_s: of no effect with order strict",
        ),
        (
            PEAK_DAY.replace("order = \"due\"\n", "order = \"first_come\"\n"),
            "policy[6].head_start_s: of no effect with order first_come, allowed: with order due",
        ),
    ];
    let unlikely = "log_sd = 0.944\nanswers = { declined = 0.75, ignored = 0.5 }\n";
    let unlikely = (
        PEAK_DAY.replace("log_sd = 0.944\n", unlikely),
        "work.answers.ignored: 0.5, allowed: together with declined, at most 1",
    );
    for (text, fault) in faulty.into_iter().chain([unlikely]) {
        assert!(text != PEAK_DAY, "{fault}");
        let faults = Rehearsal::parse(&text).unwrap_err().to_string();
        assert!(faults.starts_with(fault), "{fault}: {faults}");
        assert_eq!(faults.lines().count(), 1, "{faults}");
    }
}

#[test]
fn a_surge_without_effect_and_surges_beyond_what_can_be_drawn_are_refused() {
    let surge = |from: &str, until: &str, more: f64| {
        let surge = format!(
            "[[surge]]\nfrom = \"{from}\"\nuntil = \"{until}\"\nchannels = [\"hotline\"]\n\
             more = {more:?}\n"
        );
        let text = centre(24, 1, 1_000_000.0) + &surge;
        Rehearsal::parse(&text).map_err(|faults| faults.to_string())
    };
    assert!(surge("00:00", "24:00", 1.0).is_ok());
    let nothing = surge("24:00", "00:00", 1.0).unwrap_err();
    assert!(
        nothing.starts_with("surge[0].until: 00:00, allowed: another time than from"),
        "{nothing}"
    );
    let many = surge("01:00", "01:05", 100.0).unwrap_err();
    assert!(
        many.starts_with(
            "surge: 101000000 contacts, were all surges as long as the day, \
             allowed: at most 20000000"
        ),
        "{many}"
    );
}
