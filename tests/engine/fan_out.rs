//! Fan-out: a rule lets several agents be asked at once, and the first to accept gets the contact.

use switchboard::domain::Millis;
use switchboard::engine::options::{Action, EscalationRule, Options, Trigger};
use switchboard::wire::words;

use crate::tell::{Story, assert_told, contact, name, plain};

/// After ten seconds a contact is offered to this many of `agents` at once.
pub(crate) fn asking(agents: &str, at_once: u32) -> Options {
    let mut options = plain(agents);
    options.queues[0].escalations = vec![rule(at_once)];
    options
}

pub(crate) fn rule(at_once: u32) -> EscalationRule {
    let after = Trigger::After(Millis::from_s(10));
    EscalationRule::new(name("r"), after, vec![Action::FanOut(at_once)])
}

/// All agents are there; c1 is offered to a1, and at 10 s to as many as the rule allows.
pub(crate) const ALL_ARE_ASKED: &str = "
    0s a1 a2 a3 on duty
    1s c1 arrives hotline
    1s a1 delivers c1
    11s time passes
    12s a2 delivers c1.2
";

#[test]
fn the_first_to_accept_has_it_and_the_others_are_too_late() {
    let mut story = Story::new(asking("a1 a2 a3", 2));
    let told = story.tell(ALL_ARE_ASKED);
    assert_told(
        &told,
        "
        0s a1 ready
        0s a2 ready
        0s a3 ready
        1s c1 offered to a1
        11s c1 escalated r
        11s c1 offered to a2
    ",
    );
    let told = story.tell(
        "
        14s a2 accepts c1.2
        14s a1 accepts c1
        15s c2 arrives hotline
        15s c3 arrives hotline
    ",
    );
    assert_told(
        &told,
        "
        14s c1 withdrawn from a1
        14s c1 accepted by a2 after 13s
        14s a1 accepts c1: refused stale_offer
        15s c2 offered to a1
        15s c3 offered to a3
    ",
    );
}

#[test]
fn a_refusal_leaves_the_other_offers_and_another_agent_is_asked() {
    let mut story = Story::new(asking("a1 a2 a3", 2));
    story.tell(ALL_ARE_ASKED);
    let told = story.tell(
        "
        13s a1 declines c1
        13s a3 delivers c1.3
        14s a2 declines c1.2
        15s a3 declines c1.3
    ",
    );
    assert_told(
        &told,
        "
        13s c1 declined by a1
        13s c1 offered to a3
        14s c1 declined by a2
        15s c1 declined by a3
        15s c1 queued in q
    ",
    );
}

#[test]
fn an_agent_who_does_not_confirm_loses_the_offer_and_the_others_keep_theirs() {
    let mut story = Story::new(asking("a1 a2 a3", 3));
    story.tell(ALL_ARE_ASKED);
    assert_told(
        &story.tell("14s time passes"),
        "
        13s c1 not delivered to a3
    ",
    );
    let told = story.tell("60s time passes");
    assert!(told.starts_with("21s c1 not answered by a1\n"), "{told}");
    assert!(told.contains("32s c1 not answered by a2\n"), "{told}");
}

#[test]
fn a_supervisor_names_one_agent_and_nobody_else_is_asked() {
    let mut story = Story::new(asking("a1 a2 a3", 2));
    story.tell(ALL_ARE_ASKED);
    let told = story.tell(
        "
        13s assign c1 a2
        13s a2 delivers c1.3
        14s a2 accepts c1.3
    ",
    );
    assert_told(
        &told,
        "
        13s c1 withdrawn from a1
        13s c1 withdrawn from a2
        13s c1 offered to a2
        14s c1 accepted by a2 after 13s
    ",
    );
}

#[test]
fn an_agent_who_leaves_loses_the_offer_and_the_others_keep_theirs() {
    let mut story = Story::new(asking("a1 a2 a3", 2));
    story.tell(ALL_ARE_ASKED);
    let told = story.tell(
        "
        13s a1 not_ready lunch
        14s a2 lost
        14s a3 accepts c1.3
    ",
    );
    assert_told(
        &told,
        "
        13s c1 withdrawn from a1
        13s a1 not_ready (lunch)
        13s c1 offered to a3
        14s c1 withdrawn from a2
        14s a2 lost
        14s c1 accepted by a3 after 13s
    ",
    );
}

#[test]
fn after_a_restart_it_is_in_its_place_once() {
    let mut story = Story::new(asking("a1 a2 a3", 3));
    story.tell(ALL_ARE_ASKED);
    let told = story.tell(
        "
        12s restart
        14s a2 connects
    ",
    );
    assert_told(
        &told,
        "
        12s c1 withdrawn from a1
        12s a1 lost
        12s c1 withdrawn from a2
        12s a2 lost
        12s c1 withdrawn from a3
        12s a3 lost
        12s c1 queued in q
        14s c1 offered to a2
    ",
    );
}

#[test]
fn a_supervisor_sees_all_who_are_asked_and_each_of_them_their_own_offer() {
    let mut story = Story::new(asking("a1 a2 a3", 2));
    story.tell(ALL_ARE_ASKED);
    let seen = story.engine.contact(contact("c1")).unwrap();
    assert_eq!(seen.agent, Some(name("a1")));
    assert_eq!(seen.offered_beside, [name("a2")]);
    let own = story.engine.contact_for(contact("c1"), "a2").unwrap();
    assert_eq!(own.offered_beside, [name("a1")]);
    let own = |agent: &str| {
        let held = story.engine.contacts_of(agent);
        (held[0].agent.clone(), held[0].offer.unwrap().id.number)
    };
    assert_eq!(own("a1"), (Some(name("a1")), 1));
    assert_eq!(own("a2"), (Some(name("a2")), 2));
    let explained = story.engine.explain(contact("c1"), story.now).unwrap();
    let offered = explained.candidates.iter();
    let offered: Vec<&str> = offered
        .filter(|candidate| candidate.is_offered)
        .map(|candidate| candidate.agent.as_str())
        .collect();
    assert_eq!(offered, ["a1", "a2"]);
    let said = words::of(&explained);
    let says = |all: &[String], part: &str| all.iter().any(|said| said.contains(part));
    assert!(
        says(&said.en, "At the same time it is offered to a2"),
        "{said:#?}"
    );
    assert!(says(&said.zh, "同时也派给坐席 a2"), "{said:#?}");
}

#[test]
fn an_assigned_contact_that_is_declined_is_offered_to_several_again() {
    let mut story = Story::new(asking("a1 a2 a3", 2));
    story.tell(ALL_ARE_ASKED);
    let told = story.tell(
        "
        13s assign c1 a3
        13s a3 delivers c1.3
        14s a3 declines c1.3
        15s c1 leaves
    ",
    );
    assert_told(
        &told,
        "
        13s c1 withdrawn from a1
        13s c1 withdrawn from a2
        13s c1 offered to a3
        14s c1 declined by a3
        14s c1 queued in q
        15s c1 abandoned
    ",
    );
    let told = story.tell(
        "
        60s c2 arrives hotline
        60s a1 delivers c2
        61s assign c2 a1
        70s time passes
        71s a1 declines c2
    ",
    );
    assert_told(
        &told,
        "
        60s c2 offered to a1
        70s c2 escalated r
        70s c2 offered to a2
        71s c2 declined by a1
        71s c2 offered to a3
    ",
    );
}
