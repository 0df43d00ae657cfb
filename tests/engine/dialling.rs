//! Customer-first callbacks: an agent is asked once the customer answers.

use switchboard::domain::Timestamp;
use switchboard::engine::state::contact::CustomerFirst;
use switchboard::engine::view::{Obstacle, UpcomingChange};

use crate::reloads::reload;
use crate::tell::{Story, agent, assert_told, centre, contact, hours, name, plain, queue, tell};

/// `c1` waits to be called first, `c2` waits behind it, and no agent is there.
pub(crate) fn waiting() -> Story {
    let mut story = Story::new(plain("a1 a2"));
    let told = story.tell(
        "
        0s c1 arrives hotline phone 13800138000
        1s c1 wants a call first
        1s c1 leaves
        10s c2 arrives hotline
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        1s c1 to be called at +8613800138000
        10s c2 queued in q
    ",
    );
    story
}

/// The customer of `c1` is being called while `a1` serves `c2`.
pub(crate) fn ringing() -> Story {
    let mut story = waiting();
    let told = story.tell("20s a1 connects\n 20s a1 ready\n 20s a1 accepts c2");
    assert_told(
        &told,
        "
        20s a1 ready
        20s c1 called the 1. time
        20s c2 offered to a1
        20s c2 accepted by a1 after 10s
    ",
    );
    story
}

#[test]
fn the_customer_is_called_in_turn_and_an_agent_free_then_takes_it() {
    let told = ringing().tell(
        "
        40s c1 picks up
        41s a2 on duty
        42s a2 accepts c1
        90s a2 completes c1
    ",
    );
    assert_told(
        &told,
        "
        40s c1 on the line
        40s c1 queued in q
        41s a2 ready
        41s c1 offered to a2
        42s c1 accepted by a2 after 42s
        90s c1 completed
    ",
    );
}

#[test]
fn while_it_rings_the_contact_is_scheduled_and_says_so() {
    let mut story = waiting();
    story.tell("20s a1 connects\n 20s a1 ready");
    let view = story.engine.contact(contact("c1")).unwrap();
    assert_eq!(view.state.name(), "scheduled");
    assert_eq!(view.queued_at, Timestamp(0), "its age goes on");
    let first = view.callback.unwrap().first.unwrap();
    let CustomerFirst::Dialled { until, .. } = first else {
        panic!("{first:?}");
    };
    assert_eq!(until, Timestamp(80_000));
    let explained = story.engine.explain(contact("c1"), story.now).unwrap();
    assert_eq!(
        (explained.changes[0].at, &explained.changes[0].what),
        (until, &UpcomingChange::DialEnds { is_last: false })
    );
    let told = story.tell("30s a1 declines c2 for 600s\n 31s assign c1 a1\n 32s requeue c1");
    assert!(
        told.contains("assign c1 a1: refused wrong_state"),
        "nobody is offered whom an adapter calls: {told}"
    );
    assert!(told.contains("requeue c1: refused wrong_state"), "{told}");
}

#[test]
fn a_customer_who_answers_comes_before_all_others() {
    let told = ringing().tell(
        "
        30s c3 arrives hotline tier diamond
        40s c1 picks up
        50s a1 completes c2
        51s a1 accepts c1
    ",
    );
    assert_told(
        &told,
        "
        30s c3 queued in q
        40s c1 on the line
        40s c1 queued in q
        50s c2 completed
        50s c1 offered to a1
        51s c1 accepted by a1 after 51s
    ",
    );
}

#[test]
fn one_customer_is_called_for_each_agent_and_the_next_when_that_is_over() {
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s c1 arrives hotline phone 13800138001
        1s c2 arrives hotline phone 13800138002
        2s c3 arrives hotline phone 13800138003
        3s c1 wants a call first
        3s c2 wants a call first
        3s c3 wants a call first
    ",
    );
    let told = story.tell(
        "
        10s a1 on duty
        11s a2 on duty
    ",
    );
    assert_told(
        &told,
        "
        10s a1 ready
        10s c1 called the 1. time
        11s a2 ready
        11s c2 called the 1. time
    ",
    );
    let explained = story.engine.explain(contact("c3"), story.now).unwrap();
    for candidate in &explained.candidates {
        assert_eq!(candidate.failed, Some(Obstacle::OtherIsDialled));
    }
    assert_told(
        &story.tell(
            "
            20s c1 rings out
            21s c2 picks up
            21s a2 accepts c2
            22s c3 cancelled
        ",
        ),
        "
        20s c1 does not answer
        20s c1 scheduled
        20s c3 called the 1. time
        21s c2 on the line
        21s c2 offered to a1
        21s a2 accepts c2: refused stale_offer
        22s c3 cancelled
    ",
    );
}

