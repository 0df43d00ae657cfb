//! Agents of a queue who are kept free for some tiers.

use switchboard::engine::options::{Options, Reserve};

use crate::tell::{assert_told, name, plain, tell};

/// Two agents, of whom one is kept for diamond and gold.
fn keeping_one() -> Options {
    let mut options = plain("a1 a2");
    options.queues[0].reserve = Some(Reserve {
        agents: 1,
        tiers: vec![name("diamond"), name("gold")],
    });
    options
}

#[test]
fn who_is_kept_is_let_go_as_soon_as_one_more_is_free() {
    let told = tell(
        keeping_one(),
        "
        0s a1 connects
        0s a1 ready
        1s c1 arrives hotline
        2s c2 arrives hotline
        3s a2 connects
        3s a2 ready
        4s c3 arrives hotline tier gold
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s c1 queued in q
        2s c2 queued in q
        3s a2 ready
        3s c1 offered to a2
        4s c3 queued in q
        4s c3 offered to a1
    ",
    );
}

#[test]
fn nobody_is_kept_from_a_customer_who_turns_out_to_matter() {
    let told = tell(
        keeping_one(),
        "
        0s a1 connects
        0s a1 ready
        1s c1 arrives hotline
        2s c1 recognised diamond
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s c1 queued in q
        2s c1 offered to a1
    ",
    );
}

#[test]
fn one_who_is_refused_does_not_go_before_those_whom_that_lets_go() {
    let told = tell(
        keeping_one(),
        "
        0s a1 connects
        0s a1 ready
        0s a2 connects
        0s a2 ready
        1s c1 arrives hotline
        1s a1 delivers c1
        2s c2 arrives hotline tier silver
        3s a1 declines c1
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s a2 ready
        1s c1 queued in q
        1s c1 offered to a1
        2s c2 queued in q
        3s c1 declined by a1
        3s c1 queued in q
        3s c2 offered to a2
    ",
    );
}
