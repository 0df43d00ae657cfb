//! Supervisors and configuration: transfer, assign, requeue, pause, pull, and reloads with contacts
//! in progress.

use std::sync::Arc;

use switchboard::engine::Done;
use switchboard::engine::command::{
    Act, AgentCommand, Command, Intention, RequestKey, SiteCommand,
};

use crate::tell::{Story, agent, assert_told, centre, contact, name, plain, queue, tell};

#[test]
fn a_supervisor_assigns_out_of_turn_but_not_beyond_capacity() {
    let options = centre(
        vec![queue("q"), queue("p")],
        vec![agent("a1", "q", ""), agent("a2", "p", "")],
    );
    let told = tell(
        options,
        "
        0s c1 arrives hotline q
        0s c2 arrives hotline q
        1s assign c2 a2
        2s a2 on duty
        3s assign c2 a2
        3s a2 delivers c2
        4s assign c1 a2
        5s a2 accepts c2
        6s assign c2 a1
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        0s c2 queued in q
        1s assign c2 a2: refused agent_not_ready
        2s a2 ready
        3s c2 offered to a2
        4s assign c1 a2: refused agent_full
        5s c2 accepted by a2 after 5s
        6s assign c2 a1: refused wrong_state
    ",
    );
}

#[test]
fn a_requeued_contact_keeps_its_place_and_goes_to_somebody_else() {
    let told = tell(
        plain("a1 a2"),
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        1s c2 arrives hotline
        2s requeue c1
        3s a2 on duty
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c1 accepted by a1 after 0s
        1s c2 queued in q
        2s c1 taken from a1
        2s c1 queued in q
        2s c2 offered to a1
        3s a2 ready
        3s c1 offered to a2
    ",
    );
}

#[test]
fn a_paused_queue_offers_nothing_and_a_resumed_one_the_oldest_first() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        1s pause q
        2s c1 arrives hotline
        3s c2 arrives hotline
        4s resume q
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        2s c1 queued in q
        3s c2 queued in q
        4s c1 offered to a1
    ",
    );
}

#[test]
fn a_counter_calls_the_next_contact_of_a_queue_that_allows_it() {
    let mut options = centre(
        vec![queue("q"), queue("p")],
        vec![agent("a1", "q", ""), agent("a2", "p", "")],
    );
    options.queues[0].pull = true;
    let told = tell(
        options,
        "
        0s a1 on duty
        1s c1 arrives storefront q
        2s c2 arrives storefront q tier gold
        3s a1 pulls q
        4s a1 pulls q
        5s a1 pulls p
        6s a2 connects
        6s a2 pulls q
        7s a1 completes c2
        8s a1 pulls q
        9s a1 completes c1
        9s a1 pulls q
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s c1 queued in q
        2s c2 queued in q
        3s c2 called by a1
        4s a1 pulls q: refused agent_full
        5s a1 pulls p: refused pull_not_allowed
        6s a2 pulls q: refused not_your_queue
        7s c2 completed
        8s c1 called by a1
        9s c1 completed
        9s a1 pulls q: refused nobody_waits
    ",
    );
}

#[test]
fn a_reload_loses_nothing_and_offers_nothing_to_a_removed_agent() {
    let mut story = Story::new(centre(
        vec![queue("q"), queue("p")],
        vec![agent("a1", "q", ""), agent("a2", "p", "")],
    ));
    story.tell(
        "
        0s a1 a2 on duty
        1s c1 arrives hotline q
        1s a1 accepts c1
        2s c2 arrives hotline q
        3s c3 arrives hotline p
    ",
    );
    let fewer = centre(vec![queue("q")], vec![agent("a1", "q", "")]);
    story
        .command(Command::Site(SiteCommand::Configure(Arc::new(fewer))))
        .unwrap();
    let told = story.tell(
        "
        4s a2 accepts c3
        5s a1 completes c1
    ",
    );
    assert_told(
        &told,
        "
        3s c3 withdrawn from a2
        3s c3 moved to q
        3s c3 queued in q
        3s a2 not_ready (removed)
        4s a2 accepts c3: refused stale_offer
        5s c1 completed
        5s c2 offered to a1
    ",
    );
}

