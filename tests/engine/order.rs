//! The order of contacts by due time, and what moves one forward.

use crate::tell::{Story, agent, assert_told, centre, contact, plain, queue, skills, tell};

#[test]
fn a_head_start_is_worth_its_seconds_and_no_more() {
    let told = tell(
        plain("a1"),
        "
        0s c1 arrives hotline
        100s c2 arrives hotline tier silver
        150s c3 arrives hotline tier gold
        250s c4 arrives hotline tier gold
        300s a1 on duty
        301s a1 accepts c3
        302s a1 completes c3
        303s a1 accepts c1
        304s a1 completes c1
        305s a1 accepts c2
        306s a1 completes c2
    ",
    );
    assert!(
        told.contains("300s c3 offered to a1"),
        "150 − 200 is first:\n{told}"
    );
    assert!(told.contains("302s c1 offered to a1"), "then 0:\n{told}");
    assert!(
        told.contains("304s c2 offered to a1"),
        "then 100 − 60:\n{told}"
    );
    assert!(
        told.contains("306s c4 offered to a1"),
        "then 250 − 200:\n{told}"
    );
}

#[test]
fn a_freed_slot_takes_the_oldest_before_a_newcomer() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        1s c2 arrives hotline
        2s a1 completes c1
        2s c3 arrives hotline
    ",
    );
    assert!(
        told.ends_with("2s c2 offered to a1\n2s c3 queued in q\n"),
        "{told}"
    );
}

#[test]
fn the_first_in_line_whom_nobody_can_serve_blocks_no_other() {
    let options = centre(
        vec![queue("q")],
        vec![agent("a1", "q", "fibre 1"), agent("a2", "q", "fibre 9")],
    );
    let told = tell(
        options,
        "
        0s c1 arrives hotline requires fibre=5
        1s c2 arrives hotline
        2s a1 on duty
    ",
    );
    assert!(told.ends_with("2s c2 offered to a1\n"), "{told}");
}

#[test]
fn two_contacts_of_one_instant_are_both_queued_and_both_served() {
    let told = tell(
        plain("a1"),
        "
        0s c1 arrives app
        0s c2 arrives app
        1s a1 on duty
    ",
    );
    assert!(
        told.ends_with("1s c1 offered to a1\n1s c2 offered to a1\n"),
        "{told}"
    );
}

#[test]
fn the_same_problem_gets_the_same_place_on_every_channel() {
    let told = tell(
        plain("a1"),
        "
        0s c1 arrives wechat
        1s c2 arrives hotline
        2s a1 on duty
        2s a1 accepts c1
        3s a1 completes c1
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        1s c2 queued in q
        2s a1 ready
        2s c1 offered to a1
        2s c1 accepted by a1 after 2s
        3s c1 completed
        3s c2 offered to a1
    ",
    );
}

#[test]
fn a_customer_recognised_late_moves_to_the_place_that_is_theirs() {
    let told = tell(
        plain("a1"),
        "
        0s c1 arrives hotline
        10s c2 arrives hotline
        11s c2 recognised diamond
        12s a1 on duty
    ",
    );
    assert!(told.ends_with("12s c2 offered to a1\n"), "{told}");
}

#[test]
fn specialists_prefer_what_they_are_best_at_within_bounds() {
    let mut options = centre(
        vec![queue("q"), queue("p")],
        vec![agent("a1", "q p", "fibre 4")],
    );
    options.queues[1].requires = skills("fibre 2");
    let told = tell(
        options,
        "
        0s c1 arrives hotline q
        100s c2 arrives hotline p
        101s a1 on duty
    ",
    );
    assert!(
        told.ends_with("101s c2 offered to a1\n"),
        "a fit of 120 s outweighs 100 s:\n{told}"
    );
}

#[test]
fn position_counts_contacts_due_earlier() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s c1 arrives app
        1s c2 arrives hotline
        2s c3 arrives wechat tier gold
    ",
    );
    let position = |id: &str| story.engine.contact(contact(id)).unwrap().position;
    assert_eq!(
        [position("c3"), position("c1"), position("c2")],
        [Some(1), Some(2), Some(3)]
    );
}

#[test]
fn a_contact_whose_tier_rises_while_waiting_goes_before_earlier_ones() {
    let told = tell(
        plain("a1"),
        "
        0s c1 arrives app tier basic
        10s c2 arrives app tier basic
        20s c2 recognised diamond
        30s a1 on duty
    ",
    );
    assert!(told.contains("30s c2 offered to a1"), "{told}");
}

#[test]
fn the_customers_identity_matters_until_the_contact_is_over() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 on duty
        1s c1 arrives wechat tier basic
        1s a1 delivers c1
        1s a1 accepts c1
        2s c2 arrives wechat tier basic
        2s a1 delivers c2
        2s a1 accepts c2
        3s a1 parks c2
        4s c3 arrives hotline tier basic
        5s c4 arrives app tier basic at 90s
        6s c5 arrives app
        7s c6 arrives app tier basic
        8s c6 leaves
    ",
    );
    let unserved = story.engine.unserved_of_customer(&"k1".into());
    let unserved: Vec<_> = unserved.into_iter().map(|(id, _)| id).collect();
    assert_eq!(unserved, ["c1", "c2", "c3", "c4"].map(contact));
    assert_eq!(story.engine.unserved_customers(), ["k1".into()]);
}
