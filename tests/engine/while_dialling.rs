//! While a customer is being called: what counts as waiting, which rules fire, where the contact
//! may go.

use switchboard::domain::Millis;
use switchboard::engine::options::{Action, EscalationRule, Options, Trigger};
use switchboard::engine::view::{Upcoming, UpcomingChange};
use switchboard::wire::words;

use crate::dialling::ringing;
use crate::explaining::explain;
use crate::tell::{Story, agent, assert_told, centre, name, plain, queue};

#[test]
fn a_call_cancelled_while_ringing_has_no_further_effect() {
    let mut story = ringing();
    let told = story.tell(
        "
        30s c1 cancelled
        31s c1 picks up
        31s c1 picks up 1
        31s c1 rings out
        31s c1 rings out 1
        40s a1 completes c2
        41s c3 arrives hotline
        42s c3 leaves
    ",
    );
    assert_told(
        &told,
        "
        30s c1 cancelled
        31s c1 picks up: refused not_dialled
        31s c1 picks up 1: refused not_dialled
        31s c1 rings out: refused not_dialled
        31s c1 rings out 1: refused not_dialled
        40s c2 completed
        41s c3 offered to a1
        42s c3 withdrawn from a1
        42s c3 abandoned
    ",
    );
}

/// A contact that has waited for 10 s does not keep waiting in `q`.
fn impatient(action: Action) -> Options {
    let agents = vec![agent("a1", "q", ""), agent("a2", "p", "")];
    let mut options = centre(vec![queue("q"), queue("p")], agents);
    let after = Trigger::After(Millis::from_s(10));
    options.queues[0].escalations = vec![EscalationRule::new(name("r"), after, vec![action])];
    options
}

#[test]
fn time_while_a_customer_is_being_called_is_not_waiting_time() {
    let on = "36s c1 moved to p\n36s c1 queued in p";
    for (action, goes) in [
        // A customer who was called and has answered is never deflected.
        (Action::Deflect("call later".into()), ""),
        (Action::MoveTo(name("p")), on),
    ] {
        let mut story = Story::new(impatient(action));
        story.tell(
            "
            0s c1 arrives hotline q phone 13800138000
            0s c1 wants a call first
            4s a1 on duty
            5s a1 not_ready lunch
        ",
        );
        story.tell("30s c1 picks up");
        let changes = explain(&story, "c1").changes;
        let sends_away = |next: &Upcoming| {
            matches!(&next.what, UpcomingChange::Escalation { actions, .. }
            if actions.iter().any(|action| matches!(action, Action::Deflect(_))))
        };
        assert!(!changes.iter().any(sends_away), "{changes:?}");
        assert_told(
            &story.tell("36s time passes"),
            &format!("36s c1 escalated r\n{goes}"),
        );
    }
}

#[test]
fn time_until_a_customer_is_called_again_is_not_waiting_time() {
    let deflect = || Action::Deflect("call later".into());
    let mut story = Story::new(impatient(deflect()));
    story.tell(
        "
        0s c1 arrives hotline q phone 13800138000
        0s c1 wants a call first
        4s a1 on duty
        5s a1 not_ready lunch
    ",
    );
    assert_told(
        &story.tell("14s c1 rings out\n 630s time passes"),
        "
        14s c1 does not answer
        14s c1 scheduled
        614s c1 queued in q
        620s c1 escalated r
        620s c1 deflected
    ",
    );

    let mut story = Story::new(impatient(deflect()));
    story.tell(
        "
        0s c1 arrives hotline q phone 13800138000
        0s c1 wants a call
        4s a1 on duty
        5s a1 accepts c1
        13s a1 reaches nobody c1
        13s a1 not_ready lunch
    ",
    );
    assert_told(
        &story.tell("630s time passes"),
        "613s c1 queued in q\n618s c1 escalated r\n618s c1 deflected",
    );
}

