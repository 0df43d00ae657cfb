//! Rehearsed days: the same seed is the same report, and what a policy does shows.

use switchboard::config::Rehearsal;
use switchboard::sim::contender::Contender;
use switchboard::sim::report::{Column, Report};

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
    }
}

#[test]
fn the_same_seed_is_the_same_report_to_the_byte_and_another_seed_is_not() {
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
        assert_eq!(day.refused, 0);
        // Whoever came was answered, gave up, or was there when the day ended.
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
fn the_outage_brings_more_contacts_about_the_fault() {
    let outage = Rehearsal::parse(OUTAGE_DAY).unwrap();
    let peak = Rehearsal::parse(PEAK_DAY).unwrap();
    assert_eq!(outage.workload.surges.len(), 1);
    assert_eq!(outage.workload.arrivals, peak.workload.arrivals);
    assert!((peak.workload.contacts() - 24_000.0).abs() < 1.0);
    let hours = peak.floor.unwrap().agent_hours(peak.workload.slot);
    assert!((hours - 1_723.5).abs() < 1.0, "{hours}");
}

#[test]
fn what_is_wrong_with_a_rehearsal_is_named_with_its_path() {
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
