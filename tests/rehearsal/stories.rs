//! Short days, told command by command: their figures, and the result of replaying them.

use switchboard::domain::{Millis, Name, Phone, Text};
use switchboard::engine::Done;
use switchboard::engine::command::{
    Act, CallbackMode, Command, ContactCommand, ContactRequest, DeskAct, Destination, Intention,
    Manner,
};
use switchboard::engine::event::{AgentEvent, ConsultEvent, Event, Recorded};
use switchboard::engine::state::agent::Health;
use switchboard::sim::day::WaitEnd;
use switchboard::sim::recorded::{Fate, Recording, Span, notes};
use switchboard::sim::report::Report;

use crate::story::{BEGIN, OFFICE, QUEUE, Story, columns, seconds};

#[test]
fn a_contact_held_until_the_opening_was_answered_in_time_as_the_server_says() {
    let hours = "hours = \"office\"\nwhen_closed = \"hold\"\n";
    let mut story = Story::of(&format!("{QUEUE}{hours}{OFFICE}"));
    let contact = story.comes(1, None);
    story.passes(900);
    story.completes(contact);
    for column in columns(&story.ends()) {
        assert_eq!(column.mean("within_target"), Some(100.0), "{column:?}");
        assert_eq!(column.mean("mean_wait"), Some(600.0), "{column:?}");
    }
}

#[test]
fn a_scheduled_contact_waits_from_its_time_and_is_in_no_line_before() {
    let hours = "hours = \"office\"\nwhen_closed = \"schedule\"\n";
    let mut story = Story::of(&format!("{QUEUE}{hours}{OFFICE}"));
    story.is_away();
    let contact = story.comes(1, None);
    story.passes(690);
    story.is_ready();
    story.passes(210);
    story.completes(contact);
    for column in columns(&story.ends()) {
        assert_eq!(column.mean("mean_wait"), Some(90.0), "{column:?}");
        assert_eq!(column.mean("within_target"), Some(0.0), "{column:?}");
        assert_eq!(column.mean("waiting_at_the_end"), Some(0.0));
        let waited_s = seconds(&column.day, |slot| slot.waiting);
        assert!((waited_s - 90.0).abs() < 3.0, "{waited_s}");
    }
}

#[test]
fn a_customer_who_leaves_before_the_scheduled_time_has_not_waited() {
    let mut story = Story::of(QUEUE);
    let contact = story.comes(1, Some(Millis::from_s(3_600)));
    story.passes(300);
    story.leaves(contact);
    story.comes(2, Some(Millis::from_s(3_600)));
    let day = story.ends();
    let told = notes::of_day(&day);
    assert!(
        told[0].ends_with("that nobody gives up, as nobody did."),
        "{told:?}"
    );
    for column in columns(&day) {
        assert_eq!(column.day.waits, [], "{column:?}");
        assert_eq!(column.mean("waiting_at_the_end"), Some(0.0), "{column:?}");
        assert!(column.day.slots.iter().all(|slot| slot.waiting == 0.0));
    }
}

#[test]
fn parked_time_is_not_work_of_the_agent() {
    let mut story = Story::of(QUEUE);
    let contact = story.comes(1, None);
    story.passes(10);
    story.desk(DeskAct::Park { contact });
    story.passes(600);
    story.desk(DeskAct::Unpark { contact });
    story.passes(20);
    story.completes(contact);
    let day = story.ends();
    let Fate::Served(service) = &day.matters[0].legs[0].fate else {
        panic!("{:?}", day.matters[0]);
    };
    assert!((service.effort_ms - 30_000.0).abs() < 1.0, "{service:?}");
    let told = notes::of_day(&day);
    assert_eq!(
        told[0],
        "Left out: the time for which 1 contact lay parked."
    );
    let [was, _] = columns(&day);
    let busy_s = seconds(&was.day, |slot| slot.busy);
    assert!((busy_s - 30.0).abs() < 4.0, "{busy_s}");
}

#[test]
fn a_contact_transferred_to_wait_anew_is_in_line_a_second_time() {
    for keep_age in [true, false] {
        let mut story = Story::of(QUEUE);
        let contact = story.comes(1, None);
        story.passes(60);
        story.is_away();
        story.hands_on(contact, keep_age);
        story.passes(10);
        story.is_ready();
        story.passes(60);
        story.completes(contact);
        for column in columns(&story.ends()) {
            assert_eq!(column.mean("handed_on"), Some(1.0), "{column:?}");
            assert_eq!(column.mean("waits"), Some(2.0), "{column:?}");
            assert_eq!(column.mean("within_target"), Some(100.0), "{column:?}");
            assert_eq!(column.mean("longest_wait"), Some(10.0), "{column:?}");
        }
    }
}

