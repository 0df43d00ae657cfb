//! Absence and breaks: what they cost, and that they are the same for all policies.

use std::collections::BTreeMap;

use switchboard::config::Rehearsal;
use switchboard::domain::{Millis, Text, Timestamp};
use switchboard::engine::event::{AgentEvent, Event, OfferEvent, Recorded};
use switchboard::engine::state::agent::Intent;
use switchboard::sim::attendance::{Attendance, Break};
use switchboard::sim::contender::Contender;
use switchboard::sim::plan::start;
use switchboard::sim::report::Column;
use switchboard::sim::workload::Workload;

const PEAK_DAY: &str = include_str!("../../config/peak_day.toml");

/// A quarter of the peak day, without the day before, and its policies.
fn quarter(attendance: Attendance, agents: f64) -> (Workload, Vec<Contender>) {
    let Rehearsal {
        mut workload,
        floor,
        policies,
        ..
    } = Rehearsal::parse(PEAK_DAY).unwrap();
    for slot in &mut workload.arrivals {
        slot.0 = slot.0.map(|contacts| contacts / 4.0);
    }
    workload.days_before = 0;
    workload.attendance = attendance;
    let floor = floor.unwrap().scaled(agents / 4.0);
    let contenders = policies.into_iter().map(|policy| Contender::Policy {
        policy,
        floor: floor.clone(),
    });
    (workload, contenders.collect())
}

fn breaks(after_s: i64, length_s: i64, spread_s: i64) -> Attendance {
    Attendance {
        shrinkage: 0.0,
        breaks: vec![Break {
            after: Millis::from_s(after_s),
            length: Millis::from_s(length_s),
            spread: Millis::from_s(spread_s),
        }],
    }
}

fn shrunk(shrinkage: f64) -> Attendance {
    Attendance {
        shrinkage,
        breaks: Vec::new(),
    }
}

/// The figures of the last policy of the file, over this many days.
fn column(attendance: Attendance, agents: f64, days: u32) -> Column {
    let (workload, contenders) = quarter(attendance, agents);
    let last = contenders.last().unwrap();
    let days = (0..days).map(|number| last.play(&workload, 1, number));
    Column::new(last.name().to_owned(), &workload, days.collect())
}

/// When each agent was not ready for a break, from the events alone.
fn rests(journal: &[Recorded]) -> BTreeMap<usize, Vec<(Timestamp, Timestamp)>> {
    let mut since = BTreeMap::new();
    let mut rests: BTreeMap<usize, Vec<_>> = BTreeMap::new();
    for Recorded { at, event, .. } in journal {
        if let Event::Agent(agent, AgentEvent::Intended { intent, .. }) = event {
            match intent {
                Intent::NotReady { reason } if *reason == Text::from("break") => {
                    since.insert(agent.index(), *at);
                }
                Intent::Ready | Intent::NotReady { .. } | Intent::Draining { .. } => {
                    if let Some(since) = since.remove(&agent.index()) {
                        rests.entry(agent.index()).or_default().push((since, *at));
                    }
                }
            }
        }
    }
    rests
}

/// When each agent announced a break.
fn said(journal: &[Recorded]) -> Vec<(usize, Timestamp)> {
    let mut said: BTreeMap<usize, Timestamp> = BTreeMap::new();
    for Recorded { at, event, .. } in journal {
        if let Event::Agent(agent, AgentEvent::Intended { intent, .. }) = event
            && intent
                .reason()
                .is_some_and(|why| *why == Text::from("break"))
        {
            said.entry(agent.index()).or_insert(*at);
        }
    }
    said.into_iter().collect()
}

#[test]
fn shrinkage_of_a_tenth_costs_what_a_tenth_fewer_agents_cost() {
    let full = column(Attendance::default(), 1.6, 4);
    let absent = column(shrunk(0.1), 1.6, 4);
    let fewer = column(Attendance::default(), 1.6 * 0.9, 4);
    let occupancy = |column: &Column| column.mean("occupancy").unwrap();
    assert!(occupancy(&absent) > occupancy(&full) + 3.0);
    // Of some 70 agents over four days, the share present deviates by up to two percent.
    let apart = occupancy(&absent) - occupancy(&fewer);
    assert!(apart.abs() < 2.5, "{apart}");
    let in_time = |column: &Column| column.mean("within_target").unwrap();
    let apart = in_time(&absent) - in_time(&fewer);
    assert!(apart.abs() < 3.0, "{apart}");
}

#[test]
fn absent_agents_are_paid_and_not_productive() {
    let full = column(Attendance::default(), 1.0, 1);
    let absent = column(shrunk(0.1), 1.0, 2);
    let rostered = full.mean("agent_hours").unwrap();
    assert!((absent.mean("paid_agent_hours").unwrap() - rostered).abs() < 1e-6);
    let share = absent.mean("productive_agent_hours").unwrap() / rostered;
    assert!((share - 0.9).abs() < 0.03, "{share}");
    assert_eq!(full.mean("productive_agent_hours"), None);
    assert_eq!(absent.mean("agent_hours"), None);
}

