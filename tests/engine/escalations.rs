//! Escalations: the conditions under which a rule fires, for which tiers, and how often.

use std::sync::Arc;

use switchboard::domain::{Millis, Text};
use switchboard::engine::command::{Command, SiteCommand};
use switchboard::engine::options::{Action, Audience, EscalationRule, Options, Trigger};
use switchboard::engine::{ContactFilter, Engine};

use crate::tell::{Story, agent, assert_told, centre, contact, name, plain, queue, tell};

pub(crate) fn rule(when: Trigger) -> EscalationRule {
    let actions = vec![Action::Notify(Audience::Supervisor)];
    EscalationRule::new(name("r"), when, actions)
}

/// Without a trigger.
pub(crate) fn only_if(source: &str) -> EscalationRule {
    EscalationRule {
        when: None,
        only_if: Some(Text::from(source)),
        ..rule(Trigger::PredictedBreach)
    }
}

pub(crate) fn with(rule: EscalationRule) -> Options {
    let mut options = plain("a1");
    options.queues[0].escalations = vec![rule];
    options
}

#[test]
fn a_rule_with_only_a_condition_is_evaluated_whenever_the_contact_changes() {
    let told = tell(
        with(only_if(
            "contact.sentiment < -0.5 && customer.tier == 'diamond'",
        )),
        "
        0s c1 arrives hotline
        5s c1 sentiment -0.9
        9s c1 recognised diamond
        9s c1 sentiment -1
        10s c2 arrives hotline tier diamond
        20s c2 sentiment -0.2
        30s c2 sentiment -0.6
        600s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        9s c1 escalated r
        10s c2 queued in q
        30s c2 escalated r
    ",
    );
}

#[test]
fn a_condition_is_evaluated_for_contacts_offered_at_once() {
    let told = tell(
        with(only_if("customer.tier == 'diamond'")),
        "
        0s a1 on duty
        1s c1 arrives hotline tier diamond
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s c1 offered to a1
        1s c1 escalated r
    ",
    );
}

#[test]
fn a_trigger_whose_condition_fails_waits_for_a_change() {
    let mut held = rule(Trigger::TargetPercent(50));
    held.only_if = Some(Text::from("contact.attributes.topic_is == 'outage'"));
    let mut story = Story::new(with(held));
    let told = story.tell(
        "
        0s c1 arrives hotline
        1s c1 attribute topic_is outage
        1s c2 arrives hotline
        20s time passes
        60s c2 attribute topic_is outage
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        1s c2 queued in q
        15s c1 escalated r
        60s c2 escalated r
    ",
    );
    assert_eq!(story.engine.next_deadline(), None, "nothing is left to do");
}

#[test]
fn a_removed_attribute_no_longer_satisfies_a_condition() {
    let mut held = rule(Trigger::TargetPercent(50));
    held.only_if = Some(Text::from("has(contact.attributes.outage)"));
    let mut story = Story::new(with(held));
    let told = story.tell(
        "
        0s c1 arrives hotline
        1s c1 attribute outage yes
        1s c1 attribute city x
        2s c1 attribute outage
        2s c1 attribute never_was
        20s time passes
    ",
    );
    assert_told(&told, "0s c1 queued in q");
    let restored = Engine::restore(&story.engine.snapshot()).unwrap();
    for engine in [&story.engine, &restored] {
        let view = &engine.contacts(&all()).unwrap().views[0];
        let names: Vec<&str> = view
            .intake
            .attributes
            .iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["city"]);
    }
}

fn all() -> ContactFilter {
    ContactFilter {
        limit: 10,
        ..ContactFilter::default()
    }
}

#[test]
fn a_condition_that_cannot_be_evaluated_does_not_hold_and_is_reported_once() {
    let mut options = with(only_if("contact.attributes.debt > 100.0"));
    let known = only_if("customer.known");
    options.queues[0].escalations.push(EscalationRule {
        name: name("known"),
        ..known
    });
    let told = tell(
        options,
        "
        0s c1 arrives hotline
        1s c1 attribute debt much
        2s c1 attribute debt more
        3s c1 recognised gold
        4s c1 attribute debt 120
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        1s c1 condition of r failed: kind
        3s c1 escalated known
        4s c1 escalated r
    ",
    );
}

