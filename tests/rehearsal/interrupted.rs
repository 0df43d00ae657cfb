//! Replays of journals that do not begin with the first event, or in which the server was down.

use switchboard::domain::{Millis, Name, Text};
use switchboard::engine::command::{Act, Command, DeskAct, SiteCommand};
use switchboard::engine::event::{AgentEvent, Event, OfferEvent};
use switchboard::engine::state::agent::Health;
use switchboard::sim::recorded::{Did, Fate, RecordedDay, Recording, notes};

use crate::story::{QUEUE, Story, columns, seconds};

fn pause(story: &mut Story, paused: bool) {
    let (queue, by, key) = (Name::new("q").unwrap(), Text::from("supervisor"), None);
    story.say(Command::Site(if paused {
        SiteCommand::Pause { queue, by, key }
    } else {
        SiteCommand::Resume { queue, by, key }
    }));
}

fn read(mut recording: Recording, story: Story) -> RecordedDay {
    story
        .events
        .into_iter()
        .for_each(|event| recording.take(event));
    recording.finish().unwrap()
}

#[test]
fn a_queue_paused_before_the_journal_begins_is_paused_in_the_replay() {
    let mut story = Story::of(QUEUE);
    pause(&mut story, true);
    let recording = Recording::after(&story.engine);
    story.events.clear();
    story.passes(10);
    let contact = story.comes(1, None);
    story.passes(60);
    pause(&mut story, false);
    story.passes(30);
    story.completes(contact);
    for column in columns(&read(recording, story)) {
        assert_eq!(column.mean("longest_wait"), Some(60.0), "{column:?}");
        assert_eq!(column.mean("within_target"), Some(0.0), "{column:?}");
    }
}

#[test]
fn an_agent_suspended_before_the_journal_begins_is_ready_again_when_recorded() {
    let mut story = Story::of(&format!("{QUEUE}offer = {{ answer_within_s = 1 }}\n"));
    story.is_deaf = true;
    for id in 1..=2 {
        let contact = story.comes(id, None);
        story.passes(40);
        story.leaves(contact);
    }
    let recording = Recording::after(&story.engine);
    let (begins_at, suspended) = (story.engine.last_at(), story.engine.agents());
    let health = suspended[0].health.iter();
    assert!(
        health
            .into_iter()
            .any(|(_, health)| *health == Health::Suspended)
    );
    story.events.clear();
    story.passes(300);
    let ready_at = story.now;
    story.is_ready();
    assert!(story.events.iter().any(|recorded| {
        matches!(
            recorded.event,
            Event::Agent(_, AgentEvent::HealthChanged { .. })
        )
    }));
    let day = read(recording, story);
    let suspension = day.agents[0].suspensions[0];
    assert_eq!((suspension.from, suspension.until), (begins_at, ready_at));
    let ready = day.deeds.iter().filter(|deed| deed.at == ready_at);
    let ready: Vec<&Did> = ready.map(|deed| &deed.what).collect();
    assert_eq!(ready, [&Did::Ready { agent: 0 }]);
}

/// One of some agents serves a contact when the server goes down for ten minutes.
fn crashed(agents: usize) -> RecordedDay {
    let more =
        (1..agents).map(|number| format!("[[agent]]\nid = \"b{number}\"\nqueues = [\"q\"]\n"));
    let mut story = Story::of(&format!("{QUEUE}{}", more.collect::<String>()));
    for number in 1..agents {
        story.act_of(&format!("b{number}"), Act::Connect);
    }
    let contact = story.comes(1, None);
    story.passes(90);
    pause(&mut story, true);
    pause(&mut story, false);
    story.now = story.now + Millis::from_s(600);
    story.say(Command::Site(SiteCommand::Restart));
    story.passes(2);
    story.connects();
    story.passes(8);
    story.completes(contact);
    read(Recording::new(), story)
}

#[test]
fn nobody_is_on_duty_while_the_server_is_down() {
    let day = crashed(2);
    assert_eq!(
        notes::of_day(&day)[0],
        "Left out: the time for which the server was down (1 time, 600 s)."
    );
    let Fate::Served(service) = &day.matters[0].legs[0].fate else {
        panic!("{:?}", day.matters[0]);
    };
    assert!((service.effort_ms - 100_000.0).abs() < 1.0, "{service:?}");
    for column in columns(&day) {
        let hours = column.mean("agent_hours").unwrap();
        assert!((hours - 98.0 / 3_600.0).abs() < 1e-6, "{column:?}");
        assert!(
            seconds(&column.day, |slot| slot.on_duty) < 200.0,
            "{column:?}"
        );
    }
}

#[test]
fn a_single_agent_may_just_have_lost_the_connection() {
    let day = crashed(1);
    assert_eq!(day.outages, []);
    let [was, _] = columns(&day);
    let hours = was.mean("agent_hours").unwrap();
    assert!((hours - 698.0 / 3_600.0).abs() < 1e-6, "{was:?}");
}

#[test]
fn the_last_contact_taken_before_the_server_went_down_is_served() {
    let mut story = Story::of(&format!("{QUEUE}[[agent]]\nid = \"b\"\nqueues = [\"q\"]\n"));
    story.act_of("b", Act::Connect);
    story.passes(5);
    story.is_deaf = true;
    let contact = story.comes(1, None);
    let mut events = story.events.iter();
    let offer = events.find_map(|recorded| {
        let Event::Offer(offer, OfferEvent::Made { .. }) = recorded.event else {
            return None;
        };
        Some(offer)
    });
    story.passes(2);
    let offer = offer.unwrap();
    story.desk(DeskAct::Accept { offer });
    story.now = story.now + Millis::from_s(600);
    story.say(Command::Site(SiteCommand::Restart));
    story.passes(2);
    story.connects();
    story.passes(8);
    story.completes(contact);
    let day = read(Recording::new(), story);
    assert_eq!(day.outages.len(), 1);
    for column in columns(&day) {
        assert_eq!(column.mean("answered"), Some(1.0), "{column:?}");
        assert_eq!(column.mean("longest_wait"), Some(2.0), "{column:?}");
        assert_eq!(column.mean("waiting_at_the_end"), Some(0.0), "{column:?}");
    }
}

#[test]
fn agents_with_contacts_in_hand_at_the_beginning_are_at_work() {
    let queue = QUEUE.replace("wrap_up_s = 0\n", "wrap_up_s = 30\n");
    let mut story = Story::of(&queue);
    let contact = story.comes(1, None);
    story.passes(10);
    let in_hand = Recording::after(&story.engine);
    story.events.clear();
    story.passes(40);
    story.completes(contact);
    let wrapping = Recording::after(&story.engine);
    let events = story.events.clone();
    story.events.clear();
    story.passes(31);
    let later = story.events.clone();
    for (recording, events) in [
        (in_hand, [events, later.clone()].concat()),
        (wrapping, later),
    ] {
        let mut day = recording;
        events.into_iter().for_each(|event| day.take(event));
        let day = day.finish().unwrap();
        assert_eq!(day.under_way, 1);
        let busy = day.samples.iter().filter(|(_, gauges)| gauges.busy == 1);
        assert_eq!(busy.count(), day.samples.len(), "{:?}", day.samples);
    }
}