#[test]
fn during_a_break_nothing_is_offered_and_it_starts_when_nothing_is_in_hand() {
    let (workload, contenders) = quarter(breaks(3_600, 900, 1_800), 1.0);
    let journal = contenders.last().unwrap().record(&workload, 1, 0);
    let rests = rests(&journal);
    assert!(rests.len() > 40, "{} agents", rests.len());
    let spans = rests.values().flatten();
    let whole = spans.filter(|(from, until)| *until - *from == Millis::from_s(900));
    let all = rests.values().map(Vec::len).sum::<usize>();
    // The end of a duty ends a break that began late.
    assert!(whole.count() * 100 > all * 95, "{all}");
    let on_break = |agent: usize, at: Timestamp| {
        let mut rests = rests.get(&agent).into_iter().flatten();
        rests.any(|(from, until)| *from < at && at < *until)
    };
    let mut offers = 0;
    for Recorded { at, event, .. } in &journal {
        if let Event::Offer(_, OfferEvent::Made { agent, .. }) = event {
            offers += 1;
            assert!(!on_break(agent.index(), *at), "{agent:?} at {at}");
        }
    }
    assert!(offers > 5_000, "{offers}");
}

#[test]
fn the_same_agents_are_absent_and_due_for_a_break_at_the_same_time_under_every_policy() {
    let attendance = Attendance {
        shrinkage: 0.2,
        ..breaks(3_600, 900, 3_600)
    };
    let (workload, contenders) = quarter(attendance, 1.0);
    let of = |contender: &Contender| said(&contender.record(&workload, 7, 0));
    let first = of(&contenders[0]);
    assert!(first.len() > 30, "{}", first.len());
    for contender in contenders.iter().skip(2).step_by(2) {
        assert_eq!(of(contender), first, "{}", contender.name());
    }
}

#[test]
fn breaks_cost_productive_hours_and_raise_occupancy_by_what_is_left() {
    let without = column(Attendance::default(), 1.4, 2);
    let with = column(breaks(3_600, 3_600, 3_600), 1.4, 2);
    let paid = with.mean("paid_agent_hours").unwrap();
    let productive = with.mean("productive_agent_hours").unwrap();
    assert!((paid - without.mean("agent_hours").unwrap()).abs() < 1e-6);
    assert!(
        productive < paid * 0.97 && productive > paid * 0.85,
        "{productive} of {paid}"
    );
    let occupancy = |column: &Column| column.mean("occupancy").unwrap();
    assert!(occupancy(&with) > occupancy(&without) + 1.0);
    assert!(with.mean("within_target") < without.mean("within_target"));
    assert_eq!(with.mean("refused"), Some(0.0));
}

#[test]
fn a_roster_starts_with_more_agents_to_cover_absences_and_breaks() {
    let all = |attendance: Attendance| {
        let (workload, _) = quarter(attendance, 1.0);
        let roster = start(&workload, &[], 0.8);
        roster.agent_hours(workload.slot)
    };
    let needed = all(Attendance::default());
    let shrunk_by = all(shrunk(0.2)) / needed;
    // Each slot is rounded up.
    assert!((1.25..1.3).contains(&shrunk_by), "{shrunk_by}");
    let rested_by = all(breaks(3_600, 3_600, 0)) / needed;
    assert!((1.03..1.25).contains(&rested_by), "{rested_by}");
}

#[test]
fn a_break_that_would_outlast_the_duty_is_not_taken() {
    let (workload, contenders) = quarter(breaks(86_000, 900, 0), 1.0);
    let day = contenders.last().unwrap().play(&workload, 1, 0);
    assert!((day.productive_hours - day.agent_hours).abs() < 1e-9);
}

#[test]
fn faults_of_attendance_are_reported_with_their_paths() {
    let faulty = [
        ("shrinkage = 1.0", "work.shrinkage: 1"),
        ("shrinkages = 0.1", "work.shrinkages: unknown key"),
        (
            "breaks = [{ length_s = 900 }]",
            "work.breaks[0].after_s: missing",
        ),
        (
            "breaks = [{ after_s = 1, length_s = 0 }]",
            "work.breaks[0].length_s: 0",
        ),
        (
            "breaks = [{ after_s = 1, length_s = 900, spread = 5 }]",
            "work.breaks[0].spread: unknown key",
        ),
        (
            "breaks = [{ after_s = 1, length_s = 900 }, { after_s = 900, length_s = 5 }]",
            "work.breaks[1].after_s: 900, allowed: 901 or more",
        ),
    ];
    for (line, fault) in faulty {
        let text = PEAK_DAY.replace("log_sd = 0.944\n", &format!("log_sd = 0.944\n{line}\n"));
        let faults = Rehearsal::parse(&text).unwrap_err().to_string();
        assert!(faults.starts_with(fault), "{fault}: {faults}");
        assert_eq!(faults.lines().count(), 1, "{faults}");
    }
}
