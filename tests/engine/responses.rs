//! The response target: a customer who writes while being served does not wait for ever either.

use switchboard::domain::{Millis, Timestamp};
use switchboard::engine::options::Options;
use switchboard::engine::view::{OwedView, UpcomingChange};

use crate::reloads::reload;
use crate::tell::{Story, agent, assert_told, centre, contact, hours, name, queue, tell};

/// `q` has this response target in seconds; `p` has none.
fn promising(respond_within_s: i64) -> Options {
    let agents = vec![agent("a1", "q p", ""), agent("a2", "q p", "")];
    let mut options = centre(vec![queue("q"), queue("p")], agents);
    options.queues[0].target.respond_within = Some(Millis::from_s(respond_within_s));
    options
}

/// `c1` is served by `a1`.
const SERVED: &str = "
    0s a1 on duty
    0s c1 arrives wechat q
    0s a1 accepts c1
";

fn served(options: Options) -> Story {
    let mut story = Story::new(options);
    story.tell(SERVED);
    story
}

fn told_while_served(story: &str) -> String {
    served(promising(60)).tell(story)
}

#[test]
fn the_clock_runs_from_the_first_message_to_the_first_answer() {
    let told = told_while_served(
        "
        10s c1 writes
        30s c1 writes
        69s a1 writes c1
        70s a1 writes c1
        100s c1 writes
        130s a1 writes c1
        900s time passes
    ",
    );
    assert_told(
        &told,
        "
        69s c1 answered by a1 after 59s
        130s c1 answered by a1 after 30s
    ",
    );
}

#[test]
fn an_answer_that_does_not_come_is_late_once() {
    let told = told_while_served(
        "
        10s c1 writes
        30s c1 writes
        300s c1 writes
        301s a1 writes c1
        310s c1 writes
        400s time passes
    ",
    );
    assert_told(
        &told,
        "
        70s c1 not answered in time by a1
        301s c1 answered by a1 after 291s
        370s c1 not answered in time by a1
    ",
    );
}

#[test]
fn closed_contacts_need_no_response() {
    let told = told_while_served(
        "
        10s c1 writes
        20s a1 completes c1
        900s time passes
    ",
    );
    assert_told(&told, "20s c1 completed");
}

#[test]
fn in_line_the_queues_target_applies_and_a_new_agent_starts_with_the_first_answer() {
    let told = told_while_served(
        "
        10s c1 writes
        15s a1 not_ready lunch
        20s requeue c1
        25s c1 writes
        200s a2 on duty
        200s a2 accepts c1.2
        300s c1 writes
        310s a2 writes c1
    ",
    );
    assert_told(
        &told,
        "
        15s a1 not_ready (lunch)
        20s c1 taken from a1
        20s c1 queued in q
        30s c1 may go to a1 again
        200s a2 ready
        200s c1 offered to a2
        200s c1 accepted by a2 after 200s
        200s a2 hears c1: hello
        310s c1 answered by a2 after 10s
    ",
    );
}

#[test]
fn parking_a_contact_does_not_stop_the_clock() {
    let told = told_while_served(
        "
        10s c1 writes
        20s a1 parks c1
        100s a1 unparks c1
        110s a1 writes c1
        120s a1 parks c1
        130s a1 not_ready lunch
        200s c1 writes
        400s time passes
    ",
    );
    assert_told(
        &told,
        "
        20s c1 parked
        70s c1 not answered in time by a1
        100s c1 taken up by a1
        110s c1 answered by a1 after 100s
        120s c1 parked
        130s a1 not_ready (lunch)
        200s c1 wakes for a1
        260s c1 not answered in time by a1
        320s c1 not taken up by a1
        320s c1 queued in q
    ",
    );
}

