//! What a reload has removed: queues whose contacts move on, and agents who finish.

use switchboard::domain::Timestamp;
use switchboard::engine::Engine;
use switchboard::engine::command::{Command, SiteCommand};

use crate::reloads::reload;
use crate::tell::{Story, agent, assert_told, centre, contact, name, plain, queue};

#[test]
fn a_contact_that_comes_back_to_a_removed_queue_continues_in_the_default_queue() {
    let with = |queues: &[&str]| {
        let queues = queues.iter().map(|id| queue(id)).collect();
        let agents = ["a1", "a2", "a3", "a4"];
        let agents = agents.map(|id| agent(id, "q", ""));
        centre(queues, agents.into())
    };
    let mut before = with(&["q", "old"]);
    for agent in &mut before.agents {
        agent.queues.push(name("old"));
    }
    let mut story = Story::new(before);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app old
        0s a1 delivers c1
        1s a2 on duty
        1s c2 arrives app old
        1s a2 delivers c2
        2s a3 on duty
        2s c3 arrives hotline old
        2s a3 accepts c3
        3s a4 on duty
        3s c4 arrives hotline old
        3s a4 accepts c4
        3s a4 not_ready lunch
    ",
    );
    reload(&mut story, with(&["q"]));
    let told = story.tell(
        "
        4s a2 not_ready lunch
        5s a1 declines c1
        6s a1 not_ready lunch
        7s requeue c4
        9s a3 lost
        90s time passes
    ",
    );
    let moved: Vec<&str> = told.lines().filter(|line| line.contains("moved")).collect();
    assert_eq!(
        moved,
        [
            "4s c2 moved to q",
            "5s c1 moved to q",
            "7s c4 moved to q",
            "69s c3 moved to q",
        ],
        "{told}"
    );
    assert!(!told.contains("unroutable"), "{told}");
}

#[test]
fn removed_agents_and_queues_are_visible_until_done() {
    let with = |queues: &str, agents: &str| {
        let agents = agents.split(' ').map(|id| agent(id, queues, ""));
        let agents = agents.collect();
        centre(queues.split(' ').map(queue).collect(), agents)
    };
    let mut story = Story::new(with("q old", "a1 a2"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline old
        0s a1 accepts c1
    ",
    );
    reload(&mut story, with("q", "a2"));
    let seen = |story: &Story| {
        let (agents, queues) = (story.engine.agents(), story.engine.queues());
        let agent = |id: &str| agents.iter().find(|agent| agent.id.as_str() == id);
        let queue = |id: &str| queues.iter().find(|queue| queue.id.as_str() == id);
        for id in ["a1", "a2", "a3"] {
            assert_eq!(story.engine.agent(id).as_ref(), agent(id));
        }
        for id in ["q", "old", "new"] {
            assert_eq!(story.engine.queue(id).as_ref(), queue(id));
        }
        (agent("a1").is_some(), queue("old").is_some())
    };
    assert_eq!(seen(&story), (true, true));
    story.tell("9s a1 completes c1");
    assert_eq!(seen(&story), (false, false));
}

#[test]
fn a_removed_agent_who_is_lost_comes_back_to_finish_and_is_offered_nothing() {
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
    ",
    );
    reload(&mut story, plain("a2"));
    let told = story.tell(
        "
        2s a1 lost
        3s c2 arrives hotline
        4s a1 connects
    ",
    );
    // A restart from a snapshot keeps this.
    let restored = Engine::restore(&story.engine.snapshot()).unwrap();
    assert_eq!(restored.agent("a1"), story.engine.agent("a1"));
    let told = told
        + &story.tell(
            "
        5s a1#2 ready
        6s a1#2 completes c1
        7s a1#2 lost
        8s a1 connects
    ",
        );
    assert_told(
        &told,
        "
        0s a1 not_ready (removed)
        2s a1 lost
        3s c2 queued in q
        5s a1#2 ready: refused unknown_agent
        6s c1 completed
        7s a1 lost
        8s a1 connects: refused unknown_agent
    ",
    );
}

