//! Whether any agent could ever take a contact: the notice, the explanation and the preview of a
//! reload agree.

use switchboard::engine::event::Event;
use switchboard::engine::options::Options;
use switchboard::engine::view::Obstacle;

use crate::explaining::explain;
use crate::reloads::reload;
use crate::tell::{Story, agent, centre, contact, queue, skills};

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
        if let Event::ContactUnroutable { contact: of, .. } = &recorded.event {
            said &= *of != contact(id);
        } else if let Event::ContactRoutable { contact: of } = &recorded.event {
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
        moved += u64::from(matches!(event, Event::ContactMoved { .. }));
        unroutable += u64::from(matches!(event, Event::ContactUnroutable { .. }));
    }
    assert_eq!((moved, unroutable), (1, 1));
}
