//! Whether any agent could ever take a contact: the notice, the explanation and the preview of a
//! reload agree.

use switchboard::domain::Millis;
use switchboard::engine::event::{Event, LineEvent};
use switchboard::engine::options::{Action, EscalationRule, Options, Trigger};
use switchboard::engine::view::Obstacle;

use crate::explaining::explain;
use crate::reloads::reload;
use crate::tell::{Story, agent, centre, contact, name, queue, skills};
use crate::triggers::rule;

/// Queue `q` has an agent who fits everything and one without capacity for a call; queue `p`
/// requires a skill that none of its agents with capacity for a call has.
fn options() -> Options {
    let mut small = agent("small", "q p", "fibre 3");
    small.capacity = 50;
    let mut options = centre(
        vec![queue("q"), queue("p")],
        vec![agent("a1", "q", ""), small],
    );
    options.queues[1].requires = skills("fibre 3");
    options
}

#[track_caller]
fn assert_routable(story: &Story, id: &str, is_routable: bool) {
    let mut said = true;
    for recorded in &story.history {
        if let Event::Line(of, LineEvent::Unroutable { .. }) = &recorded.event {
            said &= *of != contact(id);
        } else if let Event::Line(of, LineEvent::Routable) = &recorded.event {
            said |= *of == contact(id);
        }
    }
    let explained = !explain(story, id).unroutable;
    assert_eq!((said, explained), (is_routable, is_routable), "{id}");
    let foreseen = story.engine.foresee_reload(&options()).unwrap();
    assert_eq!((foreseen.unroutable, foreseen.routable), (0, 0), "{id}");
}

#[test]
fn a_requested_agent_need_not_serve_the_queue_or_have_its_skills() {
    let mut story = Story::new(options());
    story.tell("0s c1 arrives hotline p asks a1 alone");
    assert_routable(&story, "c1", true);
    let obstacle = |id: &str, of: &str| {
        let candidates = explain(&story, id).candidates.into_iter();
        let mut candidates = candidates.filter(|candidate| candidate.agent.as_str() == of);
        candidates.next().unwrap().failed
    };
    assert_eq!(obstacle("c1", "a1"), Some(Obstacle::NotConnected));
    assert!(matches!(
        obstacle("c1", "small"),
        Some(Obstacle::WaitsForOther { .. })
    ));
}

#[test]
fn nobody_could_ever_take_a_contact_beyond_all_capacities_of_the_queue() {
    let mut story = Story::new(options());
    story.tell("0s c1 arrives hotline p\n 1s small connects\n 1s small ready");
    assert_routable(&story, "c1", false);
    story.tell("2s c2 arrives app p\n 3s c3 arrives hotline q asks small alone");
    assert_routable(&story, "c2", true);
    assert_routable(&story, "c3", false);
}

#[test]
fn a_contact_too_large_for_its_requested_agent_goes_to_the_queue_at_once() {
    let mut story = Story::new(options());
    story.tell(
        "
        0s small on duty
        1s c1 arrives hotline q asks small
    ",
    );
    assert_eq!(explain(&story, "c1").waits_for, None);
    assert_routable(&story, "c1", true);
}

#[test]
fn a_dry_run_shows_offers_that_will_no_longer_fit_as_returning() {
    let mut options = centre(vec![queue("q"), queue("p")], vec![agent("a1", "q p", "")]);
    let mut story = Story::new(options.clone());
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline p
    ",
    );
    assert!(story.engine.contact(contact("c1")).unwrap().agent.is_some());
    options.agents[0].capacity = 99;
    options.queues.pop();
    options.agents[0].queues.pop();
    let foreseen = story.engine.foresee_reload(&options).unwrap();
    assert_eq!(
        (foreseen.moved, foreseen.unroutable),
        (1, 1),
        "{foreseen:?}"
    );
    let seen = story.history.len();
    reload(&mut story, options);
    assert_eq!(story.engine.reloaded(), Some(&foreseen));
    let events = story.history[seen..].iter().map(|recorded| &recorded.event);
    let (mut moved, mut unroutable) = (0, 0);
    for event in events {
        moved += u64::from(matches!(event, Event::Line(_, LineEvent::Moved { .. })));
        unroutable += u64::from(matches!(
            event,
            Event::Line(_, LineEvent::Unroutable { .. })
        ));
    }
    assert_eq!((moved, unroutable), (1, 1));
}

