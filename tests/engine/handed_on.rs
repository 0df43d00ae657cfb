//! Contacts that come back from an agent while their queue offers nothing: closed, paused, or a
//! pull queue.

use switchboard::engine::options::{Options, WhenClosed};
use switchboard::engine::view::{Obstacle, WaitEstimate};

use crate::explaining::explain;
use crate::tell::{Story, agent, assert_told, centre, contact, hours, name, plain, queue};

/// Open from the first to the third minute.
fn shop() -> Options {
    let mut options = plain("a1 a2 a3");
    options.queues[0].hours = Some(name("short"));
    options.queues[0].when_closed = WhenClosed::Hold;
    options.hours = vec![hours("short", "00:01-00:03 00:30-00:40")];
    options
}

/// `a1` serves `c1`, and `a2` is free.
fn served(options: Options, channel: &str) -> Story {
    let mut story = Story::new(options);
    let told = story.tell(&format!(
        "
        100s a1 on duty
        100s c1 arrives {channel} q
        100s a1 accepts c1
        110s a2 on duty
        "
    ));
    assert!(told.contains("c1 accepted by a1"), "{told}");
    story
}

#[test]
fn a_contact_transferred_to_an_agent_gets_that_agent_also_after_hours() {
    for channel in ["hotline", "app"] {
        let told = served(shop(), channel).tell("200s a1 transfers c1 agent a2");
        assert_told(
            &told,
            "
            180s q closes
            200s c1 transferred by a1
            200s c1 waits for a2
            200s c1 offered to a2
            ",
        );
    }
}

#[test]
fn a_contact_transferred_after_hours_to_a_busy_agent_waits_for_that_agent_and_not_for_the_opening()
{
    let mut story = served(shop(), "hotline");
    let told = story.tell(
        "
        120s c2 arrives hotline q
        120s a2 accepts c2
        200s a1 transfers c1 agent a2
        201s c3 arrives hotline q
    ",
    );
    assert!(told.contains("200s c1 waits for a2"), "{told}");
    let explained = explain(&story, "c1");
    assert_eq!(explained.opens_at, None);
    let wait = story.engine.contact_as_of(contact("c1"), story.now);
    let wait = wait.unwrap().wait;
    assert!(matches!(wait, WaitEstimate::Within { .. }), "{wait:?}");
    assert!(explain(&story, "c3").opens_at.is_some());
    let told = story.tell("210s a2 completes c2");
    assert_told(&told, "210s c2 completed\n 210s c1 offered to a2");
}

#[test]
fn a_customer_on_the_line_after_hours_who_loses_the_agent_goes_to_another() {
    let told = served(shop(), "hotline").tell("200s a1 lost\n 260s time passes");
    assert!(told.ends_with("260s c1 offered to a2\n"), "{told}");
    // Text can wait, and so can contacts that have not been served.
    let mut story = served(shop(), "app");
    let told = story.tell("190s c2 arrives hotline q\n 200s a1 lost\n 1799s time passes");
    assert!(told.contains("260s c1 queued in q"), "{told}");
    assert!(!told.contains("offered"), "{told}");
    let told = story.tell("1800s time passes");
    assert!(told.contains("1800s c1 offered to a2"), "{told}");
}

#[test]
fn an_unserved_contact_for_one_agent_only_waits_for_the_opening() {
    let mut story = served(shop(), "hotline");
    let told = story.tell("200s c2 arrives hotline q asks a2 alone");
    assert!(told.contains("200s c2 waits for a2"), "{told}");
    assert!(!told.contains("offered"), "{told}");
}

#[test]
fn a_pause_holds_all_contacts_except_those_transferred_to_an_agent() {
    let told =
        served(plain("a1 a2"), "hotline").tell("120s pause q\n 130s a1 transfers c1 agent a2");
    assert!(told.ends_with("130s c1 offered to a2\n"), "{told}");
    let mut story = served(plain("a1 a2"), "hotline");
    let told = story.tell("120s pause q\n 130s a1 lost\n 200s time passes");
    assert!(
        told.ends_with("190s c1 queued in q\n200s c1 may go to a1 again\n"),
        "{told}"
    );
    let explained = explain(&story, "c1");
    assert!(explained.is_paused);
    assert_eq!(explained.candidates[1].failed, Some(Obstacle::QueuePaused));
    let told = story.tell("201s resume q");
    assert!(told.ends_with("201s c1 offered to a2\n"), "{told}");
}

#[test]
fn a_pause_is_not_the_reason_a_transferred_contact_waits() {
    let mut story = served(plain("a1 a2"), "hotline");
    story.tell(
        "
        120s c2 arrives hotline q
        120s a2 accepts c2
        121s pause q
        122s a1 transfers c1 agent a2
    ",
    );
    let explained = explain(&story, "c1");
    assert!(!explained.is_paused);
    let obstacles: Vec<_> = explained.candidates.iter().map(|one| &one.failed).collect();
    assert!(
        !obstacles.contains(&&Some(Obstacle::QueuePaused)),
        "{obstacles:?}"
    );
}

#[test]
fn a_customer_called_at_a_counter_and_transferred_is_offered_to_the_named_agent() {
    let mut counter = queue("counter");
    counter.pull = true;
    let agents = vec![agent("a1", "counter", ""), agent("a2", "counter", "")];
    let mut story = Story::new(centre(vec![counter, queue("q")], agents));
    let told = story.tell(
        "
        0s a1 a2 on duty
        1s c1 arrives storefront counter
        2s c2 arrives storefront counter
        3s a1 pulls counter
        4s a1 transfers c1 agent a2
        5s a2 declines c1
        6s a1 pulls counter
        7s a1 completes c2
        8s a1 pulls counter
        700s time passes
    ",
    );
    // And once that agent has not taken it, it is called like the others.
    assert_told(
        &told,
        "
        0s a1 ready
        0s a2 ready
        1s c1 queued in counter
        2s c2 queued in counter
        3s c1 called by a1
        4s c1 transferred by a1
        4s c1 waits for a2
        4s c1 offered to a2
        5s c1 declined by a2
        5s c1 queued in counter
        6s c2 called by a1
        7s c2 completed
        8s c1 called by a1
        ",
    );
}

#[test]
fn a_reached_and_transferred_customer_is_on_the_line() {
    let called = || {
        let mut story = Story::new(shop());
        story.tell(
            "
            100s a1 on duty
            100s c1 arrives hotline q phone 13800138000
            101s c1 wants a call
            101s a1 accepts c1
            110s a2 on duty
        ",
        );
        story
    };
    let told = called().tell("200s a1 transfers c1 queue q\n 201s c1 leaves");
    assert!(told.contains("200s c1 offered to a2"), "{told}");
    assert!(told.ends_with("201s c1 abandoned\n"), "{told}");
    // If the call was lost, so may be the customer, who is called again in the morning.
    let told = called().tell("200s a1 lost\n 261s c1 leaves\n 262s time passes");
    assert!(told.ends_with("260s c1 queued in q\n"), "{told}");
}

#[test]
fn a_transferred_contact_has_waited_as_long_as_it_was_in_line() {
    let agents = vec![agent("a1", "q", ""), agent("a2", "p", "")];
    let mut story = Story::new(centre(vec![queue("q"), queue("p")], agents));
    story.tell(
        "
        0s c1 arrives hotline q
        10s a1 on duty
        11s a1 accepts c1
        600s a1 transfers c1 queue p
        605s c2 arrives hotline p
    ",
    );
    let view = story.engine.queue("p").unwrap();
    let since = view.longest_waiting_since.unwrap();
    assert_eq!((story.now - since).whole_s(), 11 + 5);
}
