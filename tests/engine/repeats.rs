//! Rules that are repeated.

use switchboard::domain::{Millis, Text};
use switchboard::engine::options::{Action, EscalationRule, Repeat, Trigger};

use crate::coming::coming;
use crate::escalations::{rule, with};
use crate::reloads::reload;
use crate::tell::{Story, agent, assert_told, centre, name, queue, tell};

fn repeating(when: Trigger, at_most: u32) -> EscalationRule {
    EscalationRule {
        repeat: Some(Repeat {
            every: Millis::from_s(60),
            at_most,
        }),
        ..rule(when)
    }
}

#[test]
fn a_repeated_rule_fires_its_number_of_times() {
    let mut story = Story::new(with(repeating(Trigger::TargetPercent(100), 2)));
    let told = story.tell(
        "
        0s c1 arrives hotline
        900s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        30s c1 escalated r
        90s c1 escalated r
        150s c1 escalated r
    ",
    );
    assert_eq!(story.engine.next_deadline(), None);
}

#[test]
fn a_repeated_rule_that_a_reload_puts_off_is_announced_and_fires_at_its_new_time() {
    let options = with(repeating(Trigger::TargetPercent(100), 2));
    let mut later = options.clone();
    later.queues[0].target.answer_within = Millis::from_s(300);
    let mut story = Story::new(options);
    let told = story.tell("0s c1 arrives hotline\n 31s time passes");
    assert_told(&told, "0s c1 queued in q\n 30s c1 escalated r");
    reload(&mut story, later);
    assert_eq!(coming(&story, "c1"), ["300s r"]);
    let told = story.tell("900s time passes");
    let then = "31s c1 queued in q\n 300s c1 escalated r\n 360s c1 escalated r";
    assert_told(&told, then);
}

#[test]
fn a_repeated_rule_stops_when_the_contact_is_answered() {
    let told = tell(
        with(repeating(Trigger::TargetPercent(100), 10)),
        "
        0s c1 arrives hotline
        100s a1 on duty
        100s a1 accepts c1
        300s a1 not_ready lunch
        400s requeue c1
        600s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        30s c1 escalated r
        90s c1 escalated r
        100s a1 ready
        100s c1 offered to a1
        100s c1 accepted by a1 after 100s
        300s a1 not_ready (lunch)
        400s c1 taken from a1
        400s c1 queued in q
        410s c1 may go to a1 again
    ",
    );
}

#[test]
fn a_repeated_rule_that_does_not_apply_at_its_time_waits_for_a_change() {
    let mut rule = repeating(Trigger::TargetPercent(100), 10);
    rule.only_if = Some(Text::from("contact.sentiment < 0.0"));
    let mut story = Story::new(with(rule));
    let told = story.tell(
        "
        0s c1 arrives hotline
        1s c1 sentiment -0.3
        40s c1 sentiment 0.5
        200s c1 sentiment -0.8
        261s c1 sentiment 0.5
        400s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        30s c1 escalated r
        200s c1 escalated r
        260s c1 escalated r
    ",
    );
    assert_eq!(story.engine.next_deadline(), None);
}

#[test]
fn the_last_repeat_of_a_move_is_owed_until_there_is_room() {
    let agents = vec![agent("a1", "q", ""), agent("a2", "p", "")];
    let mut options = centre(vec![queue("q"), queue("p")], agents);
    let mut on = repeating(Trigger::After(Millis::from_s(10)), 1);
    on.actions = vec![Action::MoveTo(name("p"))];
    options.queues[0].escalations = vec![on];
    options.queues[1].waiting_max = 1;
    let told = tell(
        options,
        "
        0s c1 arrives hotline p
        0s c2 arrives hotline q
        101s c1 leaves
        200s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in p
        0s c2 queued in q
        10s c2 escalated r
        70s c2 escalated r
        101s c1 abandoned
        101s c2 moved to p
        101s c2 queued in p
    ",
    );
}