#[test]
fn a_reload_that_makes_a_contact_servable_serves_it() {
    let mut story = Story::new(centre(
        vec![queue("q"), queue("p")],
        vec![agent("a1", "p", "")],
    ));
    story.tell(
        "
        0s a1 on duty
        1s c1 arrives hotline q
    ",
    );
    let wider = centre(vec![queue("q"), queue("p")], vec![agent("a1", "p q", "")]);
    story
        .command(Command::Site(SiteCommand::Configure(Arc::new(wider))))
        .unwrap();
    assert_told(&story.tell("2s time passes"), "1s c1 offered to a1");
}

#[test]
fn a_contact_that_its_agent_declines_goes_to_anyone() {
    let told = tell(
        plain("a1 a2 a3"),
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        1s a2 on duty
        2s a3 on duty
        3s a1 transfers c1 agent a3
        4s a3 declines c1.2
    ",
    );
    assert!(
        told.ends_with("4s c1 declined by a3\n4s c1 offered to a2\n"),
        "{told}"
    );
}

#[test]
fn a_scheduled_contact_offered_early_returns_to_wait_for_its_time() {
    let there = "
        0s a1 a2 on duty
        1s c1 arrives app at 60s
        2s assign c1 a1
    ";
    for (how, ended) in [
        ("3s a1 declines c1", "3s c1 declined by a1"),
        ("3s a1 lost", ""),
        ("3s a1 not_ready break", ""),
        ("3s requeue c1", ""),
        ("3s restart", ""),
    ] {
        let mut story = Story::new(plain("a1 a2"));
        story.tell(there);
        let told = story.tell(how);
        assert!(
            told.contains(ended) && told.contains("c1 scheduled"),
            "{told}"
        );
        let view = story.engine.contact(contact("c1")).unwrap();
        assert_eq!(view.state.name(), "scheduled", "{how}");
        if how != "3s restart" {
            let told = story.tell("60s time passes");
            assert!(told.contains("60s c1 offered to a"), "{how}: {told}");
        }
    }
    let mut story = Story::new(plain("a1 a2"));
    story.tell(there);
    assert_told(
        &story.tell("3s a1 accepts c1\n 9s a1 completes c1"),
        "
        3s c1 accepted by a1 after 0s
        9s c1 completed
    ",
    );
}

#[test]
fn a_pause_repeated_under_its_key_after_the_resume_does_nothing() {
    let mut story = Story::new(plain("a1"));
    let key = |key, fingerprint| Some(RequestKey { key, fingerprint });
    let pause = |key| {
        let (queue, by) = (name("q"), "s1".into());
        Command::Site(SiteCommand::Pause { queue, by, key })
    };
    story.command(pause(key(1, 1))).unwrap();
    story.tell("1s resume q");
    story.command(pause(key(1, 1))).unwrap();
    assert!(!story.engine.queue("q").unwrap().paused);
    let refused = story.command(pause(key(1, 2))).unwrap_err();
    assert_eq!(refused.code(), "idempotency_mismatch");
    story.command(pause(key(2, 1))).unwrap();
    assert!(story.engine.queue("q").unwrap().paused);
}

#[test]
fn an_agent_set_ready_under_a_key_is_not_set_ready_again_by_it() {
    let mut story = Story::new(plain("a1"));
    story.tell("0s a1 connects");
    let key = |fingerprint| {
        Some(RequestKey {
            key: 1,
            fingerprint,
        })
    };
    let ready = |key| {
        Command::Agent(AgentCommand {
            agent: name("a1"),
            act: Act::Intend {
                intent: Intention::Ready,
                by: "s1".into(),
                key,
            },
        })
    };
    assert_eq!(story.command(ready(key(1))), Ok(Done::Nothing));
    story.tell("1s a1 not_ready lunch");
    assert_eq!(story.command(ready(key(1))), Ok(Done::Again));
    assert_eq!(story.engine.agent("a1").unwrap().intent.name(), "not_ready");
    let refused = story.command(ready(key(2))).unwrap_err();
    assert_eq!(refused.code(), "idempotency_mismatch");
}

#[test]
fn a_requeued_contact_no_longer_waits_for_the_agent_it_was_meant_for() {
    let told = tell(
        plain("a1 a2 a3"),
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        1s a2 on duty
        2s a3 on duty
        3s a1 transfers c1 agent a3
        4s requeue c1
    ",
    );
    assert!(told.contains("4s c1 withdrawn from a3\n"), "{told}");
    assert!(told.ends_with("4s c1 offered to a2\n"), "{told}");
}
