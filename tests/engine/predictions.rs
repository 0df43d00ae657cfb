//! Predicted breaches: evaluated again whenever the target or the estimate changes.

use switchboard::domain::Millis;
use switchboard::engine::options::{Action, Audience, EscalationRule, Options, Repeat, Trigger};

use crate::reloads::reload;
use crate::tell::{Story, agent, centre, name, queue};
use crate::triggers::rule;

/// `a1` serves `q`, `patient` and `hasty`, and is serving `c1`.
fn busy(target_s: i64) -> Story {
    let mut story = Story::new(foreseeing(target_s));
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline other
        0s a1 accepts c1
    ",
    );
    assert!(told.contains("c1 accepted by a1"), "{told}");
    story
}

fn foreseeing(target_s: i64) -> Options {
    let queues = ["q", "patient", "hasty"].map(|id| {
        let mut queue = queue(id);
        let target_s = if id == "hasty" { 1_200 } else { target_s };
        queue.target.answer_within = Millis::from_s(target_s);
        queue.topics = vec![name(&format!("of_{id}"))];
        let notify = vec![Action::Notify(Audience::Supervisor)];
        queue.escalations = vec![rule("foreseen", Trigger::PredictedBreach, notify)];
        queue
    });
    let queues = queues.into_iter().chain([queue("other")]).collect();
    let agents = vec![
        agent("a1", "q patient hasty other", ""),
        agent("a2", "other", ""),
    ];
    centre(queues, agents)
}

#[test]
fn a_reload_of_the_target_is_a_new_prediction() {
    let mut story = busy(3_600);
    let told = story.tell("10s c2 arrives hotline q\n 20s time passes");
    assert!(!told.contains("escalated"), "{told}");
    reload(&mut story, foreseeing(300));
    let told = story.tell("20s time passes");
    assert!(told.contains("20s c2 escalated foreseen"), "{told}");
}

#[test]
fn a_contact_moved_to_a_queue_with_another_target_is_evaluated_in_time_for_it() {
    let mut story = busy(3_600);
    let told = story.tell(
        "
        10s c2 arrives hotline topic of_patient
        20s c2 topic of_hasty
        21s time passes
    ",
    );
    assert!(told.contains("20s c2 moved to hasty"), "{told}");
    assert!(!told.contains("escalated"), "{told}");
    let told = story.tell("1209s time passes");
    assert!(told.contains("c2 escalated foreseen"), "{told}");
}

#[test]
fn contacts_that_came_during_a_pause_are_evaluated_when_it_is_over() {
    let mut story = busy(300);
    let told = story.tell(
        "
        5s pause q
        10s c2 arrives hotline q
        20s resume q
    ",
    );
    assert!(told.contains("20s c2 escalated foreseen"), "{told}");
}

#[test]
fn when_the_last_agent_leaves_the_breach_is_predicted_at_once() {
    let mut story = busy(3_600);
    let told = story.tell(
        "
        10s c2 arrives hotline q
        15s a2 on duty
        20s a1 not_ready break
    ",
    );
    assert!(told.ends_with("20s c2 escalated foreseen\n"), "{told}");
}

#[test]
fn time_with_an_agent_breaks_no_promise() {
    let mut story = busy(3_600);
    let told = story.tell(
        "
        1s a2 on duty
        2s c2 arrives hotline other
        2s a2 accepts c2
        3500s a2 transfers c2 queue q
    ",
    );
    assert!(told.contains("3500s c2 queued in q"), "{told}");
    assert!(!told.contains("escalated"), "{told}");
}

#[test]
fn of_many_waiting_contacts_only_some_are_evaluated_at_once() {
    let mut story = busy(200_000);
    let crowd: Vec<String> = (2..300)
        .map(|id| format!("10s c{id} arrives hotline q"))
        .collect();
    let told = story.tell(&crowd.join("\n"));
    assert!(!told.contains("escalated"), "{told}");
    reload(&mut story, foreseeing(300));
    let count = |told: &str| told.matches("escalated foreseen").count();
    assert_eq!(count(&story.tell("10999ms time passes")), 256);
    assert_eq!(count(&story.tell("11s time passes")), 298 - 256);
}

/// `c2` came to `q` while no agent was there, and is to be answered in an hour; `a1` is back.
fn back_at_work(change: impl Fn(&mut EscalationRule)) -> Story {
    let mut options = foreseeing(3_600);
    change(&mut options.queues[0].escalations[0]);
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline other
        0s a1 accepts c1
        5s a1 not_ready lunch
        10s c2 arrives hotline q
        11s a1 ready
    ",
    );
    story
}

#[test]
fn a_rule_that_applies_later_predicts_by_the_clock() {
    let mut story = back_at_work(|rule| rule.tiers = vec![name("diamond")]);
    let told = story.tell("12s c2 recognised diamond a2\n 60s time passes");
    assert!(!told.contains("escalated"), "{told}");
    let told = story.tell("3609s time passes");
    assert!(told.contains("c2 escalated foreseen"), "{told}");
}

#[test]
fn a_breach_not_predicted_at_a_repeat_is_predicted_later() {
    let repeat = Repeat {
        every: Millis::from_s(10),
        at_most: 2,
    };
    let mut story = back_at_work(|rule| rule.repeat = Some(repeat));
    let told = story.tell("60s time passes");
    assert!(!told.contains("escalated"), "{told}");
    let told = story.tell("3609s time passes");
    assert_eq!(told.matches("c2 escalated foreseen").count(), 2, "{told}");
    assert_eq!(story.tell("9999s time passes"), "");
}