#[test]
fn an_agent_who_takes_over_owes_the_response() {
    let told = told_while_served(
        "
        1s a2 on duty
        10s c1 writes
        20s a1 consults c1 agent a2
        21s a2 accepts c1.2
        30s a1 transfers c1 agent a2
        80s a2 writes c1
    ",
    );
    assert_told(
        &told,
        "
        1s a2 ready
        20s c1 help asked of a2 by a1
        21s c1 helped by a2
        30s c1 handed by a1 to a2
        70s c1 not answered in time by a2
        80s c1 answered by a2 after 70s
    ",
    );
}

#[test]
fn a_conference_is_answered_by_either_agent() {
    let told = told_while_served(
        "
        1s a2 on duty
        20s a1 consults c1 agent a2
        21s a2 accepts c1.2
        22s a1 confers c1
        30s c1 writes
        40s a2 writes c1
        900s time passes
    ",
    );
    assert!(
        told.ends_with("40s c1 answered by a2 after 10s\n40s a1 hears a2: hello\n"),
        "{told}"
    );
}

#[test]
fn voice_and_queues_without_a_response_target_have_no_deadline() {
    let told = tell(
        promising(60),
        "
        0s a1 on duty
        0s c1 arrives wechat p
        0s a1 accepts c1
        1s c1 writes
        100s a1 writes c1
        101s a1 completes c1
        101s c2 arrives hotline q
        101s a1 accepts c2
        102s c2 writes
        900s a1 writes c2
    ",
    );
    for word in ["answered by", "in time"] {
        assert!(!told.contains(word), "{told}");
    }
}

#[test]
fn a_reload_moves_the_running_clock_and_what_was_late_stays_late() {
    let mut story = served(promising(60));
    story.tell("10s c1 writes");
    reload(&mut story, promising(120));
    assert_told(&story.tell("129s time passes"), "");
    assert_told(
        &story.tell("130s time passes"),
        "130s c1 not answered in time by a1",
    );
    reload(&mut story, promising(300));
    assert_told(
        &story.tell("400s a1 writes c1"),
        "400s c1 answered by a1 after 390s",
    );
    story.tell("500s c1 writes");
    reload(&mut story, promising(5));
    story.tell("504s time passes");
    assert_told(
        &story.tell("505s time passes"),
        "505s c1 not answered in time by a1",
    );
    let mut silent = promising(5);
    silent.queues[0].target.respond_within = None;
    story.tell("505s a1 writes c1\n 506s c1 writes");
    reload(&mut story, silent);
    assert_told(&story.tell("900s a1 writes c1"), "");
}

#[test]
fn the_clock_stops_while_the_queue_is_closed_and_new_hours_move_it() {
    let open = |periods: &str| {
        let mut options = promising(60);
        options.queues[0].hours = Some(name("short"));
        options.hours = vec![hours("short", periods)];
        options
    };
    let mut story = served(open("00:00-00:01 00:05-00:10"));
    story.tell("20s c1 writes");
    let owed = |story: &Story| story.engine.contact(contact("c1")).unwrap().owed.unwrap();
    let view = OwedView {
        since: Timestamp(20_000),
        by: Some(Timestamp(320_000)),
        is_late: false,
    };
    assert_eq!(
        owed(&story),
        view,
        "40 s of the first minute, 20 of the sixth"
    );
    let explained = story.engine.explain(contact("c1"), story.now).unwrap();
    let upcoming = &explained.changes[0];
    assert_eq!(
        (upcoming.at, &upcoming.what),
        (Timestamp(320_000), &UpcomingChange::ResponseLate)
    );
    reload(&mut story, open("00:00-00:01 00:02-00:10"));
    assert_told(
        &story.tell("300s time passes"),
        "
        60s q closes
        120s q opens
        140s c1 not answered in time by a1
    ",
    );
    assert!(owed(&story).is_late);
}

#[test]
fn a_restart_keeps_owed_responses() {
    let told = told_while_served(
        "
        10s c1 writes
        20s restart
        30s a1 connects
        300s time passes
    ",
    );
    assert_told(
        &told,
        "
        20s a1 lost
        70s c1 not answered in time by a1
    ",
    );
}
