//! Moves from one queue to another by topic, by rule or by hand, and what a contact keeps.

use switchboard::domain::Millis;
use switchboard::engine::options::{Action, EscalationRule, NoShow, Options, Trigger};

use crate::reloads::reload;
use crate::tell::{Story, agent, assert_told, centre, contact, name, plain, queue};

/// `q`, the default, and `p` of the topic `t`: a1 and a2 serve `q`, a3 serves `p`.
pub(crate) fn two_queues() -> Options {
    let mut other = queue("p");
    other.topics = vec![name("t")];
    let agents = vec![
        agent("a1", "q", ""),
        agent("a2", "q", ""),
        agent("a3", "p", ""),
    ];
    centre(vec![queue("q"), other], agents)
}

pub(crate) fn after_ten(actions: Vec<Action>) -> EscalationRule {
    EscalationRule::new(name("r"), Trigger::After(Millis::from_s(10)), actions)
}

/// a1 serves c1, which was not sent to a queue by name; a2 and a3 are there.
pub(crate) fn served(options: Options) -> Story {
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        1s c1 arrives hotline
        1s a1 accepts c1
        2s a2 a3 on duty
    ",
    );
    story
}

#[test]
fn a_contact_for_one_agent_only_waits_for_that_agent_in_another_queue_too() {
    let mut options = two_queues();
    let on = after_ten(vec![Action::MoveTo(name("p"))]);
    options.queues[0].escalations = vec![on];
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s a1 connects
        0s a3 on duty
        1s c1 arrives hotline asks a1 alone
        2s c1 topic t
        3s c2 arrives hotline asks a1 alone
        20s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a3 ready
        1s c1 waits for a1
        2s c1 moved to p
        2s c1 waits for a1
        3s c2 waits for a1
        13s c2 escalated r
        13s c2 moved to p
        13s c2 waits for a1
        ",
    );
    let mut story = served(two_queues());
    let told = story.tell(
        "
        3s c2 arrives hotline
        3s a2 accepts c2
        4s a1 transfers c1 agent a2
        5s c1 topic t
    ",
    );
    assert!(
        told.ends_with("5s c1 moved to p\n5s c1 waits for a2\n"),
        "{told}"
    );
}

#[test]
fn a_contact_that_only_prefers_an_agent_goes_to_anyone_in_another_queue() {
    let mut story = served(two_queues());
    let told =
        story.tell("3s c2 arrives hotline\n 4s a2 accepts c2\n 5s c3 arrives hotline asks a2");
    assert!(told.ends_with("5s c3 waits for a2\n"), "{told}");
    let told = story.tell("6s c3 topic t");
    assert_told(&told, "6s c3 moved to p\n 6s c3 offered to a3");
}

#[test]
fn a_contact_that_waits_anew_keeps_nothing_of_the_time_before() {
    let mut options = plain("a1");
    options.queues[0].escalations = vec![after_ten(vec![Action::Boost(Millis::from_s(25))])];
    let mut story = Story::new(options);
    story.tell(
        "
        0s c1 arrives hotline
        11s a1 on duty
        12s a1 accepts c1
        20s a1 transfers c1 queue q anew
        20s c2 arrives hotline
    ",
    );
    let due = |id| story.engine.contact(contact(id)).unwrap().due_at;
    assert_eq!(due("c1"), due("c2"));
    let told = story.tell("30s time passes");
    assert!(told.contains("30s c1 escalated r"), "{told}");
}

#[test]
fn the_fan_out_of_one_queues_rule_does_not_apply_in_another() {
    let mut options = two_queues();
    options.queues[0].escalations = vec![after_ten(vec![Action::FanOut(2)])];
    options.agents.push(agent("a4", "p", ""));
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s a3 a4 on duty
        0s c1 arrives hotline
        11s c1 topic t
        12s time passes
    ",
    );
    assert!(
        told.ends_with("11s c1 moved to p\n11s c1 offered to a3\n"),
        "{told}"
    );
}

#[test]
fn a_no_show_is_not_put_back_in_another_queue() {
    let mut options = two_queues();
    options.queues[0].pull = true;
    options.queues[0].no_show = NoShow::Requeue { places: None };
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives storefront
        5s c2 arrives storefront
        6s a1 pulls q c1
        7s a1 misses c1
        8s c1 topic t
        8s c2 topic t
    ",
    );
    let due = |id| story.engine.contact(contact(id)).unwrap().due_at;
    assert!(due("c1") < due("c2"));
}

#[test]
fn the_transfer_target_is_kept_when_another_agent_declines() {
    let mut options = plain("a1 a2 a3");
    options.agents[2].queues = vec![name("q")];
    let mut story = served(options);
    let told = story.tell(
        "
        3s c2 arrives hotline
        3s a2 accepts c2
        4s a1 transfers c1 agent a2
        5s assign c1 a3
        6s a3 declines c1.2
    ",
    );
    assert!(told.contains("4s c1 waits for a2"), "{told}");
    assert!(told.ends_with("6s c1 waits for a2\n"), "{told}");
}

#[test]
fn a_number_has_one_open_callback_in_a_queue_however_it_gets_there() {
    let mut options = two_queues();
    options.queues[0].escalations = vec![after_ten(vec![Action::MoveTo(name("p"))])];
    let mut story = Story::new(options);
    story.tell(
        "
        0s c1 arrives hotline topic t phone 13800138000
        0s c1 wants a call
        0s c2 arrives hotline phone 13800138000
        0s c2 wants a call
    ",
    );
    assert_eq!(story.tell("1s c2 topic t"), "");
    let told = story.tell("12s time passes");
    assert_told(&told, "10s c2 escalated r");
    let told = story.tell("13s c1 cancelled");
    assert!(told.contains("13s c2 moved to p"), "{told}");
}

#[test]
fn a_scheduled_contact_that_requests_a_call_still_enters_at_its_time() {
    let mut story = Story::new(two_queues());
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives app at 3600s phone 13800138000
        1s assign c1 a1
        1s c1 wants a call
        2s a1 declines c1
        3s c1 topic t
        3599s time passes
    ",
    );
    assert!(told.contains("3s c1 moved to p"), "{told}");
    assert!(!told.contains("queued"), "{told}");
    let told = story.tell("3600s time passes");
    assert_told(&told, "3600s c1 queued in p");
}

#[test]
fn a_failed_call_is_not_repeated_at_once_because_the_queue_was_removed() {
    let mut options = two_queues();
    options.queues.push(queue("old"));
    options.agents[0].queues.push(name("old"));
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline old phone 13800138000
        0s c1 wants a call
        1s a1 accepts c1
        2s a1 reaches nobody c1
    ",
    );
    reload(&mut story, two_queues());
    let told = story.tell("30s time passes");
    assert!(!told.contains("offered"), "{told}");
    let told = story.tell("3600s time passes");
    assert!(told.contains("c1 offered to a1"), "{told}");
}
