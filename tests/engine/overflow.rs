//! More contacts than may wait: limits per channel, with a configured overflow.

use switchboard::domain::{Channel, Millis};
use switchboard::engine::options::{Action, Audience, Options, Trigger, WhenClosed, WhenFull};

use crate::tell::{agent, assert_told, centre, hours, name, queue, tell};
use crate::triggers::rule;

/// At most one WeChat contact and two in all may wait in `q`; no agent is there.
fn crowded(when_full: WhenFull) -> Options {
    let mut crowded = queue("q");
    crowded.waiting_max = 2;
    *crowded.overflow.waiting_max.get_mut(Channel::Wechat) = Some(1);
    crowded.overflow.when_full = when_full;
    centre(vec![crowded, queue("other"), queue("last")], Vec::new())
}

const CROWD: &str = "
    1s c1 arrives wechat q
    2s c2 arrives wechat q
    3s c3 arrives app q
    4s c4 arrives app q
";

#[test]
fn a_channel_that_is_full_is_refused_while_others_have_room() {
    assert_told(
        &tell(crowded(WhenFull::Refuse), CROWD),
        "
        1s c1 queued in q
        2s c2 arrives wechat q: refused queue_full
        3s c3 queued in q
        4s c4 arrives app q: refused queue_full
        ",
    );
}

#[test]
fn a_contact_beyond_the_limit_may_be_deflected_with_a_text() {
    assert_told(
        &tell(crowded(WhenFull::Deflect("请稍后再来".into())), CROWD),
        "1s c1 queued in q\n 2s c2 deflected\n 3s c3 queued in q\n 4s c4 deflected",
    );
}

#[test]
fn queues_take_over_in_turn() {
    let mut options = crowded(WhenFull::Queue(name("other")));
    options.queues[1].waiting_max = 1;
    options.queues[1].overflow.when_full = WhenFull::Queue(name("last"));
    options.queues[2].waiting_max = 1;
    let story = format!("{CROWD} 5s c5 arrives app q\n 6s c1 leaves\n 7s c6 arrives wechat q");
    assert_told(
        &tell(options, &story),
        "
        1s c1 queued in q
        2s c2 moved to other
        2s c2 queued in other
        3s c3 queued in q
        4s c4 moved to last
        4s c4 queued in last
        5s c5 arrives app q: refused queue_full
        6s c1 abandoned
        7s c6 queued in q
        ",
    );
}

#[test]
fn a_queue_that_takes_over_may_be_closed_itself() {
    let mut options = crowded(WhenFull::Queue(name("other")));
    options.hours = vec![hours("late", "00:05-00:06")];
    options.queues[1].hours = Some(name("late"));
    options.queues[1].when_closed = WhenClosed::Deflect("closed".into());
    let told = tell(options, "1s c1 arrives wechat q\n 2s c2 arrives wechat q");
    assert_told(
        &told,
        "1s c1 queued in q\n 2s c2 moved to other\n 2s c2 deflected",
    );
}

#[test]
fn queues_that_overflow_in_a_cycle_stop() {
    let mut options = crowded(WhenFull::Queue(name("other")));
    options.queues[1].waiting_max = 1;
    options.queues[1].overflow.when_full = WhenFull::Queue(name("q"));
    let told = tell(options, &format!("{CROWD} 5s c5 arrives app q"));
    assert_told(
        &told,
        "
        1s c1 queued in q
        2s c2 moved to other
        2s c2 queued in other
        3s c3 queued in q
        4s c4 arrives app q: refused queue_full
        5s c5 arrives app q: refused queue_full
        ",
    );
}

#[test]
fn an_overflowed_contact_is_not_moved_back_by_a_change_of_sentiment() {
    let mut options = crowded(WhenFull::Queue(name("other")));
    options.queues[0].topics = vec![name("bill"), name("claim")];
    let told = tell(
        options,
        "
        1s c1 arrives wechat topic bill
        2s c2 arrives wechat topic bill
        3s c1 leaves
        4s c2 sentiment -0.5
        4s c2 topic bill
        5s c2 topic claim
        ",
    );
    assert_told(
        &told,
        "
        1s c1 queued in q
        2s c2 moved to other
        2s c2 queued in other
        3s c1 abandoned
        5s c2 moved to q
        5s c2 queued in q
        ",
    );
}

#[test]
fn scheduled_contacts_do_not_count_against_the_limit() {
    let story = format!("{CROWD} 5s c5 arrives app q at 600s");
    let told = tell(crowded(WhenFull::Deflect("请稍后再来".into())), &story);
    assert!(told.ends_with("5s c5 scheduled\n"), "{told}");
    let story = format!("{CROWD} 5s c5 arrives app q at 6s");
    let told = tell(crowded(WhenFull::Deflect("请稍后再来".into())), &story);
    assert!(told.ends_with("5s c5 deflected\n"), "{told}");
}

/// One day: too early, too many, too long, not during an offer, no agents, too late.
const LIMITS_REACHED: &str = "
    28799s c1 arrives app
    28800s a1 connects
    28801s a1 ready
    28802s c2 arrives hotline
    28803s a1 accepts c2
    28810s c3 arrives hotline
    28811s c4 arrives hotline
    28812s c5 arrives hotline
    28869s a1 completes c2
    28870s a1 delivers c3
    28871s time passes
    28873s a1 accepts c3
    29000s a1 completes c3
    29001s a1 not_ready gone
    29002s c6 arrives hotline
    29062s time passes
    64800s c7 arrives hotline
";

#[test]
fn each_limit_has_its_own_answer_at_its_own_time_and_once() {
    let mut day = queue("q");
    day.hours = Some(name("day"));
    day.when_closed = WhenClosed::Deflect("we open at eight".into());
    day.waiting_max = 2;
    day.overflow.when_full = WhenFull::Deflect("too many wait".into());
    let waited = Trigger::After(Millis::from_s(60));
    let deserted = vec![Action::Notify(Audience::Supervisor)];
    day.escalations = vec![
        rule("waited", waited, vec![Action::Deflect("no_time".into())]),
        rule("empty", Trigger::NobodyStaffed, deserted),
    ];
    let mut options = centre(vec![day], vec![agent("a1", "q", "")]);
    options.hours = vec![hours("day", "08:00-18:00")];
    let told = tell(options, LIMITS_REACHED);
    assert_told(
        &told,
        "
        28799s c1 deflected
        28800s q opens
        28801s a1 ready
        28802s c2 offered to a1
        28803s c2 accepted by a1 after 1s
        28810s c3 queued in q
        28811s c4 queued in q
        28812s c5 deflected
        28869s c2 completed
        28869s c3 offered to a1
        28870s c3 escalated waited
        28871s c4 escalated waited
        28871s c4 deflected
        28873s c3 accepted by a1 after 63s
        29000s c3 completed
        29001s a1 not_ready (gone)
        29002s c6 queued in q
        29002s c6 escalated empty
        29062s c6 escalated waited
        29062s c6 deflected
        64800s q closes
        64800s c7 deflected
    ",
    );
}
