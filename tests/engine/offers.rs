//! Offers: one at a time, timed from delivery, with distinct endings.

use crate::tell::{agent, assert_told, centre, plain, queue, tell};

#[test]
fn one_agent_and_many_contacts_make_one_offer() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        1s c1 arrives hotline
        1s c2 arrives hotline
        1s c3 arrives hotline
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s c1 offered to a1
        1s c2 queued in q
        1s c3 queued in q
    ",
    );
}

#[test]
fn an_unanswered_offer_goes_back_to_its_old_place_in_line() {
    let told = tell(
        plain("a1 a2"),
        "
        0s a1 on duty
        1s c1 arrives hotline
        2s a1 delivers c1
        3s c2 arrives hotline
        30s a2 on duty
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s c1 offered to a1
        3s c2 queued in q
        22s c1 not answered by a1
        22s a1 hotline cooling_down
        22s c1 queued in q
        30s a2 ready
        30s c1 offered to a2
    ",
    );
}

#[test]
fn the_answer_timer_starts_when_the_desktop_confirms_delivery() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        0s c1 arrives hotline
        1500ms a1 delivers c1
        21400ms a1 accepts c1
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        21400ms c1 accepted by a1 after 21400ms
    ",
    );
}

#[test]
fn an_undelivered_offer_returns_the_contact_at_once_and_is_no_strike() {
    let told = tell(
        plain("a1 a2"),
        "
        0s a1 on duty
        1s a2 on duty
        2s c1 arrives hotline
        4s time passes
        9s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s a2 ready
        2s c1 offered to a1
        4s c1 not delivered to a1
        4s c1 offered to a2
        6s c1 not delivered to a2
        6s c1 queued in q
    ",
    );
}

#[test]
fn a_late_accept_is_stale_and_gives_nobody_a_second_assignment() {
    let told = tell(
        plain("a1 a2"),
        "
        0s a1 on duty
        0s c1 arrives hotline
        1s a1 delivers c1
        22s a2 on duty
        23s a1 accepts c1
        23s a2 accepts c1.2
        24s a1 accepts c1.2
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        21s c1 not answered by a1
        21s a1 hotline cooling_down
        21s c1 queued in q
        22s a2 ready
        22s c1 offered to a2
        23s a1 accepts c1: refused stale_offer
        23s c1 accepted by a2 after 23s
        24s a1 accepts c1.2: refused stale_offer
    ",
    );
}

#[test]
fn a_second_accept_is_too_late_and_changes_nothing() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        0s c1 arrives hotline
        1s a1 accepts c1
        2s a1 accepts c1
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        1s c1 accepted by a1 after 1s
        2s a1 accepts c1: refused stale_offer
    ",
    );
}

#[test]
fn an_agent_who_leaves_ready_loses_the_offer_once_and_the_next_agent_gets_it() {
    let told = tell(
        plain("a1 a2"),
        "
        0s a1 on duty
        1s a2 on duty
        2s c1 arrives hotline
        2s a1 delivers c1
        3s a1 not_ready break
        4s a2 accepts c1.2
        60s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s a2 ready
        2s c1 offered to a1
        3s c1 withdrawn from a1
        3s a1 not_ready (break)
        3s c1 offered to a2
        4s c1 accepted by a2 after 2s
    ",
    );
}

#[test]
fn no_more_than_two_offers_are_open_to_one_agent() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        0s c1 arrives app
        0s c2 arrives app
        0s c3 arrives app
        1s a1 accepts c1
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c2 offered to a1
        0s c3 queued in q
        1s c1 accepted by a1 after 1s
        1s c3 offered to a1
    ",
    );
}

#[test]
fn an_abandoned_contact_is_never_offered_later_and_counts_once() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s c2 arrives hotline
        0s a1 delivers c1
        1s c2 leaves
        2s c1 leaves
        3s c1 leaves
        4s a1 accepts c1
        60s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c2 queued in q
        1s c2 abandoned
        2s c1 withdrawn from a1
        2s c1 abandoned
        3s c1 leaves: refused wrong_state
        4s a1 accepts c1: refused stale_offer
    ",
    );
}

#[test]
fn a_release_of_one_contact_does_not_free_an_agent_who_has_another() {
    let mut options = centre(vec![queue("q")], vec![agent("a1", "q", "")]);
    options.channels.0[0].max = 1;
    let told = tell(
        options,
        "
        0s a1 on duty
        0s c1 arrives app
        1s a1 accepts c1
        2s a1 completes c1
        3s c2 arrives app
        3s c3 arrives app
        3s a1 delivers c2
        4s a1 completes c1
        5s a1 accepts c2
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        1s c1 accepted by a1 after 1s
        2s c1 completed
        3s c2 offered to a1
        3s c3 queued in q
        4s a1 completes c1: refused wrong_state
        5s c2 accepted by a1 after 2s
    ",
    );
}

#[test]
fn of_two_agents_who_accept_one_wins_and_the_other_keeps_the_capacity() {
    let told = tell(
        plain("a1 a2"),
        "
        0s a1 on duty
        1s a2 on duty
        2s c1 arrives hotline
        3s a2 accepts c1
        3s a1 accepts c1
        3s a2 accepts c1
        4s c2 arrives hotline
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s a2 ready
        2s c1 offered to a1
        3s a2 accepts c1: refused stale_offer
        3s c1 accepted by a1 after 1s
        3s a2 accepts c1: refused stale_offer
        4s c2 offered to a2
    ",
    );
}

#[test]
fn an_agent_whose_customer_left_is_free_at_once() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 delivers c1
        1s c2 arrives hotline
        2s c1 leaves
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        1s c2 queued in q
        2s c1 withdrawn from a1
        2s c1 abandoned
        2s c2 offered to a1
    ",
    );
}

#[test]
fn a_returning_agent_may_repeat_unconfirmed_commands() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        0s c1 arrives hotline
        1s a1 accepts c1
        2s a1 lost
        3s a1 connects
        3s a1#2 accepts c1
        4s a1#2 completes c1
        5s a1#2 lost
        6s a1 connects
        6s a1#3 completes c1
        7s a1#3 completes c1 otherwise
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        1s c1 accepted by a1 after 1s
        2s a1 lost
        4s c1 completed
        5s a1 lost
        7s a1#3 completes c1 otherwise: refused wrong_state
    ",
    );
}