#[test]
fn a_condition_that_is_not_understood_is_refused_before_it_is_configured() {
    let mut story = Story::new(plain("a1"));
    let options = with(only_if("contact.mood == 'bad'"));
    let command = Command::Site(SiteCommand::Configure(Arc::new(options)));
    let refusal = story.command(command).unwrap_err();
    assert!(refusal.to_string().contains("contact.mood"), "{refusal}");
}

#[test]
fn every_trigger_is_for_the_tiers_that_are_named() {
    let triggers = [
        (Trigger::TargetPercent(50), "15s"),
        (Trigger::After(Millis::from_s(20)), "20s"),
        (Trigger::PredictedBreach, "0s"),
        (Trigger::WaitingOver(1), "0s"),
        (Trigger::NobodyStaffed, "0s"),
        (Trigger::SentimentBelow(-0.5), "30s"),
        (Trigger::OffersEnded(1), "60s"),
    ];
    for (when, at) in triggers {
        let told = tell(
            with(EscalationRule {
                tiers: vec![name("diamond"), name("gold")],
                ..rule(when)
            }),
            "
            0s c1 arrives hotline tier silver
            0s c2 arrives hotline tier gold
            30s c1 sentiment -0.9
            30s c2 sentiment -0.9
            60s a1 on duty
            60s a1 declines c2
            60s a1 declines c1
        ",
        );
        let fired = told.lines().filter(|line| line.contains("escalated"));
        let expected = [format!("{at} c2 escalated r")];
        assert!(fired.eq(expected.iter()), "{when:?}\n{told}");
    }
}

#[test]
fn a_contact_whose_tier_becomes_known_is_escalated_then() {
    let told = tell(
        with(EscalationRule {
            tiers: vec![name("diamond")],
            ..rule(Trigger::TargetPercent(50))
        }),
        "
        0s c1 arrives hotline
        40s c1 recognised diamond
    ",
    );
    assert_told(&told, "0s c1 queued in q\n40s c1 escalated r");
}

#[test]
fn a_rule_moves_only_contacts_that_satisfy_its_condition() {
    let agents = vec![agent("a1", "p", "")];
    let mut options = centre(vec![queue("q"), queue("p")], agents);
    let mut on = only_if("'outage' in contact.attributes");
    on.actions = vec![Action::MoveTo(name("p"))];
    options.queues[0].escalations = vec![on];
    let told = tell(
        options,
        "
        0s a1 on duty
        0s c1 arrives hotline q
        0s c2 arrives hotline q
        5s c2 attribute outage yes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 queued in q
        0s c2 queued in q
        5s c2 escalated r
        5s c2 moved to p
        5s c2 offered to a1
    ",
    );
}

#[test]
fn time_with_an_agent_is_not_waiting_time() {
    let mut options = with(EscalationRule {
        only_if: Some(Text::from("contact.waited_s >= 30")),
        ..EscalationRule::new(
            name("turned_away"),
            Trigger::After(Millis::from_s(30)),
            vec![Action::Deflect(Text::from("call back tomorrow"))],
        )
    });
    options.agents.push(agent("a2", "q", ""));
    let mut story = Story::new(options);
    story.tell(
        "
        0s a2 connects
        10s c1 arrives hotline
        20s a1 on duty
        20s a1 accepts c1
        90s c2 arrives hotline tier diamond
        100s a1 transfers c1 queue q
        101s a1 accepts c2
    ",
    );
    let explanation = story.engine.explain(contact("c1"), story.now).unwrap();
    assert_eq!(explanation.waited, Millis::from_s(11));
    let told = story.tell("131s time passes");
    assert_told(
        &told,
        "110s c1 may go to a1 again\n120s c1 escalated turned_away\n120s c1 deflected",
    );
}

#[test]
fn a_scheduled_contact_waits_from_its_time_and_has_left_no_line_before() {
    let deflect = vec![Action::Deflect(Text::from("call back tomorrow"))];
    let after = Trigger::After(Millis::from_s(10));
    let told = tell(
        with(EscalationRule::new(name("r"), after, deflect)),
        "
        0s c1 arrives hotline at 100s
        40s a1 on duty
        50s assign c1 a1
        51s a1 declines c1
        52s a1 not_ready lunch
        120s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s c1 scheduled
        40s a1 ready
        50s c1 offered to a1
        51s c1 declined by a1
        51s c1 scheduled
        52s a1 not_ready (lunch)
        81s c1 may go to a1 again
        100s c1 queued in q
        110s c1 escalated r
        110s c1 deflected
    ",
    );
}
