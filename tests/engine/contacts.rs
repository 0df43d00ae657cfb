//! Contacts: the order in which they are due, where they stand, and what
//! changes it.

use switchboard::domain::Millis;
use switchboard::engine::options::{Action, Audience, EscalationRule, Step, Trigger};

use crate::tell::{Story, agent, assert_told, centre, contact, name, plain, queue, skills, tell};

#[test]
fn a_head_start_is_worth_its_seconds_and_no_more() {
    let told = tell(
        plain("a1"),
        "
        0s c1 arrives hotline
        100s c2 arrives hotline tier silver
        150s c3 arrives hotline tier gold
        250s c4 arrives hotline tier gold
        300s a1 connects
        300s a1 ready
        301s a1 accepts c3
        302s a1 completes c3
        303s a1 accepts c1
        304s a1 completes c1
        305s a1 accepts c2
        306s a1 completes c2
    ",
    );
    assert!(
        told.contains("300s c3 offered to a1"),
        "150 − 200 is first:\n{told}"
    );
    assert!(told.contains("302s c1 offered to a1"), "then 0:\n{told}");
    assert!(
        told.contains("304s c2 offered to a1"),
        "then 100 − 60:\n{told}"
    );
    assert!(
        told.contains("306s c4 offered to a1"),
        "then 250 − 200:\n{told}"
    );
}

#[test]
fn a_freed_slot_takes_the_oldest_before_a_newcomer() {
    let told = tell(
        plain("a1"),
        "
        0s a1 connects
        0s a1 ready
        0s c1 arrives hotline
        0s a1 accepts c1
        1s c2 arrives hotline
        2s a1 completes c1
        2s c3 arrives hotline
    ",
    );
    assert!(
        told.ends_with("2s c2 offered to a1\n2s c3 queued in q\n"),
        "{told}"
    );
}

#[test]
fn the_first_in_line_whom_nobody_can_serve_holds_up_nobody() {
    let options = centre(
        vec![queue("q")],
        vec![agent("a1", "q", "fibre 1"), agent("a2", "q", "fibre 9")],
    );
    let told = tell(
        options,
        "
        0s c1 arrives hotline requires fibre=5
        1s c2 arrives hotline
        2s a1 connects
        2s a1 ready
    ",
    );
    assert!(told.ends_with("2s c2 offered to a1\n"), "{told}");
}

#[test]
fn two_contacts_of_one_instant_are_both_queued_and_both_served() {
    let told = tell(
        plain("a1"),
        "
        0s c1 arrives app
        0s c2 arrives app
        1s a1 connects
        1s a1 ready
    ",
    );
    assert!(
        told.ends_with("1s c1 offered to a1\n1s c2 offered to a1\n"),
        "{told}"
    );
}

#[test]
fn the_same_problem_gets_the_same_place_on_every_channel() {
    let told = tell(
        plain("a1"),
        "
        0s c1 arrives wechat
        1s c2 arrives hotline
        2s a1 connects
        2s a1 ready
        2s a1 accepts c1
        3s a1 completes c1
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        1s c2 queued in q
        2s a1 ready
        2s c1 offered to a1
        2s c1 accepted by a1 after 2s
        3s c1 completed
        3s c2 offered to a1
    ",
    );
}

#[test]
fn a_customer_recognised_late_moves_to_the_place_that_is_theirs() {
    let told = tell(
        plain("a1"),
        "
        0s c1 arrives hotline
        10s c2 arrives hotline
        11s c2 recognised diamond
        12s a1 connects
        12s a1 ready
    ",
    );
    assert!(told.ends_with("12s c2 offered to a1\n"), "{told}");
}

#[test]
fn a_specialist_prefers_what_they_are_best_at_within_bounds() {
    let mut options = centre(
        vec![queue("q"), queue("p")],
        vec![agent("a1", "q p", "fibre 4")],
    );
    options.queues[1].requires = skills("fibre 2");
    let told = tell(
        options,
        "
        0s c1 arrives hotline q
        100s c2 arrives hotline p
        101s a1 connects
        101s a1 ready
    ",
    );
    assert!(
        told.ends_with("101s c2 offered to a1\n"),
        "a fit of 120 s outweighs 100 s:\n{told}"
    );
}

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
        0s a1 connects
        0s a1 ready
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
        9s a1 connects
        9s a1 ready
        10s time passes
        11s a1 accepts c1
        12s a2 connects
        12s a2 ready
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

