//! How consultations and conferences end: by either agent, by the customer, by a lost connection.

use switchboard::domain::Millis;

use crate::consulting::{SERVED, served};
use crate::tell::{Story, assert_told, contact, plain, tell};

#[test]
fn either_of_the_two_ends_a_consultation() {
    let mut story = served("a1 a2");
    let told = story.tell(
        "
        5s a1 ends consult c1
        5s a1 consults c1 agent a2
        6s a1 ends consult c1
        6s a2 accepts c1.2
        7s a1 consults c1 agent a2
        8s a2 accepts c1.3
        8s a1 parks c1
        9s a2 ends consult c1
    ",
    );
    assert_told(
        &told,
        "
        5s a1 ends consult c1: refused not_consulting
        5s c1 help asked of a2 by a1
        6s c1 help withdrawn from a2
        6s a2 accepts c1.2: refused stale_offer
        7s c1 help asked of a2 by a1
        8s c1 helped by a2
        8s a1 parks c1: refused consulting
        9s c1 help ended with a2
    ",
    );
}

#[test]
fn the_agent_who_remains_in_a_conference_has_the_contact() {
    let mut story = served("a1 a2");
    let told = story.tell(
        "
        5s a1 consults c1 agent a2
        6s a2 accepts c1.2
        7s a1 confers c1
        10s a1 lost
        70s time passes
        80s a2 completes c1
    ",
    );
    assert!(
        told.ends_with(
            "10s a1 lost\n70s a1 gone\n70s a1 not_ready (lost)\n70s c1 handed by a1 to a2\n\
             80s c1 completed\n"
        ),
        "{told}"
    );
}

#[test]
fn a_consultation_ends_with_its_agent_and_the_contact_continues() {
    let mut story = served("a1 a2");
    let told = story.tell(
        "
        5s a1 consults c1 agent a2
        6s a2 accepts c1.2
        10s a1 lost
        70s time passes
    ",
    );
    assert!(
        told.ends_with(
            "70s c1 help left by its agent and a2\n70s c1 lost by a1\n\
             70s c1 queued in q\n70s c1 offered to a2\n"
        ),
        "{told}"
    );
}

#[test]
fn a_lost_agents_contact_is_in_line_before_the_helper_takes_the_one_due_first() {
    let mut story = served("a1 a2");
    let told = story.tell(
        "
        5s a1 consults c1 agent a2
        6s a2 accepts c1.2
        7s c2 arrives hotline
        10s a1 lost
        70s time passes
    ",
    );
    assert!(
        told.ends_with("70s c1 queued in q\n70s c1 offered to a2\n"),
        "{told}"
    );
}

#[test]
fn a_lost_helper_is_waited_for_and_then_gone() {
    let mut story = served("a1 a2");
    let told = story.tell(
        "
        5s a1 consults c1 agent a2
        6s a2 accepts c1.2
        10s a2 lost
        69s time passes
    ",
    );
    assert!(told.ends_with("10s a2 lost\n"), "{told}");
    let told = story.tell("70s time passes");
    assert!(
        told.ends_with("70s c1 help without the lost a2\n"),
        "{told}"
    );
    let view = story.engine.contact(contact("c1")).unwrap();
    assert_eq!((view.state.name(), view.held_since), ("active", None));
}

#[test]
fn nothing_is_handed_to_a_helper_whose_connection_is_lost() {
    let mut story = served("a1 a2");
    let told = story.tell(
        "
        5s a1 consults c1 agent a2
        6s a2 accepts c1.2
        10s a2 lost
        11s a1 transfers c1 agent a2
        12s a2 connects
        13s a1 transfers c1 agent a2
    ",
    );
    assert!(
        told.ends_with(
            "10s a2 lost\n11s a1 transfers c1 agent a2: refused agent_not_ready\n\
             13s c1 handed by a1 to a2\n"
        ),
        "{told}"
    );
}

