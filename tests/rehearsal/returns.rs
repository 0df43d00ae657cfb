//! Replays of contacts that went back to the line: each wait and each service is played.

use switchboard::domain::{ContactId, Name, Phone, Text};
use switchboard::engine::Done;
use switchboard::engine::command::{
    CallbackMode, Command, ContactCommand, ContactRequest, DeskAct,
};
use switchboard::sim::day::WaitEnd;
use switchboard::sim::recorded::{RecordedDay, notes};

use crate::story::{QUEUE, Story, columns, seconds};

fn requeues(story: &mut Story, contact: ContactId) {
    let by = Text::from("supervisor");
    asks(story, contact, ContactRequest::Requeue { by });
}

fn asks(story: &mut Story, contact: ContactId, request: ContactRequest) {
    let key = None;
    story.say(Command::Contact(ContactCommand::Request {
        contact,
        request,
        key,
    }));
}

fn wants_a_call(story: &mut Story, contact: ContactId) {
    let request = ContactRequest::Callback {
        mode: CallbackMode::AgentFirst,
        phone: Some(Phone::new("+49301234567").unwrap()),
    };
    asks(story, contact, request);
}

/// Both columns count two waits and two answers, and agents are as busy.
fn is_played_twice(day: &RecordedDay, longest_s: f64) {
    let [was, is] = columns(day);
    for column in [&was, &is] {
        assert_eq!(column.mean("waits"), Some(2.0), "{column:?}");
        assert_eq!(column.mean("answered"), Some(2.0), "{column:?}");
        assert_eq!(column.mean("handed_on"), Some(0.0), "{column:?}");
        assert_eq!(column.mean("longest_wait"), Some(longest_s), "{column:?}");
        assert_eq!(column.day.number(WaitEnd::Answered), 2, "{column:?}");
    }
    let busy_s = [was, is].map(|column| seconds(&column.day, |slot| slot.busy));
    assert!((busy_s[0] - busy_s[1]).abs() < 4.0, "{busy_s:?}");
    assert!(!notes::of_day(day)[0].contains("wait"), "{day:?}");
}

#[test]
fn a_contact_requeued_by_a_supervisor_waits_and_is_served_again() {
    let mut story = Story::of(QUEUE);
    let contact = story.comes(1, None);
    story.passes(60);
    story.is_away();
    requeues(&mut story, contact);
    story.passes(10);
    story.is_ready();
    story.passes(30);
    story.completes(contact);
    is_played_twice(&story.ends(), 10.0);
}

#[test]
fn a_customer_who_did_not_come_when_called_is_called_again() {
    let queue = QUEUE.replace(
        "wrap_up_s = 0\n",
        "wrap_up_s = 0\npull = true\nno_show = \"requeue\"\n",
    );
    let mut story = Story::of(&queue);
    let contact = story.comes(1, None);
    story.passes(5);
    for (calls_s, ends) in [(20, false), (60, true)] {
        let queue = Name::new("q").unwrap();
        let called = story.desk(DeskAct::Pull {
            contact: None,
            queue,
        });
        assert!(!matches!(called, Done::Nothing), "{called:?}");
        story.passes(calls_s);
        if ends {
            story.completes(contact);
        } else {
            story.desk(DeskAct::NoShow { contact });
            story.passes(40);
        }
    }
    is_played_twice(&story.ends(), 40.0);
}

#[test]
fn a_number_that_did_not_answer_is_dialled_again_after_the_delay() {
    let queue = QUEUE.replace(
        "wrap_up_s = 0\n",
        "wrap_up_s = 0\ncallback = { retry_delay_s = 300, attempts_max = 3, dial_within_s = 60 }\n",
    );
    let mut story = Story::of(&queue);
    story.is_away();
    let contact = story.comes(1, None);
    story.passes(5);
    wants_a_call(&mut story, contact);
    story.passes(5);
    story.is_ready();
    story.passes(30);
    story.desk(DeskAct::FailCallback {
        contact,
        outcome: None,
    });
    story.passes(360);
    story.completes(contact);
    is_played_twice(&story.ends(), 10.0);
}

#[test]
fn a_parked_contact_that_its_agent_did_not_take_back_is_served_again() {
    let mut story = Story::of(QUEUE);
    let contact = story.comes(1, None);
    story.passes(30);
    story.is_away();
    story.desk(DeskAct::Park { contact });
    requeues(&mut story, contact);
    story.passes(15);
    story.is_ready();
    story.passes(50);
    story.completes(contact);
    let [was, is] = columns(&story.ends());
    for column in [was, is] {
        assert_eq!(column.mean("waits"), Some(2.0), "{column:?}");
        assert_eq!(column.mean("answered"), Some(2.0), "{column:?}");
        assert_eq!(column.mean("longest_wait"), Some(15.0), "{column:?}");
    }
}

#[test]
fn a_customer_who_leaves_before_the_next_attempt_is_not_called_again() {
    let mut story = Story::of(QUEUE);
    story.is_away();
    let contact = story.comes(1, None);
    wants_a_call(&mut story, contact);
    story.is_ready();
    story.passes(30);
    story.desk(DeskAct::FailCallback {
        contact,
        outcome: None,
    });
    story.passes(60);
    let reason = Text::from("solved");
    asks(&mut story, contact, ContactRequest::Cancel { reason });
    story.passes(900);
    for column in columns(&story.ends()) {
        assert_eq!(column.mean("answered"), Some(1.0), "{column:?}");
        assert_eq!(column.mean("waits"), Some(1.0), "{column:?}");
        assert_eq!(column.mean("waiting_at_the_end"), Some(0.0), "{column:?}");
    }
}

#[test]
fn a_callback_that_is_cancelled_is_cancelled_in_the_replay() {
    let mut story = Story::of(&format!("{QUEUE}[channels.app]\ncost = 100\nmax = 1\n"));
    let first = story.comes(1, None);
    let second = story.comes(2, None);
    story.passes(1);
    wants_a_call(&mut story, second);
    story.passes(2);
    let reason = Text::from("solved");
    asks(&mut story, second, ContactRequest::Cancel { reason });
    story.passes(2);
    story.completes(first);
    story.passes(4);
    let third = story.comes(3, None);
    story.passes(2);
    story.completes(third);
    story.passes(900);
    for column in columns(&story.ends()) {
        assert_eq!(column.mean("answered"), Some(2.0), "{column:?}");
        assert_eq!(column.mean("longest_wait"), Some(0.0), "{column:?}");
        assert_eq!(column.mean("waiting_at_the_end"), Some(0.0), "{column:?}");
        assert_eq!(column.mean("refused"), Some(0.0), "{column:?}");
    }
}
