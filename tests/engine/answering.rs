//! Customers who are called first: who answers, who does not, and who hangs up.

use switchboard::domain::Millis;

use crate::dialling::ringing;
use crate::tell::{assert_told, plain, tell};

#[test]
fn a_customer_who_does_not_answer_is_called_again_and_then_given_up() {
    let mut options = plain("a1");
    options.queues[0].callback.dial_within = Millis::from_s(20);
    let told = tell(
        options,
        "
        0s c1 arrives app phone 13800138000
        0s c1 wants a call first
        5s a1 on duty
        15s c1 rings out
        15s c1 rings out 1
        635s time passes
        1235s c1 rings out 3
        1300s c1 picks up
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        0s c1 to be called at +8613800138000
        5s a1 ready
        5s c1 called the 1. time
        15s c1 does not answer
        15s c1 scheduled
        615s c1 called the 2. time
        635s c1 does not answer
        635s c1 scheduled
        1235s c1 called the 3. time
        1235s c1 does not answer
        1235s c1 completed
        1300s c1 picks up: refused not_dialled
    ",
    );
}

#[test]
fn an_answer_counts_once_and_a_report_of_another_call_is_ignored() {
    let told = tell(
        plain("a1"),
        "
        0s c1 arrives hotline phone 13800138000
        0s c1 picks up
        0s c1 wants a call first
        1s c1 picks up
        5s a1 on duty
        6s c1 picks up 2
        6s c1 rings out 2
        7s c1 picks up 1
        8s c1 picks up 1
        8s c1 picks up
        8s c1 rings out
        8s a1 accepts c1
        10s c1 picks up
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        0s c1 picks up: refused not_a_callback
        0s c1 to be called at +8613800138000
        1s c1 picks up: refused not_dialled
        5s a1 ready
        5s c1 called the 1. time
        6s c1 picks up 2: refused not_dialled
        6s c1 rings out 2: refused not_dialled
        7s c1 on the line
        7s c1 offered to a1
        8s c1 rings out: refused not_dialled
        8s c1 accepted by a1 after 8s
    ",
    );
}

#[test]
fn a_customer_who_has_answered_may_hang_up() {
    let told = ringing().tell(
        "
        25s c1 leaves
        30s c1 picks up
        40s c1 leaves
    ",
    );
    assert_told(
        &told,
        "
        30s c1 on the line
        30s c1 queued in q
        40s c1 abandoned
    ",
    );
}

#[test]
fn a_dead_line_found_by_the_agent_leads_to_another_call() {
    let told = tell(
        plain("a1"),
        "
        0s c1 arrives hotline phone 13800138000
        0s c1 wants a call first
        5s a1 on duty
        6s c1 picks up
        7s a1 accepts c1
        8s a1 reaches nobody c1
        608s c1 picks up 2
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        0s c1 to be called at +8613800138000
        5s a1 ready
        5s c1 called the 1. time
        6s c1 on the line
        6s c1 offered to a1
        7s c1 accepted by a1 after 7s
        8s c1 not reached by a1
        8s c1 scheduled
        608s c1 called the 2. time
        608s c1 on the line
        608s c1 offered to a1
    ",
    );
}
