//! Planned rosters: they reach the goal, and are the same for the same seed.

use switchboard::config::Rehearsal;
use switchboard::domain::{Channel, Millis, PerChannel};
use switchboard::sim::contender::Contender;
use switchboard::sim::day::{Day, Wait, WaitEnd};
use switchboard::sim::plan::{Levels, Plan, levels, plan, start};
use switchboard::sim::policy::{Floor, Policy};
use switchboard::sim::staff::{AGENTS_MAX, Roster};
use switchboard::sim::workload::Surge;

const PEAK_DAY: &str = include_str!("../../config/peak_day.toml");
const GOAL: f64 = 0.8;

struct Case {
    rehearsal: Rehearsal,
    policy: Policy,
}

/// The first half hours of the peak day with a twentieth of its contacts.
fn case(silos: bool, slots: usize) -> Case {
    let mut rehearsal = Rehearsal::parse(PEAK_DAY).unwrap();
    let workload = &mut rehearsal.workload;
    workload.days_before = 0;
    workload.arrivals.truncate(slots);
    for slot in &mut workload.arrivals {
        slot.0 = slot.0.map(|contacts| contacts / 20.0);
    }
    let floor = if silos {
        Floor::ByChannel
    } else {
        Floor::Whole
    };
    let mut policies = rehearsal.policies.iter().rev();
    let policy = policies.find(|policy| policy.floor == floor).unwrap();
    let policy = policy.clone();
    Case { rehearsal, policy }
}

impl Case {
    fn play(&self, roster: &Roster) -> Vec<Day> {
        let contender = Contender::Policy {
            policy: self.policy.clone(),
            floor: roster.clone(),
        };
        let workload = &self.rehearsal.workload;
        (0..2)
            .map(|number| contender.play(workload, 1, number))
            .collect()
    }

    fn plan(&self) -> (Plan, String) {
        let workload = &self.rehearsal.workload;
        let skills = &self.rehearsal.floor.as_ref().unwrap().levels;
        let first = start(workload, skills, GOAL);
        let mut simulate = |roster: &Roster| self.play(roster);
        let plan = plan(workload, first, GOAL, &mut simulate, &mut |_, _| {});
        let text = plan.text(workload, &self.policy.name, 80);
        (plan, text)
    }
}

fn reaches(levels: &Levels) -> bool {
    let mut shares = levels.iter().flat_map(|slot| slot.0);
    shares.all(|level| level.share.is_none_or(|share| share >= GOAL))
}

#[test]
fn every_slot_reaches_the_goal_on_one_floor_with_fewer_agents_than_erlang_a() {
    let (plan, text) = case(false, 8).plan();
    eprintln!("{text}");
    assert!(plan.reaches && plan.is_smallest, "{text}");
    assert!(reaches(&plan.levels));
    let all = |roster: &Roster| -> u32 {
        let slots = roster.on_duty.iter();
        slots
            .map(|PerChannel(agents)| agents.iter().sum::<u32>())
            .sum()
    };
    assert!(all(&plan.roster) < all(&plan.start), "{text}");
}

#[test]
fn a_surge_counts_for_the_part_of_a_slot_that_it_fills() {
    let workload = case(false, 2).rehearsal.workload;
    let (opens_at, slot) = (workload.opens_at, workload.slot);
    let first_slot = |from: i64, until: i64, more: f64| {
        let mut workload = workload.clone();
        workload.surges.push(Surge {
            from: opens_at + Millis(slot.0 * from / 4),
            until: opens_at + Millis(slot.0 * until / 4),
            channels: Channel::ALL.to_vec(),
            topic: None,
            more,
        });
        start(&workload, &[], GOAL).on_duty
    };
    assert_eq!(first_slot(1, 2, 40.0), first_slot(0, 4, 10.0));
    assert_eq!(first_slot(-2, 2, 20.0), first_slot(0, 4, 10.0));
    assert_ne!(first_slot(1, 2, 40.0), first_slot(0, 4, 0.0));
}

#[test]
fn the_goal_is_missed_with_one_agent_fewer_in_any_slot() {
    let case = case(true, 5);
    let (plan, text) = case.plan();
    assert!(plan.is_smallest, "{text}");
    let mut tried = 0;
    for slot in 0..plan.roster.on_duty.len() {
        for channel in Channel::ALL {
            let mut roster = plan.roster.clone();
            let agents = roster.on_duty[slot].get_mut(channel);
            if *agents > 0 {
                *agents -= 1;
                let found = levels(&case.rehearsal.workload, &case.play(&roster));
                assert!(!reaches(&found), "slot {slot}, {channel}: {text}");
                tried += 1;
            }
        }
    }
    assert!(tried > 15, "{text}");
}

#[test]
fn no_plan_has_more_agents_than_a_day_file_can_have() {
    let workload = case(true, 2).rehearsal.workload;
    let mut first = start(&workload, &[], GOAL);
    *first.on_duty[0].get_mut(Channel::Hotline) = AGENTS_MAX - 1;
    let mut rosters = Vec::new();
    // Nobody is answered in time, however many agents there are.
    let mut simulate = |roster: &Roster| {
        rosters.push(roster.clone());
        let wait = Wait {
            queued_at_ms: 0,
            tier: 0,
            channel: Channel::Hotline,
            ms: 0,
            outcome: WaitEnd::Waiting,
            in_time: false,
        };
        vec![Day {
            waits: vec![wait],
            ..Day::new(&workload)
        }]
    };
    let plan = plan(&workload, first, GOAL, &mut simulate, &mut |_, _| {});
    assert!(!plan.reaches);
    assert_eq!(*plan.roster.on_duty[0].get(Channel::Hotline), AGENTS_MAX);
    assert_eq!(rosters.len(), 2, "nothing can be added");
}

#[test]
fn the_same_seed_gives_the_same_plan() {
    let (once, again) = (case(true, 4).plan(), case(true, 4).plan());
    assert_eq!(once, again);
    assert!(once.0.reaches, "{}", once.1);
}
