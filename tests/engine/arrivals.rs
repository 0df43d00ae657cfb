//! Arrivals: immediate or scheduled, in the queue of their topic, repeated or refused; and how long
//! contacts are remembered.

use crate::tell::{Story, agent, assert_told, centre, contact, name, plain, queue, tell};

#[test]
fn a_scheduled_contact_waits_for_its_time_and_ages_from_it() {
    let mut story = Story::new(plain("a1"));
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives app at 60s
        59s time passes
        61s a1 accepts c1
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 scheduled
        60s c1 offered to a1
        61s c1 accepted by a1 after 1s
    ",
    );
}

#[test]
fn a_topic_that_changes_before_the_scheduled_time_chooses_the_queue() {
    let mut options = centre(vec![queue("q"), queue("p")], vec![agent("a1", "p", "")]);
    options.queues[1].topics = vec![name("fault")];
    let told = tell(
        options,
        "
        0s a1 on duty
        0s c1 arrives app at 60s
        1s c1 topic fault
        60s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 scheduled
        1s c1 moved to p
        1s c1 scheduled
        60s c1 offered to a1
    ",
    );
}

#[test]
fn a_topic_chooses_the_queue_and_a_changed_topic_another() {
    let mut options = centre(vec![queue("q"), queue("p")], vec![agent("a1", "p", "")]);
    options.queues[1].topics = vec![name("fault")];
    let told = tell(
        options,
        "
        0s c1 arrives app
        1s c2 arrives app topic fault
        2s c1 topic fault
        3s c3 arrives app q
        3s c3 topic fault
        4s a1 on duty
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        1s c2 queued in p
        2s c1 moved to p
        2s c1 queued in p
        3s c3 queued in q
        4s a1 ready
        4s c1 offered to a1
        4s c2 offered to a1
    ",
    );
}

#[test]
fn a_full_queue_and_unknown_names_are_refused() {
    let mut options = plain("a1");
    options.queues[0].waiting_max = 1;
    let told = tell(
        options,
        "
        0s c1 arrives app
        1s c2 arrives app
        2s c3 arrives app nowhere
        3s c4 arrives app requires juggling=3
        4s c5 arrives app at 7776010s
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        1s c2 arrives app: refused queue_full
        2s c3 arrives app nowhere: refused unknown_queue
        3s c4 arrives app requires juggling=3: refused unknown_skill
        4s c5 arrives app at 7776010s: refused too_far_ahead
    ",
    );
}

#[test]
fn a_repeated_request_gets_the_contact_that_exists() {
    let mut story = Story::new(plain("a1"));
    let told = story.tell(
        "
        0s c1 arrives app external wx-1
        1s c2 arrives app external wx-1
        2s c3 arrives wechat external wx-1
        3s c4 arrives app key 7/1
        4s c5 arrives app key 7/1
        5s c6 arrives app key 7/2
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        2s c3 queued in q
        3s c4 queued in q
        5s c6 arrives app key 7/2: refused idempotency_mismatch
    ",
    );
    assert!(story.engine.contact(contact("c5")).is_none());
    let told = story.tell(
        "
        6s c7 arrives app external wx-1 key 8/1
        7s c8 arrives app key 8/2
    ",
    );
    assert_told(
        &told,
        "7s c8 arrives app key 8/2: refused idempotency_mismatch",
    );
}

#[test]
fn a_key_is_remembered_however_few_closed_contacts_are() {
    let mut options = plain("a1");
    options.limits.closed_contacts_max = 0;
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s c1 arrives app key 1/1
        1s c2 arrives app key 2/1
        2s c3 arrives app key 1/1
        3s c4 arrives app key 2/1
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        1s c2 queued in q
    ",
    );
}

#[test]
fn a_closed_contact_is_remembered_for_a_day_and_then_forgotten() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s c1 arrives app external wx-1
        1s c1 leaves
        86390s c2 arrives app external wx-1
    ",
    );
    assert!(
        story.engine.contact(contact("c2")).is_none(),
        "still the same contact"
    );
    story.tell(
        "
        86402s c3 arrives app
        86402s c3 leaves
        86403s c4 arrives app external wx-1
    ",
    );
    assert!(story.engine.contact(contact("c1")).is_none());
    assert!(story.engine.contact(contact("c4")).is_some());
}

#[test]
fn contacts_that_are_too_old_are_forgotten_a_few_at_a_time() {
    let mut story = Story::new(plain("a1"));
    for n in 1..=80 {
        story.tell(&format!("0s c{n} arrives app external x{n} key {n}/1"));
        story.tell(&format!("0s c{n} leaves"));
    }
    let known = |story: &Story| {
        let ids = (1..=80).map(|n| contact(&format!("c{n}")));
        ids.filter(|id| story.engine.contact(*id).is_some()).count()
    };
    let told = story.tell(
        "
        86402s c81 arrives app external x80 key 80/2
        86402s c81 leaves
    ",
    );
    assert_eq!(known(&story), 80 - 64);
    assert_told(
        &told,
        "
        86402s c81 queued in q
        86402s c81 abandoned
    ",
    );
    story.tell(
        "
        86403s c82 arrives app key 82/1
        86403s c82 leaves
        86404s c83 arrives app external x80
        86404s c84 arrives app key 80/2
    ",
    );
    assert_eq!(known(&story), 0);
    for repeated in ["c83", "c84"] {
        assert!(story.engine.contact(contact(repeated)).is_none());
    }
}

#[test]
fn a_key_of_long_ago_is_new_again_though_nothing_has_happened_since() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s c1 arrives app external x
        0s c2 arrives app key 1/1
        1s c1 leaves
        1s c2 leaves
    ",
    );
    let told = story.tell(
        "
        86399s c3 arrives app external x
        86399s c4 arrives app key 1/1
        86402s c5 arrives app external x
        86402s c6 arrives app key 1/1
        86403s c7 arrives app external x
        86403s c8 arrives app key 1/1
    ",
    );
    assert_told(
        &told,
        "
        86402s c5 queued in q
        86402s c6 queued in q
    ",
    );
}
