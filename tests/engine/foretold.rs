//! Which estimates are kept for comparison with the actual wait, and what counts as patience.

use switchboard::domain::Millis;
use switchboard::engine::event::{Event, Foretold, OfferEvent};
use switchboard::engine::options::{Action, EscalationRule, Options, Trigger};
use switchboard::engine::view::WaitEstimate;

use crate::tell::{Story, agent, centre, contact, hours, name, plain, queue};

fn estimate(story: &Story, id: &str) -> (Millis, Millis) {
    let told = story.engine.contact_as_of(contact(id), story.now);
    let wait = told.unwrap().wait;
    let WaitEstimate::Within { p50, p90 } = wait else {
        panic!("{wait:?}");
    };
    (p50, p90)
}

/// The estimate kept of the wait of `c1` when it was answered, while `a1` had another call at
/// first.
fn foretold(options: Options, told: &str) -> Option<Foretold> {
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c9 arrives hotline q
        0s a1 accepts c9
    ",
    );
    story.tell(told);
    let mut answers = story.history.iter().filter_map(|recorded| {
        let Event::Offer(offer, OfferEvent::Accepted { foreseen, .. }) = &recorded.event else {
            return None;
        };
        (offer.contact == contact("c1")).then_some(*foreseen)
    });
    answers.next_back().unwrap()
}

#[test]
fn an_estimate_is_compared_with_an_uninterrupted_wait() {
    let kept = foretold(
        plain("a1"),
        "
        2s   c1 arrives hotline q
        100s a1 completes c9
        100s a1 accepts c1
    ",
    );
    assert_eq!(kept.map(|kept| kept.waited), Some(Millis::from_s(98)));
}

#[test]
fn contacts_that_met_a_pause_are_not_compared() {
    let options = plain("a1");
    let came_then = "
        1s   pause q
        2s   c1 arrives hotline q
        100s a1 completes c9
        150s resume q
        150s a1 accepts c1
    ";
    assert_eq!(foretold(options.clone(), came_then), None);
    let was_there = "
        2s   c1 arrives hotline q
        3s   pause q
        100s a1 completes c9
        150s resume q
        150s a1 accepts c1
    ";
    assert_eq!(foretold(options, was_there), None);
}

#[test]
fn contacts_that_wait_overnight_are_not_compared() {
    let mut options = plain("a1");
    options.hours = vec![hours("day", "00:00-00:30 01:00-02:00")];
    options.queues[0].hours = Some(name("day"));
    let was_there = "
        2s    c1 arrives hotline q
        1900s a1 completes c9
        3600s a1 accepts c1
    ";
    assert_eq!(foretold(options.clone(), was_there), None);
    let came_then = "
        1801s c1 arrives hotline q
        1900s a1 completes c9
        3600s a1 accepts c1
    ";
    assert_eq!(foretold(options.clone(), came_then), None);
    let is_likely_to = "
        1790s c1 arrives hotline q
        1900s a1 completes c9
        3600s a1 accepts c1
    ";
    assert_eq!(foretold(options, is_likely_to), None);
}

#[test]
fn a_moved_contact_is_compared_with_the_estimate_in_its_new_queue() {
    let mut options = centre(
        vec![queue("q"), queue("p")],
        vec![agent("a1", "q p", ""), agent("a2", "p", "")],
    );
    let action = Action::MoveTo(name("p"));
    let trigger = Trigger::After(Millis::from_s(60));
    options.queues[0].escalations = vec![EscalationRule::new(name("r"), trigger, vec![action])];
    let kept = foretold(
        options,
        "
        2s   c1 arrives hotline q
        100s a1 completes c9
        100s a1 accepts c1
    ",
    );
    assert_eq!(kept.map(|kept| kept.waited), Some(Millis::from_s(38)));
}

#[test]
fn time_until_another_call_is_not_compared() {
    let kept = foretold(
        plain("a1"),
        "
        2s   c1 arrives hotline q phone 13800138000
        3s   c1 wants a call first
        100s a1 completes c9
        101s c1 rings out
        701s c1 picks up
        701s a1 accepts c1
    ",
    );
    let waited = kept.map_or(Millis::ZERO, |kept| kept.waited);
    assert!(waited < Millis::from_s(10), "{waited:?}");
}

#[test]
fn time_in_a_closed_queue_does_not_count_as_patience() {
    let estimated = |arrives: &str, open: &str| {
        let agents = vec![agent("a1", "q", ""), agent("b1", "p", "")];
        let mut options = centre(vec![queue("q"), queue("p")], agents);
        options.hours = vec![hours("day", open)];
        options.queues[1].hours = Some(name("day"));
        let mut story = Story::new(options);
        story.tell(
            "
            0s a1 on duty
            0s c1 arrives hotline q
            0s a1 accepts c1
            0s c3 arrives hotline q
            0s c4 arrives hotline q
        ",
        );
        story.tell(arrives);
        story.tell(
            "
            3600s b1 on duty
            3600s b1 accepts c2
            7000s c3 leaves
            7000s c4 leaves
            7000s c5 arrives hotline q
            7000s c6 arrives hotline q
            7000s c7 arrives hotline q
        ",
        );
        estimate(&story, "c7")
    };
    let over_a_night = estimated("0s c2 arrives app p", "00:00-00:01 01:00-24:00");
    let open_all_the_time = estimated("3540s c2 arrives app p", "00:00-24:00");
    assert_eq!(over_a_night, open_all_the_time);
    let patient = estimated("0s c2 arrives app p", "00:00-24:00");
    assert_ne!(patient, open_all_the_time);
}

#[test]
fn a_contact_with_a_reserved_agent_waits_for_no_other_and_all_others_wait_behind_it() {
    let mut options = plain("a1");
    let trigger = Trigger::SentimentBelow(-0.5);
    let rule = EscalationRule::new(name("r"), trigger, vec![Action::ReserveNext]);
    options.queues[0].escalations = vec![rule];
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        1s c2 arrives hotline
        1s c3 arrives hotline
        1s c4 arrives hotline
        1s c5 arrives hotline
    ",
    );
    let (first, second) = (estimate(&story, "c2"), estimate(&story, "c3"));
    story.tell("1s c5 sentiment -0.9");
    assert_eq!(estimate(&story, "c5"), first);
    assert_eq!(estimate(&story, "c2"), second);
    let told = story.tell("60s a1 completes c1");
    assert!(told.contains("60s c5 offered to a1"), "{told}");
}