fn rule(id: &str, when: Trigger, actions: Vec<Action>) -> EscalationRule {
    EscalationRule::new(name(id), when, actions)
}

#[test]
fn escalations_fire_at_their_time_once_and_stop_when_answered() {
    let mut options = plain("a1");
    options.queues[0].escalations = vec![
        rule(
            "at_risk",
            Trigger::TargetPercent(75),
            vec![
                Action::Boost(Millis::from_s(120)),
                Action::Notify(Audience::Supervisor),
            ],
        ),
        rule(
            "breached",
            Trigger::TargetPercent(100),
            vec![Action::Notify(Audience::Supervisor)],
        ),
        rule(
            "forgotten",
            Trigger::After(Millis::from_s(60)),
            vec![Action::Notify(Audience::Supervisor)],
        ),
    ];
    let told = tell(
        options,
        "
        0s c1 arrives hotline
        31s a1 connects
        31s a1 ready
        32s a1 accepts c1
        99s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        22500ms c1 escalated at_risk
        30s c1 escalated breached
        31s a1 ready
        31s c1 offered to a1
        32s c1 accepted by a1 after 32s
    ",
    );
}

#[test]
fn a_boost_moves_a_contact_forward() {
    let mut options = plain("a1");
    options.queues[0].escalations = vec![rule(
        "angry",
        Trigger::SentimentBelow(-0.5),
        vec![Action::Boost(Millis::from_s(60))],
    )];
    let told = tell(
        options,
        "
        0s c1 arrives hotline
        30s c2 arrives hotline
        31s c2 sentiment -0.9
        32s a1 connects
        32s a1 ready
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        30s c2 queued in q
        31s c2 escalated angry
        32s a1 ready
        32s c2 offered to a1
    ",
    );
}

#[test]
fn an_escalation_moves_on_but_never_one_who_is_being_offered() {
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
        29s a1 connects
        29s a1 ready
        30s a1 delivers c1
        45s a2 connects
        45s a2 ready
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
        30s c2 escalated breached
        30s c2 moved to p
        30s c2 queued in p
        45s a2 ready
        45s c2 offered to a2
        46s c2 accepted by a2 after 46s
        50s c1 not answered by a1
        50s a1 hotline cooling_down
        50s c1 queued in q
        50s c1 escalated breached
        50s c1 moved to p
        50s c1 queued in p
    ",
    );
}

#[test]
fn rules_on_ended_offers_length_and_staffing_fire_when_they_come_true() {
    let mut options = centre(vec![queue("q")], vec![agent("a1", "q", "")]);
    let tell_supervisor = || vec![Action::Notify(Audience::Supervisor)];
    options.queues[0].escalations = vec![
        rule("shunned", Trigger::OffersEnded(2), tell_supervisor()),
        rule("long", Trigger::WaitingOver(1), tell_supervisor()),
        rule("empty", Trigger::NobodyStaffed, tell_supervisor()),
    ];
    let told = tell(
        options,
        "
        0s a1 connects
        0s a1 ready
        1s c1 arrives hotline
        2s a1 declines c1
        16s a1 declines c1.2
        17s c2 arrives app
        17s c3 arrives hotline
        17s c4 arrives hotline
        18s a1 not_ready gone
    ",
    );
    assert!(told.contains("16s c1 escalated shunned"), "{told}");
    assert!(
        told.contains("17s c4 escalated long") || told.contains("17s c3 escalated long"),
        "{told}"
    );
    assert!(told.contains("18s c1 escalated empty"), "{told}");
    assert!(told.contains("18s c4 escalated empty"), "{told}");
}

