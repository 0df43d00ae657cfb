//! Rules for queues without agents present, and predicted breaches for that reason.

use switchboard::domain::Millis;
use switchboard::engine::options::{Action, Options, Step, Trigger};

use crate::reloads::reload;
use crate::tell::{Story, agent, assert_told, centre, name, plain, queue, skills, tell};
use crate::triggers::rule;

fn deflecting(when: Trigger) -> Options {
    let mut options = plain("a1 a2");
    let elsewhere = vec![Action::Deflect("nobody is here".into())];
    options.queues[0].escalations = vec![rule("empty", when, elsewhere)];
    options
}

#[test]
fn no_contact_is_given_up_while_a_lost_agent_may_return() {
    let mut story = Story::new(deflecting(Trigger::NobodyStaffed));
    let told = story.tell(
        "
        0s a1 on duty
        1s  c1 arrives hotline
        1s  a1 accepts c1
        2s  c2 arrives hotline
        9s  a1 lost
        10s c3 arrives hotline
        11s a1 connects
        20s restart
        21s c4 arrives hotline
        79s time passes
    ",
    );
    assert!(!told.contains("escalated"), "{told}");
    let told = story.tell("80s time passes");
    for gone in ["c1", "c2", "c3", "c4"] {
        let gone = format!("80s {gone} escalated empty");
        assert!(told.contains(&gone), "{gone}\n{told}");
    }
}

#[test]
fn a_lost_agent_who_is_reported_gone_is_not_waited_for() {
    let told = tell(
        deflecting(Trigger::NobodyStaffed),
        "
        0s a1 on duty
        1s c1 arrives hotline
        1s a1 accepts c1
        2s c2 arrives hotline
        9s a1 lost
        12s a1 drains
    ",
    );
    assert!(told.contains("12s c2 escalated empty"), "{told}");
}

#[test]
fn no_breach_is_predicted_while_a_lost_agent_may_return() {
    let mut options = deflecting(Trigger::PredictedBreach);
    options.queues[0].target.answer_within = Millis::from_s(3_600);
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s a1 on duty
        1s  c1 arrives hotline
        1s  a1 accepts c1
        9s  a1 lost
        10s c2 arrives hotline
        68s time passes
    ",
    );
    assert!(!told.contains("escalated"), "{told}");
    let told = story.tell("75s time passes");
    assert!(told.contains("c2 escalated empty"), "{told}");
}

#[test]
fn a_reload_that_removes_the_last_agent_leaves_nobody_staffed() {
    let mut story = Story::new(deflecting(Trigger::NobodyStaffed));
    story.tell(
        "
        0s a1 on duty
        1s c1 arrives hotline
        1s a1 accepts c1
        2s c2 arrives hotline
    ",
    );
    let mut without = deflecting(Trigger::NobodyStaffed);
    without.agents.remove(0);
    reload(&mut story, without);
    assert_told(
        &story.tell("3s time passes"),
        "
        2s a1 not_ready (removed)
        2s c2 escalated empty
        2s c2 deflected
    ",
    );
}

/// `q` has no agents of its own, `g` helps after ten minutes; `r` requires `x`.
fn scattered() -> Options {
    let mut q = queue("q");
    q.steps = vec![Step {
        after: Millis::from_s(600),
        requires: None,
        also_agents_of: vec![name("g")],
        skip_unstaffed: true,
    }];
    let mut r = queue("r");
    r.requires = skills("x 3");
    for queue in [&mut q, &mut r] {
        let elsewhere = vec![Action::Deflect("nobody is here".into())];
        queue.escalations = vec![rule("empty", Trigger::NobodyStaffed, elsewhere)];
    }
    let agents = vec![
        agent("g1", "g", ""),
        agent("r1", "r", "x 5"),
        agent("r2", "r", "y 5"),
    ];
    centre(vec![q, r, queue("g")], agents)
}

#[test]
fn agents_of_a_later_step_count_as_staff() {
    let mut story = Story::new(scattered());
    let told = story.tell(
        "
        0s g1 on duty
        0s c1 arrives hotline g
        0s g1 accepts c1
        1s c2 arrives hotline q
        2s g1 lost
        3s g1 connects
    ",
    );
    assert!(told.contains("1s c2 at step 1"), "{told}");
    assert!(!told.contains("escalated"), "{told}");
    let told = story.tell("4s g1#2 not_ready break");
    assert!(told.contains("4s c2 deflected"), "{told}");
}

#[test]
fn agents_without_the_skill_do_not_count_as_staff() {
    let mut story = Story::new(scattered());
    let told = story.tell(
        "
        0s r2 on duty
        1s c1 arrives hotline r
    ",
    );
    assert!(told.contains("1s c1 deflected"), "{told}");
    let told = story.tell(
        "
        2s r1 on duty
        3s c2 arrives hotline r
        3s r1 accepts c2
        4s c3 arrives hotline r
        5s r1 lost
        64s time passes
    ",
    );
    assert!(!told.contains("escalated"), "{told}");
    let told = story.tell("65s time passes");
    assert!(told.contains("65s c3 deflected"), "{told}");
}

#[test]
fn for_a_contact_for_one_agent_only_the_others_do_not_count_as_staff() {
    let mut story = Story::new(deflecting(Trigger::NobodyStaffed));
    let told = story.tell(
        "
        0s a1 a2 on duty
        1s c1 arrives hotline asks a1
        1s a1 accepts c1
        2s c2 arrives hotline asks a2
        2s a2 accepts c2
        3s c3 arrives hotline asks a1 alone
        4s c4 arrives hotline
        5s a1 not_ready break
    ",
    );
    assert!(
        told.ends_with("5s c3 escalated empty\n5s c3 deflected\n"),
        "{told}"
    );
}
