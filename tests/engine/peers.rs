//! Stories of what users of other routers have complained about; `peers.md` lists the situations
//! and the tests of each.

use switchboard::domain::Millis;

use crate::tell::{agent, assert_told, centre, plain, queue, tell};

#[test]
fn the_account_manager_is_preferred_to_an_agent_idle_for_longer() {
    let told = tell(
        plain("a1 a2"),
        "
        0s a1 on duty
        60s a2 on duty
        61s c1 arrives hotline manager a2
        62s c2 arrives hotline manager a2
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        60s a2 ready
        61s c1 offered to a2
        62s c2 offered to a1
    ",
    );
}

#[test]
fn an_account_manager_who_is_away_or_full_blocks_nobody() {
    let told = tell(
        plain("a1 a2 a3"),
        "
        0s a1 a2 on duty
        1s c1 arrives hotline manager a1
        1s a1 accepts c1
        2s c2 arrives hotline manager a1
        2s a2 accepts c2
        3s c3 arrives hotline manager a3
        4s c4 arrives hotline
        9s a2 completes c2
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s a2 ready
        1s c1 offered to a1
        1s c1 accepted by a1 after 0s
        2s c2 offered to a2
        2s c2 accepted by a2 after 0s
        3s c3 queued in q
        4s c4 queued in q
        9s c2 completed
        9s c3 offered to a2
    ",
    );
}

#[test]
fn a_preferred_agent_is_held_for_within_the_hold_and_only_if_about_to_be_free() {
    let mut options = plain("a1 a2 a3");
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    options.queues[0].prefer = Some(Millis::from_s(10));
    let told = tell(
        options,
        "
        0s a1 a2 on duty
        1s c1 arrives hotline manager a2
        1s a2 delivers c1
        1s a2 accepts c1
        2s c2 arrives hotline manager a3
        2s a1 delivers c2
        3s a1 declines c2 for 300s
        4s c3 arrives hotline manager a2
        5s a1 delivers c3
        5s a1 accepts c3
        20s a2 completes c1
        20s a1 completes c3
        21s a1 done c3
        22s c4 arrives hotline manager a2
        33s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s a2 ready
        1s c1 waits for a2
        1s c1 offered to a2
        1s c1 accepted by a2 after 0s
        2s c2 offered to a1
        3s c2 declined by a1
        3s c2 queued in q
        4s c3 offered to a1
        5s c3 accepted by a1 after 1s
        20s c1 wrap-up
        20s c3 wrap-up
        21s c3 completed
        22s c4 waits for a2
        32s c4 queued in q
        32s c4 offered to a1
    ",
    );
}

#[test]
fn a_contact_without_an_end_is_taken_from_an_agent_who_has_gone() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        10s a1 lost
        300s a1 connects
        300s c1 leaves
        301s a1#2 ready
        302s c2 arrives hotline
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c1 accepted by a1 after 0s
        10s a1 lost
        70s a1 gone
        70s a1 not_ready (lost)
        70s c1 lost by a1
        70s c1 queued in q
        80s c1 may go to a1 again
        300s c1 abandoned
        301s a1 ready
        302s c2 offered to a1
    ",
    );
}

#[test]
fn the_busy_the_absent_the_unskilled_and_the_strangers_are_offered_nothing() {
    let options = centre(
        vec![queue("q"), queue("p")],
        vec![
            agent("away", "q", "fibre 3"),
            agent("busy", "q", "fibre 3"),
            agent("drains", "q", "fibre 3"),
            agent("novice", "q", "fibre 1"),
            agent("other", "p", "fibre 3"),
        ],
    );
    let told = tell(
        options,
        "
        0s away connects
        0s busy on duty
        0s c1 arrives hotline q
        0s busy accepts c1
        0s drains on duty
        0s c2 arrives app q
        0s drains accepts c2
        0s drains drains
        0s novice other on duty
        1s c3 arrives app q requires fibre=2
        600s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s busy ready
        0s c1 offered to busy
        0s c1 accepted by busy after 0s
        0s drains ready
        0s c2 offered to drains
        0s c2 accepted by drains after 0s
        0s drains draining (end_of_shift)
        0s novice ready
        0s other ready
        1s c3 queued in q
    ",
    );
}

#[test]
fn a_wrap_up_of_one_queue_keeps_the_agent_from_every_other() {
    let mut options = centre(vec![queue("q"), queue("p")], vec![agent("a1", "q p", "")]);
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let told = tell(
        options,
        "
        0s a1 on duty
        0s c1 arrives hotline q
        0s a1 accepts c1
        5s c2 arrives hotline p
        10s a1 completes c1
        40s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c1 accepted by a1 after 0s
        5s c2 queued in p
        10s c1 wrap-up
        40s c1 completed
        40s c2 offered to a1
    ",
    );
}