#[test]
fn a_breach_is_predicted_before_it_happens() {
    let mut options = plain("a1");
    options.queues[0].target.answer_within = Millis::from_s(600);
    options.queues[0].escalations = vec![rule(
        "foreseen",
        Trigger::PredictedBreach,
        vec![Action::Notify(Audience::Supervisor)],
    )];
    let told = tell(
        options,
        "
        0s a1 connects
        0s a1 ready
        0s c1 arrives hotline
        0s a1 accepts c1
        1s c2 arrives hotline
        2s c3 arrives hotline
        599s time passes
    ",
    );
    assert!(
        told.contains("2s c3 escalated foreseen"),
        "two times 270 s and their spread exceed 600 s:\n{told}"
    );
    let c2 = told
        .lines()
        .find(|line| line.ends_with("c2 escalated foreseen"))
        .unwrap();
    let at: i64 = c2
        .split("ms")
        .next()
        .unwrap()
        .split('s')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(at < 600_000, "before the promise is broken: {c2}");
}

#[test]
fn a_scheduled_contact_waits_for_its_time_and_ages_from_it() {
    let mut story = Story::new(plain("a1"));
    let told = story.tell(
        "
        0s a1 connects
        0s a1 ready
        0s c1 arrives app at 60s
        59s time passes
        61s a1 accepts c1
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 scheduled
        60s c1 offered to a1
        61s c1 accepted by a1 after 1s
    ",
    );
}

#[test]
fn a_repeated_request_gets_the_contact_that_exists() {
    let mut story = Story::new(plain("a1"));
    let told = story.tell(
        "
        0s c1 arrives app external wx-1
        1s c2 arrives app external wx-1
        2s c3 arrives wechat external wx-1
        3s c4 arrives app key 7/1
        4s c5 arrives app key 7/1
        5s c6 arrives app key 7/2
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        2s c3 queued in q
        3s c4 queued in q
        5s c6 arrives app key 7/2: refused idempotency_mismatch
    ",
    );
    assert!(story.engine.contact(contact("c5")).is_none());
}

#[test]
fn a_closed_contact_is_remembered_for_a_day_and_then_forgotten() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s c1 arrives app external wx-1
        1s c1 leaves
        86390s c2 arrives app external wx-1
    ",
    );
    assert!(
        story.engine.contact(contact("c2")).is_none(),
        "still the same contact"
    );
    story.tell(
        "
        86402s c3 arrives app
        86402s c3 leaves
        86403s c4 arrives app external wx-1
    ",
    );
    assert!(story.engine.contact(contact("c1")).is_none());
    assert!(story.engine.contact(contact("c4")).is_some());
}

#[test]
fn a_full_queue_and_unknown_names_are_refused() {
    let mut options = plain("a1");
    options.queues[0].waiting_max = 1;
    let told = tell(
        options,
        "
        0s c1 arrives app
        1s c2 arrives app
        2s c3 arrives app nowhere
        3s c4 arrives app requires juggling=3
        4s c5 arrives app at 7776010s
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        1s c2 arrives app: refused queue_full
        2s c3 arrives app nowhere: refused unknown_queue
        3s c4 arrives app requires juggling=3: refused unknown_skill
        4s c5 arrives app at 7776010s: refused too_far_ahead
    ",
    );
}

#[test]
fn a_topic_chooses_the_queue_and_a_changed_topic_another() {
    let mut options = centre(vec![queue("q"), queue("p")], vec![agent("a1", "p", "")]);
    options.queues[1].topics = vec![name("fault")];
    let told = tell(
        options,
        "
        0s c1 arrives app
        1s c2 arrives app topic fault
        2s c1 topic fault
        3s c3 arrives app q
        3s c3 topic fault
        4s a1 connects
        4s a1 ready
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        1s c2 queued in p
        2s c1 moved to p
        2s c1 queued in p
        3s c3 queued in q
        4s a1 ready
        4s c1 offered to a1
        4s c2 offered to a1
    ",
    );
}

#[test]
fn position_counts_those_who_are_due_before() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s c1 arrives app
        1s c2 arrives hotline
        2s c3 arrives wechat tier gold
    ",
    );
    let position = |id: &str| story.engine.contact(contact(id)).unwrap().position;
    assert_eq!(
        [position("c3"), position("c1"), position("c2")],
        [Some(1), Some(2), Some(3)]
    );
}
