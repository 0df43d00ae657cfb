//! Wrap-up: it uses capacity until it times out or the agent ends it.

use switchboard::domain::Millis;

use crate::tell::{Story, agent, assert_told, centre, contact, plain, queue, tell};

#[test]
fn no_offer_during_wrap_up_and_its_end_takes_the_waiting_contact() {
    let mut options = centre(vec![queue("q"), queue("p")], vec![agent("a1", "q p", "")]);
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let told = tell(
        options,
        "
        0s a1 on duty
        0s c1 arrives hotline q
        1s a1 accepts c1
        2s c2 arrives hotline p
        3s a1 completes c1
        4s a1 completes c1
        33s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        1s c1 accepted by a1 after 1s
        2s c2 queued in p
        3s c1 wrap-up
        4s a1 completes c1: refused wrong_state
        33s c1 completed
        33s c2 offered to a1
    ",
    );
}

#[test]
fn a_wrap_up_is_extended_once_and_ended_early_when_done() {
    let mut options = plain("a1");
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let told = tell(
        options,
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        1s a1 completes c1
        2s a1 extends c1
        3s a1 extends c1
        40s a1 done c1
        41s a1 done c1
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c1 accepted by a1 after 0s
        1s c1 wrap-up
        2s c1 wrap-up extended
        3s a1 extends c1: refused extended_before
        40s c1 completed
        41s a1 done c1: refused wrong_state
    ",
    );
}

#[test]
fn a_customer_who_ends_the_contact_leaves_the_agent_the_wrap_up() {
    let mut options = plain("a1");
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let told = tell(
        options,
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        9s c1 ends
        10s c1 leaves
        39s time passes
    ",
    );
    // The call that is ended then restores nothing.
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c1 accepted by a1 after 0s
        9s c1 wrap-up
        39s c1 completed
    ",
    );
}

#[test]
fn the_first_agent_whose_wrap_up_ends_takes_the_waiting_contact() {
    let mut options = plain("a1 a2");
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let told = tell(
        options,
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        1s a2 on duty
        1s c2 arrives hotline
        1s a2 accepts c2
        5s a2 completes c2
        9s a1 completes c1
        10s c3 arrives hotline
        35s a2 accepts c3
        39s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c1 accepted by a1 after 0s
        1s a2 ready
        1s c2 offered to a2
        1s c2 accepted by a2 after 0s
        5s c2 wrap-up
        9s c1 wrap-up
        10s c3 queued in q
        35s c2 completed
        35s c3 offered to a2
        35s c3 accepted by a2 after 25s
        39s c1 completed
    ",
    );
}

#[test]
fn a_contact_in_wrap_up_can_no_longer_be_cancelled() {
    let mut options = plain("a1");
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        1s a1 accepts c1
        5s a1 completes c1
        6s c1 cancelled
        7s c1 leaves
        35s time passes
    ",
    );
    assert!(
        told.ends_with("5s c1 wrap-up\n6s c1 cancelled: refused wrong_state\n35s c1 completed\n"),
        "{told}"
    );
    let view = story.engine.contact(contact("c1")).unwrap();
    assert_eq!(view.outcome.as_deref(), Some("resolved"));
}
