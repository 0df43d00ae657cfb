//! Owners of contacts: an adapter sees what it has posted, and nothing else.

use switchboard::domain::{Text, Timestamp};
use switchboard::engine::Engine;
use switchboard::engine::command::{Command, ContactCommand, ContactRequest};

use crate::tell::{Story, assert_told, contact, plain, tell};

#[test]
fn another_adapters_contact_is_as_good_as_unknown() {
    let told = tell(
        plain("a1"),
        "
        0s crm: c1 arrives hotline phone +8613800138000
        1s pbx: c1 leaves
        1s pbx: c1 cancelled
        1s pbx: c1 ends
        1s pbx: c1 writes
        1s pbx: c1 wants a call
        1s pbx: c1 picks up
        1s pbx: c1 rings out
        1s pbx: c1 sentiment -1
        2s pbx: c9 leaves
        3s crm: c1 sentiment -1
        4s crm: c1 leaves
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        1s pbx: c1 leaves: refused unknown_contact
        1s pbx: c1 cancelled: refused unknown_contact
        1s pbx: c1 ends: refused unknown_contact
        1s pbx: c1 writes: refused unknown_contact
        1s pbx: c1 wants a call: refused unknown_contact
        1s pbx: c1 picks up: refused unknown_contact
        1s pbx: c1 rings out: refused unknown_contact
        1s pbx: c1 sentiment -1: refused unknown_contact
        2s pbx: c9 leaves: refused unknown_contact
        4s c1 abandoned
    ",
    );
}

#[test]
fn a_supervisor_speaks_of_any_contact() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        1s crm: c1 arrives app
        2s a1 delivers c1
        3s requeue c1
    ",
    );
    assert!(
        told.contains("c1 withdrawn from a1") && !told.contains("refused"),
        "{told}"
    );
}

#[test]
fn the_same_external_id_of_two_adapters_is_two_contacts() {
    let mut story = Story::new(plain("a1"));
    let told = story.tell(
        "
        0s crm: c1 arrives app external wx-1
        1s pbx: c2 arrives app external wx-1
        2s crm: c3 arrives app external wx-1
        3s pbx: c4 arrives app external wx-1
        4s c5 arrives app external wx-1
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        1s c2 queued in q
        4s c5 queued in q
    ",
    );
    let seen = |id: &str, by: &str| {
        let by = Text::from(by);
        story
            .engine
            .contact_of_adapter(contact(id), &by, Timestamp(0))
            .is_some()
    };
    assert!(seen("c1", "crm") && seen("c2", "pbx"));
    assert!(!seen("c2", "crm") && !seen("c1", "pbx"));
}

#[test]
fn a_contact_of_nobody_is_everybodys() {
    let mut story = Story::new(plain("a1"));
    let told = story.tell(
        "
        0s c1 arrives app external wx-1
        1s crm: c2 arrives app external wx-1
        2s pbx: c3 arrives app external wx-1
        3s pbx: c1 sentiment -1
        4s crm: c1 leaves
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        4s c1 abandoned
    ",
    );
}

#[test]
fn whose_it_is_survives_a_snapshot() {
    let mut story = Story::new(plain("a1"));
    story.tell("0s crm: c1 arrives app external wx-1");
    let mut engine = Engine::restore(&story.engine.snapshot()).unwrap();
    assert_eq!(engine.faults(), Vec::<String>::new());
    let leaves = |adapter: &str| Command::ByAdapter {
        adapter: adapter.into(),
        command: ContactCommand::Request {
            contact: contact("c1"),
            request: ContactRequest::Cancel {
                reason: "customer_left".into(),
            },
            key: None,
        },
    };
    assert!(engine.handle(Timestamp(1_000), leaves("pbx")).is_err());
    assert!(engine.handle(Timestamp(1_000), leaves("crm")).is_ok());
}