#[test]
fn a_returned_contact_still_waiting_when_the_journal_ends_is_counted() {
    let mut story = Story::of(QUEUE);
    let contact = story.comes(1, None);
    story.passes(60);
    story.is_away();
    let by = Text::from("supervisor");
    let key = None;
    story.say(Command::Contact(ContactCommand::Request {
        contact,
        request: ContactRequest::Requeue { by },
        key,
    }));
    let day = story.ends();
    let [was, _] = columns(&day);
    assert_eq!(was.mean("waiting_at_the_end"), Some(1.0), "{was:?}");
    assert_eq!(was.day.number(WaitEnd::Waiting), 1, "{was:?}");
}

/// An agent who has missed two offers and gets no more.
fn suspended() -> Story {
    let mut story = Story::of(&format!("{QUEUE}offer = {{ answer_within_s = 1 }}\n"));
    story.is_deaf = true;
    for id in 1..=2 {
        let contact = story.comes(id, None);
        story.passes(40);
        story.leaves(contact);
    }
    let is_suspended = |recorded: &Recorded| {
        let health = Health::Suspended;
        matches!(&recorded.event, Event::Agent(_, AgentEvent::HealthChanged { health: now, .. }) if *now == health)
    };
    assert!(story.events.iter().any(is_suspended));
    story
}

#[test]
fn a_suspended_agent_is_ready_again_when_recorded() {
    let mut story = suspended();
    story.is_deaf = false;
    story.is_ready();
    let contact = story.comes(9, None);
    story.passes(10);
    story.completes(contact);
    for column in columns(&story.ends()) {
        assert_eq!(column.mean("answered"), Some(1.0), "{column:?}");
        assert_eq!(column.mean("longest_wait"), Some(40.0), "{column:?}");
    }
}

#[test]
fn an_agent_who_never_said_ready_again_stays_away() {
    let mut story = suspended();
    story.comes(9, None);
    story.passes(600);
    for column in columns(&story.ends()) {
        assert_eq!(column.mean("answered"), Some(0.0), "{column:?}");
        assert_eq!(column.mean("waiting_at_the_end"), Some(1.0), "{column:?}");
    }
}

#[test]
fn an_agent_who_was_not_suspended_then_comes_back_after_two_minutes() {
    let mut story = suspended();
    let ended_at = story.now;
    story.comes(9, None);
    story.passes(600);
    let mut day = story.ends();
    let suspended = day.agents[0].suspensions[0];
    assert_eq!(suspended.until, day.ends_at);
    // The same under another configuration, in which the agent misses offers later.
    for (before, answered) in [(120, 0.0), (121, 1.0)] {
        let over = Span {
            from: BEGIN,
            until: suspended.from,
        };
        let from = suspended.from + Millis::from_s(before);
        let until = day.ends_at;
        day.agents[0].suspensions = vec![over, Span { from, until }];
        let [_, again] = columns(&day);
        assert_eq!(again.mean("answered"), Some(answered), "{again:?}");
        let waited_s = (suspended.from - ended_at).as_s_f64() + 120.0;
        let until_the_end_s = (day.ends_at - ended_at).as_s_f64();
        let longest = if answered > 0.0 {
            waited_s
        } else {
            until_the_end_s
        };
        assert_eq!(again.mean("longest_wait"), Some(longest), "{again:?}");
    }
}