/// Nobody serves `q`; `b1` serves `h`, to which a rule brings contacts of `q`.
fn brought_to_h(rules: Vec<EscalationRule>) -> Options {
    let mut options = centre(vec![queue("q"), queue("h")], vec![agent("b1", "h", "")]);
    options.queues[0].escalations = rules;
    options
}

/// How often it was said that nobody could ever take something, and that somebody could again.
fn said(story: &Story) -> (usize, usize) {
    let events = || story.history.iter().map(|recorded| &recorded.event);
    let unroutable =
        events().filter(|event| matches!(event, Event::Line(_, LineEvent::Unroutable { .. })));
    let routable = events().filter(|event| matches!(event, Event::Line(_, LineEvent::Routable)));
    (unroutable.count(), routable.count())
}

/// As `c1` arrives in `q`, and after that.
#[track_caller]
fn assert_said(options: Options, until: &str, is_routable: bool) -> Story {
    let mut story = Story::new(options.clone());
    story.tell("0s b1 connects\n 0s b1 ready\n 0s c1 arrives hotline q");
    assert_eq!(said(&story), (usize::from(!is_routable), 0));
    assert_eq!(!explain(&story, "c1").unroutable, is_routable);
    let foreseen = story.engine.foresee_reload(&options).unwrap();
    assert_eq!((foreseen.unroutable, foreseen.routable), (0, 0));
    story.tell(until);
    assert_eq!(said(&story), (usize::from(!is_routable), 0));
    story
}

#[test]
fn what_a_rule_is_sure_to_bring_to_somebody_is_not_unroutable() {
    let after = Trigger::After(Millis::from_s(3));
    let to_h = || Action::MoveTo(name("h"));
    let rules = [
        rule("overflow", after, vec![to_h()]),
        rule("add", after, vec![Action::AddQueue(name("h"))]),
        rule("half", Trigger::TargetPercent(50), vec![to_h()]),
    ];
    for rule in rules {
        let mut story = assert_said(brought_to_h(vec![rule]), "2s time passes", true);
        let told = story.tell("600s time passes");
        assert!(told.contains("c1 offered to b1"), "{told}");
        assert_eq!(said(&story), (0, 0));
    }
    for when in [Trigger::NobodyStaffed, Trigger::PredictedBreach] {
        assert_said(
            brought_to_h(vec![rule("gone", when, vec![to_h()])]),
            "",
            true,
        );
    }
}

#[test]
fn what_a_rule_may_bring_to_somebody_or_not_is_unroutable_until_it_does() {
    let to_h = || vec![Action::MoveTo(name("h"))];
    let after = Trigger::After(Millis::from_s(3));
    let of_gold = EscalationRule {
        tiers: vec![name("gold")],
        ..rule("gold", after, to_h())
    };
    let of_app = EscalationRule {
        only_if: Some("contact.channel == 'app'".into()),
        ..rule("app", after, to_h())
    };
    let many = rule("many", Trigger::WaitingOver(5), to_h());
    for rule in [of_gold.clone(), of_app, many] {
        assert_said(brought_to_h(vec![rule]), "600s time passes", false);
    }
    let mut story = assert_said(brought_to_h(vec![of_gold]), "1s time passes", false);
    story.tell("2s c1 recognised gold");
    assert_eq!(said(&story), (1, 1));
    let told = story.tell("3s time passes");
    assert!(told.contains("3s c1 offered to b1"), "{told}");
}

#[test]
fn queues_that_hand_on_to_each_other_bring_nobody_in() {
    let after = Trigger::After(Millis::from_s(3));
    let mut options = brought_to_h(vec![rule("on", after, vec![Action::MoveTo(name("h"))])]);
    options.queues[1].requires = skills("fibre 3");
    let back = rule("back", after, vec![Action::AddQueue(name("q"))]);
    options.queues[1].escalations = vec![back];
    let mut story = Story::new(options);
    story.tell("0s c1 arrives hotline q\n 9s time passes");
    assert_eq!(said(&story), (1, 0));
}
