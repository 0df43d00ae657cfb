//! Steps: which agents a queue asks next, when none of its own has taken a contact in time or none
//! is there.

use switchboard::domain::Millis;
use switchboard::engine::options::{Action, Options, Step, Trigger};
use switchboard::engine::view::Obstacle;

use crate::explaining::explain;
use crate::tell::{Story, agent, assert_told, centre, name, queue, skills, tell};
use crate::triggers::rule;

#[test]
fn a_step_widens_at_its_time_and_not_before_without_any_other_event() {
    let mut options = centre(vec![queue("q")], vec![agent("a1", "q", "fibre 4")]);
    options.queues[0].requires = skills("fibre 8");
    options.queues[0].steps = vec![Step {
        after: Millis::from_s(60),
        requires: Some(skills("fibre 4")),
        also_agents_of: Vec::new(),
        skip_unstaffed: false,
    }];
    let told = tell(
        options,
        "
        0s a1 on duty
        1s c1 arrives hotline
        60999ms time passes
        61s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s c1 queued in q
        61s c1 at step 1
        61s c1 offered to a1
    ",
    );
}

#[test]
fn an_inner_ring_has_precedence_after_widening() {
    let mut options = centre(
        vec![queue("q"), queue("p")],
        vec![agent("a1", "p", ""), agent("a2", "q", "")],
    );
    options.queues[0].steps = vec![Step {
        after: Millis::from_s(10),
        requires: None,
        also_agents_of: vec![name("p")],
        skip_unstaffed: false,
    }];
    let told = tell(
        options,
        "
        0s c1 arrives hotline q
        1s c2 arrives hotline q
        9s a1 on duty
        10s time passes
        11s a1 accepts c1
        12s a2 on duty
        13s a2 accepts c2
        14s a1 completes c1
        14s a2 completes c2
        20s c3 arrives hotline q
        20s a2 accepts c3
        21s c4 arrives hotline q
        31s time passes
    ",
    );
    assert!(told.contains("10s c1 offered to a1"), "{told}");
    assert!(told.contains("20s c3 offered to a2"), "{told}");
    assert!(
        told.ends_with("31s c4 at step 1\n31s c4 offered to a1\n"),
        "{told}"
    );
}

#[test]
fn no_step_is_taken_after_the_answer_or_after_the_last_one() {
    let mut options = centre(vec![queue("q")], vec![agent("a1", "q", "fibre 6")]);
    let step = |after, level| Step {
        after: Millis::from_s(after),
        requires: Some(skills(level)),
        also_agents_of: Vec::new(),
        skip_unstaffed: false,
    };
    options.queues[0].requires = skills("fibre 8");
    options.queues[0].steps = vec![step(10, "fibre 6"), step(20, "fibre 4")];
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s a1 on duty
        1s c1 arrives hotline
        11s a1 accepts c1
        31s c2 arrives hotline
        600s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s c1 queued in q
        11s c1 at step 1
        11s c1 offered to a1
        11s c1 accepted by a1 after 10s
        31s c2 queued in q
        41s c2 at step 1
        51s c2 at step 2
    ",
    );
    assert_eq!(
        story.engine.next_deadline(),
        None,
        "nothing is left to happen"
    );
}

/// Queue `q` requires fibre; after 60 s agents of `p` may also serve.
fn widening(skip_unstaffed: bool) -> Options {
    let agents = vec![
        agent("a1", "q", "fibre 5"),
        agent("a2", "p", "fibre 5"),
        agent("a3", "p", ""),
    ];
    let mut options = centre(vec![queue("q"), queue("p")], agents);
    options.queues[0].requires = skills("fibre 2");
    options.queues[0].steps = vec![Step {
        after: Millis::from_s(60),
        requires: None,
        also_agents_of: vec![name("p")],
        skip_unstaffed,
    }];
    options
}

#[test]
fn no_contact_waits_for_absent_agents_while_one_of_the_next_step_is_there() {
    let told = tell(
        widening(true),
        "
        0s c1 arrives hotline q
        1s a3 on duty
        5s a2 on duty
        6s a2 accepts c1
        7s c2 arrives hotline q
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        1s a3 ready
        5s a2 ready
        5s c1 at step 1
        5s c1 offered to a2
        6s c1 accepted by a2 after 6s
        7s c2 at step 1
        7s c2 queued in q
    ",
    );
}

#[test]
fn a_step_waits_for_its_time_while_an_agent_of_the_queue_is_there_or_may_return() {
    let told = tell(
        widening(true),
        "
        0s a1 a2 on duty
        1s c1 arrives hotline q
        2s a1 accepts c1
        3s c2 arrives hotline q
        4s a1 lost
        50s time passes
        64s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s a2 ready
        1s c1 offered to a1
        2s c1 accepted by a1 after 1s
        3s c2 queued in q
        4s a1 lost
        63s c2 at step 1
        63s c2 offered to a2
        64s a1 gone
        64s a1 not_ready (lost)
        64s c1 lost by a1
        64s c1 at step 1
        64s c1 queued in q
    ",
    );
}

