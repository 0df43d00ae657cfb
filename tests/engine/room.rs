//! A contact that needs more room than is ever left is not overtaken for ever.

use switchboard::domain::Millis;
use switchboard::engine::options::{Action, EscalationRule, Options, Trigger};
use switchboard::engine::view::{Obstacle, Upcoming, UpcomingChange, WaitEstimate};
use switchboard::wire::words;

use crate::reloads::reload;
use crate::tell::{Story, agent, assert_told, centre, contact, name, plain, queue, tell};

fn within_a_minute(agents: &str) -> Options {
    let mut options = plain(agents);
    options.overtake_max = Millis::from_s(60);
    options
}

/// `a1` serves the chats `c1` and `c2`, the call `c3` waits, and the chat `c4` arrived too late to
/// overtake it.
fn kept(options: Options) -> Story {
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 accepts c1
        0s c2 arrives app
        0s a1 accepts c2
        10s c3 arrives hotline
        71s c4 arrives app
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c1 accepted by a1 after 0s
        0s c2 offered to a1
        0s c2 accepted by a1 after 0s
        10s c3 queued in q
        71s room for c3 kept by a1
        71s c4 queued in q
    ",
    );
    story
}

#[test]
fn chats_later_than_the_overtaking_bound_wait_until_the_call_has_its_agent() {
    let mut story = kept(within_a_minute("a1"));
    let explanation = story.engine.explain(contact("c4"), story.now).unwrap();
    assert_eq!(explanation.candidates[0].failed, Some(Obstacle::KeepsRoom));
    assert!(explanation.changes.is_empty(), "{:?}", explanation.changes);
    let explanation = story.engine.explain(contact("c3"), story.now).unwrap();
    assert_eq!(explanation.room_kept_by, Some(name("a1")));
    let said = words::of(&explanation).en.join(" ");
    assert!(
        said.contains("Agent a1 takes nothing else until there is room for it."),
        "{said}"
    );
    let keeps_room_for = story.engine.agent("a1").unwrap().keeps_room_for;
    assert_eq!(keeps_room_for, Some(contact("c3")));
    let told = story.tell(
        "
        80s a1 completes c1
        90s c5 arrives app
        95s a1 completes c2
        96s a1 accepts c3
        120s a1 completes c3
    ",
    );
    assert_told(
        &told,
        "
        80s c1 completed
        90s c5 queued in q
        95s c2 completed
        95s c3 offered to a1
        96s c3 accepted by a1 after 86s
        120s c3 completed
        120s c4 offered to a1
        120s c5 offered to a1
    ",
    );
}

#[test]
fn up_to_that_time_a_chat_may_overtake_the_call() {
    let mut story = Story::new(within_a_minute("a1"));
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 accepts c1
        10s c2 arrives hotline
        70s c3 arrives app
    ",
    );
    assert!(told.ends_with("70s c3 offered to a1\n"), "{told}");
}

/// As [`kept`]; `a2`, who is not there, also serves both queues.
fn kept_for_two() -> Story {
    let mut options = within_a_minute("a1");
    options.queues.push(queue("p"));
    options.agents = vec![agent("a1", "q p", ""), agent("a2", "q p", "")];
    kept(options)
}

#[test]
fn room_is_kept_no_longer_than_the_call_waits() {
    let told = kept_for_two().tell("72s c3 leaves");
    assert_told(&told, "72s c3 abandoned\n72s c4 offered to a1");
    let told = kept_for_two().tell("72s a2 connects\n 72s a2 ready");
    assert_told(
        &told,
        "72s a2 ready\n72s c3 offered to a2\n72s c4 offered to a1",
    );
}

#[test]
fn no_room_is_kept_for_contacts_of_a_paused_queue() {
    let told = kept_for_two().tell("72s pause q\n 73s c5 arrives app p");
    assert_told(&told, "73s c5 offered to a1");
}

#[test]
fn an_agent_who_leaves_keeps_no_room_and_another_does() {
    let mut story = kept(within_a_minute("a1 a2"));
    let told = story.tell(
        "
        72s a2 connects
        72s a1 lost
        73s c5 arrives app
        74s a2 ready
    ",
    );
    assert_told(
        &told,
        "
        72s a1 lost
        73s c5 queued in q
        74s a2 ready
        74s c3 offered to a2
    ",
    );
}

