//! Commands that a desktop repeats after the server has restarted.

use switchboard::engine::event::{Event, MessageEvent};

use crate::tell::{Story, assert_told, contact, plain, tell};

#[test]
fn a_transfer_repeated_after_a_restart_is_answered_and_not_carried_out_again() {
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        1s a1 accepts c1
        2s a1 transfers c1 queue q as 7
        3s restart
        4s a1 connects
        4s a1#2 resyncs
    ",
    );
    let told = story.tell("5s a1#2 transfers c1 queue q as 7");
    assert_told(&told, "");
    let told = story.tell("5s a1#2 transfers c1 queue q as 8");
    assert!(told.contains("refused"), "{told}");
}

#[test]
fn a_hold_that_was_undone_since_is_not_carried_out_again() {
    let mut story = Story::new(plain("a1"));
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        1s a1 accepts c1
        2s a1 holds c1 as 1
        3s a1 unholds c1 as 2
        4s restart
        5s a1 connects
        5s a1#2 resyncs
        6s a1#2 holds c1 as 1
        6s a1#2 unholds c1 as 2
    ",
    );
    assert!(told.ends_with("3s c1 unheld\n4s a1 lost\n"), "{told}");
    let seen = story.engine.contact(contact("c1")).unwrap();
    assert_eq!(seen.held_since, None);
}

#[test]
fn a_message_to_the_customer_is_sent_once() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        1s a1 accepts c1
        2s a1 writes c1 as 1
        3s restart
        4s a1 connects
        4s a1#2 resyncs
        5s a1#2 writes c1 as 1
        6s a1#2 writes c1 as 2
    ",
    );
    let sent = story.history.iter().filter(|recorded| {
        let event = &recorded.event;
        matches!(event, Event::Message(_, MessageEvent::Sent { .. }))
    });
    assert_eq!(sent.count(), 2);
}

#[test]
fn a_refused_command_may_be_tried_again() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 holds c1 as 1
        1s restart
        2s a1 connects
        2s a1#2 resyncs
        3s a1#2 accepts c1.2
        4s a1#2 holds c1 as 1
    ",
    );
    assert!(told.ends_with("4s c1 held\n"), "{told}");
}

#[test]
fn a_desktop_that_does_not_come_back_may_use_the_same_ids() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        1s a1 accepts c1
        2s a1 holds c1 as 1
        3s a1 unholds c1 as 2
        4s a1 connects
    ",
    );
    let told = story.tell("5s a1#2 holds c1 as 1");
    assert_told(&told, "5s c1 held");
}

#[test]
fn nothing_is_remembered_of_an_agent_who_was_away_for_too_long() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        1s a1 accepts c1
        2s a1 holds c1 as 1
        3s a1 unholds c1 as 2
        4s a1 lost
        70s a1 connects
        70s a1#2 resyncs
        70s a1#2 ready
        71s c2 arrives app
        71s a1#2 accepts c2
    ",
    );
    let told = story.tell("72s a1#2 holds c2 as 1");
    assert_told(&told, "72s c2 held");
}

#[test]
fn the_newest_64_commands_are_remembered() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        1s a1 accepts c1
    ",
    );
    for key in 0..65 {
        let does = if key % 2 == 0 { "holds" } else { "unholds" };
        story.tell(&format!("2s a1 {does} c1 as {key}"));
    }
    story.tell("3s a1 unholds c1 as 65\n 4s restart\n 5s a1 connects\n 5s a1#2 resyncs");
    assert_told(&story.tell("6s a1#2 holds c1 as 2"), "");
    assert_told(&story.tell("6s a1#2 holds c1 as 0"), "6s c1 held");
}

#[test]
fn a_new_program_that_has_worked_does_not_inherit_the_ids_of_the_old_one() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        1s a1 accepts c1
        2s a1 holds c1 as 5
        3s a1 connects
        4s a1#2 unholds c1 as 1
        5s restart
        6s a1 connects
        6s a1#3 resyncs
    ",
    );
    assert_told(&story.tell("7s a1#3 unholds c1 as 1"), "");
    assert_told(&story.tell("8s a1#3 holds c1 as 5"), "8s c1 held");
}

#[test]
fn a_desktop_whose_connection_is_lost_again_after_a_restart_may_still_repeat() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        1s a1 accepts c1
        2s a1 holds c1 as 1
        3s a1 unholds c1 as 2
        4s restart
        5s a1 connects
        5s a1#2 resyncs
        6s a1 connects
        6s a1#3 resumes with frames 4
    ",
    );
    assert_told(&story.tell("7s a1#3 holds c1 as 1"), "");
}

#[test]
fn an_intention_of_before_the_restart_does_not_come_back() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 connects
        1s a1 ready as 1
        2s a1 not_ready tea as 2
        3s restart
        4s a1 connects
        4s a1#2 resyncs
    ",
    );
    assert_told(&story.tell("5s a1#2 ready as 1"), "");
    assert_told(&story.tell("6s a1#2 ready as 3"), "6s a1 ready");
}

#[test]
fn an_accepted_request_for_help_is_recognised() {
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        0s a2 on duty
        1s a1 accepts c1
        2s a1 consults c1 agent a2
        3s a2 accepts c1.2
        4s restart
        5s a2 connects
        5s a2#2 resyncs
    ",
    );
    assert_told(&story.tell("6s a2#2 accepts c1.2"), "");
}
