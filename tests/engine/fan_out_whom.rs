//! Fan-out: which agents are asked, and in which order contacts get further offers.

use switchboard::domain::Millis;
use switchboard::engine::options::Step;

use crate::fan_out::{asking, rule};
use crate::tell::{agent, assert_told, centre, queue, skills, tell};

#[test]
fn a_contact_without_an_offer_comes_before_a_second_offer_of_another() {
    let told = tell(
        asking("a1 a2", 2),
        "
        0s a1 on duty
        1s c1 arrives hotline
        1s a1 delivers c1
        9s c2 arrives hotline
        11s time passes
        12s a2 on duty
        12s a2 accepts c2
        13s a2 completes c2
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s c1 offered to a1
        9s c2 queued in q
        11s c1 escalated r
        12s a2 ready
        12s c2 offered to a2
        12s c2 accepted by a2 after 3s
        13s c2 completed
        13s c1 offered to a2
    ",
    );
}

#[test]
fn it_waits_for_a_first_agent_and_is_offered_to_all_who_become_ready() {
    let told = tell(
        asking("a1 a2 a3", 3),
        "
        0s c1 arrives hotline
        10s pause q
        11s a1 a2 a3 on duty
        12s resume q
        13s c1 leaves
        13s c2 arrives hotline
        13s c3 arrives hotline
        13s c4 arrives hotline
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        10s c1 escalated r
        11s a1 ready
        11s a2 ready
        11s a3 ready
        12s c1 offered to a1
        12s c1 offered to a2
        12s c1 offered to a3
        13s c1 withdrawn from a1
        13s c1 withdrawn from a2
        13s c1 withdrawn from a3
        13s c1 abandoned
        13s c2 offered to a1
        13s c3 offered to a2
        13s c4 offered to a3
    ",
    );
}

#[test]
fn only_eligible_agents_are_asked() {
    let agents = vec![agent("a1", "q", ""), agent("a2", "p", "")];
    let mut options = centre(vec![queue("q"), queue("p")], agents);
    options.queues[0].escalations = vec![rule(10)];
    let told = tell(
        options,
        "
        0s a1 a2 on duty
        1s c1 arrives hotline q
        1s a1 delivers c1
        15s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s a2 ready
        1s c1 offered to a1
        11s c1 escalated r
    ",
    );
}

#[test]
fn the_contact_due_first_gets_a_further_offer_first() {
    let told = tell(
        asking("a1 a2 a3", 2),
        "
        0s a1 a2 on duty
        1s c1 arrives hotline
        1s a1 delivers c1
        2s c2 arrives hotline tier diamond
        2s a2 delivers c2
        15s a3 on duty
    ",
    );
    assert!(
        told.ends_with("15s a3 ready\n15s c2 offered to a3\n"),
        "{told}"
    );
}

#[test]
fn steps_bring_in_more_agents_while_it_is_offered() {
    let agents = vec![
        agent("a1", "q", "fibre 5"),
        agent("a2", "q", "fibre 1"),
        agent("a3", "q", "fibre 1"),
    ];
    let mut options = centre(vec![queue("q")], agents);
    options.queues[0].requires = skills("fibre 5");
    options.queues[0].steps = vec![Step {
        after: Millis::from_s(15),
        requires: Some(skills("fibre 1")),
        also_agents_of: Vec::new(),
        skip_unstaffed: false,
    }];
    options.queues[0].escalations = vec![rule(3)];
    let told = tell(
        options,
        "
        0s a1 a2 a3 on duty
        1s c1 arrives hotline
        1s a1 delivers c1
        16s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s a2 ready
        0s a3 ready
        1s c1 offered to a1
        11s c1 escalated r
        16s c1 at step 1
        16s c1 offered to a2
        16s c1 offered to a3
    ",
    );
}
