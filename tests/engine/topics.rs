//! Contacts whose topic changes: into which queue they move, and when.

use switchboard::domain::Millis;
use switchboard::engine::options::WhenClosed;

use crate::moving::{served, two_queues};
use crate::reloads::reload;
use crate::tell::{Story, assert_told, contact, hours, name, queue};

#[test]
fn a_contact_waiting_for_an_opening_enters_at_once_if_the_new_topics_queue_is_open() {
    let mut options = two_queues();
    options.queues[0].hours = Some(name("late"));
    options.queues[0].when_closed = WhenClosed::Schedule;
    options.hours = vec![hours("late", "00:10-00:20")];
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s a3 on duty
        10s c1 arrives app
        20s c1 topic t
    ",
    );
    assert_told(
        &told,
        "
        0s a3 ready
        10s c1 scheduled
        20s c1 moved to p
        20s c1 scheduled
        20s c1 offered to a3
        ",
    );
}

/// c1, scheduled in `q` for 600 s, turns out to belong to `p`, which is closed then.
fn ordered(when_closed: WhenClosed) -> Story {
    let mut options = two_queues();
    options.queues.push(queue("o"));
    options.queues[1].hours = Some(name("late"));
    options.queues[1].when_closed = when_closed;
    options.hours = vec![hours("late", "00:00-00:05 00:20-00:30")];
    let mut story = Story::new(options);
    story.tell("0s c1 arrives app at 600s\n 1s c1 topic t");
    story
}

#[test]
fn a_contact_scheduled_while_the_new_queue_is_closed_is_treated_as_arriving_there() {
    let mut story = ordered(WhenClosed::Queue(name("o")));
    assert_told(
        &story.tell("600s time passes"),
        "300s p closes\n 600s c1 queued in o",
    );
    let mut story = ordered(WhenClosed::Schedule);
    let told = story.tell("1200s time passes");
    assert_told(
        &told,
        "300s p closes\n 1200s p opens\n 1200s c1 queued in p",
    );
    let explained = story.engine.explain(contact("c1"), story.now).unwrap();
    assert_eq!(explained.waited, Millis::ZERO, "it has only come in");
    let mut story = ordered(WhenClosed::Deflect("closed".into()));
    let told = story.tell("600s time passes");
    assert_told(&told, "300s p closes\n 600s c1 queued in q");
}

#[test]
fn repeating_the_current_topic_moves_a_contact_nowhere() {
    let mut options = two_queues();
    options.agents[0].queues = vec![name("p"), name("q")];
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s a1 on duty
        1s c1 arrives hotline topic t
        1s a1 accepts c1
        2s a2 on duty
        3s a1 transfers c1 queue q
    ",
    );
    assert!(told.ends_with("3s c1 offered to a2\n"), "{told}");
    assert_eq!(story.tell("4s c1 topic t"), "");
}

#[test]
fn a_topic_changed_while_served_applies_when_the_contact_comes_back() {
    let mut story = served(two_queues());
    let told = story.tell("3s c1 topic t\n 4s requeue c1");
    assert_told(
        &told,
        "4s c1 taken from a1\n 4s c1 moved to p\n 4s c1 offered to a3",
    );
    // An agent who transfers it says where it goes.
    let told = served(two_queues()).tell("3s c1 topic t\n 4s a1 transfers c1 queue q");
    assert_told(&told, "4s c1 transferred by a1\n 4s c1 offered to a2");
}

/// c1 waits in `q` and now belongs to `p`, where nothing else may wait beside c2.
fn refused() -> Story {
    let mut options = two_queues();
    options.queues[1].waiting_max = 1;
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s c1 arrives hotline
        0s c2 arrives hotline topic t
        1s c1 topic t
    ",
    );
    assert!(!told.contains("c1 moved"), "{told}");
    story
}

#[test]
fn a_topic_that_could_not_be_followed_is_followed_when_repeated() {
    let mut story = refused();
    assert_eq!(story.tell("2s c1 topic t"), "", "there is no room yet");
    let told = story.tell("3s c2 leaves\n 4s c1 topic t\n 5s c1 topic t");
    assert_told(
        &told,
        "3s c2 abandoned\n 4s c1 moved to p\n 4s c1 queued in p",
    );
}

#[test]
fn a_topic_that_could_not_be_followed_is_followed_when_the_contact_comes_back() {
    let mut story = refused();
    let told = story.tell(
        "
        2s a1 on duty
        2s a1 delivers c1
        3s c2 leaves
        4s a1 declines c1
    ",
    );
    assert!(
        told.ends_with("4s c1 moved to p\n4s c1 queued in p\n"),
        "{told}"
    );
}

#[test]
fn a_topic_is_followed_however_often_that_failed() {
    let mut options = two_queues();
    options.queues[1].waiting_max = 1;
    options.agents.pop();
    let mut story = served(options.clone());
    let told = story.tell(
        "
        3s c2 arrives hotline topic t
        4s c1 topic t
        5s a1 lost
        70s a2 declines c1
    ",
    );
    assert!(!told.contains("c1 moved"), "{told}");
    // A reload moves no contact out of a queue that still exists.
    options.queues[0].target.answer_within = Millis::from_s(99);
    story.tell("71s c2 leaves");
    reload(&mut story, options);
    let told = story.tell("72s c1 topic t");
    assert!(told.contains("72s c1 moved to p"), "{told}");
}
