//! Queue-length rules.

use switchboard::engine::options::{Action, Audience, Options, Trigger};

use crate::reloads::reload;
use crate::tell::{Story, agent, assert_told, centre, name, queue};
use crate::triggers::rule;

fn bounded(waiting: u32, action: Action) -> Options {
    let agents = vec![agent("a1", "q", ""), agent("h1", "help", "")];
    let mut options = centre(vec![queue("q"), queue("help")], agents);
    let when = Trigger::WaitingOver(waiting);
    options.queues[0].escalations = vec![rule("long", when, vec![action])];
    options
}

#[test]
fn a_queue_that_grows_too_long_escalates_all_its_contacts_in_order_of_due() {
    let mut story = Story::new(bounded(2, Action::AddQueue(name("help"))));
    let told = story.tell(
        "
        1s c1 arrives hotline q
        2s c2 arrives hotline q tier gold
        3s c3 arrives hotline q
        4s c4 arrives hotline q
        5s c3 leaves
        6s c4 leaves
        7s c5 arrives hotline q
        8s h1 on duty
    ",
    );
    assert_told(
        &told,
        "
        1s c1 queued in q
        2s c2 queued in q
        3s c3 queued in q
        3s c2 escalated long
        3s c1 escalated long
        3s c3 escalated long
        4s c4 queued in q
        4s c4 escalated long
        5s c3 abandoned
        6s c4 abandoned
        7s c5 queued in q
        7s c5 escalated long
        8s h1 ready
        8s c2 offered to h1
    ",
    );
}

#[test]
fn only_the_excess_moves_elsewhere_starting_with_the_contact_due_first() {
    for action in [Action::MoveTo(name("help")), Action::AddQueue(name("help"))] {
        let mut story = Story::new(bounded(2, action.clone()));
        let told = story.tell(
            "
            0s h1 on duty
            1s c1 arrives hotline q
            2s c2 arrives hotline q
            3s c3 arrives hotline q
            4s c4 arrives hotline q
        ",
        );
        let fired: Vec<&str> = told.lines().filter(|line| line.contains("escal")).collect();
        let moved = ["3s c1 escalated long", "4s c2 escalated long"];
        let added = [
            &moved[..],
            &["4s c3 escalated long", "4s c4 escalated long"],
        ]
        .concat();
        let is_moved = matches!(action, Action::MoveTo(_));
        assert_eq!(fired, if is_moved { &moved[..] } else { &added }, "{told}");
        assert!(told.contains("3s c1 offered to h1"), "{told}");
    }
}

#[test]
fn a_bound_lowered_by_a_reload_applies_to_waiting_contacts() {
    let tell = || Action::Notify(Audience::Supervisor);
    let mut story = Story::new(bounded(9, tell()));
    story.tell("1s c1 arrives hotline q\n 2s c2 arrives hotline q");
    reload(&mut story, bounded(1, tell()));
    assert_eq!(
        story.tell("3s time passes"),
        "2s c1 escalated long\n2s c2 escalated long\n"
    );
}
