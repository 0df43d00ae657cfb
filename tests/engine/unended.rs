//! Contacts whose end is never reported do not occupy an agent for ever.

use switchboard::domain::Millis;
use switchboard::engine::options::Options;
use switchboard::engine::state::contact::EndedBy;

use crate::tell::{Story, assert_told, contact, plain};

/// No contact is served for longer than ten minutes.
fn ten_minutes(agents: &str) -> Options {
    let mut options = plain(agents);
    options.queues[0].served_max = Some(Millis::from_s(600));
    options
}

#[test]
fn an_agent_whose_contact_never_ends_is_free_after_the_longest_service_time() {
    let mut story = Story::new(ten_minutes("a1"));
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        1s a1 accepts c1
        60s a1 completes c1
        70s c2 arrives hotline
        71s a1 accepts c2
        72s c3 arrives hotline
        670s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        1s c1 accepted by a1 after 1s
        60s c1 completed
        70s c2 offered to a1
        71s c2 accepted by a1 after 1s
        72s c3 queued in q
    ",
    );
    assert_told(
        &story.tell("671s time passes"),
        "
        671s c2 completed
        671s c3 offered to a1
    ",
    );
    let ended = story.engine.contact(contact("c2")).unwrap();
    assert_eq!(ended.outcome.as_deref(), Some("no_end"));
    assert_eq!(ended.ended_by, Some(EndedBy::System));
}

#[test]
fn parked_time_does_not_count_and_a_restart_forgets_nothing() {
    let mut story = Story::new(ten_minutes("a1"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives wechat
        1s a1 accepts c1
        101s a1 parks c1
        401s a1 unparks c1
        500s restart
        501s a1 connects
        900s time passes
    ",
    );
    assert_told(&story.tell("902s time passes"), "901s c1 completed");
}
