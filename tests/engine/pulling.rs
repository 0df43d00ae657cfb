//! Counters: calling one particular contact, calling again, and no-shows.

use switchboard::domain::{Millis, Timestamp};
use switchboard::engine::options::{Action, EscalationRule, NoShow, Options, Step, Trigger};
use switchboard::engine::view::Obstacle;

use crate::explaining::explain;
use crate::tell::{Story, agent, assert_told, centre, contact, hours, name, queue, skills, tell};

fn counter(no_show: NoShow) -> Options {
    let mut counter = queue("counter");
    counter.pull = true;
    counter.no_show = no_show;
    let agents = vec![agent("a1", "counter", "sim 2"), agent("a2", "counter", "")];
    centre(vec![counter, queue("q")], agents)
}

const HALL: &str = "
    0s a1 a2 on duty
    1s c1 arrives storefront counter
    2s c2 arrives storefront counter
    3s c3 arrives storefront counter
";

#[test]
fn an_agent_calls_one_particular_contact() {
    let mut options = counter(NoShow::Close);
    options.agents.push(agent("a3", "q", ""));
    let mut story = Story::new(options);
    story.tell(HALL);
    let told = story.tell(
        "
        4s a1 pulls counter c2
        5s a2 pulls counter c2
        5s a1 pulls counter c3
        6s a2 pulls counter
        7s c4 arrives storefront q
        7s c5 arrives storefront counter requires sim=2
        8s a2 completes c1
        8s a2 pulls counter c4
        8s a2 pulls counter c5
        8s a2 pulls counter c9
        ",
    );
    assert_told(
        &told,
        "
        4s c2 called by a1
        5s a2 pulls counter c2: refused not_waiting_here
        5s a1 pulls counter c3: refused agent_full
        6s c1 called by a2
        7s c4 queued in q
        7s c5 queued in counter
        8s c1 completed
        8s a2 pulls counter c4: refused not_waiting_here
        8s a2 pulls counter c5: refused not_waiting_here
        8s a2 pulls counter c9: refused unknown_contact
        ",
    );
    assert!(
        skills("sim 2")
            .iter()
            .any(|(skill, _)| *skill == name("sim"))
    );
}

#[test]
fn a_called_contact_is_called_again() {
    let mut story = Story::new(counter(NoShow::Close));
    story.tell(HALL);
    let told = story.tell(
        "
        4s a1 pulls counter
        9s a1 recalls c1
        14s a1 recalls c1
        15s a2 recalls c1
        15s a1 recalls c2
        ",
    );
    assert_told(
        &told,
        "
        4s c1 called by a1
        9s c1 called again by a1
        14s c1 called again by a1
        15s a2 recalls c1: refused not_yours
        15s a1 recalls c2: refused not_yours
        ",
    );
    let view = story.engine.contact(contact("c1")).unwrap();
    assert_eq!(view.recalls, 2);
}

#[test]
fn a_no_show_is_closed() {
    let mut story = Story::new(counter(NoShow::Close));
    story.tell(HALL);
    let told = story.tell("4s a1 pulls counter\n 30s a1 misses c1\n 31s a1 pulls counter");
    assert_told(
        &told,
        "4s c1 called by a1\n 30s c1 abandoned\n 31s c2 called by a1",
    );
    let view = story.engine.contact(contact("c1")).unwrap();
    assert_eq!(view.outcome.as_deref(), Some("no_show"));
}

#[test]
fn a_no_show_may_wait_again_behind_all_or_some() {
    for (places, behind) in [(None, "c4"), (Some(2), "c3"), (Some(9), "c4")] {
        let mut story = Story::new(counter(NoShow::Requeue { places }));
        story.tell(HALL);
        story.tell("4s c4 arrives storefront counter\n 5s a1 pulls counter");
        let told = story.tell("30s a1 misses c1");
        assert_told(
            &told,
            "30s c1 did not come to a1\n 30s c1 queued in counter",
        );
        let view = |id| story.engine.contact(contact(id)).unwrap();
        assert_eq!(
            view("c1").position,
            Some(view(behind).position.unwrap() + 1)
        );
        assert_eq!(view("c1").queued_at, Timestamp(1_000), "and keeps its age");
    }
}

#[test]
fn nobody_is_called_for_ever() {
    let mut story = Story::new(counter(NoShow::Requeue { places: None }));
    story.tell("0s a1 connects\n 0s a1 ready\n 1s c1 arrives storefront counter");
    for _ in 0..3 {
        let told = story.tell("2s a1 pulls counter\n 2s a1 misses c1");
        assert!(told.contains("queued"), "{told}");
    }
    let told = story.tell("3s a1 pulls counter\n 3s a1 misses c1");
    assert_told(&told, "3s c1 called by a1\n 3s c1 abandoned");
}

#[test]
fn people_are_called_only_at_a_counter() {
    let told = tell(
        counter(NoShow::Close),
        "
        0s a1 connects
        1s c1 arrives storefront q
        1s a1 pulls q
        1s a1 pulls q c1
        1s a1 recalls c1
        ",
    );
    assert_told(
        &told,
        "
        1s c1 queued in q
        1s a1 pulls q: refused pull_not_allowed
        1s a1 pulls q c1: refused pull_not_allowed
        1s a1 recalls c1: refused not_yours
        ",
    );
}

