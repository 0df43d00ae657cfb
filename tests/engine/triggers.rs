//! Escalations: when each trigger comes, and what the actions of a rule come to.

use switchboard::domain::Millis;
use switchboard::engine::options::{Action, Audience, EscalationRule, Options, Trigger};

use crate::reloads::reload;
use crate::tell::{Story, agent, assert_told, centre, name, plain, queue, tell};

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
fn a_full_queue_is_asked_again_until_it_has_room() {
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
        41s c2 moved to p
        41s c2 queued in p
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

fn bounded(waiting: u32, action: Action) -> Options {
    let agents = vec![agent("a1", "q", ""), agent("h1", "help", "")];
    let mut options = centre(vec![queue("q"), queue("help")], agents);
    let when = Trigger::WaitingOver(waiting);
    options.queues[0].escalations = vec![rule("long", when, vec![action])];
    options
}

#[test]
fn a_queue_that_grows_too_long_escalates_all_who_wait_in_it_the_first_who_is_due_first() {
    let mut story = Story::new(bounded(2, Action::AddQueue(name("help"))));
    let told = story.tell(
        "
        1s c1 arrives hotline q
        2s c2 arrives hotline q tier gold
        3s c3 arrives hotline q
        4s c4 arrives hotline q
        5s c3 leaves
        6s c4 leaves
        7s c5 arrives hotline q
        8s h1 connects
        8s h1 ready
    ",
    );
    assert_told(
        &told,
        "
        1s c1 queued in q
        2s c2 queued in q
        3s c3 queued in q
        3s c2 escalated long
        3s c1 escalated long
        3s c3 escalated long
        4s c4 queued in q
        4s c4 escalated long
        5s c3 abandoned
        6s c4 abandoned
        7s c5 queued in q
        7s c5 escalated long
        8s h1 ready
        8s c2 offered to h1
    ",
    );
}

#[test]
fn no_more_go_elsewhere_than_are_too_many_and_those_who_are_due_first_do() {
    for action in [Action::MoveTo(name("help")), Action::AddQueue(name("help"))] {
        let mut story = Story::new(bounded(2, action.clone()));
        let told = story.tell(
            "
            0s h1 connects
            0s h1 ready
            1s c1 arrives hotline q
            2s c2 arrives hotline q
            3s c3 arrives hotline q
            4s c4 arrives hotline q
        ",
        );
        let fired: Vec<&str> = told.lines().filter(|line| line.contains("escal")).collect();
        let moved = ["3s c1 escalated long", "4s c2 escalated long"];
        let added = [
            &moved[..],
            &["4s c3 escalated long", "4s c4 escalated long"],
        ]
        .concat();
        let is_moved = matches!(action, Action::MoveTo(_));
        assert_eq!(fired, if is_moved { &moved[..] } else { &added }, "{told}");
        assert!(told.contains("3s c1 offered to h1"), "{told}");
    }
}

#[test]
fn a_bound_that_a_reload_lowers_counts_for_those_who_wait() {
    let tell = || Action::Notify(Audience::Supervisor);
    let mut story = Story::new(bounded(9, tell()));
    story.tell("1s c1 arrives hotline q\n 2s c2 arrives hotline q");
    reload(&mut story, bounded(1, tell()));
    assert_eq!(
        story.tell("3s time passes"),
        "2s c1 escalated long\n2s c2 escalated long\n"
    );
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
