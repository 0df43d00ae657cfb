//! Escalations for the webhook: kept until it has been called, also through a crash.

use std::sync::Arc;

use switchboard::domain::Millis;
use switchboard::engine::Engine;
use switchboard::engine::command::{Command, SiteCommand};
use switchboard::engine::event::{Event, Recorded, RuleEvent};
use switchboard::engine::options::{Action, Audience, EscalationRule, Options, Trigger};
use switchboard::engine::state::untold::UNTOLD_MAX;

use crate::escalations::with;
use crate::tell::{Story, contact, name};

fn notifies(audience: Audience) -> Options {
    let when = Trigger::After(Millis::from_s(10));
    with(EscalationRule::new(
        name("late"),
        when,
        vec![Action::Notify(audience)],
    ))
}

fn untold(engine: &Engine) -> Vec<u64> {
    engine.untold().map(|untold| untold.seq).collect()
}

/// c1 and c2 have waited for too long.
fn two_escalated(audience: Audience) -> Story {
    let mut story = Story::new(notifies(audience));
    story.tell("0s c1 arrives hotline\n1s c2 arrives hotline\n20s c3 arrives hotline");
    story
}

fn site(engine: &mut Engine, command: SiteCommand) {
    let now = engine.last_at();
    engine.handle(now, Command::Site(command)).unwrap();
    while engine.poll_event().is_some() {}
}

#[test]
fn what_the_webhook_is_to_be_told_is_kept_until_it_has_been_called() {
    let mut engine = two_escalated(Audience::Webhook).engine;
    let kept = untold(&engine);
    let about: Vec<_> = engine.untold().map(|untold| untold.contact).collect();
    assert_eq!(about, [contact("c1"), contact("c2")]);
    let again = Engine::restore(&engine.snapshot()).unwrap();
    assert_eq!(untold(&again), kept);
    let upto_seq = kept[0];
    site(&mut engine, SiteCommand::EscalationsTold { upto_seq });
    assert_eq!(untold(&engine), kept[1..]);
    let before = engine.seq();
    site(&mut engine, SiteCommand::EscalationsTold { upto_seq });
    assert_eq!(engine.seq(), before, "said twice, written once");
}

#[test]
fn what_only_supervisors_are_told_is_not_kept() {
    let engine = two_escalated(Audience::Supervisor).engine;
    assert!(untold(&engine).is_empty());
}

#[test]
fn without_a_rule_that_calls_the_webhook_nothing_is_kept_for_it() {
    let mut engine = two_escalated(Audience::Webhook).engine;
    let options = notifies(Audience::Supervisor);
    site(&mut engine, SiteCommand::Configure(Arc::new(options)));
    assert!(untold(&engine).is_empty());
}

#[test]
fn where_too_many_are_kept_the_oldest_give_way() {
    let story = two_escalated(Audience::Webhook);
    let fired =
        |recorded: &&Recorded| matches!(recorded.event, Event::Rule(_, RuleEvent::Fired { .. }));
    let fired = story.history().iter().find(fired).unwrap().event.clone();
    let mut engine = story.engine;
    let oldest = untold(&engine)[0];
    for _ in 1..UNTOLD_MAX {
        engine.apply(&Recorded {
            seq: engine.seq() + 1,
            at: engine.last_at(),
            event: fired.clone(),
        });
    }
    let kept = untold(&engine);
    assert_eq!(kept.len(), UNTOLD_MAX);
    assert_ne!(kept[0], oldest);
}
