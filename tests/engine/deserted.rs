//! Rules for queues that nobody is there for, and predictions of a breach for that.

use switchboard::domain::Millis;
use switchboard::engine::options::{Action, Options, Trigger};

use crate::reloads::reload;
use crate::tell::{Story, assert_told, plain, tell};
use crate::triggers::rule;

fn deflecting(when: Trigger) -> Options {
    let mut options = plain("a1 a2");
    let elsewhere = vec![Action::Deflect("nobody is here".into())];
    options.queues[0].escalations = vec![rule("empty", when, elsewhere)];
    options
}

#[test]
fn nobody_is_given_up_while_an_agent_who_is_lost_may_be_back() {
    let mut story = Story::new(deflecting(Trigger::NobodyStaffed));
    let told = story.tell(
        "
        0s  a1 connects
        0s  a1 ready
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
fn whoever_is_lost_and_is_said_not_to_come_back_is_not_waited_for() {
    let told = tell(
        deflecting(Trigger::NobodyStaffed),
        "
        0s a1 connects
        0s a1 ready
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
fn no_breach_is_predicted_while_an_agent_who_is_lost_may_be_back() {
    let mut options = deflecting(Trigger::PredictedBreach);
    options.queues[0].target.answer_within = Millis::from_s(3_600);
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s  a1 connects
        0s  a1 ready
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
fn a_reload_that_takes_the_last_agent_away_leaves_nobody_staffed() {
    let mut story = Story::new(deflecting(Trigger::NobodyStaffed));
    story.tell(
        "
        0s a1 connects
        0s a1 ready
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