#[test]
fn a_contact_is_called_by_its_requested_agent_and_a_transferred_one_is_offered() {
    let mut story = Story::new(counter(NoShow::Close));
    let told = story.tell(
        "
        0s a1 a2 on duty
        1s c1 arrives storefront counter asks a1 alone
        2s c2 arrives storefront counter
        3s a2 pulls counter
        4s a2 pulls counter
        5s a1 pulls counter
        6s a2 transfers c2 agent a1
        7s a2 pulls counter
        8s a1 completes c1
        ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s a2 ready
        1s c1 waits for a1
        2s c2 queued in counter
        3s c2 called by a2
        4s a2 pulls counter: refused nobody_waits
        5s c1 called by a1
        6s c2 transferred by a2
        6s c2 waits for a1
        7s a2 pulls counter: refused nobody_waits
        8s c1 completed
        8s c2 offered to a1
        ",
    );
}

#[test]
fn an_agent_who_comes_in_by_a_step_calls_from_then_on() {
    let mut options = counter(NoShow::Close);
    options.queues.push(queue("p"));
    options.queues[0].steps = vec![Step {
        after: Millis::from_s(10),
        requires: None,
        also_agents_of: vec![name("q")],
        skip_unstaffed: false,
    }];
    options.agents.push(agent("a3", "q", ""));
    options.agents.push(agent("a4", "p", ""));
    let mut story = Story::new(options);
    story.tell(HALL);
    story.tell("3s a3 connects\n 3s a4 connects");
    let told = story.tell(
        "
        5s a3 pulls counter
        5s a3 pulls counter c1
        5s a4 pulls counter
        12s a3 pulls counter c3
        12s a3 pulls counter c2
        12s a4 pulls counter c1
        15s a3 completes c2
        15s a3 pulls counter
        ",
    );
    assert_told(
        &told,
        "
        5s a3 pulls counter: refused nobody_waits
        5s a3 pulls counter c1: refused not_waiting_here
        5s a4 pulls counter: refused not_your_queue
        11s c1 at step 1
        12s c2 at step 1
        12s a3 pulls counter c3: refused not_waiting_here
        12s c2 called by a3
        12s a4 pulls counter c1: refused not_your_queue
        13s c3 at step 1
        15s c2 completed
        15s c1 called by a3
        ",
    );
}

#[test]
fn an_agent_of_an_added_queue_calls_the_contacts_it_was_added_for() {
    let mut options = counter(NoShow::Close);
    let add = vec![Action::AddQueue(name("q"))];
    let after = Trigger::After(Millis::from_s(10));
    options.queues[0].escalations = vec![EscalationRule::new(name("r"), after, add)];
    options.agents.push(agent("a3", "q", ""));
    let mut story = Story::new(options);
    story.tell(HALL);
    story.tell("3s a3 connects");
    let told = story.tell("5s a3 pulls counter\n 11s a3 pulls counter");
    assert_told(
        &told,
        "
        5s a3 pulls counter: refused nobody_waits
        11s c1 escalated r
        11s c1 called by a3
        ",
    );
}

#[test]
fn nobody_is_called_from_a_paused_queue() {
    let mut story = Story::new(counter(NoShow::Close));
    story.tell(HALL);
    let told = story.tell(
        "
        4s pause counter
        5s a1 pulls counter
        5s a1 pulls counter c2
        6s resume counter
        7s a1 pulls counter
    ",
    );
    assert_told(
        &told,
        "
        5s a1 pulls counter: refused queue_paused
        5s a1 pulls counter c2: refused queue_paused
        7s c1 called by a1
    ",
    );
}

#[test]
fn a_counter_is_shown_as_pulled_from_at_any_hour() {
    let mut options = counter(NoShow::Close);
    options.hours = vec![hours("short", "00:01-00:02")];
    options.queues[0].hours = Some(name("short"));
    let mut story = Story::new(options);
    story.tell(HALL);
    let explained = explain(&story, "c1");
    let failed = explained.candidates[0].failed.as_ref();
    assert_eq!(failed, Some(&Obstacle::QueueIsPulled));
    let told = story.tell("4s a1 pulls counter");
    assert_told(&told, "4s c1 called by a1");
}

#[test]
fn an_agent_calls_first_whom_the_agent_has_not_just_given_away() {
    let mut story = Story::new(counter(NoShow::Close));
    story.tell(HALL);
    let told = story.tell(
        "
        4s a1 pulls counter
        5s a1 transfers c1 queue counter
        6s a1 pulls counter
        7s a1 completes c2
        8s a1 pulls counter
        9s a1 completes c3
        10s a1 pulls counter
        ",
    );
    assert_told(
        &told,
        "
        4s c1 called by a1
        5s c1 transferred by a1
        5s c1 queued in counter
        6s c2 called by a1
        7s c2 completed
        8s c3 called by a1
        9s c3 completed
        10s c1 called by a1
        ",
    );
}

#[test]
fn an_agent_of_another_queue_calls_a_contact_that_asks_for_that_agent_alone() {
    let mut options = counter(NoShow::Close);
    options.agents.push(agent("a9", "q", ""));
    let mut story = Story::new(options);
    story.tell(HALL);
    let told = story.tell(
        "
        4s a9 on duty
        4s a9 pulls counter
        5s c4 arrives storefront counter asks a9 alone
        6s a9 pulls counter
        ",
    );
    assert!(
        told.contains("4s a9 pulls counter: refused not_your_queue"),
        "{told}"
    );
    assert!(told.ends_with("6s c4 called by a9\n"), "{told}");
}
