//! Rules that reserve the next agent for a contact.

use switchboard::domain::ContactId;
use switchboard::engine::options::{Action, Trigger};

use crate::actions::{doing, two_queues};
use crate::escalations::only_if;
use crate::tell::{Story, assert_told, plain, tell};

#[test]
fn the_next_agent_is_reserved_for_one_contact_at_a_time() {
    let mut options = plain("a1 a2 a3");
    let mut reserve = only_if("contact.attributes.burning == 'yes'");
    reserve.actions = vec![Action::ReserveNext];
    options.queues[0].escalations = vec![reserve];
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s c1 arrives hotline tier diamond
        1s c2 arrives hotline
        2s c3 arrives hotline
        3s c2 attribute burning yes
        4s c3 attribute burning yes
        5s a1 on duty
        5s a1 declines c2
        6s a2 on duty
        6s a2 accepts c2.2
        7s a3 on duty
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        1s c2 queued in q
        2s c3 queued in q
        3s c2 escalated r
        4s c3 escalated r
        5s a1 ready
        5s c2 offered to a1
        5s c2 declined by a1
        5s c2 queued in q
        5s c1 offered to a1
        6s a2 ready
        6s c2 offered to a2
        6s c2 accepted by a2 after 5s
        7s c1 not delivered to a1
        7s c1 queued in q
        7s a3 ready
        7s c3 offered to a3
    ",
    );
}

#[test]
fn a_second_reservation_of_the_next_agent_follows_the_first() {
    let mut options = plain("a1 a2");
    let mut reserve = doing(vec![Action::ReserveNext]);
    reserve.when = Some(Trigger::SentimentBelow(-0.5));
    options.queues[0].escalations = vec![reserve];
    let mut story = Story::new(options);
    story.tell(
        "
        0s c1 arrives hotline
        1s c2 arrives hotline
        2s c3 arrives hotline
        3s c4 arrives hotline
        4s c3 sentiment -0.9
        5s c4 sentiment -0.9
        6s c2 sentiment -0.9
        7s c5 arrives hotline
        8s a1 on duty
        9s a1 accepts c3
    ",
    );
    let reserved = |story: &Story| {
        let of = (1..=5).filter(|id| {
            let contact = story.engine.contact(ContactId(*id)).unwrap();
            contact.is_reserved
        });
        of.collect::<Vec<u128>>()
    };
    assert_eq!(reserved(&story), [2], "due before c4");
    story.tell("10s c2 leaves");
    assert_eq!(reserved(&story), [4]);
    let told = story.tell("11s a2 connects\n 11s a2 ready\n 12s a2 accepts c4");
    assert!(told.contains("11s c4 offered to a2"), "{told}");
    assert_eq!(reserved(&story), Vec::<u128>::new());
}

#[test]
fn an_agent_who_calls_the_next_contact_gets_the_reserved_one() {
    let mut options = plain("a1");
    options.queues[0].pull = true;
    let mut reserve = only_if("contact.attributes.burning == 'yes'");
    reserve.actions = vec![Action::ReserveNext];
    options.queues[0].escalations = vec![reserve];
    let mut story = Story::new(options);
    story.tell(
        "
        0s c1 arrives storefront
        1s c2 arrives storefront
        3s c2 attribute burning yes
        5s a1 on duty
    ",
    );
    let position = |id: u128| {
        let contact = story.engine.contact(ContactId(id));
        contact.unwrap().position
    };
    assert_eq!((position(1), position(2)), (Some(2), Some(1)));
    assert_told(&story.tell("6s a1 pulls q"), "6s c2 called by a1");
}

#[test]
fn an_agent_is_reserved_also_for_a_contact_being_offered() {
    let mut options = plain("a1 a2");
    options.queues[0].escalations = vec![doing(vec![Action::ReserveNext])];
    let told = tell(
        options,
        "
        0s a1 on duty
        1s c1 arrives hotline
        1s a1 delivers c1
        12s a1 declines c1
        12s a1 not_ready lunch
        13s c2 arrives hotline tier diamond
        14s a2 on duty
    ",
    );
    assert!(
        told.ends_with("14s a2 ready\n14s c1 offered to a2\n"),
        "{told}"
    );
}

#[test]
fn a_scheduled_contact_keeps_no_agent_reserved_until_its_time() {
    let mut rule = doing(vec![Action::ReserveNext]);
    rule.when = Some(Trigger::SentimentBelow(-0.5));
    let mut story = Story::new(two_queues(rule));
    let told = story.tell(
        "
        0s a1 on duty
        1s c1 arrives hotline q at 5000s
        2s assign c1 a1
        2s a1 delivers c1
        3s c1 sentiment -0.9
        4s a1 declines c1
        5s c2 arrives hotline q
        5s a1 accepts c2
        6s c3 arrives hotline q tier diamond
        7s c4 arrives hotline q
        8s c4 sentiment -0.9
        9s a1 completes c2
    ",
    );
    assert!(told.contains("3s c1 escalated r"), "{told}");
    assert!(
        told.ends_with("9s c2 completed\n9s c4 offered to a1\n"),
        "{told}"
    );
}
