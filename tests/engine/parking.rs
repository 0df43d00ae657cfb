//! Parked contacts, and how they come back.

use switchboard::domain::Millis;
use switchboard::engine::event::{ContactEvent, Event};

use crate::tell::{Story, agent, assert_told, centre, contact, plain, queue, tell};

#[test]
fn a_parked_contact_stays_with_its_agent_and_leaves_room_for_others() {
    let mut options = plain("a1");
    options.agents[0].capacity = 20;
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives wechat
        1s a1 accepts c1
        2s c2 arrives wechat
        9s a1 parks c1
    ",
    );
    assert!(
        told.ends_with("2s c2 queued in q\n9s c1 parked\n9s c2 offered to a1\n"),
        "{told}"
    );
    let parked = story.engine.contact(contact("c1")).unwrap();
    assert_eq!(
        (parked.state.name(), parked.agent.unwrap().as_str()),
        ("parked", "a1")
    );
    let view = story.engine.agent("a1").unwrap();
    assert_eq!((view.contacts.len(), view.parked.len()), (1, 1));
    let told = story.tell(
        "
        10s a1 accepts c2
        11s a1 unparks c1
        12s a1 completes c2
        13s a1 unparks c1
        14s a1 completes c1
    ",
    );
    assert_told(
        &told,
        "
        10s c2 accepted by a1 after 8s
        11s a1 unparks c1: refused agent_full
        12s c2 completed
        13s c1 taken up by a1
        14s c1 completed
    ",
    );
}

#[test]
fn synchronous_contacts_are_not_parked() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        0s c1 arrives hotline
        1s a1 accepts c1
        2s a1 parks c1
        3s a1 unparks c1
    ",
    );
    assert!(
        told.contains("2s a1 parks c1: refused not_parkable"),
        "{told}"
    );
    assert!(
        told.contains("3s a1 unparks c1: refused wrong_state"),
        "{told}"
    );
}

#[test]
fn a_customer_who_writes_gets_the_same_agent_at_once() {
    let told = tell(
        plain("a1 a2"),
        "
        0s a1 on duty
        0s c1 arrives wechat
        1s a1 accepts c1
        2s a1 parks c1
        3s a2 on duty
        600s c1 writes
    ",
    );
    assert!(
        told.ends_with("600s c1 wakes for a1\n600s c1 taken up by a1\n"),
        "{told}"
    );
}

#[test]
fn many_who_write_together_come_back_one_at_a_time() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        0s c1 arrives wechat
        0s a1 accepts c1
        0s a1 parks c1
        1s c2 arrives wechat
        1s a1 accepts c2
        1s a1 parks c2
        2s c3 arrives wechat
        2s a1 accepts c3
        2s a1 parks c3
        10s c2 writes
        11s c1 writes
        12s c3 writes
        13s a1 unparks c3
        30s time passes
    ",
    );
    let (_, since) = told.split_once("10s").unwrap();
    assert_told(
        &format!("10s{since}"),
        "
        10s c2 wakes for a1
        10s c2 taken up by a1
        11s c1 wakes for a1
        12s c3 wakes for a1
        13s c3 taken up by a1
        15s c1 taken up by a1
    ",
    );
}

#[test]
fn an_agent_without_room_is_waited_for_and_then_the_queue_takes_over() {
    let mut options = plain("a1 a2");
    options.agents[0].capacity = 20;
    let told = tell(
        options,
        "
        0s a1 on duty
        0s c1 arrives wechat
        0s a1 accepts c1
        0s a1 parks c1
        1s c2 arrives wechat
        1s a1 accepts c2
        100s a2 on duty
        110s c1 writes
        400s time passes
    ",
    );
    assert!(
        told.contains("110s c1 wakes for a1\n230s c1 not taken up by a1\n230s c1 offered to a2\n"),
        "{told}"
    );
}

#[test]
fn back_in_its_queue_it_keeps_its_age_and_prefers_its_agent() {
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives wechat
        0s a1 accepts c1
        0s a1 parks c1
        5s a1 not_ready lunch
        10s c1 writes
        11s c2 arrives wechat
        12s c3 arrives wechat
        130s time passes
    ",
    );
    assert_eq!(
        story.engine.contact(contact("c1")).unwrap().position,
        Some(1)
    );
    // Otherwise the agent idle for longer would be asked first.
    let told = story.tell(
        "
        140s a1 ready
    ",
    );
    assert!(
        told.starts_with("140s a1 ready\n140s c1 offered to a1\n"),
        "{told}"
    );
}

#[test]
fn it_wakes_by_itself_at_the_latest() {
    let mut options = centre(vec![queue("q")], vec![agent("a1", "q", "")]);
    options.queues[0].park_max = Millis::from_s(3_600);
    let told = tell(
        options,
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 accepts c1
        10s a1 parks c1
        3700s time passes
    ",
    );
    assert!(
        told.ends_with("3610s c1 wakes for a1\n3610s c1 taken up by a1\n"),
        "{told}"
    );
}

#[test]
fn a_lost_agents_parked_contacts_leave_when_they_wake_and_not_before() {
    let told = tell(
        plain("a1 a2"),
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 accepts c1
        0s c2 arrives app
        0s a1 accepts c2
        1s a1 parks c1
        1s a1 parks c2
        2s a2 on duty
        10s a1 lost
        20s c1 writes
        80s c2 writes
    ",
    );
    let (_, since) = told.split_once("10s").unwrap();
    let since = format!("10s{since}");
    assert!(
        since.starts_with("10s a1 lost\n20s c1 wakes for a1\n70s a1 gone\n"),
        "{told}"
    );
    assert!(
        since.contains("70s c1 not taken up by a1\n70s c1 offered to a2\n"),
        "{told}"
    );
    assert!(
        since.contains("80s c2 not taken up by a1\n80s c2 offered to a2\n"),
        "{told}"
    );
}

#[test]
fn a_parked_contact_can_end_and_adds_no_handling_time() {
    let mut story = Story::new(plain("a1"));
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 accepts c1
        30s a1 parks c1
        5000s c1 ends
    ",
    );
    assert!(told.ends_with("5000s c1 completed\n"), "{told}");
    let handled = story.history.iter().find_map(|recorded| {
        let Event::Contact(_, ContactEvent::Closed { handled, .. }) = &recorded.event else {
            return None;
        };
        *handled
    });
    assert_eq!(handled, Some(Millis::from_s(30)));
    let closed = story.engine.contact(contact("c1")).unwrap();
    assert_eq!(closed.answered_at.map(|at| at.0), Some(0));
}

#[test]
fn the_customer_of_a_parked_callback_may_hang_up_and_is_called_again_when_it_comes_back() {
    let mut story = Story::new(plain("a1 a2"));
    let told = story.tell(
        "
        0s c1 arrives app phone 13800138000
        1s c1 wants a call first
        2s a1 on duty
        3s c1 picks up
        4s a1 accepts c1
        9s a1 parks c1
        9s c1 leaves
        10s a1 lost
        71s a2 on duty
        72s c1 writes
    ",
    );
    assert!(
        told.ends_with(
            "9s c1 parked\n10s a1 lost\n70s a1 gone\n70s a1 not_ready (lost)\n71s a2 ready\n\
             72s c1 not taken up by a1\n72s c1 called the 2. time\n"
        ),
        "{told}"
    );
    let told = story.tell("75s c1 picks up");
    assert!(told.ends_with("75s c1 offered to a2\n"), "{told}");
}
