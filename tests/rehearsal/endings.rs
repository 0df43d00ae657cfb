//! Replays of how services ended: agents are free again when they really were.

use switchboard::domain::{Name, Text};
use switchboard::engine::command::{Command, ContactCommand, ContactRequest, DeskAct};

use crate::story::{QUEUE, Story, columns};

fn wrapping_up(s: u32, more: &str) -> String {
    let queue = QUEUE.replace("wrap_up_s = 0\n", &format!("wrap_up_s = {s}\n{more}"));
    format!("{queue}[channels.app]\ncost = 100\nmax = 1\n")
}

fn the_longest_wait_is(story: Story, s: f64) {
    for column in columns(&story.ends()) {
        assert_eq!(column.mean("longest_wait"), Some(s), "{column:?}");
        assert_eq!(column.mean("waiting_at_the_end"), Some(0.0), "{column:?}");
    }
}

#[test]
fn a_customer_who_hangs_up_while_being_served_costs_no_wrap_up() {
    let mut story = Story::of(&wrapping_up(20, ""));
    for id in 1..=3 {
        let contact = story.comes(id, None);
        story.passes(2);
        story.leaves(contact);
        story.passes(1);
    }
    the_longest_wait_is(story, 0.0);
}

#[test]
fn a_contact_that_was_on_hold_for_a_call_took_no_attention_meanwhile() {
    let more = "[interrupts.hotline]\napp = \"hold\"\n";
    let mut story = Story::of(&(wrapping_up(0, "") + more));
    let interrupted = story.comes(1, None);
    story.passes(2);
    let call = story.calls(2);
    let waits = story.comes(3, None);
    story.passes(10);
    story.completes(call);
    story.passes(5);
    story.completes(interrupted);
    story.passes(1);
    story.completes(waits);
    the_longest_wait_is(story, 15.0);
}

#[test]
fn a_called_customer_who_never_came_costs_no_wrap_up() {
    let mut story = Story::of(&wrapping_up(20, "pull = true\n"));
    let contacts = [1, 2].map(|id| story.comes(id, None));
    story.passes(1);
    for contact in contacts {
        let queue = Name::new("q").unwrap();
        story.desk(DeskAct::Pull {
            contact: None,
            queue,
        });
        story.passes(3);
        story.desk(DeskAct::NoShow { contact });
    }
    the_longest_wait_is(story, 4.0);
}

#[test]
fn a_contact_that_ended_while_it_was_parked_costs_no_wrap_up() {
    let mut story = Story::of(&wrapping_up(20, ""));
    let contact = story.comes(1, None);
    story.passes(2);
    story.desk(DeskAct::Park { contact });
    let outcome = Text::from("solved");
    story.say(Command::Contact(ContactCommand::Request {
        contact,
        request: ContactRequest::End { outcome },
        key: None,
    }));
    story.passes(1);
    let contact = story.comes(2, None);
    story.passes(2);
    story.leaves(contact);
    the_longest_wait_is(story, 0.0);
}

#[test]
fn a_wrap_up_that_was_extended_takes_as_long_as_it_did() {
    let mut story = Story::of(&wrapping_up(5, ""));
    let contact = story.comes(1, None);
    story.passes(2);
    story.completes(contact);
    let next = story.comes(2, None);
    story.passes(3);
    story.desk(DeskAct::ExtendWrapUp { contact });
    story.passes(7);
    story.desk(DeskAct::FinishWrapUp { contact });
    story.passes(1);
    story.leaves(next);
    the_longest_wait_is(story, 10.0);
}

#[test]
fn a_shorter_wrap_up_is_extended_before_it_ends() {
    let mut story = Story::of(&wrapping_up(10, ""));
    let contact = story.comes(1, None);
    story.completes(contact);
    let next = story.comes(2, None);
    story.passes(9);
    story.desk(DeskAct::ExtendWrapUp { contact });
    story.passes(3);
    story.desk(DeskAct::FinishWrapUp { contact });
    story.passes(1);
    story.leaves(next);
    let day = story.ends();
    let mut options = day.options.as_ref().clone();
    options.queues[0].wrap_up = Some(switchboard::domain::Millis::from_s(5));
    let shorter = crate::story::replayed(&day, &options, 0);
    assert_eq!(shorter.mean("longest_wait"), Some(12.0), "{shorter:?}");
}
