//! Contacts that ask for one agent alone wait for that agent until somebody has served them.

use crate::tell::{Story, plain};

#[test]
fn who_is_called_back_by_the_one_who_was_asked_for_and_is_not_there_is_called_by_that_one_again() {
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s a1 connects
        0s c1 arrives hotline asks a1 alone phone 13800138000
        1s c1 wants a call
        2s a1 ready
        3s a1 accepts c1
        4s a2 connects
        4s a2 ready
        5s a1 reaches nobody c1
        6s c2 arrives hotline asks a1
        6s a1 accepts c2
    ",
    );
    let told = story.tell("700s time passes");
    assert!(told.contains("605s c1 waits for a1"), "{told}");
    assert!(!told.contains("c1 offered"), "{told}");
    let told = story.tell("701s a1 completes c2");
    assert!(told.contains("701s c1 offered to a1"), "{told}");
}

#[test]
fn nobody_else_is_called_for_after_a_declined_offer_and_a_call_that_was_not_answered() {
    let mut story = Story::new(plain("a1 a2"));
    let told = story.tell(
        "
        0s a1 connects
        0s a1 ready
        0s c1 arrives hotline asks a1 alone phone 13800138000
        1s a1 declines c1 for 5s
        2s c1 wants a call first
        10s c1 rings out
        11s c2 arrives hotline asks a1
        11s a1 accepts c2
        12s a2 connects
        12s a2 ready
    ",
    );
    assert!(told.contains("c1 called the 1. time"), "{told}");
    let told = story.tell("700s time passes");
    assert!(told.contains("610s c1 waits for a1"), "{told}");
    assert!(!told.contains("c1 called"), "{told}");
    let told = story.tell("701s a1 completes c2");
    assert!(told.contains("701s c1 called the 2. time"), "{told}");
}

#[test]
fn a_supervisor_who_puts_it_back_opens_it_to_nobody_else_before_it_was_served() {
    let mut story = Story::new(plain("a1 a2"));
    let told = story.tell(
        "
        0s a1 connects
        0s a1 ready
        0s a2 connects
        0s a2 ready
        1s c1 arrives hotline asks a1 alone
        2s requeue c1
        3s requeue c1
    ",
    );
    assert!(told.contains("2s c1 waits for a1"), "{told}");
    assert!(!told.contains("offered to a2"), "{told}");
    let told = story.tell("33s a1 accepts c1.2\n 34s requeue c1");
    assert!(told.contains("c1 accepted by a1"), "{told}");
    assert!(told.contains("34s c1 offered to a2"), "{told}");
}
