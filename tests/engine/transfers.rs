//! Transfers to another agent or queue: what the contact keeps, and whom it waits for.

use crate::tell::{Story, agent, assert_told, centre, contact, plain, queue, tell};

#[test]
fn a_transfer_to_a_full_house_queues_without_the_previous_agent_who_is_free() {
    let options = centre(
        vec![queue("q"), queue("p")],
        vec![agent("a1", "q p", ""), agent("a2", "p", "")],
    );
    let told = tell(
        options,
        "
        0s a1 on duty
        0s c1 arrives hotline q
        0s a1 accepts c1
        0s a2 on duty
        0s c3 arrives hotline p
        0s a2 accepts c3
        1s c2 arrives hotline q
        5s a1 transfers c1 queue p
        6s a1 accepts c2
        7s a1 completes c2
        8s a2 completes c3
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c1 accepted by a1 after 0s
        0s a2 ready
        0s c3 offered to a2
        0s c3 accepted by a2 after 0s
        1s c2 queued in q
        5s c1 transferred by a1
        5s c1 moved to p
        5s c1 queued in p
        5s c2 offered to a1
        6s c2 accepted by a1 after 5s
        7s c2 completed
        8s c3 completed
        8s c1 offered to a2
    ",
    );
}

#[test]
fn a_transfer_to_an_agent_waits_for_that_agent_while_they_are_there() {
    let told = tell(
        plain("a1 a2 a3"),
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        1s a2 on duty
        1s c2 arrives hotline
        1s a2 accepts c2
        2s a3 connects
        2s a1 transfers c1 agent a3
        2s a1 transfers c1 agent a1
        3s a3 ready
        3s a3 not_ready break
        4s a1 transfers c1 agent a2
        5s a3 ready
        6s a2 completes c2
        6s a2 not_ready lunch
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
        2s a1 transfers c1 agent a3: refused agent_not_ready
        2s a1 transfers c1 agent a1: refused already_yours
        3s a3 ready
        3s a3 not_ready (break)
        4s c1 transferred by a1
        4s c1 waits for a2
        5s a3 ready
        6s c2 completed
        6s c1 offered to a2
        6s c1 withdrawn from a2
        6s a2 not_ready (lunch)
        6s c1 queued in q
        6s c1 offered to a3
    ",
    );
}

#[test]
fn a_transfer_can_give_up_the_age_of_a_contact() {
    let options = centre(
        vec![queue("q"), queue("r")],
        vec![agent("a1", "q", ""), agent("a2", "r", "")],
    );
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives app q
        0s a1 accepts c1
        0s c2 arrives app q
        0s a1 accepts c2
        5s c3 arrives app r
        10s a1 transfers c1 queue r
        10s a1 transfers c2 queue r anew
        11s a2 on duty
    ",
    );
    assert!(told.contains("10s c2 transferred anew by a1"), "{told}");
    assert!(
        told.ends_with("11s c1 offered to a2\n11s c3 offered to a2\n"),
        "{told}"
    );
    let anew = story.engine.contact(contact("c2")).unwrap();
    assert_eq!((anew.queued_at.0, anew.position), (10_000, Some(1)));
}

#[test]
fn a_transfer_to_an_agent_falls_back_to_the_queue_if_it_may() {
    let told = tell(
        plain("a1 a2 a3"),
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        1s a2 on duty
        2s a1 transfers c1 agent a3
        2s a1 transfers c1 agent a3 or_queue
        3s a2 accepts c1.2
        4s a1 connects
        5s a2 transfers c1 agent a1 or_queue
    ",
    );
    assert!(
        told.contains("2s a1 transfers c1 agent a3: refused agent_not_ready\n2s c1 transferred by a1\n2s c1 offered to a2\n"),
        "{told}"
    );
    assert!(
        told.ends_with("5s c1 waits for a1\n5s c1 offered to a1\n"),
        "{told}"
    );
}

#[test]
fn no_contact_is_transferred_to_an_agent_who_could_never_take_it() {
    let mut options = plain("a1 a2 a3");
    options.agents[1].capacity = 50;
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        1s a2 on duty
        2s a1 transfers c1 agent a2
        2s a1 transfers c1 agent a2 or_queue
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c1 accepted by a1 after 0s
        1s a2 ready
        2s a1 transfers c1 agent a2: refused agent_full
        2s c1 transferred by a1
        2s c1 queued in q
    ",
    );
}

#[test]
fn contacts_waiting_for_an_agent_who_stops_answering_go_to_anyone() {
    let mut story = Story::new(plain("a1 a2 a3"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        0s a3 on duty
        0s c2 arrives hotline
        0s a3 accepts c2
        1s a2 on duty
        1s c3 arrives hotline
        1s a2 delivers c3
        22s a1 transfers c1 agent a2
        22s a1 accepts c3.2
        23s a3 transfers c2 agent a2
    ",
    );
    let told = story.tell("51s a2 delivers c1.2\n 71s time passes");
    assert_told(
        &told,
        "
        32s c1 may go to a1 again
        33s c2 may go to a3 again
        51s a2 hotline ok
        51s c1 offered to a2
        71s c1 not answered by a2
        71s a2 hotline suspended
        71s c1 offered to a3
        71s c2 queued in q
    ",
    );
}

#[test]
fn a_transfer_into_a_full_queue_is_refused_and_changes_nothing() {
    let mut options = centre(vec![queue("q"), queue("p")], vec![agent("a1", "q", "")]);
    options.queues[1].waiting_max = 1;
    let told = tell(
        options,
        "
        0s a1 on duty
        0s c1 arrives hotline q
        0s a1 accepts c1
        1s c2 arrives hotline p
        2s a1 transfers c1 queue p
        3s a1 completes c1
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c1 accepted by a1 after 0s
        1s c2 queued in p
        2s a1 transfers c1 queue p: refused queue_full
        3s c1 completed
    ",
    );
}
