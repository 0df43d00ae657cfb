//! Customers on hold.

use switchboard::domain::Millis;
use switchboard::engine::event::{Because, ContactEvent, Event, ServiceEvent};

use crate::tell::{Story, assert_told, contact, plain, tell};

#[test]
fn a_held_contact_stays_active_with_its_agent_and_keeps_its_capacity() {
    let mut story = Story::new(plain("a1"));
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
        1s a1 accepts c1
        5s a1 holds c1
        6s a1 holds c1
        7s c2 arrives app
    ",
    );
    assert!(told.ends_with("5s c1 held\n7s c2 queued in q\n"), "{told}");
    let held = story.engine.contact(contact("c1")).unwrap();
    assert_eq!(held.state.name(), "active");
    assert_eq!(held.held_since.map(|at| at.0), Some(5_000));
    assert_eq!(story.engine.agent("a1").unwrap().capacity_used, 100);
    let told = story.tell(
        "
        9s a1 unholds c1
        9s a1 unholds c1
        12s a1 completes c1
    ",
    );
    assert_told(
        &told,
        "
        9s c1 unheld
        12s c1 completed
        12s c2 offered to a1
    ",
    );
}

#[test]
fn time_on_hold_is_handling_time() {
    let mut story = Story::new(plain("a1"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        1s a1 accepts c1
        2s a1 holds c1
        60s a1 completes c1
    ",
    );
    let handled = story.history.iter().find_map(|recorded| {
        let Event::Contact(_, ContactEvent::Closed { handled, .. }) = &recorded.event else {
            return None;
        };
        *handled
    });
    assert_eq!(handled.map(|span| span.0), Some(59_000));
}

#[test]
fn only_the_agent_who_serves_a_contact_holds_it() {
    let told = tell(
        plain("a1 a2"),
        "
        0s a1 on duty
        0s a2 connects
        0s c1 arrives app
        0s a1 holds c1
        1s a1 accepts c1
        2s a2 holds c1
        3s a1 completes c1
        4s a1 holds c1
    ",
    );
    assert!(
        told.contains("0s a1 holds c1: refused wrong_state"),
        "{told}"
    );
    assert!(told.contains("2s a2 holds c1: refused not_yours"), "{told}");
    assert!(
        told.contains("4s a1 holds c1: refused wrong_state"),
        "{told}"
    );
}

#[test]
fn time_on_hold_is_counted_once_for_whatever_reason_and_ends_with_the_conversation() {
    let mut options = plain("a1 a2");
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 accepts c1
        5s a2 on duty
        10s a1 holds c1
        15s a1 unholds c1
        20s a1 holds c1
        25s a1 consults c1 agent a2
        26s a2 accepts c1.2
        30s a1 unholds c1
        40s a1 confers c1
        50s a1 ends consult c1
        60s a1 holds c1
        61s a1 completes c1
        90s a2 not_ready lunch
        91s c2 arrives app
        91s a1 accepts c2
        92s a1 completes c2
        200s time passes
    ",
    );
    let closed = story.history.iter().filter_map(|recorded| {
        let Event::Contact(_, ContactEvent::Closed { on_hold, .. }) = &recorded.event else {
            return None;
        };
        Some(*on_hold)
    });
    let closed: Vec<_> = closed.collect();
    assert_eq!(closed, [Some(Millis::from_s(5 + 20 + 1)), None]);
}

#[test]
fn who_was_on_hold_before_a_consultation_is_still_on_hold_after_it() {
    let before = "
        0s a1 on duty
        0s c1 arrives app
        0s a1 accepts c1
        5s a2 on duty
        10s a1 holds c1
        11s a1 consults c1 agent a2
        11s a1 unholds c1
        12s a2 accepts c1.2
        14s a1 unholds c1
    ";
    let held = |then: &str| {
        let mut story = Story::new(plain("a1 a2"));
        let told = story.tell(&format!("{before}\n{then}"));
        assert_eq!(
            told.matches("unholds c1: refused consulting").count(),
            2,
            "{told}"
        );
        let view = story.engine.contact(contact("c1")).unwrap();
        view.held_since.map(|since| since.0 / 1_000)
    };
    assert_eq!(held(""), Some(10));
    assert_eq!(held("20s a1 ends consult c1"), Some(10));
    assert_eq!(held("20s a1 ends consult c1\n21s a1 unholds c1"), None);
    // In a conference the customer joins, and may be put on hold again.
    assert_eq!(held("20s a1 confers c1"), None);
    assert_eq!(held("20s a1 confers c1\n21s a1 holds c1"), Some(21));
}

#[test]
fn a_helper_is_told_only_that_the_customer_is_on_hold() {
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 accepts c1
        5s a2 on duty
        10s a1 consults c1 agent a2
        11s a2 accepts c1.2
    ",
    );
    let told = story.tell("12s a1 unholds c1");
    assert_eq!(told, "12s a1 unholds c1: refused consulting\n");
    story.tell("13s a1 confers c1");
    let shown = |story: &Story| {
        let mut events = story.history.iter().rev();
        events.find_map(|recorded| {
            let Event::Service(_, agent, ServiceEvent::Shown { because }) = &recorded.event else {
                return None;
            };
            Some((recorded.at.0, agent.index(), *because))
        })
    };
    for (second, what) in [(20, "holds"), (30, "unholds")] {
        story.tell(&format!("{second}s a1 {what} c1"));
        let helper = Some((second * 1_000, 1, Because::Updated));
        assert_eq!(shown(&story), helper, "{what}");
    }
}
