//! Contacts that request one agent only wait for that agent until they have been served.

use crate::tell::{Story, plain};

#[test]
fn a_callback_for_an_absent_requested_agent_waits_for_that_agent_again() {
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s a1 connects
        0s c1 arrives hotline asks a1 alone phone 13800138000
        1s c1 wants a call
        2s a1 ready
        3s a1 accepts c1
        4s a2 on duty
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
fn no_other_agent_is_used_after_a_declined_offer_and_an_unanswered_call() {
    let mut story = Story::new(plain("a1 a2"));
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline asks a1 alone phone 13800138000
        1s a1 declines c1 for 5s
        2s c1 wants a call first
        10s c1 rings out
        11s c2 arrives hotline asks a1
        11s a1 accepts c2
        12s a2 on duty
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
fn a_requeue_by_a_supervisor_opens_an_unserved_contact_to_nobody_else() {
    let mut story = Story::new(plain("a1 a2"));
    let told = story.tell(
        "
        0s a1 a2 on duty
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

/// `c1` requested a1 only, was served, and transferred to a2, who has no room.
fn handed_on() -> Story {
    let mut story = Story::new(plain("a1 a2 a3"));
    story.tell(
        "
        0s a1 a2 on duty
        0s c1 arrives hotline asks a1 alone
        1s a1 accepts c1
        2s c2 arrives hotline asks a2
        2s a2 accepts c2
        9s a1 transfers c1 agent a2
        9s a1 not_ready lunch
        9s a3 on duty
    ",
    );
    story
}

#[test]
fn once_served_it_is_not_left_with_an_agent_who_goes() {
    let told = handed_on().tell("10s a2 not_ready lunch");
    assert!(told.contains("10s c1 offered to a3"), "{told}");
    let told = handed_on().tell("10s a2 lost\n 80s time passes");
    assert!(told.contains("c1 offered to a3"), "{told}");
}

#[test]
fn once_served_it_is_not_left_with_an_agent_whose_desktop_does_not_confirm() {
    let told = handed_on().tell("10s a2 completes c2\n 12s time passes");
    assert!(told.contains("12s c1 offered to a3"), "{told}");
}

#[test]
fn once_served_it_does_not_return_to_line_for_an_agent_who_has_left() {
    for comes_back in ["a3 declines c1", "a3 not_ready lunch", "a3 lost"] {
        let mut story = handed_on();
        story.tell("10s assign c1 a3\n 11s a2 not_ready lunch");
        let told = story.tell(&format!("12s {comes_back}"));
        assert!(told.contains("12s c1 queued in q"), "{told}");
    }
    // It waits through a lost connection, but no longer.
    let mut story = handed_on();
    let told = story.tell("10s assign c1 a3\n 11s a2 lost\n 12s a3 declines c1");
    assert!(told.contains("12s c1 waits for a2"), "{told}");
    let told = story.tell("70s assign c1 a3\n 71s time passes\n 72s a3 not_ready lunch");
    assert!(told.contains("c1 queued in q"), "{told}");
}

#[test]
fn a_scheduled_contact_offered_early_goes_to_nobody_else() {
    for comes_back in ["a1 declines c1", "a1 not_ready lunch", "a1 lost"] {
        let mut story = Story::new(plain("a1 a2"));
        story.tell(
            "
            0s a1 a2 on duty
            0s c1 arrives hotline asks a1 alone at 10s
            1s assign c1 a1
            1s a1 delivers c1
        ",
        );
        let told = story.tell(&format!("12s {comes_back}"));
        assert!(told.contains("12s c1 waits for a1"), "{told}");
        assert!(!told.contains("offered"), "{told}");
    }
    // Nor does a contact that was to be called again.
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s a1 connects
        0s c1 arrives hotline asks a1 alone phone 13800138000
        1s c1 wants a call
        2s a1 ready
        3s a1 accepts c1
        4s a2 on duty
        5s a1 reaches nobody c1
        600s assign c1 a1
        601s a1 delivers c1.2
    ",
    );
    let told = story.tell("606s a1 declines c1.2");
    assert!(told.ends_with("606s c1 waits for a1\n"), "{told}");
}
