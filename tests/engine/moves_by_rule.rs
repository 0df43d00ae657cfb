//! Contacts that a rule moves to another queue.

use switchboard::engine::options::{Action, Trigger};

use crate::tell::{agent, assert_told, centre, name, queue, tell};
use crate::triggers::rule;

#[test]
fn an_escalation_moves_a_contact_but_never_during_an_offer() {
    let mut options = centre(
        vec![queue("q"), queue("p")],
        vec![agent("a1", "q", ""), agent("a2", "p", "")],
    );
    options.queues[0].escalations = vec![rule(
        "breached",
        Trigger::TargetPercent(100),
        vec![Action::MoveTo(name("p"))],
    )];
    let told = tell(
        options,
        "
        0s c1 arrives hotline q
        0s c2 arrives hotline q
        29s a1 on duty
        30s a1 delivers c1
        45s a2 on duty
        46s a2 accepts c2
        51s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        0s c2 queued in q
        29s a1 ready
        29s c1 offered to a1
        30s c1 escalated breached
        30s c2 escalated breached
        30s c2 moved to p
        30s c2 queued in p
        45s a2 ready
        45s c2 offered to a2
        46s c2 accepted by a2 after 46s
        50s c1 not answered by a1
        50s a1 hotline cooling_down
        50s c1 moved to p
        50s c1 queued in p
    ",
    );
}

#[test]
fn an_escalation_into_a_full_queue_leaves_the_contact_where_it_is() {
    let mut options = centre(vec![queue("q"), queue("p")], vec![agent("a1", "q", "")]);
    let on = vec![Action::MoveTo(name("p"))];
    options.queues[0].escalations = vec![rule("breached", Trigger::TargetPercent(100), on)];
    options.queues[1].waiting_max = 1;
    let told = tell(
        options,
        "
        0s c1 arrives hotline p
        1s c2 arrives hotline q
        32s a1 on duty
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in p
        1s c2 queued in q
        31s c2 escalated breached
        32s a1 ready
        32s c2 offered to a1
    ",
    );
}

#[test]
fn a_move_to_a_full_queue_takes_place_when_it_has_room() {
    let agents = vec![agent("a1", "p", "")];
    let mut options = centre(vec![queue("q"), queue("p")], agents);
    let on = vec![Action::MoveTo(name("p"))];
    options.queues[0].escalations = vec![rule("breached", Trigger::TargetPercent(100), on)];
    options.queues[1].waiting_max = 1;
    let told = tell(
        options,
        "
        0s c1 arrives hotline p
        1s c2 arrives hotline q
        40s c1 leaves
        60s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in p
        1s c2 queued in q
        31s c2 escalated breached
        40s c1 abandoned
        40s c2 moved to p
        40s c2 queued in p
    ",
    );
}

#[test]
fn a_moved_contact_waits_for_nobody_in_particular() {
    let agents = vec![
        agent("a1", "q", ""),
        agent("a2", "q", ""),
        agent("a3", "p", ""),
    ];
    let mut options = centre(vec![queue("q"), queue("p")], agents);
    let on = vec![Action::MoveTo(name("p"))];
    options.queues[0].escalations = vec![rule("breached", Trigger::TargetPercent(100), on)];
    let told = tell(
        options,
        "
        0s a1 on duty
        0s c1 arrives hotline q
        0s a1 accepts c1
        1s a2 on duty
        1s c2 arrives hotline q
        1s a2 accepts c2
        2s a3 on duty
        3s a1 transfers c1 agent a2
        33s time passes
    ",
    );
    let end = "33s c1 moved to p\n33s c1 offered to a3\n";
    assert!(told.ends_with(end), "{told}");
}
