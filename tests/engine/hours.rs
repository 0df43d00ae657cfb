//! Business hours: what waits while a queue is closed, and the effect of opening.

use std::sync::Arc;

use switchboard::domain::{Millis, Timestamp};
use switchboard::engine::command::{Command, SiteCommand};
use switchboard::engine::event::{Event, OfferEvent};
use switchboard::engine::options::{Action, EscalationRule, Options, Trigger, WhenClosed};
use switchboard::engine::state::due::DueTerm;
use switchboard::engine::view::{Obstacle, WaitEstimate};

use crate::reloads::reload;
use crate::tell::{Story, agent, assert_told, centre, contact, hours, name, queue, tell};

/// `q` is open from the first to the third minute and from the fifth to the sixth;
/// `other` is always open.
fn shop(when_closed: WhenClosed) -> Options {
    let mut shop = queue("q");
    shop.hours = Some(name("short"));
    shop.when_closed = when_closed;
    let agents = vec![agent("a1", "q", ""), agent("a2", "other", "")];
    let mut options = centre(vec![shop, queue("other")], agents);
    options.hours = vec![hours("short", "00:01-00:03 00:05-00:06")];
    options
}

fn configure(options: Options) -> Command {
    Command::Site(SiteCommand::Configure(Arc::new(options)))
}

const SIGN_IN: &str = "
    0s a1 a2 on duty
";

#[test]
fn contacts_that_arrive_while_it_is_closed_wait_for_the_opening() {
    let mut story = Story::new(shop(WhenClosed::Hold));
    story.tell(SIGN_IN);
    assert_told(
        &story.tell("10s c1 arrives app q\n 20s c2 arrives app q tier gold\n 59999ms time passes"),
        "10s c1 queued in q\n 20s c2 queued in q",
    );
    let view = story.engine.contact(contact("c1")).unwrap();
    assert_eq!(view.wait, WaitEstimate::Closed);
    assert_eq!(
        view.due_at,
        Timestamp(90_000),
        "the target begins when it opens"
    );
    let explained = story.engine.explain(contact("c1"), story.now).unwrap();
    assert_eq!(explained.opens_at, Some(Timestamp(60_000)));
    let until = Some(Timestamp(60_000));
    assert_eq!(
        explained.candidates[0].failed,
        Some(Obstacle::QueueClosed { until })
    );
    let closed = (DueTerm::Closed, Millis::from_s(50));
    assert!(
        explained.due_terms.contains(&closed),
        "{:?}",
        explained.due_terms
    );
    assert_told(
        &story.tell("60s time passes"),
        "60s q opens\n 60s c2 offered to a1\n 60s c1 offered to a1",
    );
    let view = story.engine.queue("q").unwrap();
    assert!(view.open);
    assert_eq!(view.changes_at, Some(Timestamp(180_000)));
}

#[test]
fn closing_withdraws_nothing_and_offers_nothing() {
    let told = tell(
        shop(WhenClosed::Hold),
        "
        60s a1 on duty
        170s c1 arrives hotline q
        171s a1 delivers c1
        181s a1 accepts c1
        182s c2 arrives hotline q
        190s a1 completes c1
        300s time passes
        301s a1 delivers c2
        302s a1 accepts c2
        400s a1 completes c2
        ",
    );
    assert_told(
        &told,
        "
        60s q opens
        60s a1 ready
        170s c1 offered to a1
        180s q closes
        181s c1 accepted by a1 after 11s
        182s c2 queued in q
        190s c1 completed
        300s q opens
        300s c2 offered to a1
        302s c2 accepted by a1 after 120s
        360s q closes
        400s c2 completed
        ",
    );
}

