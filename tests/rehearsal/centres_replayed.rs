//! Replays of small rehearsed centres: they count what the rehearsal counted.

use switchboard::config::Rehearsal;
use switchboard::domain::Millis;
use switchboard::engine::event::{Cooling, Event, OfferEnd, OfferEvent};
use switchboard::sim::day::Day;
use switchboard::sim::recorded::{Reaction, RecordedDay, Recording, column, replay, with_staff};
use switchboard::sim::report::Column;

use crate::centres::{centre, configuration, figure, routing, working};

fn recorded(text: &str, config: &str) -> (Column, RecordedDay) {
    let rehearsal = Rehearsal::parse(text).unwrap();
    let contender = routing(config);
    let day = contender.play(&rehearsal.workload, 1, 0);
    let mut recording = Recording::new();
    for event in contender.record(&rehearsal.workload, 1, 0) {
        recording.take(event);
    }
    let column = Column::new("c".to_owned(), &rehearsal.workload, vec![day]);
    (column, recording.finish().unwrap())
}

fn replayed(day: &RecordedDay) -> (Column, Day) {
    let frame = day.frame("T");
    let (options, crew) = with_staff(day, &day.options, 0);
    let replayed = replay(day, &frame, &options, &crew, 1);
    let played = replayed.day.clone();
    (column("replayed".to_owned(), &frame, replayed), played)
}

#[test]
fn a_replay_counts_wrap_up_and_deflected_contacts_as_the_rehearsal_did() {
    let queue = "topics = [\"t\"]\nwrap_up_s = 120\nwaiting_max = 1\n\
                 target = { answer_within_s = 20, goal_percent = 80 }\n\
                 overflow = { when_full = { deflect = \"Later.\" } }";
    let (rehearsed, day) = recorded(&centre(8, 1, 800.0), &configuration(10, queue));
    let frame = day.frame("T");
    let was = column("as recorded".to_owned(), &frame, day.as_recorded(&frame));
    let (is, _) = replayed(&day);
    assert!(figure(&rehearsed, "deflected") > 20.0);
    for key in ["deflected", "answered", "within_target"] {
        assert_eq!(figure(&was, key), figure(&rehearsed, key), "{key}");
        assert_eq!(figure(&is, key), figure(&was, key), "{key}");
    }
    let occupancy = |column: &Column| figure(column, "occupancy");
    let (before, after) = (occupancy(&was), occupancy(&is));
    assert!((before - after).abs() < 1.0, "{before} {after}");
    // The recorded day also contains the half hour after closing.
    let same_hours = occupancy(&was) * 8.5 / 8.0;
    let apart = same_hours - occupancy(&rehearsed);
    assert!(apart.abs() < 4.0, "{apart}");
}

#[test]
fn a_cooldown_that_an_agent_asked_for_also_applies_in_the_replay() {
    let config = configuration(1, "topics = [\"t\"]\nwrap_up_s = 0");
    let text = working(&centre(8, 1, 8.0), "answers = { declined = 0.5 }");
    let rehearsal = Rehearsal::parse(&text).unwrap();
    let mut events = routing(&config).record(&rehearsal.workload, 1, 0);
    let twenty_minutes = Millis::from_s(1_200);
    let asked = events.iter_mut().find_map(|recorded| {
        if let Event::Offer(
            _,
            OfferEvent::Ended {
                how: OfferEnd::Declined { .. },
                cooldown: Some(cooldown),
                ..
            },
        ) = &mut recorded.event
        {
            return Some((recorded.at, cooldown));
        }
        None
    });
    let (at, cooldown) = asked.unwrap();
    *cooldown = Cooling {
        until: at + twenty_minutes,
        lift_at: None,
        times: 0,
    };
    let mut recording = Recording::new();
    events.into_iter().for_each(|event| recording.take(event));
    let mut day = recording.finish().unwrap();
    let asks = |reaction: &Reaction| {
        let asked = Some(twenty_minutes);
        matches!(reaction, Reaction::Declines { retry_after, .. } if *retry_after == asked)
    };
    let mut matters = day.matters.iter();
    let found = matters.position(|matter| matter.legs[0].reactions.iter().any(asks));
    let matter = &mut day.matters[found.unwrap()];
    let queued_at = matter.first_queued_at;
    matter.legs[0].reactions.truncate(1);
    let frame = day.frame("T");
    let (_, played) = replayed(&day);
    let queued_at_ms = (queued_at - frame.opens_at).0;
    let wait = played
        .waits
        .iter()
        .find(|wait| wait.queued_at_ms == queued_at_ms);
    assert!(wait.unwrap().ms >= twenty_minutes.0, "{wait:?}");
}
