//! Planned rosters: they reach the goal, and are the same for the same seed.

use switchboard::config::Rehearsal;
use switchboard::domain::PerChannel;
use switchboard::sim::contender::Contender;
use switchboard::sim::plan::{Plan, plan, start};
use switchboard::sim::policy::Floor;
use switchboard::sim::staff::Roster;

const PEAK_DAY: &str = include_str!("../../config/peak_day.toml");

/// Four hours of the peak day with a twentieth of its contacts.
fn planned(silos: bool) -> (Plan, String) {
    let mut rehearsal = Rehearsal::parse(PEAK_DAY).unwrap();
    let workload = &mut rehearsal.workload;
    workload.days_before = 0;
    workload.arrivals.truncate(8);
    for slot in &mut workload.arrivals {
        slot.0 = slot.0.map(|contacts| contacts / 20.0);
    }
    let workload = &rehearsal.workload;
    let floor = if silos {
        Floor::ByChannel
    } else {
        Floor::Whole
    };
    let mut policies = rehearsal.policies.iter().rev();
    let policy = policies.find(|policy| policy.floor == floor).unwrap();
    let mut simulate = |floor: &Roster| {
        let contender = Contender::Policy {
            policy: policy.clone(),
            floor: floor.clone(),
        };
        (0..2)
            .map(|number| contender.play(workload, 1, number))
            .collect()
    };
    let levels = rehearsal.floor.unwrap().levels;
    let first = start(workload, &levels, 0.8);
    let plan = plan(workload, first, 0.8, &mut simulate, &mut |_, _| {});
    let text = plan.text(workload, &policy.name, 80);
    (plan, text)
}

#[test]
fn every_slot_reaches_the_goal_on_one_floor_with_fewer_agents_than_erlang_a() {
    let (plan, text) = planned(false);
    eprintln!("{text}");
    assert!(plan.reaches && plan.is_smallest, "{text}");
    let shares = plan.levels.iter().flat_map(|slot| slot.0);
    assert!(
        shares
            .filter_map(|level| level.share)
            .all(|share| share >= 0.8)
    );
    let all = |roster: &Roster| -> u32 {
        let slots = roster.on_duty.iter();
        slots
            .map(|PerChannel(agents)| agents.iter().sum::<u32>())
            .sum()
    };
    assert!(all(&plan.roster) < all(&plan.start), "{text}");
}

#[test]
fn the_same_seed_is_the_same_plan() {
    let (once, again) = (planned(true), planned(true));
    assert_eq!(once, again);
    assert!(once.0.reaches, "{}", once.1);
}