#[test]
fn a_customer_who_answers_is_not_moved_for_an_earlier_postponed_move() {
    let mut options = impatient(Action::MoveTo(name("p")));
    options.queues[1].waiting_max = 1;
    let mut story = Story::new(options);
    story.tell(
        "
        0s c1 arrives hotline q phone 13800138000
        0s c1 wants a call first
        0s c2 arrives hotline p
        10s time passes
        12s a1 on duty
        13s a1 not_ready lunch
        20s c2 leaves
    ",
    );
    let told = story.tell("30s c1 picks up\n 40s a1 ready");
    assert_told(
        &told,
        "
        30s c1 on the line
        30s c1 queued in q
        40s a1 ready
        40s c1 offered to a1
    ",
    );
}

#[test]
fn a_contact_being_called_first_goes_to_no_counter_or_other_queue_while_ringing() {
    let mut counter = queue("counter");
    counter.pull = true;
    counter.topics = vec![name("till")];
    let mut other = queue("other");
    other.topics = vec![name("else")];
    let queues = vec![queue("q"), counter, other];
    let mut story = Story::new(centre(queues, vec![agent("a1", "q counter other", "")]));
    let told = story.tell(
        "
        0s c1 arrives hotline phone 13800138000
        1s c1 wants a call first
        2s c1 topic till
        10s a1 on duty
        11s c1 topic else
        12s c1 topic till
        13s c1 picks up
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        1s c1 to be called at +8613800138000
        10s a1 ready
        10s c1 called the 1. time
        13s c1 on the line
        13s c1 offered to a1
    ",
    );
}

#[test]
fn the_last_call_is_shown_to_end_the_contact() {
    let mut options = plain("a1");
    options.queues[0].callback.attempts_max = 1;
    let mut story = Story::new(options);
    story.tell(
        "
        0s  c1 arrives hotline phone 13800138000
        1s  c1 wants a call first
        1s  c1 leaves
        20s a1 on duty
    ",
    );
    let explained = explain(&story, "c1");
    let next = &explained.changes[0];
    assert_eq!(next.what, UpcomingChange::DialEnds { is_last: true });
    let said = words::of(&explained);
    let (zh, en) = (said.zh.join(""), said.en.join(" "));
    assert!(zh.contains("若客户仍未接听，不再拨打，联络结束"), "{zh}");
    assert!(en.contains("it ends unless the customer answers"), "{en}");
    let told = story.tell("80s time passes");
    assert!(told.contains("80s c1 completed"), "{told}");
}

/// `c1`, without a topic, is to be called first and belongs to `q`, as does `a1`; `other` is for
/// the topic `else`.
fn of_another_topic() -> Story {
    let mut other = queue("other");
    other.topics = vec![name("else")];
    other.waiting_max = 1;
    let mut story = Story::new(centre(vec![queue("q"), other], vec![agent("a1", "q", "")]));
    story.tell(
        "
        0s c1 arrives hotline phone 13800138000
        1s c1 wants a call first
    ",
    );
    story
}

#[test]
fn a_customer_who_answers_is_served_before_an_earlier_topic_is_followed() {
    let mut story = of_another_topic();
    let told = story.tell(
        "
        1s c2 arrives hotline other
        2s c1 topic else
        10s a1 on duty
        11s c2 leaves
        12s c1 picks up
        13s a1 accepts c1
        20s requeue c1
    ",
    );
    assert_told(
        &told,
        "
        1s c2 queued in other
        10s a1 ready
        10s c1 called the 1. time
        11s c2 abandoned
        12s c1 on the line
        12s c1 offered to a1
        13s c1 accepted by a1 after 13s
        20s c1 taken from a1
        20s c1 moved to other
        20s c1 queued in other
    ",
    );
}

#[test]
fn a_topic_that_changes_while_ringing_is_followed_when_the_contact_comes_back() {
    let mut story = of_another_topic();
    story.tell("10s a1 connects\n 10s a1 ready\n 11s c1 topic else");
    let told = story.tell("12s c1 rings out\n 612s time passes");
    assert_told(
        &told,
        "
        12s c1 does not answer
        12s c1 scheduled
        612s c1 moved to other
        612s c1 queued in other
    ",
    );

    let mut story = of_another_topic();
    story.tell("10s a1 connects\n 10s a1 ready\n 11s c1 topic else\n 12s c1 rings out");
    let told = story.tell("13s c1 topic else");
    assert!(told.contains("13s c1 moved to other"), "{told}");
}