#[test]
fn an_offer_that_is_declined_after_closing_waits_for_the_morning() {
    let told = tell(
        shop(WhenClosed::Hold),
        "
        60s a1 on duty
        175s c1 arrives app q
        176s a1 delivers c1
        185s a1 declines c1
        250s time passes
        300s time passes
        ",
    );
    assert_told(
        &told,
        "
        60s q opens
        60s a1 ready
        175s c1 offered to a1
        180s q closes
        185s c1 declined by a1
        185s c1 queued in q
        215s c1 may go to a1 again
        300s q opens
        300s c1 offered to a1
        ",
    );
}

#[test]
fn a_closed_queue_may_turn_away_with_a_text() {
    let mut story = Story::new(shop(WhenClosed::Deflect("我们 9 点上班".into())));
    assert_told(&story.tell("10s c1 arrives app q"), "10s c1 deflected");
    let view = story.engine.contact(contact("c1")).unwrap();
    assert_eq!(view.state.name(), "deflected");
    assert_eq!(view.outcome.as_deref(), Some("我们 9 点上班"));
    assert_told(
        &story.tell("61s c2 arrives app q\n 180s c3 arrives app q"),
        "60s q opens\n 61s c2 queued in q\n 180s q closes\n 180s c3 deflected",
    );
    // Scheduled for a time at which it is open, or closed.
    assert_told(
        &story.tell("181s c4 arrives app q at 310s\n 182s c5 arrives app q at 370s"),
        "181s c4 scheduled\n 182s c5 deflected",
    );
}

#[test]
fn another_queue_may_take_over_while_it_is_closed() {
    let told = tell(
        shop(WhenClosed::Queue(name("other"))),
        "
        0s a2 on duty
        10s c1 arrives app q
        11s a2 delivers c1
        12s a2 accepts c1
        61s c2 arrives app q
        ",
    );
    assert_told(
        &told,
        "
        0s a2 ready
        10s c1 moved to other
        10s c1 offered to a2
        12s c1 accepted by a2 after 2s
        60s q opens
        61s c2 queued in q
        ",
    );
}

#[test]
fn contacts_scheduled_for_the_opening_age_from_then() {
    let mut story = Story::new(shop(WhenClosed::Schedule));
    story.tell("0s a1 connects\n 0s a1 ready");
    assert_told(&story.tell("10s c1 arrives app q"), "10s c1 scheduled");
    let view = story.engine.contact(contact("c1")).unwrap();
    assert_eq!(view.queued_at, Timestamp(60_000));
    assert_told(
        &story.tell("60s time passes\n 61s a1 delivers c1\n 62s a1 accepts c1"),
        "60s q opens\n 60s c1 offered to a1\n 62s c1 accepted by a1 after 2s",
    );
}

#[test]
fn contacts_scheduled_for_the_opening_enter_earlier_with_longer_hours() {
    let mut story = Story::new(shop(WhenClosed::Schedule));
    story.tell("0s a1 connects\n 0s a1 ready\n 10s c1 arrives app q\n 11s c2 arrives app q at 30s");
    let mut longer = shop(WhenClosed::Schedule);
    longer.queues[0].hours = None;
    reload(&mut story, longer);
    assert_told(
        &story.tell("12s a1 accepts c1\n 30s time passes"),
        "11s q opens
        11s c1 scheduled
        11s c2 scheduled
        11s c1 offered to a1
        12s c1 accepted by a1 after 1s
        30s c2 offered to a1",
    );
    let view = story.engine.contact(contact("c1")).unwrap();
    assert_eq!(view.queued_at, Timestamp(11_000));
}

#[test]
fn contacts_scheduled_for_the_opening_come_in_later_if_it_does() {
    let mut story = Story::new(shop(WhenClosed::Schedule));
    story.tell("0s a1 connects\n 0s a1 ready\n 10s c1 arrives app q\n 11s c2 arrives app q at 70s");
    let mut later = shop(WhenClosed::Schedule);
    later.hours = vec![hours("short", "00:02-00:03")];
    reload(&mut story, later);
    let told = story.tell("90s time passes");
    assert!(
        !told.contains("queued") && !told.contains("offered"),
        "{told}"
    );
    let told = story.tell("120s time passes");
    assert!(told.contains("120s c1 offered to a1"), "{told}");
    let view = story.engine.contact(contact("c1")).unwrap();
    assert_eq!(view.queued_at, Timestamp(120_000));
}

