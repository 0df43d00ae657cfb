//! Explanations and estimates, as seen in the engine's views.

use switchboard::domain::Millis;
use switchboard::engine::event::{Event, LineEvent, Recorded};
use switchboard::engine::options::{Action, Audience, EscalationRule, Step, Trigger};
use switchboard::engine::view::{Explanation, Obstacle, UpcomingChange, WaitEstimate};
use switchboard::wire::words;

use crate::tell::{Story, agent, centre, contact, name, plain, queue};

fn failed(story: &Story, id: &str, agent: &str) -> Option<Obstacle> {
    let explanation = story.engine.explain(contact(id), story.now).unwrap();
    let candidate = explanation
        .candidates
        .into_iter()
        .find(|candidate| candidate.agent.as_str() == agent);
    candidate.unwrap().failed
}

#[test]
fn an_explanation_names_the_first_test_that_each_agent_fails() {
    let mut story = Story::new(centre(
        vec![queue("q")],
        vec![
            agent("a1", "q", ""),
            agent("a2", "q", "fibre 3"),
            agent("a3", "q", "fibre 3"),
            agent("a4", "q", "fibre 3"),
        ],
    ));
    story.tell(
        "
        0s a2 connects
        0s a3 on duty
        1s c1 arrives hotline
        1s a3 accepts c1
        2s c2 arrives hotline requires fibre=2
    ",
    );
    assert!(matches!(
        failed(&story, "c2", "a1"),
        Some(Obstacle::MissingSkill {
            required: 2,
            has: 0,
            ..
        })
    ));
    assert!(matches!(
        failed(&story, "c2", "a2"),
        Some(Obstacle::NotReady { .. })
    ));
    assert_eq!(
        failed(&story, "c2", "a3"),
        Some(Obstacle::NoCapacity {
            used: 100,
            on_hold: 0,
            capacity: 100,
            cost: 100
        })
    );
    assert_eq!(failed(&story, "c2", "a4"), Some(Obstacle::NotConnected));
}

#[test]
fn a_contact_no_registered_agent_could_ever_take_is_unroutable_at_once() {
    let mut story = Story::new(centre(vec![queue("q")], vec![agent("a1", "q", "fibre 3")]));
    story.tell(
        "
        0s c1 arrives hotline requires fibre=4
        0s c2 arrives hotline requires fibre=3
    ",
    );
    assert!(
        story
            .engine
            .explain(contact("c1"), story.now)
            .unwrap()
            .unroutable
    );
    assert!(
        !story
            .engine
            .explain(contact("c2"), story.now)
            .unwrap()
            .unroutable
    );
}

#[test]
fn nobody_staffed_is_shown_and_not_a_number() {
    let mut story = Story::new(plain("a1"));
    let wait = |story: &Story| story.engine.contact(contact("c2")).unwrap().wait;
    story.tell(
        "
        0s a1 connects
        0s c1 arrives hotline
        0s c2 arrives hotline
    ",
    );
    assert_eq!(wait(&story), WaitEstimate::NobodyStaffed);
    story.tell(
        "
        1s a1 ready
    ",
    );
    assert!(matches!(wait(&story), WaitEstimate::Within { p50, p90 } if p50 < p90));
}

#[test]
fn an_estimate_is_only_shown_while_an_eligible_agent_is_there() {
    let agents = vec![agent("a1", "q", ""), agent("a2", "q", "fibre 3")];
    let mut story = Story::new(centre(vec![queue("q")], agents));
    let wait = |story: &Story| story.engine.contact(contact("c1")).unwrap().wait;
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline requires fibre=3
    ",
    );
    assert_eq!(wait(&story), WaitEstimate::NobodyStaffed);
    story.tell(
        "
        1s a2 on duty
        1s a2 declines c1
    ",
    );
    assert!(matches!(wait(&story), WaitEstimate::Within { .. }));
}

#[test]
fn due_is_made_up_of_terms_that_add_up() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        7s c1 arrives hotline tier gold
    ",
    );
    let explanation = story.engine.explain(contact("c1"), story.now).unwrap();
    let sum: i64 = explanation.due_terms.iter().map(|(_, term)| term.0).sum();
    assert_eq!(
        explanation.contact.due_at - explanation.contact.queued_at,
        Millis(sum)
    );
    assert_eq!(sum, 30_000 - 200_000);
}

pub(crate) fn explain(story: &Story, id: &str) -> Explanation {
    story.engine.explain(contact(id), story.now).unwrap()
}

