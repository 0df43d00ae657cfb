//! Customers on hold.

use crate::tell::{Story, assert_told, contact, plain, tell};

#[test]
fn a_held_contact_stays_active_with_its_agent_and_keeps_its_capacity() {
    let mut story = Story::new(plain("a1"));
    let told = story.tell(
        "
        0s a1 connects
        0s a1 ready
        0s c1 arrives hotline
        1s a1 accepts c1
        5s a1 holds c1
        6s a1 holds c1
        7s c2 arrives app
    ",
    );
    assert!(told.ends_with("5s c1 held\n7s c2 queued in q\n"), "{told}");
    let held = story.engine.contact(contact("c1")).unwrap();
    assert_eq!(held.state, "active");
    assert_eq!(held.held_since.map(|at| at.0), Some(5_000));
    assert_eq!(story.engine.agent("a1").unwrap().capacity_used, 100);
    let told = story.tell(
        "
        9s a1 unholds c1
        9s a1 unholds c1
        12s a1 completes c1
    ",
    );
    assert_told(
        &told,
        "
        9s c1 unheld
        12s c1 completed
        12s c2 offered to a1
    ",
    );
}

#[test]
fn time_on_hold_is_handling_time() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 connects
        0s a1 ready
        0s c1 arrives app
        1s a1 accepts c1
        2s a1 holds c1
        60s a1 completes c1
    ",
    );
    let handled = story.history.iter().find_map(|recorded| {
        let switchboard::engine::event::Event::ContactClosed { handled, .. } = &recorded.event
        else {
            return None;
        };
        *handled
    });
    assert_eq!(handled.map(|span| span.0), Some(59_000));
}

#[test]
fn only_the_agent_who_serves_a_contact_holds_it() {
    let told = tell(
        plain("a1 a2"),
        "
        0s a1 connects
        0s a1 ready
        0s a2 connects
        0s c1 arrives app
        0s a1 holds c1
        1s a1 accepts c1
        2s a2 holds c1
        3s a1 completes c1
        4s a1 holds c1
    ",
    );
    assert!(
        told.contains("0s a1 holds c1: refused wrong_state"),
        "{told}"
    );
    assert!(told.contains("2s a2 holds c1: refused not_yours"), "{told}");
    assert!(
        told.contains("4s a1 holds c1: refused wrong_state"),
        "{told}"
    );
}
