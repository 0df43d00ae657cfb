//! Steps and escalation rules: what is written is what is used.

use super::*;
use crate::domain::Millis;
use crate::engine::options::{Action, Audience, Repeat, Trigger};

#[test]
fn every_trigger_and_every_action_is_understood() {
    let triggers = [
        ("target_percent = 75", Trigger::TargetPercent(75)),
        ("after_s = 60", Trigger::After(Millis::from_s(60))),
        ("predicted_breach = true", Trigger::PredictedBreach),
        ("offers_ended = 3", Trigger::OffersEnded(3)),
        ("waiting_over = 50", Trigger::WaitingOver(50)),
        ("nobody_staffed = true", Trigger::NobodyStaffed),
        ("sentiment_below = -0.5", Trigger::SentimentBelow(-0.5)),
        ("sentiment_below = 0", Trigger::SentimentBelow(0.0)),
    ];
    for (when, trigger) in triggers {
        let rule = format!(
            "[[queue.escalation]]\nname = 'e'\nwhen = {{ {when} }}\ndo = [{{ boost_s = 60 }}, \
             {{ next_step = true }}, {{ move_to = 'other' }}, {{ notify = 'supervisor' }}]\n"
        );
        let routing = config(&format!("{LEAST}{rule}[[queue]]\nid = 'other'\n")).routing;
        let rule = &routing.queues[0].escalations[0];
        assert_eq!(rule.when, Some(trigger));
        let actions = [
            Action::Boost(Millis::from_s(60)),
            Action::NextStep,
            Action::MoveTo(name("other")),
            Action::Notify(Audience::Supervisor),
        ];
        assert_eq!(rule.actions, actions);
    }
}

#[test]
fn the_other_actions_of_escalations_are_understood() {
    let rule = "
        [[queue.escalation]]
        name = 'e'
        when = { after_s = 1 }
        do = [
            { add_queue = 'other' }, { reserve_next = true }, { notify = 'account_manager' },
            { message = '我们很忙' }, { offer_callback = true }, { deflect = 'elsewhere' },
            { fan_out = 3 },
        ]
        [[queue]]
        id = 'other'
    ";
    let routing = config(&format!("{LEAST}{rule}")).routing;
    let actions = [
        Action::AddQueue(name("other")),
        Action::ReserveNext,
        Action::Notify(Audience::AccountManager),
        Action::Message("我们很忙".into()),
        Action::OfferCallback,
        Action::Deflect("elsewhere".into()),
        Action::FanOut(3),
    ];
    assert_eq!(routing.queues[0].escalations[0].actions, actions);
}

#[test]
fn rules_may_have_conditions_tiers_and_repeats() {
    let rules = "
        [[queue.escalation]]
        name = 'e'
        if = \"customer.tier == 'diamond'\"
        do = [{ boost_s = 60 }]
        [[queue.escalation]]
        name = 'f'
        when = { tiers = ['gold', 'diamond'] }
        repeat_every_s = 30
        do = [{ boost_s = 1 }]
        [[queue.escalation]]
        name = 'g'
        when = { after_s = 5, tiers = ['gold'] }
        if = 'contact.sentiment < 0.0'
        repeat_every_s = 60
        repeat_max = 3
        do = [{ boost_s = 60 }]
    ";
    let routing = config(&format!("{LEAST}{rules}")).routing;
    let [e, f, g] = routing.queues[0].escalations.as_slice() else {
        panic!("three rules");
    };
    assert_eq!((e.when, e.repeat), (None, None));
    assert_eq!(e.only_if.as_deref(), Some("customer.tier == 'diamond'"));
    assert_eq!((f.when, &f.only_if), (None, &None));
    assert_eq!(f.tiers, [name("gold"), name("diamond")]);
    assert_eq!(f.repeat.map(|repeat| repeat.at_most), Some(10));
    assert_eq!(g.when, Some(Trigger::After(Millis::from_s(5))));
    assert_eq!(g.tiers, [name("gold")]);
    assert_eq!(
        g.repeat,
        Some(Repeat {
            every: Millis::from_s(60),
            at_most: 3,
        })
    );
}

#[test]
fn a_step_with_empty_requirements_differs_from_one_without() {
    let steps = "
        [[queue.step]]
        after_s = 10
        requires = {}
        [[queue.step]]
        after_s = 20
        also_agents_of = ['other']
    ";
    let routing = config(&format!("{LEAST}{steps}\n[[queue]]\nid = 'other'\n")).routing;
    let steps = &routing.queues[0].steps;
    assert!(
        steps[0]
            .requires
            .as_ref()
            .is_some_and(|none| none.is_empty())
    );
    assert_eq!(steps[1].requires, None);
    assert_eq!(steps[1].also_agents_of, [name("other")]);
}

#[test]
fn a_queue_defines_what_happens_after_the_last_step() {
    let step = "
        [[queue.step]]
        after_s = 10
        requires = { fibre = 2 }
        skip_unstaffed = false
    ";
    let other = "[[queue]]\nid = 'other'\n";
    let queue = |last: &str| {
        let text = format!("{LEAST}requires = {{ fibre = 5 }}\n{last}\n{step}{other}");
        config(&text).routing.queues[0].clone()
    };
    for hold in ["", "last = 'hold'"] {
        assert_eq!(queue(hold).steps.len(), 1);
        assert!(queue(hold).escalations.is_empty());
    }
    let any = queue("last = 'any_in_queue'").steps;
    assert_eq!(any.len(), 2);
    assert_eq!(any[1].after, Millis::from_s(10));
    assert!(any[1].requires.as_ref().unwrap().is_empty());
    assert!(!any[1].skip_unstaffed);
    let overflow = queue("last = { overflow = 'other', after_s = 90 }").escalations;
    assert_eq!(overflow[0].name, name("overflow"));
    assert_eq!(overflow[0].when, Some(Trigger::After(Millis::from_s(90))));
    assert_eq!(overflow[0].actions, [Action::MoveTo(name("other"))]);
}