#[test]
fn the_target_runs_while_it_is_open() {
    let mut options = shop(WhenClosed::Hold);
    let rule = |id: &str, when| {
        EscalationRule::new(name(id), when, vec![Action::Boost(Millis::from_s(1))])
    };
    options.queues[0].escalations = vec![
        rule("half", Trigger::TargetPercent(50)),
        rule("broken", Trigger::TargetPercent(100)),
        rule("empty", Trigger::NobodyStaffed),
    ];
    let mut story = Story::new(options);
    assert_told(
        &story.tell("170s c1 arrives app q\n 320s time passes"),
        "
        60s q opens
        170s c1 queued in q
        170s c1 escalated empty
        180s q closes
        300s q opens
        305s c1 escalated half
        320s c1 escalated broken
        ",
    );
    let view = story.engine.contact(contact("c1")).unwrap();
    assert_eq!(view.promised_at, Timestamp(320_000));
    story.tell("320s a1 connects\n 320s a1 ready\n 320s a1 delivers c1\n 320s a1 accepts c1");
    let kept = story.history.iter().find_map(|recorded| {
        let Event::Offer(_, OfferEvent::Accepted { within_target, .. }) = recorded.event else {
            return None;
        };
        Some(within_target)
    });
    assert_eq!(kept, Some(true), "in time to the very second, after 150 s");
}

#[test]
fn lack_of_agents_at_night_fires_no_rule() {
    let mut options = shop(WhenClosed::Hold);
    options.queues[0].escalations = vec![EscalationRule::new(
        name("empty"),
        Trigger::NobodyStaffed,
        vec![Action::Boost(Millis::from_s(1))],
    )];
    let told = tell(options, "10s c1 arrives app q\n 70s time passes");
    assert_told(
        &told,
        "10s c1 queued in q\n 60s q opens\n 60s c1 escalated empty",
    );
}

#[test]
fn agents_do_not_hand_contacts_to_a_queue_that_turns_them_away() {
    let script = "
        0s a2 on duty
        1s c1 arrives app other
        1s a2 delivers c1
        1s a2 accepts c1
        2s a2 transfers c1 queue q
    ";
    let begun = "0s a2 ready\n 1s c1 offered to a2\n 1s c1 accepted by a2 after 0s\n";
    assert_told(
        &tell(shop(WhenClosed::Schedule), script),
        &format!("{begun} 2s a2 transfers c1 queue q: refused queue_closed"),
    );
    assert_told(
        &tell(shop(WhenClosed::Hold), script),
        &format!("{begun} 2s c1 transferred by a2\n 2s c1 moved to q\n 2s c1 queued in q"),
    );
}

#[test]
fn new_hours_hold_from_when_they_are_configured() {
    let mut story = Story::new(shop(WhenClosed::Hold));
    story.tell(SIGN_IN);
    story.tell("10s c1 arrives app q");
    let mut options = shop(WhenClosed::Hold);
    options.hours = vec![hours("short", "00:00-00:02")];
    story.command(configure(options.clone())).unwrap();
    assert_told(
        &story.tell("11s time passes"),
        "10s q opens\n 10s c1 queued in q\n 10s c1 offered to a1",
    );
    options.queues[0].hours = None;
    story.command(configure(options)).unwrap();
    assert_eq!(story.engine.queue("q").unwrap().changes_at, None);
    assert_told(&story.tell("11s time passes"), "11s q opens");
}

#[test]
fn undefined_hours_are_refused() {
    let mut options = shop(WhenClosed::Hold);
    options.hours.clear();
    let mut story = Story::new(centre(vec![queue("q")], vec![]));
    let outcome = story.command(configure(options));
    assert_eq!(outcome.unwrap_err().code(), "bad_configuration");
}
