//! Postponed moves of rules: made as soon as possible, in order of due time.

use switchboard::domain::Millis;
use switchboard::engine::options::{Action, EscalationRule, Options, Repeat, Trigger};

use crate::reloads::reload;
use crate::tell::{Story, agent, assert_told, centre, contact, hours, name, queue};

/// A contact that has waited in `q` for 10 s moves to `p`, where one contact may wait.
fn on_to_p() -> Options {
    let agents = vec![agent("a1", "q", ""), agent("a2", "p", "")];
    let mut options = centre(vec![queue("q"), queue("p")], agents);
    let on = vec![Action::MoveTo(name("p"))];
    let after = Trigger::After(Millis::from_s(10));
    options.queues[0].escalations = vec![EscalationRule::new(name("r"), after, on)];
    options.queues[1].waiting_max = 1;
    options
}

fn repeated(mut options: Options) -> Options {
    options.queues[0].escalations[0].repeat = Some(Repeat {
        every: Millis::from_s(10),
        at_most: 3,
    });
    options
}

#[test]
fn the_contact_due_first_gets_the_room_whichever_was_requested_last() {
    let mut story = Story::new(on_to_p());
    story.tell(
        "
        0s c1 arrives hotline p
        1s c2 arrives hotline q
        3s c3 arrives hotline q tier diamond
        14s time passes
    ",
    );
    assert_eq!(story.engine.next_deadline(), None, "nobody asks again");
    assert_told(
        &story.tell("15s c1 leaves\n 17s c3 leaves"),
        "
        15s c1 abandoned
        15s c3 moved to p
        15s c3 queued in p
        17s c3 abandoned
        17s c2 moved to p
        17s c2 queued in p
    ",
    );
}

#[test]
fn a_queue_that_opens_or_may_grow_admits_as_many_as_have_room() {
    let mut options = on_to_p();
    options.queues[1].waiting_max = 2;
    options.queues[1].hours = Some(name("late"));
    options.hours = vec![hours("late", "00:01-23:59")];
    let waiting = "
        1s c2 arrives hotline q
        2s c3 arrives hotline q
        3s c4 arrives hotline q
        20s time passes
    ";
    let mut story = Story::new(options.clone());
    let told = story.tell(waiting);
    assert!(!told.contains("moved"), "{told}");
    let told = story.tell("60s time passes");
    assert!(told.contains("60s c2 moved to p"), "{told}");
    assert!(told.contains("60s c3 moved to p"), "{told}");
    assert!(!told.contains("c4 moved"), "{told}");
    options.queues[1].waiting_max = 3;
    reload(&mut story, options);
    let told = story.tell("60s time passes");
    assert!(told.contains("60s c4 moved to p"), "{told}");
}

#[test]
fn a_repeated_rule_keeps_firing_while_it_owes_a_move() {
    let fired = |story: &mut Story| {
        let told = story.tell("90s time passes");
        let fired = told.lines().filter(|line| line.ends_with("c2 escalated r"));
        fired.map(str::to_owned).collect::<Vec<_>>()
    };
    let expected = ["10s", "20s", "30s", "40s"].map(|at| format!("{at} c2 escalated r"));
    let mut story = Story::new(repeated(on_to_p()));
    story.tell("0s c1 arrives hotline p\n 0s c2 arrives hotline q");
    assert_eq!(fired(&mut story), expected);

    let mut options = repeated(on_to_p());
    options.queues[0].offer.answer_within = Millis::from_s(60);
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c2 arrives hotline q
        1s a1 delivers c2
    ",
    );
    assert_eq!(fired(&mut story), expected);
    assert_eq!(
        story.engine.contact(contact("c2")).unwrap().queue,
        name("p"),
        "when nobody was asked any more"
    );
}