#[test]
fn a_step_is_taken_when_the_last_agent_of_the_queue_leaves_unless_it_waits_for_its_time() {
    let told = tell(
        widening(true),
        "
        0s a1 a2 on duty
        1s c1 arrives hotline q
        2s a1 accepts c1
        3s c2 arrives hotline q
        9s a1 drains
    ",
    );
    assert!(
        told.ends_with("9s c2 at step 1\n9s c2 offered to a2\n"),
        "{told}"
    );
    let told = tell(
        widening(false),
        "
        0s a2 on duty
        1s c1 arrives hotline q
        61s time passes
    ",
    );
    assert!(
        told.ends_with("61s c1 at step 1\n61s c1 offered to a2\n"),
        "{told}"
    );
}

#[test]
fn agents_of_the_queue_itself_keep_precedence_after_widening() {
    let told = tell(
        widening(true),
        "
        0s c1 arrives hotline q
        60s time passes
        61s pause q
        61s a2 on duty
        200s a1 on duty
        300s resume q
    ",
    );
    assert!(told.ends_with("300s c1 offered to a1\n"), "{told}");
}

#[test]
fn an_agent_of_a_further_step_is_held_to_what_that_step_requires() {
    let mut options = centre(
        vec![queue("q"), queue("p")],
        vec![agent("a1", "q", ""), agent("a2", "p", "broadband 2")],
    );
    options.queues[0].requires = skills("broadband 2");
    options.queues[0].steps = vec![Step {
        after: Millis::from_s(5),
        requires: Some(skills("general 1")),
        also_agents_of: vec![name("p")],
        skip_unstaffed: false,
    }];
    let mut story = Story::new(options);
    let told =
        story.tell("0s a2 connects\n 0s a2 ready\n 1s c1 arrives hotline q\n 9s time passes");
    assert_told(&told, "0s a2 ready\n 1s c1 queued in q\n 6s c1 at step 1");
    let candidates = explain(&story, "c1").candidates;
    let of_p = candidates
        .iter()
        .find(|candidate| candidate.agent == name("a2"));
    let missing = Obstacle::MissingSkill {
        skill: name("general"),
        required: 1,
        has: 0,
    };
    assert_eq!(of_p.unwrap().failed, Some(missing));
}

#[test]
fn no_contact_waits_for_agents_it_is_too_large_for() {
    let mut small = agent("small", "q", "");
    small.capacity = 60;
    let mut options = centre(
        vec![queue("q"), queue("p")],
        vec![small, agent("a1", "p", "")],
    );
    options.queues[0].steps = vec![Step {
        after: Millis::from_s(600),
        requires: None,
        also_agents_of: vec![name("p")],
        skip_unstaffed: true,
    }];
    let told = tell(
        options,
        "
        0s small a1 on duty
        1s c1 arrives hotline q
        2s c2 arrives app q
    ",
    );
    assert_told(
        &told,
        "
        0s small ready
        0s a1 ready
        1s c1 at step 1
        1s c1 offered to a1
        2s c2 offered to small
    ",
    );
}

/// Skilled agents are asked first, after a minute those with less skill, and with them anybody.
fn anybody_at_last(skip_unstaffed: bool) -> Options {
    let mut options = centre(
        vec![queue("q")],
        vec![agent("a1", "q", "fibre 8"), agent("a2", "q", "")],
    );
    options.queues[0].requires = skills("fibre 8");
    options.queues[0].steps = ["fibre 4", ""]
        .map(|required| Step {
            after: Millis::from_s(60),
            requires: Some(skills(required)),
            also_agents_of: Vec::new(),
            skip_unstaffed,
        })
        .to_vec();
    options
}

#[test]
fn steps_of_one_time_are_taken_together_whatever_brings_them() {
    let mut by_rule = anybody_at_last(false);
    let after = Trigger::After(Millis::from_s(2));
    by_rule.queues[0].escalations = vec![rule("hurry", after, vec![Action::NextStep])];
    let busy = "0s a1 on duty\n 0s c1 arrives hotline\n 0s a1 accepts c1\n";
    let told = tell(
        by_rule,
        &format!("{busy} 1s a2 on duty\n 1s c2 arrives hotline\n 4s time passes"),
    );
    assert!(
        told.contains("3s c2 at step 2\n3s c2 offered to a2"),
        "{told}"
    );
    let told = tell(
        anybody_at_last(true),
        "0s a2 on duty\n 1s c1 arrives hotline",
    );
    assert!(
        told.contains("1s c1 at step 2\n1s c1 offered to a2"),
        "{told}"
    );
}
