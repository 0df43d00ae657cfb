//! Callbacks: customers who hang up, keep their place in line, and are called.

use switchboard::domain::Channel;
use switchboard::engine::options::{NoShow, Options, WhenFull};

use crate::reloads::reload;
use crate::tell::{Story, assert_told, contact, hours, name, plain, tell};

#[test]
fn a_callback_keeps_its_place_though_the_customer_hangs_up() {
    let told = tell(
        plain("a1"),
        "
        1s  c1 arrives hotline q phone 13800138000
        2s  c2 arrives hotline q
        3s  c1 wants a call
        4s  c1 leaves
        5s  c2 leaves
        6s  c3 arrives hotline q tier basic
        20s a1 on duty
        21s a1 delivers c1
        22s a1 accepts c1
        60s a1 completes c1
        ",
    );
    assert_told(
        &told,
        "
        1s c1 queued in q
        2s c2 queued in q
        3s c1 to be called at +8613800138000
        5s c2 abandoned
        6s c3 queued in q
        20s a1 ready
        20s c1 offered to a1
        22s c1 accepted by a1 after 21s
        60s c1 completed
        60s c3 offered to a1
        ",
    );
}

#[test]
fn a_number_that_does_not_answer_is_tried_again_and_then_given_up() {
    let mut story = Story::new(plain("a1"));
    story.tell("0s a1 connects\n 0s a1 ready\n 1s c1 arrives hotline q phone 13800138000");
    story.tell("1s c1 wants a call\n 2s a1 delivers c1.1\n 2s a1 accepts c1.1");
    let view = story.engine.contact(contact("c1")).unwrap();
    assert_eq!(view.callback.map(|callback| callback.attempts), Some(0));
    assert_told(
        &story.tell(
            "
            30s   a1 reaches nobody c1
            630s  a1 delivers c1.2
            640s  a1 accepts c1.2
            700s  a1 reaches nobody c1
            1300s a1 delivers c1.3
            1310s a1 accepts c1.3
            1400s a1 reaches nobody c1
            ",
        ),
        "
        30s c1 not reached by a1
        30s c1 scheduled
        630s c1 offered to a1
        640s c1 accepted by a1 after 639s
        700s c1 not reached by a1
        700s c1 scheduled
        1300s c1 offered to a1
        1310s c1 accepted by a1 after 1309s
        1400s c1 completed
        ",
    );
    let view = story.engine.contact(contact("c1")).unwrap();
    assert_eq!(view.outcome.as_deref(), Some("callback_failed"));
    assert_eq!(view.callback.map(|callback| callback.attempts), Some(3));
}

#[test]
fn nobody_is_called_again_while_the_queue_is_closed() {
    let mut options = plain("a1");
    options.hours = vec![hours("short", "00:00-00:02 00:20-00:30")];
    options.queues[0].hours = Some(name("short"));
    let told = tell(
        options,
        "
        1s a1 on duty
        1s  c1 arrives app q phone 13800138000
        1s  c1 wants a call +8613900139000
        2s  a1 delivers c1
        2s  a1 accepts c1
        30s a1 reaches nobody c1
        1200s time passes
        ",
    );
    assert_told(
        &told,
        "
        1s a1 ready
        1s c1 offered to a1
        1s c1 to be called at +8613900139000
        2s c1 accepted by a1 after 1s
        30s c1 not reached by a1
        30s c1 scheduled
        120s q closes
        1200s q opens
        1200s c1 offered to a1
        ",
    );
}

#[test]
fn longer_hours_bring_the_next_call_forward() {
    let mut options = plain("a1");
    options.hours = vec![hours("short", "00:00-00:02 00:20-00:30")];
    options.queues[0].hours = Some(name("short"));
    let mut story = Story::new(options.clone());
    story.tell(
        "
        1s  c1 arrives app q phone 13800138000
        1s  c1 wants a call +8613900139000
        2s a1 on duty
        3s  a1 accepts c1
        30s a1 reaches nobody c1
        ",
    );
    options.queues[0].hours = None;
    reload(&mut story, options);
    assert_told(
        &story.tell("630s time passes"),
        "30s q opens\n30s c1 scheduled\n630s c1 offered to a1",
    );
}