#[test]
fn a_consulted_agent_who_takes_over_continues_the_work_and_frees_the_other() {
    let helper = "[[queue]]\nid = \"p\"\n[[agent]]\nid = \"b\"\nqueues = [\"p\"]\n";
    let mut story = Story::of(&format!("default_queue = \"q\"\n{QUEUE}{helper}"));
    let Done::Session { number: session } = story.act_of("b", Act::Connect) else {
        panic!("no session");
    };
    let by = Text::from("shift");
    let intent = Intention::Ready;
    story.act_of("b", DeskAct::Intend { intent, by }.of(session));
    let contact = story.comes(1, None);
    story.passes(10);
    let to = || Destination::Agent(Name::new("b").unwrap());
    let (to_help, note) = (to(), None);
    story.desk(DeskAct::Consult {
        contact,
        to: to_help,
        note,
    });
    let mut events = story.events.iter().rev();
    let offer = events.find_map(|recorded| {
        let Event::Consult(offer, ConsultEvent::Offered { .. }) = recorded.event else {
            return None;
        };
        Some(offer)
    });
    let offer = offer.unwrap();
    story.act_of("b", DeskAct::Accept { offer }.of(session));
    story.passes(20);
    story.desk(DeskAct::Transfer {
        contact,
        to: to(),
        note: None,
        manner: Manner::ORDINARY,
    });
    story.passes(30);
    let (outcome, notes_left) = (Text::from("resolved"), None);
    let done = DeskAct::Complete {
        contact,
        outcome,
        notes: notes_left,
    };
    story.act_of("b", done.of(session));
    let day = story.ends();
    let Fate::Served(service) = &day.matters[0].legs[0].fate else {
        panic!("{:?}", day.matters[0]);
    };
    assert!((service.effort_ms - 60_000.0).abs() < 1.0, "{service:?}");
    assert_eq!(day.agents[service.agent].name.as_str(), "b");
    let (_, last) = day.samples.last().unwrap();
    assert_eq!((last.busy, last.in_hand), (0, 0));
    let told = notes::of_day(&day);
    let left_out = "Left out: the time of the agents who were consulted on 1 contact.";
    assert_eq!(told[0], left_out);
}

#[test]
fn a_contact_open_when_the_journal_begins_keeps_nobody_busy_for_ever() {
    let mut story = Story::of(QUEUE);
    story.is_away();
    let contact = story.comes(1, None);
    let recording = Recording::after(&story.engine);
    story.events.clear();
    story.is_ready();
    story.passes(20);
    story.completes(contact);
    story.passes(60);
    let day = story.stops(recording);
    let (_, last) = day.samples.last().unwrap();
    assert_eq!((last.busy, last.in_hand), (0, 0));
    let busy = day.samples.iter().filter(|(_, gauges)| gauges.busy > 0);
    assert!(busy.count() > 0);
}

#[test]
fn a_journal_is_sampled_after_what_happens_at_an_instant_and_so_is_its_replay() {
    let mut story = Story::of(QUEUE);
    let contact = story.comes(1, None);
    story.passes(30);
    story.completes(contact);
    let day = story.ends();
    let (at, first) = day.samples[0];
    assert_eq!(at, day.begins_at);
    assert_eq!((first.busy, first.on_duty), (1, 1));
    for column in columns(&day) {
        let occupancy = column.mean("occupancy").unwrap();
        assert!((occupancy - 100.0 / 3.0).abs() < 1e-6, "{occupancy}");
    }
}

#[test]
fn a_journal_of_less_than_a_minute_has_an_occupancy_and_hours() {
    let mut story = Story::of(QUEUE);
    let contact = story.comes(1, None);
    story.passes(20);
    story.completes(contact);
    story.passes(20);
    let day = story.stops(Recording::new());
    let frame = day.frame("T");
    for column in columns(&day) {
        let occupancy = column.mean("occupancy").unwrap();
        assert!((occupancy - 50.0).abs() < 6.0, "{occupancy}");
        let report = Report {
            title: "T".to_owned(),
            replications: 1,
            seed: 1,
            columns: vec![column],
            notes: Vec::new(),
        };
        let text = report.text();
        assert!(text.contains("| agent hours (h) | 0.01 |"), "{text}");
        let (_, page) = report.pages(&frame).swap_remove(0);
        let svg = page.svg();
        assert!(svg.contains("Given up"), "{svg}");
        for absent in ["VIP", "no data", "interval"] {
            assert!(!svg.contains(absent), "{absent}: {svg}");
        }
    }
}

#[test]
fn a_customer_first_callback_is_noted_as_assumed_otherwise() {
    let mut story = Story::of(QUEUE);
    story.is_away();
    let contact = story.comes(1, None);
    story.say(Command::Contact(ContactCommand::Request {
        contact,
        request: ContactRequest::Callback {
            mode: CallbackMode::CustomerFirst,
            phone: Some(Phone::new("+49301234567").unwrap()),
        },
        key: None,
    }));
    let told = notes::of_day(&story.ends());
    let assumed = "that an agent dials where the customer was to be called first (1 contact)";
    assert!(told[0].contains(assumed), "{told:?}");
}