#[test]
fn no_room_is_kept_for_customer_first_callbacks() {
    let mut story = Story::new(within_a_minute("a1"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 accepts c1
        10s c2 arrives hotline phone 13800138000
        71s c3 arrives app
    ",
    );
    let told = story.tell("72s c2 wants a call first\n 73s a1 accepts c3\n 74s a1 completes c1");
    assert_told(
        &told,
        "
        72s c2 to be called at +8613800138000
        72s c3 offered to a1
        73s c3 accepted by a1 after 2s
        74s c1 completed
    ",
    );
    let told = story.tell("75s a1 completes c3");
    assert_told(&told, "75s c3 completed\n 75s c2 called the 1. time");
}

#[test]
fn a_reload_that_allows_more_gives_the_room_up() {
    let mut story = kept(within_a_minute("a1"));
    let mut wide = within_a_minute("a1");
    wide.overtake_max = Millis::from_s(900);
    reload(&mut story, wide);
    let told = story.tell("71s time passes");
    assert_told(&told, "71s c4 offered to a1");
}

#[test]
fn an_agent_who_is_reserved_has_room_kept_at_once() {
    let mut options = plain("a1");
    options.queues[0].escalations = vec![EscalationRule::new(
        name("next"),
        Trigger::After(Millis::from_s(5)),
        vec![Action::ReserveNext],
    )];
    options.queues.push(queue("p"));
    options.agents = vec![agent("a1", "q p", "")];
    let mut story = Story::new(centre(options.queues, options.agents));
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives app p
        0s a1 accepts c1
        10s c2 arrives hotline
        14s c3 arrives app p
        14s a1 accepts c3
        16s c4 arrives app p
        20s a1 completes c1
        21s a1 completes c3
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c1 accepted by a1 after 0s
        10s c2 queued in q
        14s c3 offered to a1
        14s c3 accepted by a1 after 0s
        15s c2 escalated next
        16s room for c2 kept by a1
        16s c4 queued in p
        20s c1 completed
        21s c3 completed
        21s c2 offered to a1
    ",
    );
}

#[test]
fn no_room_is_kept_for_contacts_limited_by_category_only() {
    let mut options = plain("a1");
    options.overtake_max = Millis::from_s(5);
    options.channels.0[2].max = 1;
    let told = tell(
        options,
        "
        0s a1 on duty
        0s c1 arrives wechat
        0s a1 accepts c1
        1s c2 arrives wechat
        10s c3 arrives app
        10s a1 accepts c3
        11s c4 arrives app
        12s a1 completes c1
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c1 accepted by a1 after 0s
        1s c2 queued in q
        10s c3 offered to a1
        10s c3 accepted by a1 after 0s
        11s c4 offered to a1
        12s c1 completed
        12s c2 offered to a1
    ",
    );
}

#[test]
fn a_contact_that_wakes_meanwhile_is_not_resumed_before_the_call_has_its_agent() {
    let mut story = kept(within_a_minute("a1"));
    let told =
        story.tell("72s a1 parks c2\n 73s c2 writes\n 80s a1 completes c1\n 81s a1 accepts c3");
    assert_told(
        &told,
        "
        72s c2 parked
        73s c2 wakes for a1
        80s c1 completed
        80s c3 offered to a1
        81s c3 accepted by a1 after 71s
    ",
    );
    let told = story.tell("90s a1 completes c3");
    assert_told(
        &told,
        "90s c3 completed\n90s c2 taken up by a1\n90s c4 offered to a1",
    );
}

#[test]
fn a_contact_behind_a_call_with_kept_room_is_shown_no_end_that_the_call_takes() {
    let mut options = within_a_minute("a1");
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let mut story = kept(options);
    story.tell("72s a1 parks c1\n 73s a1 completes c2\n 74s c1 writes");
    let explanation = story.engine.explain(contact("c4"), story.now).unwrap();
    let WaitEstimate::Within { p50, .. } = explanation.contact.wait else {
        panic!("{:?}", explanation.contact.wait);
    };
    assert!(p50 > Millis::from_s(200), "c3 takes a1 before: {p50:?}");
    assert!(explanation.changes.is_empty(), "{:?}", explanation.changes);
    let explanation = story.engine.explain(contact("c3"), story.now).unwrap();
    let WaitEstimate::Within { p50, .. } = explanation.contact.wait else {
        panic!("{:?}", explanation.contact.wait);
    };
    assert_eq!(p50, Millis::from_s(29), "when the wrap-up of c2 ends");
    let explanation = story.engine.explain(contact("c1"), story.now).unwrap();
    let is_taken_up = |next: &Upcoming| matches!(next.what, UpcomingChange::TakenUpAgain { .. });
    let taken_up = explanation.changes.iter().find(|next| is_taken_up(next));
    assert_eq!(taken_up, None, "the room is kept for c3");
}