#[test]
fn an_agent_who_takes_it_out_of_turn_dials() {
    let mut story = waiting();
    story.tell("12s pause q\n 12s a1 connects\n 12s a1 ready");
    assert_told(
        &story.tell("13s assign c1 a1\n 14s a1 accepts c1\n 15s resume q\n 16s c1 rings out"),
        "
        13s c1 offered to a1
        14s c1 accepted by a1 after 14s
        16s c1 rings out: refused not_dialled
    ",
    );
    let call = |story: &Story| story.engine.contact(contact("c1")).unwrap().callback;
    let first = |story: &Story| call(story).unwrap().first;
    assert_eq!(first(&story), Some(CustomerFirst::Waits));
    // As far as is known, the customer was not reached.
    assert_told(
        &story.tell("17s c1 leaves\n 18s a1 not_ready break\n 19s requeue c1"),
        "
        18s a1 not_ready (break)
        19s c1 taken from a1
        19s c1 queued in q
    ",
    );
    assert_told(
        &story.tell("20s a2 connects\n 20s a2 ready\n 21s c1 picks up"),
        "
        20s a2 ready
        20s c1 called the 1. time
        20s c2 offered to a2
        21s c1 on the line
        21s c1 queued in q
    ",
    );
    // The customer of a transferred contact is on the line.
    let mut story = waiting();
    story.tell("12s a1 connects\n 12s a1 not_ready break\n 12s pause q");
    story.tell("13s a1 ready\n 13s assign c1 a1\n 14s a1 accepts c1\n 15s a1 transfers c1 queue q");
    assert_eq!(first(&story), Some(CustomerFirst::Answered));
    let mut options = centre(vec![queue("q")], vec![agent("a1", "q", "")]);
    options.queues[0].pull = true;
    let told = tell(
        options,
        "0s c1 arrives hotline phone 13800138000\n 1s c1 wants a call first",
    );
    assert_told(
        &told,
        "0s c1 queued in q\n 1s c1 wants a call first: refused agent_first_only",
    );
}

#[test]
fn nobody_is_called_at_night_and_a_customer_who_answered_is_not_left_on_the_line() {
    let mut options = plain("a1");
    options.hours = vec![hours("short", "00:00-00:01 00:20-00:30")];
    options.queues[0].hours = Some(name("short"));
    let told = tell(
        options,
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        1s c2 arrives hotline phone 13800138002
        1s c2 wants a call first
        2s c3 arrives hotline phone 13800138003
        2s c3 wants a call first
        50s a1 completes c1
        70s c2 picks up
        71s a1 accepts c2
        80s a1 completes c2
        1200s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c1 accepted by a1 after 0s
        1s c2 queued in q
        1s c2 to be called at +8613800138002
        2s c3 queued in q
        2s c3 to be called at +8613800138003
        50s c1 completed
        50s c2 called the 1. time
        60s q closes
        70s c2 on the line
        70s c2 offered to a1
        71s c2 accepted by a1 after 70s
        80s c2 completed
        1200s q opens
        1200s c3 called the 1. time
    ",
    );
}

#[test]
fn a_call_in_progress_survives_a_restart_and_a_reload_without_its_agent_and_queue() {
    let two = |agents: &str| {
        let agents = agents.split(' ').map(|id| agent(id, "q p", "")).collect();
        centre(vec![queue("q"), queue("p")], agents)
    };
    let mut story = Story::new(two("a1 a2"));
    story.tell(
        "
        0s c1 arrives hotline p phone 13800138000
        0s c1 wants a call first
        5s a1 on duty
        6s restart
    ",
    );
    let mut left = two("a2");
    left.queues.pop();
    left.agents[0].queues.pop();
    reload(&mut story, left);
    let told = story.tell(
        "
        7s a2 on duty
        8s c1 picks up
    ",
    );
    assert_told(
        &told,
        "
        6s a1 not_ready (removed)
        6s c1 moved to q
        6s c1 scheduled
        7s a2 ready
        8s c1 on the line
        8s c1 offered to a2
    ",
    );
}

#[test]
fn a_contact_for_one_agent_only_gets_that_agent_when_the_call_is_answered() {
    let told = tell(
        plain("a1 a2"),
        "
        0s c1 arrives hotline phone 13800138000 asks a2 alone
        0s c1 wants a call first
        1s a1 on duty
        5s a2 on duty
        10s c1 picks up
    ",
    );
    assert_told(
        &told,
        "
        0s c1 waits for a2
        0s c1 to be called at +8613800138000
        1s a1 ready
        5s a2 ready
        5s c1 called the 1. time
        10s c1 on the line
        10s c1 waits for a2
        10s c1 offered to a2
    ",
    );
}