#[test]
fn impossible_callbacks_are_refused_with_a_reason() {
    let told = tell(
        plain("a1"),
        "
        1s c1 arrives hotline q
        1s c1 wants a call
        1s c2 arrives wechat q phone 13800138000
        1s c2 wants a call
        2s c3 arrives app q phone 13800138000
        2s c3 wants a call
        2s c3 wants a call
        3s c4 arrives hotline q
        3s c4 wants a call +8613800138000
        4s c5 arrives hotline q tier gold
        4s c5 wants a call +8613900139000
        5s c6 arrives hotline q tier gold
        5s c6 wants a call +8613900139001
        6s c7 arrives hotline q phone 13700137000 at 60s
        6s c7 wants a call
        7s c3 cancelled
        7s c4 wants a call +8613800138000
        ",
    );
    assert_told(
        &told,
        "
        1s c1 queued in q
        1s c1 wants a call: refused no_phone
        1s c2 queued in q
        1s c2 wants a call: refused no_callback
        2s c3 queued in q
        2s c3 to be called at +8613800138000
        2s c3 wants a call: refused callback_exists
        3s c4 queued in q
        3s c4 wants a call +8613800138000: refused callback_exists
        4s c5 queued in q
        4s c5 to be called at +8613900139000
        5s c6 queued in q
        5s c6 wants a call +8613900139001: refused callback_exists
        6s c7 scheduled
        6s c7 wants a call: refused wrong_state
        7s c3 cancelled
        7s c4 to be called at +8613800138000
        ",
    );
}

#[test]
fn only_a_callback_that_is_being_served_can_fail() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        1s c1 arrives hotline q
        1s a1 delivers c1
        1s a1 reaches nobody c1
        2s a1 accepts c1
        2s a1 reaches nobody c1
        ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s c1 offered to a1
        1s a1 reaches nobody c1: refused wrong_state
        2s c1 accepted by a1 after 1s
        2s a1 reaches nobody c1: refused not_a_callback
        ",
    );
}

#[test]
fn a_contact_beyond_the_limit_may_be_called_in_turn() {
    let mut options: Options = plain("a1");
    *options.queues[0]
        .overflow
        .waiting_max
        .get_mut(Channel::Hotline) = Some(1);
    options.queues[0].overflow.when_full = WhenFull::Callback;
    options.queues[0].no_show = NoShow::Close;
    let told = tell(
        options,
        "
        1s c1 arrives hotline q
        2s c2 arrives hotline q
        3s c3 arrives hotline q phone 13800138000
        3s c3 leaves
        4s c4 arrives hotline q phone 13900139000
        5s c1 leaves
        5s c5 arrives hotline q phone 13800138000
        6s a1 on duty
        ",
    );
    assert_told(
        &told,
        "
        1s c1 queued in q
        2s c2 arrives hotline q: refused queue_full
        3s c3 to be called at +8613800138000
        3s c3 queued in q
        4s c4 arrives hotline q phone 13900139000: refused queue_full
        5s c1 abandoned
        5s c5 arrives hotline q phone 13800138000: refused callback_exists
        6s a1 ready
        6s c3 offered to a1
        ",
    );
}

#[test]
fn a_late_hang_up_report_does_not_end_an_accepted_callback() {
    let told = tell(
        plain("a1"),
        "
        1s  c1 arrives hotline q phone 13800138000
        2s  c1 wants a call
        20s a1 on duty
        21s a1 accepts c1
        22s c1 leaves
        30s c1 ends
        ",
    );
    assert_told(
        &told,
        "
        1s c1 queued in q
        2s c1 to be called at +8613800138000
        20s a1 ready
        20s c1 offered to a1
        21s c1 accepted by a1 after 20s
        30s c1 completed
        ",
    );
}
