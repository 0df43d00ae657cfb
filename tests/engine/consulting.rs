//! A second agent: consultation, conference and takeover.

use switchboard::domain::Millis;
use switchboard::engine::options::{Action, EscalationRule, Trigger};

use crate::tell::{Story, agent, assert_told, centre, contact, name, plain, queue};

/// `a1` serves `c1`, by telephone; `a2` is ready.
pub(crate) const SERVED: &str = "
    0s a1 on duty
    0s c1 arrives hotline
    0s a1 accepts c1
    1s a2 on duty
";

pub(crate) fn served(agents: &str) -> Story {
    let mut story = Story::new(plain(agents));
    story.tell(SERVED);
    story
}

#[test]
fn a_consulted_agent_takes_over_without_a_new_offer() {
    let mut story = served("a1 a2");
    let told = story.tell(
        "
        5s a1 consults c1 agent a2
        6s c2 arrives app
        6s a2 accepts c1.2
        8s a2 accepts c1.2
    ",
    );
    assert_told(
        &told,
        "
        5s c1 help asked of a2 by a1
        6s c2 queued in q
        6s c1 helped by a2
        8s a2 accepts c1.2: refused stale_offer
    ",
    );
    let view = story.engine.contact(contact("c1")).unwrap();
    assert_eq!(
        (view.state.name(), view.agent.unwrap().as_str()),
        ("active", "a1")
    );
    assert!(view.held_since.is_some(), "the customer waits");
    assert_eq!(view.offers, 1, "a request for help is no offer");
    let consulted = view.consulted.unwrap();
    assert_eq!(consulted.agent.as_str(), "a2");
    assert!(consulted.accepted && !consulted.conference);
    assert_eq!(story.engine.census().open, 2, "a contact counts once");
    let told = story.tell(
        "
        20s a1 transfers c1 agent a2
        30s a2 completes c1
    ",
    );
    assert_told(
        &told,
        "
        20s c1 handed by a1 to a2
        20s c2 offered to a1
        22s c2 not delivered to a1
        22s c2 queued in q
        30s c1 completed
        30s c2 offered to a2
    ",
    );
}

#[test]
fn in_conference_nobody_is_on_hold_and_its_end_is_the_end_for_both() {
    let mut story = served("a1 a2");
    let told = story.tell(
        "
        5s a1 consults c1 queue q
        6s a1 confers c1
        6s a2 accepts c1.2
        7s a2 writes c1
        8s a1 confers c1
        9s a2 writes c1
    ",
    );
    assert_told(
        &told,
        "
        5s c1 help asked of a2 by a1
        6s a1 confers c1: refused not_consulting
        6s c1 helped by a2
        7s a2 writes c1: refused not_yours
        8s c1 in conference with a2
        9s a1 hears a2: hello
    ",
    );
    let view = story.engine.contact(contact("c1")).unwrap();
    assert_eq!(view.held_since, None);
    assert!(view.consulted.unwrap().conference);
    let told = story.tell(
        "
        10s a2 completes c1
        11s a1 completes c1
        12s c2 arrives hotline
    ",
    );
    assert_told(
        &told,
        "
        10s a2 completes c1: refused not_yours
        11s c1 help over for a2
        11s c1 completed
        12s c2 offered to a1
    ",
    );
}

#[test]
fn an_agent_who_does_not_help_leaves_everything_as_it_was() {
    let mut story = served("a1 a2");
    let told = story.tell(
        "
        5s a1 holds c1
        5s a1 consults c1 agent a2
        6s a2 declines c1.2
        7s a1 consults c1 agent a2
        9s time passes
        15s a1 consults c1 agent a2
        16s a2 delivers c1.4
        36s time passes
    ",
    );
    assert_told(
        &told,
        "
        5s c1 held
        5s c1 help asked of a2 by a1
        6s c1 help declined by a2
        7s c1 help asked of a2 by a1
        9s c1 help not delivered to a2
        15s c1 help asked of a2 by a1
        19s c1 may go to a2 again
        36s c1 help not answered by a2
        36s a2 hotline cooling_down
    ",
    );
    let view = story.engine.contact(contact("c1")).unwrap();
    assert_eq!((view.state.name(), view.consulted), ("active", None));
    assert_eq!(
        view.held_since.map(|at| at.0),
        Some(5_000),
        "by its own agent"
    );
}