#[test]
fn contacts_of_a_renamed_queue_go_to_the_one_that_has_the_topic_now() {
    let with = |id: &str| {
        let mut options = centre(vec![queue("q"), queue(id)], vec![agent("a1", id, "")]);
        options.queues[1].topics = vec![name("fault")];
        options
    };
    let mut story = Story::new(with("old"));
    story.tell(
        "
        0s c1 arrives app topic fault
        0s c2 arrives app topic fault at 60s
        0s c3 arrives app q
    ",
    );
    let after = with("new");
    let foreseen = story.engine.foresee_reload(&after).unwrap();
    assert_eq!((foreseen.moved, foreseen.unroutable), (2, 0));
    reload(&mut story, after);
    let told = story.tell(
        "
        1s a1 on duty
        1s a1 accepts c1
        60s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s c2 moved to new
        0s c2 scheduled
        0s c1 moved to new
        0s c1 queued in new
        1s a1 ready
        1s c1 offered to a1
        1s c1 accepted by a1 after 1s
        60s c2 offered to a1
    ",
    );
}

#[test]
fn a_contact_waiting_for_an_agent_goes_to_an_existing_queue_once_that_agent_leaves() {
    let handed_on = || {
        let agents = || vec![agent("a1", "old q", ""), agent("a2", "old q", "")];
        let mut story = Story::new(centre(vec![queue("q"), queue("old")], agents()));
        story.tell(
            "
            0s a1 on duty
            0s c1 arrives hotline old
            0s a1 accepts c1
            1s a2 on duty
            2s c2 arrives hotline q
            2s a2 accepts c2
            3s a1 transfers c1 agent a2
        ",
        );
        reload(&mut story, centre(vec![queue("q")], agents()));
        story
    };
    for leaves in ["4s a2 not_ready break", "4s requeue c1"] {
        let mut story = handed_on();
        let told = story.tell(leaves);
        assert!(told.contains("c1 moved to q"), "{leaves}: {told}");
    }
}

#[test]
fn a_reload_that_a_crash_cuts_short_is_finished_at_the_start() {
    let mut story = Story::new(centre(
        vec![queue("q"), queue("old")],
        vec![agent("a1", "old q", ""), agent("a2", "old", "")],
    ));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline old
        0s a1 accepts c1
        0s a2 on duty
        1s c2 arrives hotline old
        1s c3 arrives hotline old
        1s c4 arrives hotline old at 60s
        1s c5 arrives hotline q
    ",
    );
    let before = story.history().len();
    reload(
        &mut story,
        centre(vec![queue("q")], vec![agent("a1", "q", "")]),
    );
    let after = story.history().len();
    assert!(after > before + 5, "it does much");
    for written in before + 1..=after {
        let mut engine = story.replayed_upto(written);
        let restart = Command::Site(SiteCommand::Restart);
        engine.handle(Timestamp(2_000), restart).unwrap();
        assert_eq!(engine.faults(), Vec::<String>::new(), "{written}");
        for id in ["c2", "c3", "c4", "c5"] {
            let view = engine.contact(contact(id)).unwrap();
            let state = if id == "c4" { "scheduled" } else { "queued" };
            assert_eq!(
                (view.state.name(), view.queue.as_str()),
                (state, "q"),
                "{id} {written}"
            );
        }
    }
}

#[test]
fn no_contact_waits_for_an_agent_removed_while_it_was_offered_to_another() {
    let mut story = Story::new(plain("a1 a2 a3"));
    story.tell(
        "
        0s a1 connects
        0s a2 on duty
        1s c1 arrives hotline asks a1 alone
        2s assign c1 a2
        2s a2 delivers c1
    ",
    );
    reload(&mut story, plain("a2 a3"));
    let told = story.tell("3s a3 connects\n 3s a3 ready\n 4s a2 declines c1");
    assert_told(
        &told,
        "
        3s a3 ready
        4s c1 declined by a2
        4s c1 queued in q
        4s c1 offered to a3
    ",
    );
}
