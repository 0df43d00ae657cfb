//! Estimates while agents rest from a contact, or get no offers at all.

use switchboard::engine::view::WaitEstimate;

use crate::estimates::{seconds, wait};
use crate::tell::{Story, plain};

#[test]
fn a_lone_resting_agent_is_waited_for_until_the_rest_ends() {
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        1s a1 delivers c1
        21s time passes
    ",
    );
    // The agent gets no offers on the channel for 30 s.
    assert_eq!(seconds(&story, "c1").0, 30);
    story.tell("41s time passes");
    assert_eq!(seconds(&story, "c1").0, 10);
    story.tell("41s c2 arrives hotline");
    let (second, _) = seconds(&story, "c2");
    assert!(second > 200, "c1 is served before: {second}");
    let told = story.tell("51s time passes");
    assert!(told.contains("51s c1 offered to a1"), "{told}");
}

#[test]
fn a_rest_from_the_contact_ends_early_only_where_nobody_else_could_take_it() {
    for channel in ["hotline", "app"] {
        let mut story = Story::new(plain("a1 a2"));
        story.tell("0s a1 connects\n 0s a1 ready");
        story.tell(&format!("0s c1 arrives {channel}\n 1s a1 declines c1"));
        let (wait_s, _) = seconds(&story, "c1");
        assert_eq!(wait_s, 14, "at 15 s it may be offered again, on {channel}");
    }
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s a2 on duty
        0s c2 arrives hotline
        0s a2 accepts c2
        1s a1 on duty
        1s c1 arrives hotline
        2s a1 declines c1
    ",
    );
    assert_eq!(seconds(&story, "c1").0, 30, "a2 could, too");
    story.tell("2s c1 leaves\n 2s c3 arrives hotline asks a1 alone\n 3s a1 declines c3");
    assert_eq!(seconds(&story, "c3").0, 14, "nobody else will do");
}

#[test]
fn a_suspended_agent_takes_nothing_however_long_it_waits() {
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        1s a1 delivers c1
        52s a1 delivers c1.2
        73s c2 arrives hotline q asks a1
    ",
    );
    assert_eq!(wait(&story, "c1"), WaitEstimate::NobodyStaffed);
    assert_eq!(wait(&story, "c2"), WaitEstimate::NobodyStaffed);
    story.tell("74s a2 connects\n 74s c3 arrives app q\n 75s a1 accepts c3");
    assert_eq!(wait(&story, "c1"), WaitEstimate::NobodyStaffed);
    story.tell("80s a1 ready");
    assert_ne!(wait(&story, "c1"), WaitEstimate::NobodyStaffed);
}
