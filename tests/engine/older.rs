//! What an older version has written is read by this one.
//!
//! `old` holds snapshots by the day on which they were written; whoever changes what is written
//! adds one.

use switchboard::domain::Millis;
use switchboard::engine::Engine;
use switchboard::engine::command::{Command, ContactCommand, ContactRequest, SiteCommand};
use switchboard::engine::event::{Event, HeldBy, Recorded};
use switchboard::engine::state::agent::Intent;
use switchboard::engine::state::contact::CustomerFirst;

use crate::tell::{Story, contact, parse, plain};

#[test]
fn a_snapshot_of_an_older_version_is_the_state_that_it_was() {
    let written = include_bytes!("old/2026-11-26.cbor");
    let mut engine = Engine::restore(written).unwrap();
    assert_eq!(engine.faults(), Vec::<String>::new());
    let states = |engine: &Engine| {
        let ids = ["c1", "c2", "c3", "c4", "c5", "c6"];
        ids.map(|id| engine.contact(contact(id)).unwrap().state.name())
    };
    assert_eq!(
        states(&engine),
        [
            "active",
            "completed",
            "offered",
            "queued",
            "parked",
            "scheduled"
        ]
    );
    // And it goes on from there.
    let now = engine.last_at();
    engine
        .handle(now, Command::Site(SiteCommand::Restart))
        .unwrap();
    assert_eq!(engine.faults(), Vec::<String>::new());
    assert_eq!(states(&engine)[2], "queued", "nobody is there to answer");
    let again = Engine::restore(&engine.snapshot()).unwrap();
    assert_eq!(again.state_hash(), engine.state_hash());
}

#[test]
fn the_time_with_agents_is_read_from_where_an_older_version_wrote_it() {
    let written = include_bytes!("old/2026-11-26-evening.cbor");
    let engine = Engine::restore(written).unwrap();
    let explained = engine.explain(contact("c1"), engine.last_at()).unwrap();
    assert!(
        explained.waited < Millis::from_s(6),
        "{:?}",
        explained.waited
    );
}

#[test]
fn a_span_that_one_night_s_version_wrote_in_another_place_hinders_nobody() {
    let written = include_bytes!("old/2026-11-26-night.cbor");
    let mut engine = Engine::restore(written).unwrap();
    assert_eq!(engine.faults(), Vec::<String>::new());
    let now = engine.last_at();
    engine
        .handle(now, Command::Site(SiteCommand::Restart))
        .unwrap();
    assert_eq!(engine.faults(), Vec::<String>::new());
    let state = engine.contact(contact("c1")).unwrap().state.name();
    assert_eq!(state, "queued");
}

#[test]
fn who_was_served_is_known_as_such_from_a_snapshot_of_this_version() {
    let written = include_bytes!("old/2026-11-27.cbor");
    let engine = Engine::restore(written).unwrap();
    assert_eq!(engine.faults(), Vec::<String>::new());
    let explained = engine.explain(contact("c1"), engine.last_at()).unwrap();
    assert_eq!(
        explained.opens_at, None,
        "not left on the line for the night"
    );
}

#[test]
fn calls_of_the_webhook_that_were_waiting_are_known_from_a_snapshot_of_this_version() {
    let written = include_bytes!("old/2026-11-27-untold.cbor");
    let engine = Engine::restore(written).unwrap();
    let about: Vec<_> = engine.untold().map(|untold| untold.contact).collect();
    assert_eq!(about, [contact("c1"), contact("c2")]);
}

#[test]
fn who_steered_is_known_from_a_snapshot_of_this_version_and_not_from_older_events() {
    let written = include_bytes!("old/2026-11-27-steered.cbor");
    let mut engine = Engine::restore(written).unwrap();
    let queue = engine.queue("q").unwrap();
    assert_eq!(queue.paused_by.as_deref(), Some("s1"));
    let intent_by = |engine: &Engine| engine.agent("a1").unwrap().intent_by;
    assert_eq!(intent_by(&engine).as_deref(), Some("s1"));
    let again = Engine::restore(&engine.snapshot()).unwrap();
    assert_eq!(again.state_hash(), engine.state_hash());
    engine.apply(&Recorded {
        seq: engine.seq() + 1,
        at: engine.last_at(),
        event: Event::AgentIntended {
            agent: engine.registry().agents.key("a1").unwrap(),
            intent: Intent::Ready,
            by: "s1".into(),
            is_steered: false,
        },
    });
    assert_eq!(intent_by(&engine), None);
}

#[test]
fn what_an_older_version_scheduled_is_folded_as_it_was_then() {
    let mut story = Story::new(plain("a1"));
    story.tell("0s c1 arrives app at 100s");
    let due_when_scheduled = |begins_then| {
        let mut engine = story.engine.clone();
        engine.apply(&Recorded {
            seq: engine.seq() + 1,
            at: engine.last_at(),
            event: Event::ContactScheduled {
                contact: contact("c1"),
                until: engine.last_at() + Millis::from_s(200),
                begins_then,
            },
        });
        engine.contact(contact("c1")).unwrap().due_at
    };
    assert_eq!(
        due_when_scheduled(true) - due_when_scheduled(false),
        Millis::from_s(100)
    );
}

