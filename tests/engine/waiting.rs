//! What happens to a promise while a contact waits: steps and escalations end with the
//! answer, come once, and move on only where there is room.

use switchboard::domain::Millis;
use switchboard::engine::options::{
    Action, Audience, EscalationRule, Options, Reserve, Step, Trigger,
};

use crate::tell::{Story, agent, assert_told, centre, name, plain, queue, skills, tell};

fn rule(id: &str, when: Trigger, actions: Vec<Action>) -> EscalationRule {
    EscalationRule {
        name: name(id),
        when,
        actions,
    }
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
        32s a1 connects
        32s a1 ready
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
fn whoever_comes_while_nobody_is_staffed_goes_on_at_once() {
    let agents = vec![agent("a1", "q", ""), agent("a2", "p", "")];
    let mut options = centre(vec![queue("q"), queue("p")], agents);
    let on = vec![Action::MoveTo(name("p"))];
    options.queues[0].escalations = vec![rule("empty", Trigger::NobodyStaffed, on)];
    let told = tell(
        options,
        "
        0s a2 connects
        0s a2 ready
        1s c1 arrives hotline q
    ",
    );
    assert_told(
        &told,
        "
        0s a2 ready
        1s c1 queued in q
        1s c1 escalated empty
        1s c1 moved to p
        1s c1 offered to a2
    ",
    );
}

#[test]
fn no_step_is_taken_after_the_answer_or_after_the_last_one() {
    let mut options = centre(vec![queue("q")], vec![agent("a1", "q", "fibre 6")]);
    let step = |after, level| Step {
        after: Millis::from_s(after),
        requires: Some(skills(level)),
        also_agents_of: Vec::new(),
    };
    options.queues[0].requires = skills("fibre 8");
    options.queues[0].steps = vec![step(10, "fibre 6"), step(20, "fibre 4")];
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s a1 connects
        0s a1 ready
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

#[test]
fn a_promise_is_broken_once_and_not_for_those_who_left() {
    let mut options = plain("a1 a2");
    let notify = || vec![Action::Notify(Audience::Supervisor)];
    options.queues[0].escalations = vec![
        rule("at_risk", Trigger::TargetPercent(75), notify()),
        rule("breached", Trigger::TargetPercent(100), notify()),
    ];
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s c1 arrives hotline
        0s c2 arrives hotline
        23s c2 leaves
        31s a1 connects
        31s a1 ready
        31s a1 accepts c1
        40s requeue c1
        41s a2 connects
        41s a2 ready
        41s a2 accepts c1.2
        99s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        0s c2 queued in q
        22500ms c1 escalated at_risk
        22500ms c2 escalated at_risk
        23s c2 abandoned
        30s c1 escalated breached
        31s a1 ready
        31s c1 offered to a1
        31s c1 accepted by a1 after 31s
        40s c1 taken from a1
        40s c1 queued in q
        41s a2 ready
        41s c1 offered to a2
        41s c1 accepted by a2 after 41s
    ",
    );
    assert_eq!(story.engine.next_deadline(), None);
}

#[test]
fn who_is_moved_on_waits_for_nobody_in_particular() {
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
        0s a1 connects
        0s a1 ready
        0s c1 arrives hotline q
        0s a1 accepts c1
        1s a2 connects
        1s a2 ready
        1s c2 arrives hotline q
        1s a2 accepts c2
        2s a3 connects
        2s a3 ready
        3s a1 transfers c1 agent a2
        30s time passes
    ",
    );
    let end = "30s c1 moved to p\n30s c1 offered to a3\n";
    assert!(told.ends_with(end), "{told}");
}

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
