//! The process stops: nobody is offered anything any more, and work goes on after the restart.

use crate::tell::{assert_told, plain, tell};

#[test]
fn whoever_waits_when_the_process_stops_is_offered_after_the_restart() {
    let told = tell(
        plain("a1 a2"),
        "
        0s a1 a2 on duty
        1s c1 arrives hotline
        1s a1 delivers c1
        2s stop
        3s a1 lost
        4s c2 arrives hotline
        5s a2 lost
        6s restart
        7s a2 connects
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s a2 ready
        1s c1 offered to a1
        3s c1 withdrawn from a1
        3s a1 lost
        3s c1 queued in q
        4s c2 queued in q
        5s a2 lost
        6s a1 lost
        6s a2 lost
        7s c1 offered to a2
    ",
    );
}

#[test]
fn nobody_is_asked_for_help_or_assigned_a_contact_while_the_process_stops() {
    let told = tell(
        plain("a1 a2"),
        "
        0s a1 on duty
        1s c1 arrives hotline
        1s a1 accepts c1
        1s c2 arrives hotline
        2s stop
        3s a2 on duty
        4s a1 consults c1 agent a2
        4s assign c2 a2
    ",
    );
    let last: Vec<&str> = told.lines().rev().take(2).collect();
    assert_eq!(
        last,
        [
            "4s assign c2 a2: refused stopping",
            "4s a1 consults c1 agent a2: refused stopping",
        ]
    );
}