#[test]
fn help_is_asked_only_of_those_who_are_free() {
    let options = centre(
        vec![queue("q"), queue("experts")],
        vec![
            agent("a1", "q experts", ""),
            agent("a2", "experts", ""),
            agent("a3", "q", ""),
        ],
    );
    let mut story = Story::new(options);
    story.tell(SERVED);
    let told = story.tell(
        "
        2s c2 arrives hotline experts
        2s a2 accepts c2
        3s a1 consults c1 queue experts
        3s a1 consults c1 agent a2
        3s a1 consults c1 agent a3
        3s a1 consults c1 agent a1
        4s a2 completes c2
        4s a1 consults c1 queue experts
        4s a1 consults c1 queue experts
    ",
    );
    assert_told(
        &told,
        "
        2s c2 offered to a2
        2s c2 accepted by a2 after 0s
        3s a1 consults c1 queue experts: refused nobody_free
        3s a1 consults c1 agent a2: refused agent_full
        3s a1 consults c1 agent a3: refused agent_not_ready
        3s a1 consults c1 agent a1: refused already_yours
        4s c2 completed
        4s c1 help asked of a2 by a1
        4s a1 consults c1 queue experts: refused consulting
    ",
    );
}

#[test]
fn a_transfer_to_the_consulted_agent_does_not_overtake_contacts_due_earlier() {
    let mut story = served("a1 a2");
    let told = story.tell(
        "
        5s a1 consults c1 agent a2
        6s c2 arrives hotline tier gold
        6s c3 arrives hotline tier gold
        6s a1 transfers c1 agent a2
    ",
    );
    assert_told(
        &told,
        "
        5s c1 help asked of a2 by a1
        6s c2 queued in q
        6s c3 queued in q
        6s c1 help withdrawn from a2
        6s c1 transferred by a1
        6s c1 waits for a2
        6s c2 offered to a1
        6s c3 offered to a2
    ",
    );
}

#[test]
fn colleagues_help_whether_or_not_their_queue_lets_customers_in() {
    for shut in ["paused", "pulled"] {
        let mut other = queue("p");
        other.pull = shut == "pulled";
        let agents = vec![agent("a1", "q", ""), agent("a2", "p", "")];
        let mut story = Story::new(centre(vec![queue("q"), other], agents));
        if shut == "paused" {
            story.tell("0s pause p");
        }
        story.tell(SERVED);
        let told = story.tell("5s a1 consults c1 queue p");
        assert_told(&told, "5s c1 help asked of a2 by a1");
    }
}

#[test]
fn time_with_the_first_agent_is_not_waiting_time_either() {
    let mut options = centre(
        vec![queue("q"), queue("r")],
        vec![agent("a1", "q", ""), agent("a2", "q", "")],
    );
    let after = Trigger::After(Millis::from_s(10));
    let busy = vec![Action::Deflect("busy".into())];
    options.queues[1].escalations = vec![EscalationRule::new(name("late"), after, busy)];
    let mut story = Story::new(options);
    story.tell(SERVED);
    story.tell("11s a1 consults c1 agent a2\n 11s a2 accepts c1.2\n 12s a1 transfers c1 agent a2");
    let told = story.tell("13s a2 transfers c1 queue r\n 30s time passes");
    assert_told(
        &told,
        "
        13s c1 transferred by a2
        13s c1 moved to r
        13s c1 queued in r
        23s c1 may go to a2 again
        23s c1 escalated late
        23s c1 deflected
    ",
    );
}

#[test]
fn contacts_waiting_for_an_agent_suspended_for_not_helping_go_to_anyone() {
    let mut story = Story::new(plain("a1 a2 a3"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        0s a3 on duty
        0s c2 arrives hotline
        0s a3 accepts c2
        1s a2 on duty
        2s a1 consults c1 agent a2
        2s a2 delivers c1.2
        23s a1 transfers c1 agent a2
    ",
    );
    let told = story.tell(
        "
        24s a3 consults c2 agent a2
        24s a2 delivers c2.2
        50s time passes
    ",
    );
    assert!(told.contains("a2 hotline suspended"), "{told}");
    assert!(
        told.contains("c1 offered to a1") || told.contains("c1 queued in q"),
        "{told}"
    );
}

#[test]
fn a_queue_is_not_consulted_through_an_agent_who_has_just_declined() {
    let mut story = served("a1 a2 a3");
    let told = story.tell("5s a3 connects\n 5s a3 ready\n 5s a1 consults c1 queue q");
    let (first, other) = if told.contains("asked of a2") {
        ("a2", "a3")
    } else {
        ("a3", "a2")
    };
    let told = story.tell(&format!(
        "6s {first} declines c1.2\n 7s a1 consults c1 queue q"
    ));
    assert!(
        told.ends_with(&format!("7s c1 help asked of {other} by a1\n")),
        "{told}"
    );
    let told = story.tell(&format!(
        "8s {other} declines c1.3\n 9s a1 consults c1 queue q"
    ));
    assert!(told.contains("refused"), "{told}");
    let told = story.tell("40s a1 consults c1 queue q");
    assert!(told.contains("help asked of"), "{told}");
}
