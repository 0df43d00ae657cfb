//! Cooldowns: how long an agent who has lost or refused a contact is not asked again: the full time
//! while another could take it, and only a moment once none could.

use switchboard::engine::options::Options;

use crate::tell::{Story, assert_told, plain, tell};

/// Agent a1 has returned c1 at 10 s, and a2 is busy.
fn given_back() -> Story {
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s a1 on duty
        1s  c1 arrives hotline
        2s  a1 accepts c1
        3s a2 on duty
        4s  c2 arrives hotline
        5s  a2 accepts c2
        10s a1 transfers c1 queue q
    ",
    );
    story
}

#[test]
fn the_agent_who_had_it_is_asked_again_soon_after_the_last_other_has_left() {
    let mut story = given_back();
    assert_eq!(story.tell("25s time passes"), "", "a2 may take it");
    let told = story.tell("26s a2 not_ready home\n 31s time passes");
    assert_eq!(
        told,
        "26s a2 not_ready (home)\n30s c1 may go to a1 again\n30s c1 offered to a1\n"
    );
}

#[test]
fn the_agent_who_had_it_is_asked_again_after_the_full_time_while_another_is_there() {
    let mut story = given_back();
    let told = story.tell("400s time passes");
    assert!(
        told.starts_with("310s c1 may go to a1 again\n310s c1 offered to a1\n"),
        "{told}"
    );
}

#[test]
fn an_agent_not_trusted_with_the_channel_does_not_count_as_another() {
    let mut story = Story::new(plain("a1 a2"));
    let told = story.tell(
        "
        0s a2 on duty
        0s  c7 arrives hotline
        1s  a2 delivers c7
        22s c7 leaves
        51s c8 arrives hotline
        52s a2 delivers c8
        73s c8 leaves
        80s a1 on duty
        80s c1 arrives hotline
        81s a1 accepts c1
        82s a1 transfers c1 queue q
        93s time passes
    ",
    );
    assert!(told.contains("72s a2 hotline suspended"), "{told}");
    let end = "82s c1 queued in q\n92s c1 may go to a1 again\n92s c1 offered to a1\n";
    assert!(told.ends_with(end), "{told}");
}

fn declined(options: Options, arrival: &str) -> String {
    let mut story = Story::new(options);
    story.tell("0s a1 connects\n 0s a1 ready");
    story.tell(arrival);
    story.tell("1s a1 declines c1\n 2s a2 connects\n 2s a2 ready\n 20s time passes")
}

#[test]
fn an_agent_without_capacity_or_eligibility_does_not_count_as_another() {
    let mut options = plain("a1 a2");
    options.agents[1].capacity = 50;
    let again = "15s c1 may go to a1 again\n15s c1 offered to a1\n";
    let told = declined(options, "0s c1 arrives hotline");
    assert!(told.contains(again), "{told}");
    let told = declined(plain("a1 a2"), "0s c1 arrives hotline asks a1 alone");
    assert!(told.contains(again), "{told}");
}

#[test]
fn an_agent_who_refused_nothing_is_asked_again_while_the_others_are_busy() {
    let busy = "
        0s a1 on duty
        1s  c1 arrives hotline
        2s  a1 accepts c1
        3s a2 on duty
        4s  c2 arrives hotline
        5s  a2 accepts c2
    ";
    let again = |story: &str| {
        let mut teller = Story::new(plain("a1 a2"));
        teller.tell(busy);
        teller.tell(story)
    };
    let told = again("10s a1 lost\n 71s a1 connects\n 71s a1#2 ready\n 80s time passes");
    assert!(told.ends_with("80s c1 offered to a1\n"), "{told}");
    let told = again("10s requeue c1\n 20s time passes");
    assert!(told.ends_with("20s c1 offered to a1\n"), "{told}");
}

#[test]
fn a_declined_contact_goes_to_the_next_agent_without_loop_or_ban() {
    let told = tell(
        plain("a1 a2"),
        "
        0s a1 on duty
        1s a2 on duty
        2s c1 arrives hotline
        3s a1 declines c1
        4s a2 declines c1.2
        18s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s a2 ready
        2s c1 offered to a1
        3s c1 declined by a1
        3s c1 offered to a2
        4s c1 declined by a2
        4s c1 queued in q
        17s c1 may go to a1 again
        17s c1 offered to a1
    ",
    );
}

#[test]
fn a_lone_agent_who_declined_is_asked_again_but_not_hammered() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        0s c1 arrives hotline
        1s a1 declines c1
        16s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        1s c1 declined by a1
        1s c1 queued in q
        15s c1 may go to a1 again
        15s c1 offered to a1
    ",
    );
}

#[test]
fn a_decline_may_name_when_to_ask_again() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        0s c1 arrives hotline
        1s a1 declines c1 for 120s
        121s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        1s c1 declined by a1
        1s c1 queued in q
        121s c1 may go to a1 again
        121s c1 offered to a1
    ",
    );
}
