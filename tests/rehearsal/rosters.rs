//! Compared rosters differ only by the agents that one of them lacks.

use std::collections::{BTreeMap, BTreeSet};

use switchboard::config::{Config, Rehearsal};
use switchboard::domain::Channel;
use switchboard::engine::event::{ContactEvent, Event};
use switchboard::sim::contender::Contender;
use switchboard::sim::dice::Dice;
use switchboard::sim::staff::{Roster, Staff};

use crate::centres::{centre, configuration, played, working};

#[test]
fn agents_are_on_duty_from_the_first_moment_of_a_slot() {
    let text = centre(4, 1, 4.0).replace("slot_min = 60", "slot_min = 5");
    let text = text.replace("hotline = [1, 1, 1, 1]", "hotline = [10, 20, 20, 10]");
    let column = played(&text.replace("effort_s = 240", "effort_s = 1"), 1);
    let slots = column.day.slots.iter();
    let on_duty: Vec<f64> = slots.map(|slot| slot.on_duty / slot.lasted_ms).collect();
    assert_eq!(on_duty, [10.0, 20.0, 20.0, 10.0]);
}

#[test]
fn removing_an_agent_from_a_list_changes_nobody_elses_pace() {
    let text = working(&centre(8, 5, 100.0), "agent_log_sd = 0.3");
    let workload = Rehearsal::parse(&text).unwrap().workload;
    let config = configuration(10, "");
    let mut agents = Config::parse(&config).unwrap().routing.agents;
    let all = Staff::of(&agents, &workload, Dice::new(3)).members;
    agents.remove(3);
    let others = Staff::of(&agents, &workload, Dice::new(3)).members;
    assert_eq!(others[..3], all[..3]);
    assert_eq!(others[3..], all[4..]);
    let numbers: BTreeSet<u64> = all.iter().map(|member| member.number).collect();
    assert_eq!(numbers.len(), all.len());
}

#[test]
fn one_agent_more_changes_nobody_elses_skills_pace_or_customers() {
    let text = centre(8, 5, 100.0).replace("id = \"basic\"\n", "id = \"basic\"\nmanager = true\n");
    let text = working(&text, "agent_log_sd = 0.3");
    let rehearsal = Rehearsal::parse(&text).unwrap();
    let workload = &rehearsal.workload;
    let floor = rehearsal.floor.clone().unwrap();
    // In a roster the app's agents follow the hotline's.
    let with = |hotline: u32, app: u32| {
        let mut floor = floor.clone();
        for slot in &mut floor.on_duty {
            *slot.get_mut(Channel::Hotline) = hotline;
            *slot.get_mut(Channel::App) = app;
        }
        floor
    };
    let drawn = |floor: &Roster| floor.draw(workload, Dice::new(3)).members;
    let after = drawn(&with(6, 3));
    for member in drawn(&with(5, 3)) {
        assert!(after.contains(&member), "{member:?}");
    }
    let managers = |floor: Roster| -> BTreeMap<String, String> {
        let policy = rehearsal.policies[0].clone();
        let contender = Contender::Policy { policy, floor };
        let arrived = contender.record(workload, 1, 0).into_iter();
        let known = arrived.filter_map(|recorded| {
            let Event::Contact(_, ContactEvent::Arrived { recognition, .. }) = recorded.event
            else {
                return None;
            };
            let customer = recognition.customer.as_ref()?;
            let manager = recognition.account_manager.as_ref()?;
            Some((customer.to_string(), manager.to_string()))
        });
        known.collect()
    };
    let (before, after) = (managers(with(5, 0)), managers(with(6, 0)));
    assert!(before.len() > 50, "{}", before.len());
    let mut new = 0;
    for (customer, manager) in &before {
        let now = &after[customer];
        assert!(now == manager || now == "a5", "{customer}: {manager} {now}");
        new += usize::from(now == "a5");
    }
    assert!(new > 5 && new < before.len() / 2, "{new}");
}