#[test]
fn upcoming_changes_are_shown_with_their_times_soonest_first() {
    let mut options = centre(
        vec![queue("q"), queue("general")],
        vec![agent("a1", "q", ""), agent("a2", "q", "")],
    );
    options.queues[0].steps = vec![Step {
        after: Millis::from_s(20),
        requires: None,
        also_agents_of: vec![name("general")],
        skip_unstaffed: false,
    }];
    options.queues[0].escalations = vec![EscalationRule::new(
        name("breached"),
        Trigger::TargetPercent(100),
        vec![
            Action::Boost(Millis::from_s(60)),
            Action::Notify(Audience::Supervisor),
        ],
    )];
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline q tier diamond
        0s a1 delivers c1
        8s a1 declines c1
    ",
    );
    let explained = explain(&story, "c1");
    let times: Vec<_> = explained.changes.iter().map(|next| next.at.0).collect();
    assert_eq!(times, [18_000, 20_000, 30_000, 38_000]);
    assert!(matches!(
        &explained.changes[3].what,
        UpcomingChange::CooldownEnds { agent } if agent.as_str() == "a1"
    ));
    let words = words::of(&explained);
    let says = |sentence: &str| words.en.iter().any(|said| said == sentence);
    assert!(
        says("Number 1 in queue q, waiting for 8 s, at step 0."),
        "{words:?}"
    );
    assert!(
        says("Served as if the customer had come 300 s earlier (diamond)."),
        "{words:?}"
    );
    assert!(
        says("Of the 2 agents of this step: 1 who have just declined it, 1 not signed in."),
        "{words:?}"
    );
    story.tell("18s time passes");
    let words = words::of(&explain(&story, "c1"));
    let next = words.en.last().unwrap();
    assert!(next.starts_with("Next change in "), "{words:?}");
    assert_eq!(words.zh.len(), words.en.len());
}

#[test]
fn an_unroutable_contact_is_reported_at_once_and_again_only_when_changed() {
    let mut options = centre(
        vec![queue("q"), queue("p")],
        vec![agent("a1", "q", "fibre 3")],
    );
    options.queues[1].steps = vec![Step {
        after: Millis::from_s(20),
        requires: None,
        also_agents_of: vec![name("q")],
        skip_unstaffed: false,
    }];
    let mut story = Story::new(options);
    story.tell(
        "
        0s c1 arrives hotline q requires fibre=4
        1s c2 arrives hotline p requires fibre=3
        2s c3 arrives hotline q requires fibre=4 at 60s
        21s time passes
    ",
    );
    assert_eq!(routable(&story, 0), [(0, "c1", false), (2, "c3", false)]);
}

#[test]
fn a_contact_beyond_every_capacity_is_unroutable_until_an_agent_has_it() {
    let with_capacity = |capacity: u32| {
        let mut options = plain("a1");
        options.agents[0].capacity = capacity;
        options
    };
    let mut story = Story::new(with_capacity(99));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        1s c2 arrives wechat
    ",
    );
    assert_eq!(routable(&story, 0), [(0, "c1", false)]);
    let before = story.history.len() as u64;
    let foreseen = story.engine.foresee_reload(&with_capacity(100)).unwrap();
    crate::reloads::reload(&mut story, with_capacity(100));
    assert_eq!((foreseen.unroutable, foreseen.routable), (0, 1));
    assert_eq!(routable(&story, before), [(1, "c1", true)]);
}

/// When which contacts were reported unroutable, or routable again.
fn routable(story: &Story, after_seq: u64) -> Vec<(i64, &'static str, bool)> {
    let said = |recorded: &Recorded| {
        if let Event::Line(contact, LineEvent::Unroutable { .. }) = &recorded.event {
            Some((*contact, false))
        } else if let Event::Line(contact, LineEvent::Routable) = &recorded.event {
            Some((*contact, true))
        } else {
            None
        }
    };
    let new = story
        .history
        .iter()
        .filter(|recorded| recorded.seq > after_seq);
    new.filter_map(|recorded| {
        let (id, is_routable) = said(recorded)?;
        let short = ["c1", "c2", "c3"]
            .into_iter()
            .find(|short| contact(short) == id);
        Some((recorded.at.0 / 1_000, short.unwrap(), is_routable))
    })
    .collect()
}

#[test]
fn a_reload_reports_contacts_that_became_unroutable_or_routable() {
    let with_level = |level: &str| centre(vec![queue("q")], vec![agent("a1", "q", level)]);
    let mut story = Story::new(with_level("fibre 3"));
    story.tell(
        "
        0s c1 arrives hotline q requires fibre=3
        0s c2 arrives hotline q requires fibre=2
        0s c3 arrives hotline q requires fibre=4
    ",
    );
    let said = [with_level("fibre 2"), with_level("fibre 4")].map(|options| {
        let before = story.history.len() as u64;
        crate::reloads::reload(&mut story, options);
        routable(&story, before)
    });
    assert_eq!(said[0], [(0, "c1", false)]);
    assert_eq!(said[1], [(0, "c1", true), (0, "c3", true)]);
}