#[test]
fn a_lost_socket_ends_the_request_for_help() {
    let told = tell(
        plain("a1 a2"),
        &format!(
            "{SERVED}
            5s a1 consults c1 agent a2
            6s a2 lost
        "
        ),
    );
    assert!(
        told.ends_with("6s c1 help withdrawn from a2\n6s a2 lost\n"),
        "{told}"
    );
}

#[test]
fn a_customer_who_leaves_ends_it_for_both() {
    let mut options = plain("a1 a2");
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let mut story = Story::new(options);
    story.tell(SERVED);
    let told = story.tell(
        "
        5s a1 consults c1 agent a2
        6s a2 accepts c1.2
        7s c1 ends
        8s c2 arrives hotline
    ",
    );
    assert_told(
        &told,
        "
        5s c1 help asked of a2 by a1
        6s c1 helped by a2
        7s c1 help over for a2
        7s c1 wrap-up
        8s c2 offered to a2
    ",
    );
}

#[test]
fn who_declined_to_help_is_offered_the_contact_at_once_when_it_is_transferred_to_them() {
    for decline in ["a2 declines c1.2", "a2 declines c1.2 for 3600s"] {
        for manner in ["", "or_queue"] {
            let told = tell(
                plain("a1 a2"),
                &format!(
                    "{SERVED}
                    5s a1 consults c1 agent a2
                    6s {decline}
                    7s a1 transfers c1 agent a2 {manner}
                "
                ),
            );
            assert!(told.contains("7s c1 offered to a2"), "{told}");
        }
    }
}

#[test]
fn who_is_just_asked_for_help_has_room_for_the_contact_itself() {
    let mut options = plain("a1 a2 a3");
    options.agents[1].queues = Vec::new();
    let told = tell(
        options,
        &format!(
            "{SERVED}
            4s a3 on duty
            5s a1 consults c1 agent a2
            6s a1 transfers c1 agent a2 or_queue
        "
        ),
    );
    assert!(told.contains("6s c1 offered to a2"), "{told}");
}

#[test]
fn a_helper_who_is_away_does_not_inherit_the_contact() {
    let told = tell(
        plain("a1 a2 a3"),
        &format!(
            "{SERVED}
            4s a3 on duty
            5s a1 consults c1 agent a2
            6s a2 accepts c1.2
            7s a1 confers c1
            10s a1 lost
            60s a2 lost
            71s time passes
        "
        ),
    );
    assert!(told.contains("70s c1 offered to a3"), "{told}");
}

#[test]
fn who_inherits_a_conference_is_sent_what_was_written_during_grace_once() {
    let heard = |then: &str| {
        let told = tell(
            plain("a1 a2"),
            &format!(
                "{SERVED}
                5s a1 consults c1 agent a2
                6s a2 accepts c1.2
                7s a1 confers c1
                10s a1 lost
                11s c1 says one
                {then}
                71s time passes
            "
            ),
        );
        assert!(told.contains("70s c1 handed by a1 to a2"), "{told}");
        told.matches("a2 hears c1: one").count()
    };
    assert_eq!(heard(""), 1);
    // A desktop that has begun anew lacks it.
    assert_eq!(heard("12s a2 lost\n13s a2 connects"), 2);
}

#[test]
fn a_contact_for_the_queue_or_a_helper_who_takes_another_one_waits_for_anyone() {
    let told = tell(
        plain("a1 a2 a3"),
        &format!(
            "{SERVED}
            5s a1 consults c1 agent a2
            5s a2 delivers c1.2
            5s c2 arrives hotline
            5s c3 arrives hotline
            6s a1 transfers c1 agent a2 or_queue anew
            7s a3 on duty
        "
        ),
    );
    assert!(told.contains("6s c2 offered to a"), "{told}");
    assert!(told.contains("6s c3 offered to a"), "{told}");
    assert!(told.ends_with("7s c1 offered to a3\n"), "{told}");
}
