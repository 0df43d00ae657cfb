//! Agents of a queue kept idle for some tiers.

use switchboard::domain::Millis;
use switchboard::engine::options::{Action, EscalationRule, Options, Reserve, Step, Trigger};

use crate::escalations;
use crate::estimates::seconds;
use crate::tell::{Story, agent, assert_told, centre, name, plain, queue, tell};

/// Two agents, one of them kept for diamond and gold.
fn keeping_one() -> Options {
    let mut options = plain("a1 a2");
    options.queues[0].reserve = Some(Reserve {
        agents: 1,
        tiers: vec![name("diamond"), name("gold")],
    });
    options
}

#[test]
fn a_kept_agent_is_released_as_soon_as_one_more_is_idle() {
    let told = tell(
        keeping_one(),
        "
        0s a1 on duty
        1s c1 arrives hotline
        2s c2 arrives hotline
        3s a2 on duty
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
fn no_agent_is_kept_from_a_customer_who_turns_out_to_be_of_the_tier() {
    let told = tell(
        keeping_one(),
        "
        0s a1 on duty
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
fn a_refused_contact_does_not_overtake_those_released_by_the_refusal() {
    let told = tell(
        keeping_one(),
        "
        0s a1 a2 on duty
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

#[test]
fn no_agent_is_kept_from_a_contact_that_has_waited_the_overtaking_bound() {
    let mut options = keeping_one();
    options.overtake_max = Millis::from_s(60);
    let told = tell(
        options,
        "
        0s a1 on duty
        1s c1 arrives hotline
        31s c2 arrives hotline
        62s a1 accepts c1
        90s a1 completes c1
        91s a1 accepts c2
        100s a1 completes c2
        101s c3 arrives hotline
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s c1 queued in q
        31s c2 queued in q
        61s agents let go for c1
        61s c1 offered to a1
        62s c1 accepted by a1 after 61s
        90s c1 completed
        91s agents let go for c2
        91s c2 offered to a1
        91s c2 accepted by a1 after 60s
        100s c2 completed
        101s c3 queued in q
    ",
    );
}

/// An agent in each of `q` and `p`, of whom the one of `p` is kept for gold.
fn two_queues(overtake_s: i64) -> Options {
    let mut options = centre(
        vec![queue("q"), queue("p")],
        vec![agent("a1", "p", ""), agent("a2", "q", "")],
    );
    options.overtake_max = Millis::from_s(overtake_s);
    options.queues[1].reserve = Some(Reserve {
        agents: 1,
        tiers: vec![name("gold")],
    });
    let after = Trigger::After(Millis::from_s(120));
    options.queues[0].escalations = vec![EscalationRule {
        actions: vec![Action::MoveTo(name("p"))],
        ..escalations::rule(after)
    }];
    options
}

#[test]
fn the_estimate_knows_when_a_contact_that_moves_is_let_go_in_its_next_queue() {
    for (overtake_s, expected) in [(60, 120), (300, 300)] {
        let mut story = Story::new(two_queues(overtake_s));
        story.tell("0s a1 on duty\n 0s c1 arrives hotline q");
        assert_eq!(seconds(&story, "c1"), (expected, expected));
        let told = story.tell("900s time passes");
        assert!(
            told.contains(&format!("{expected}s c1 offered to a1")),
            "{told}"
        );
    }
}

#[test]
fn after_the_release_each_step_brings_its_agents() {
    let mut options = centre(
        vec![queue("q"), queue("p"), queue("r")],
        vec![
            agent("a1", "p", ""),
            agent("a2", "r", ""),
            agent("a3", "r", ""),
        ],
    );
    options.overtake_max = Millis::from_s(60);
    options.queues[0].reserve = Some(Reserve {
        agents: 1,
        tiers: vec![name("gold")],
    });
    options.queues[0].steps = [(90, "p"), (300, "r")]
        .map(|(after_s, also)| Step {
            after: Millis::from_s(after_s),
            requires: None,
            also_agents_of: vec![name(also)],
            skip_unstaffed: false,
        })
        .to_vec();
    let mut story = Story::new(options);
    story.tell("0s a1 on duty\n 0s a2 a3 on duty\n 0s c1 arrives hotline q");
    assert_eq!(seconds(&story, "c1"), (90, 90));
    let told = story.tell("900s time passes");
    assert!(told.contains("90s c1 offered to a1"), "{told}");
}
