//! Customers on the line whose agent was lost: they go to the front.

use switchboard::domain::Millis;
use switchboard::engine::state::due::DueTerm;

use crate::tell::{Story, contact, plain};

/// A basic customer's agent is lost while a diamond customer waits.
fn lost_beside_a_diamond(channel: &str) -> Story {
    let mut story = Story::new(plain("a1 a2"));
    story.tell(&format!(
        "
        0s a1 on duty
        0s c1 arrives {channel}
        1s a1 accepts c1
        2s c2 arrives hotline tier diamond
        10s a1 lost
        70s time passes
    "
    ));
    story
}

#[test]
fn whoever_has_lost_their_agent_on_the_line_goes_before_all_who_came_later() {
    for (channel, first) in [
        ("hotline", "c1"),
        ("storefront", "c1"),
        ("app", "c2"),
        ("wechat", "c2"),
    ] {
        let mut story = lost_beside_a_diamond(channel);
        let told = story.tell("71s a2 on duty");
        let expected = format!("71s a2 ready\n71s {first} offered to a2\n");
        assert!(told.ends_with(&expected), "{channel}: {told}");
    }
}

#[test]
fn whoever_has_lost_their_agent_counts_as_before_once_answered_again() {
    let mut story = lost_beside_a_diamond("hotline");
    let sooner = |story: &Story| {
        let explained = story.engine.explain(contact("c1"), story.engine.last_at());
        let terms = explained.unwrap().due_terms;
        let lost = terms.iter().find(|(term, _)| *term == DueTerm::AgentLost);
        lost.map(|(_, span)| *span)
    };
    assert_eq!(sooner(&story), Some(Millis::from_s(-300)));
    story.tell("71s a2 on duty");
    assert_eq!(sooner(&story), Some(Millis::from_s(-300)), "offered only");
    let told = story.tell("72s a2 accepts c1.2\n 80s a2 lost");
    assert!(told.contains("c1 accepted by a2"), "{told}");
    assert_eq!(sooner(&story), None);
    story.tell("140s time passes");
    assert_eq!(sooner(&story), Some(Millis::from_s(-300)), "not twice");
}
