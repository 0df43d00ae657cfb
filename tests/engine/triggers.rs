//! Escalations: when each trigger fires, and the effect of a rule's actions.

use switchboard::domain::Millis;
use switchboard::engine::options::{Action, Audience, EscalationRule, Trigger};

use crate::tell::{Story, agent, assert_told, centre, hours, name, plain, queue, tell};

pub(crate) fn rule(id: &str, when: Trigger, actions: Vec<Action>) -> EscalationRule {
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
        31s a1 on duty
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
        32s a1 on duty
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
fn a_boost_counts_in_the_queue_whose_rule_gave_it_or_wherever_its_rules_move_the_contact() {
    let boost = Action::Boost(Millis::from_s(600));
    let story = |moves: Option<Action>, act: &str| {
        let mut options = centre(vec![queue("x"), queue("q")], vec![agent("a1", "x q", "")]);
        options.queues[0].topics = vec![name("tx")];
        options.queues[1].topics = vec![name("tq")];
        let actions = [boost.clone()].into_iter().chain(moves).collect();
        options.queues[0].escalations =
            vec![rule("late", Trigger::After(Millis::from_s(5)), actions)];
        tell(
            options,
            &format!(
                "
                0s c1 arrives hotline topic tq
                10s c2 arrives hotline topic tx
                {act}
                20s a1 on duty
                "
            ),
        )
    };
    let patched = story(None, "16s c2 topic tq");
    assert_told(
        &patched,
        "
        0s c1 queued in q
        10s c2 queued in x
        15s c2 escalated late
        16s c2 moved to q
        16s c2 queued in q
        20s a1 ready
        20s c1 offered to a1
    ",
    );
    let moved = story(Some(Action::MoveTo(name("q"))), "16s time passes");
    assert_told(
        &moved,
        "
        0s c1 queued in q
        10s c2 queued in x
        15s c2 escalated late
        15s c2 moved to q
        15s c2 queued in q
        20s a1 ready
        20s c2 offered to a1
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
        0s a1 on duty
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
        0s a1 on duty
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
fn a_contact_that_arrives_while_nobody_is_staffed_is_moved_at_once() {
    let agents = vec![agent("a1", "q", ""), agent("a2", "p", "")];
    let mut options = centre(vec![queue("q"), queue("p")], agents);
    let on = vec![Action::MoveTo(name("p"))];
    options.queues[0].escalations = vec![rule("empty", Trigger::NobodyStaffed, on)];
    let told = tell(
        options,
        "
        0s a2 on duty
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
fn a_target_is_missed_once_and_not_for_contacts_that_left() {
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
        31s a1 on duty
        31s a1 accepts c1
        40s requeue c1
        41s a2 on duty
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
fn a_percentage_of_the_target_counts_time_in_line_and_not_with_an_agent() {
    let mut broadband = queue("broadband");
    broadband.target.answer_within = Millis::from_s(3);
    let back = vec![Action::MoveTo(name("general"))];
    broadband.escalations = vec![rule("breached", Trigger::TargetPercent(100), back)];
    let agents = vec![agent("a1", "general", ""), agent("b1", "broadband", "")];
    let told = tell(
        centre(vec![queue("general"), broadband], agents),
        "
        0s a1 b1 on duty
        0s c1 arrives hotline general
        0s c2 arrives hotline broadband
        0s b1 accepts c2
        1s a1 accepts c1
        5s a1 transfers c1 queue broadband
        6999ms time passes
    ",
    );
    assert!(told.ends_with("5s c1 queued in broadband\n"), "{told}");
}

#[test]
fn time_in_line_counts_by_the_hours_of_the_queue() {
    let mut options = plain("a1");
    options.queues[0].hours = Some(name("short"));
    options.hours = vec![hours("short", "00:01-00:03 00:05-00:06")];
    let notify = vec![Action::Notify(Audience::Supervisor)];
    options.queues[0].escalations = vec![rule("breached", Trigger::TargetPercent(100), notify)];
    let told = tell(
        options,
        "
        100s a1 on duty
        100s c1 arrives app
        100s a1 accepts c1
        175s a1 transfers c1 queue q
        176s a1 not_ready break
        400s time passes
    ",
    );
    // Five seconds before closing, and the other 25 after the opening.
    assert!(
        told.ends_with("300s q opens\n325s c1 escalated breached\n360s q closes\n"),
        "{told}"
    );
}

#[test]
fn offers_that_ended_before_the_contact_was_answered_count_no_more() {
    let mut options = centre(
        vec![queue("q"), queue("r")],
        vec![agent("a1", "q", ""), agent("a2", "q", "")],
    );
    let tell_supervisor = vec![Action::Notify(Audience::Supervisor)];
    options.queues[1].escalations = vec![rule("shunned", Trigger::OffersEnded(1), tell_supervisor)];
    let told = tell(
        options,
        "
        0s a1 on duty
        1s c1 arrives hotline q
        2s a1 declines c1
        3s a2 on duty
        4s a2 accepts c1.2
        9s a2 transfers c1 queue r
        60s time passes
    ",
    );
    assert!(told.contains("9s c1 queued in r"), "{told}");
    assert!(!told.contains("shunned"), "{told}");
}