#[test]
fn who_was_taken_by_an_older_version_was_on_the_line() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s c1 arrives hotline phone 13800138000
        1s c1 wants a call first
        2s pause q
        2s a1 on duty
        3s assign c1 a1
        4s a1 accepts c1
    ",
    );
    let taken = story.history().last().unwrap();
    let stage_when_taken = |by_older: bool| {
        let mut engine = story.replayed_upto(story.history().len() - 1);
        let mut taken = taken.clone();
        let Event::OfferAccepted { keeps_call, .. } = &mut taken.event else {
            panic!("{taken:?}");
        };
        *keeps_call = !by_older;
        engine.apply(&taken);
        let contact = engine.contact(contact("c1")).unwrap();
        contact.callback.unwrap().first
    };
    assert_eq!(stage_when_taken(true), Some(CustomerFirst::Answered));
    assert_eq!(stage_when_taken(false), Some(CustomerFirst::Waits));
}

#[test]
fn a_move_that_is_owed_is_known_from_a_snapshot_of_this_version() {
    let written = include_bytes!("old/2026-11-27-owed.cbor");
    let mut engine = Engine::restore(written).unwrap();
    assert_eq!(engine.faults(), Vec::<String>::new());
    let now = engine.last_at();
    let leaves = ContactCommand::Request {
        contact: contact("c1"),
        request: ContactRequest::Cancel {
            reason: "customer_left".into(),
        },
        key: None,
    };
    engine.handle(now, Command::Contact(leaves)).unwrap();
    let queue = engine.contact(contact("c2")).unwrap().queue;
    assert_eq!(queue.as_str(), "p");
}

/// A call has broken into `c1`, and the customer of `c2` was called in vain for the last time.
#[test]
fn what_waits_for_a_call_and_what_teaches_nothing_is_read_again() {
    let written = include_bytes!("old/2026-11-27-interrupted.cbor");
    let engine = Engine::restore(written).unwrap();
    assert_eq!(engine.faults(), Vec::<String>::new());
    assert!(engine.contact(contact("c1")).unwrap().is_interrupted);
    assert_eq!(
        engine.contact(contact("c2")).unwrap().state.name(),
        "wrap_up"
    );
    let again = Engine::restore(&engine.snapshot()).unwrap();
    assert_eq!(again.state_hash(), engine.state_hash());
    let untaught = work_of_a_call(Story::new(plain("a1")).engine, &["a1 connects", "a1 ready"]);
    let ends = ["a1 done c2", "a1 completes c1"];
    assert_eq!(work_of_a_call(engine, &ends), untaught);
}

/// What a call is expected to take, after all this, a minute apart.
fn work_of_a_call(mut engine: Engine, told: &[&str]) -> Millis {
    let mut now = engine.last_at();
    for what in told.iter().chain(&["c9 arrives hotline q"]) {
        now = now + Millis::from_s(60);
        while engine.expire(now, 1) {}
        engine.handle(now, parse(what)).unwrap();
    }
    let explained = engine.explain(contact("c9"), now).unwrap();
    explained.choice.unwrap().unwrap().cost.unwrap().work
}

#[test]
fn of_what_an_older_version_put_on_hold_or_called_in_vain_it_is_learned_as_it_was_then() {
    let mut options = plain("a1");
    options.channels.0[1].cost = 20;
    options.channels.0[1].max = 5;
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 accepts c1
        0s c2 arrives hotline phone 13800138000
        0s c2 wants a call
        0s a1 accepts c2
    ",
    );
    let after = |event: Event| {
        let mut engine = story.engine.clone();
        engine.apply(&Recorded {
            seq: engine.seq() + 1,
            at: engine.last_at(),
            event,
        });
        work_of_a_call(engine, &["a1 completes c2"])
    };
    let held = |takes_nothing| {
        after(Event::ContactHeld {
            contact: contact("c1"),
            agent: story.engine.registry().agents.key("a1").unwrap(),
            by: HeldBy::Interruption,
            takes_nothing,
        })
    };
    assert!(held(false) < held(true), "a call beside a chat took less");
    let given_up = |teaches_nothing| {
        after(Event::CallbackGivenUp {
            contact: contact("c2"),
            attempts: 3,
            teaches_nothing,
        })
    };
    assert!(given_up(false) < given_up(true));
}

#[test]
fn whose_agent_was_lost_is_known_from_a_snapshot_of_this_version() {
    let written = include_bytes!("old/2026-11-27-lost.cbor");
    let engine = Engine::restore(written).unwrap();
    assert_eq!(engine.faults(), Vec::<String>::new());
    let due = |id| engine.contact(contact(id)).unwrap().due_at;
    assert!(due("c1") < due("c2"), "though c2 is a diamond customer");
}

#[test]
fn whom_an_older_version_took_from_a_lost_agent_keeps_the_place_of_then() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        1s a1 accepts c1
        10s a1 lost
        70s time passes
    ",
    );
    let is_returned = |recorded: &Recorded| matches!(recorded.event, Event::ContactReturned { .. });
    let at = story.history().iter().position(is_returned).unwrap();
    let returned = story.history()[at].clone();
    let due_when_returned = |by_older: bool| {
        let mut engine = story.replayed_upto(at);
        let mut returned = returned.clone();
        let Event::ContactReturned { to_front, .. } = &mut returned.event else {
            panic!("{returned:?}");
        };
        *to_front = !by_older;
        engine.apply(&returned);
        engine.contact(contact("c1")).unwrap().due_at
    };
    assert_eq!(
        due_when_returned(true) - due_when_returned(false),
        Millis::from_s(300)
    );
}
