//! Replays with other staff or another configuration: what cannot be as it was, and is assumed.

use switchboard::domain::{Channel, ContactId, Intake, Name, Recognition};
use switchboard::engine::Done;
use switchboard::engine::command::{Act, Command, ContactCommand, DeskAct, Intention};
use switchboard::sim::recorded::notes;

use crate::story::{QUEUE, Story, replayed};

fn asks_for_an_agent(story: &mut Story, id: u128, or_queue: bool) -> ContactId {
    let mut intake = Intake::new(Channel::App);
    intake.agent = Some(Name::new("a").unwrap());
    intake.or_queue = or_queue;
    let id = ContactId(id);
    story.say(Command::Contact(ContactCommand::Submit {
        id,
        intake: Box::new(intake),
        recognition: Recognition::default(),
        key: None,
    }));
    id
}

#[test]
fn a_contact_that_asked_for_an_agent_who_is_not_there_takes_another() {
    let config = format!("{QUEUE}[[agent]]\nid = \"b\"\nqueues = [\"q\"]\n");
    let mut story = Story::of(&config);
    for (id, or_queue) in [(1, true), (2, false)] {
        let contact = asks_for_an_agent(&mut story, id, or_queue);
        story.passes(5);
        story.completes(contact);
    }
    let Done::Session { number } = story.act_of("b", Act::Connect) else {
        panic!("no session");
    };
    let (intent, by) = (Intention::Ready, "shift".into());
    story.act_of("b", DeskAct::Intend { intent, by }.of(number));
    let day = story.ends();
    let same = replayed(&day, &day.options, 0);
    let fewer = replayed(&day, &day.options, -1);
    for column in [same, fewer] {
        assert_eq!(column.mean("answered"), Some(2.0), "{column:?}");
        assert_eq!(column.mean("refused"), Some(0.0), "{column:?}");
    }
    assert_eq!(
        notes::of_variant(&day, "fewer", &day.options, -1).unwrap(),
        "fewer: agent a left out. Assumed for fewer: that anyone of the queue will do for 2 \
         contacts that asked for agent a."
    );
}

#[test]
fn idle_agents_call_from_a_queue_that_is_pulled_from_only_in_the_replay() {
    let mut story = Story::of(QUEUE);
    for id in 1..=2 {
        let contact = story.comes(id, None);
        story.passes(5);
        story.completes(contact);
    }
    let day = story.ends();
    let mut options = day.options.as_ref().clone();
    options.queues[0].pull = true;
    let pulled = replayed(&day, &options, 0);
    assert_eq!(pulled.mean("answered"), Some(2.0), "{pulled:?}");
    assert_eq!(pulled.mean("longest_wait"), Some(0.0), "{pulled:?}");
    assert_eq!(
        notes::of_variant(&day, "pulled", &options, 0).unwrap(),
        "Assumed for pulled: that idle agents call from queue q at once."
    );
}

#[test]
fn from_a_queue_that_was_pulled_from_only_the_recorded_calls_are_made() {
    let mut story = Story::of(&QUEUE.replace("wrap_up_s = 0\n", "wrap_up_s = 0\npull = true\n"));
    story.comes(1, None);
    story.passes(5);
    let day = story.ends();
    let column = replayed(&day, &day.options, 0);
    assert_eq!(column.mean("answered"), Some(0.0), "{column:?}");
    assert_eq!(notes::of_variant(&day, "same", &day.options, 0), None);
}

#[test]
fn a_tier_that_a_configuration_lacks_is_noted() {
    let mut story = Story::of(QUEUE);
    story.comes(1, None);
    let day = story.ends();
    let mut options = day.options.as_ref().clone();
    let lost = std::mem::replace(&mut options.default_tier, Name::new("other").unwrap());
    for tier in &mut options.tiers {
        if tier.name == lost {
            tier.name = options.default_tier.clone();
        }
    }
    assert_eq!(
        notes::of_variant(&day, "new", &options, 0).unwrap(),
        format!("new: without tier {lost} (1 contact as other).")
    );
}
