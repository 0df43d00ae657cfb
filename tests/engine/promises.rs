//! What is explained and estimated, seen through the engine's views.

use switchboard::engine::view::{Obstacle, WaitEstimate};

use crate::tell::{Story, agent, centre, contact, plain, queue};

fn failed(story: &Story, id: &str, agent: &str) -> Option<Obstacle> {
    let explanation = story.engine.explain(contact(id)).unwrap();
    let candidate = explanation
        .candidates
        .into_iter()
        .find(|candidate| candidate.agent.as_str() == agent);
    candidate.unwrap().failed
}

#[test]
fn an_explanation_names_the_first_test_that_each_agent_fails() {
    let mut story = Story::new(centre(
        vec![queue("q")],
        vec![
            agent("a1", "q", ""),
            agent("a2", "q", "fibre 3"),
            agent("a3", "q", "fibre 3"),
            agent("a4", "q", "fibre 3"),
        ],
    ));
    story.tell(
        "
        0s a2 connects
        0s a3 connects
        0s a3 ready
        1s c1 arrives hotline
        1s a3 accepts c1
        2s c2 arrives hotline requires fibre=2
    ",
    );
    assert!(matches!(
        failed(&story, "c2", "a1"),
        Some(Obstacle::MissingSkill {
            required: 2,
            has: 0,
            ..
        })
    ));
    assert!(matches!(
        failed(&story, "c2", "a2"),
        Some(Obstacle::NotReady { .. })
    ));
    assert_eq!(
        failed(&story, "c2", "a3"),
        Some(Obstacle::NoCapacity {
            used: 100,
            capacity: 100,
            cost: 100
        })
    );
    assert_eq!(failed(&story, "c2", "a4"), Some(Obstacle::NotConnected));
}

#[test]
fn what_no_registered_agent_could_ever_take_is_unroutable_at_once() {
    let mut story = Story::new(centre(vec![queue("q")], vec![agent("a1", "q", "fibre 3")]));
    story.tell(
        "
        0s c1 arrives hotline requires fibre=4
        0s c2 arrives hotline requires fibre=3
    ",
    );
    assert!(story.engine.explain(contact("c1")).unwrap().unroutable);
    assert!(!story.engine.explain(contact("c2")).unwrap().unroutable);
}

#[test]
fn nobody_staffed_is_said_and_not_a_number() {
    let mut story = Story::new(plain("a1"));
    let wait = |story: &Story| story.engine.contact(contact("c2")).unwrap().wait;
    story.tell(
        "
        0s a1 connects
        0s c1 arrives hotline
        0s c2 arrives hotline
    ",
    );
    assert_eq!(wait(&story), WaitEstimate::NobodyStaffed);
    story.tell(
        "
        1s a1 ready
    ",
    );
    assert!(matches!(wait(&story), WaitEstimate::Within { p50, p90 } if p50 < p90));
}

#[test]
fn due_is_made_up_of_terms_that_add_up() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        7s c1 arrives hotline tier gold
    ",
    );
    let explanation = story.engine.explain(contact("c1")).unwrap();
    let sum: i64 = explanation.due_terms.iter().map(|(_, term)| term.0).sum();
    assert_eq!(
        explanation.contact.due_at - explanation.contact.queued_at,
        switchboard::domain::Millis(sum)
    );
    assert_eq!(sum, 30_000 - 200_000);
}
