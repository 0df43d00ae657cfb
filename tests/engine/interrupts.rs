//! Which channels may interrupt which, and what happens to interrupted contacts.

use switchboard::domain::{Channel, Millis};
use switchboard::engine::options::{CapacityReserve, Interrupt, Interrupts, Options};
use switchboard::engine::view::Obstacle;

use crate::capacity::obstacle;
use crate::reloads::reload;
use crate::tell::{Story, agent, assert_told, contact, name, plain, tell};

fn with_interrupt(new: Channel, current: Channel, interrupt: Interrupt) -> Options {
    let mut options = plain("a1");
    let mut interrupts = Interrupts::default();
    *interrupts.0.get_mut(new).get_mut(current) = interrupt;
    options.capacity.interrupts = Some(interrupts);
    options
}

#[test]
fn contacts_interrupted_twice_resume_one_after_the_other() {
    let mut options = with_interrupt(Channel::Hotline, Channel::Wechat, Interrupt::Hold);
    let interrupts = options.capacity.interrupts.as_mut().unwrap();
    *interrupts
        .0
        .get_mut(Channel::Storefront)
        .get_mut(Channel::Hotline) = Interrupt::Hold;
    *interrupts
        .0
        .get_mut(Channel::Storefront)
        .get_mut(Channel::Wechat) = Interrupt::Hold;
    let told = tell(
        options,
        "
        0s a1 on duty
        0s c1 arrives wechat
        0s a1 accepts c1
        1s c2 arrives hotline
        1s a1 accepts c2
        2s c3 arrives storefront
        2s a1 accepts c3
        3s a1 completes c3
        4s a1 completes c2
    ",
    );
    let (_, since) = told.split_once("1s").unwrap();
    assert_told(
        &format!("1s{since}"),
        "
        1s c2 offered to a1
        1s c2 accepted by a1 after 0s
        1s c1 interrupted
        2s c3 offered to a1
        2s c3 accepted by a1 after 0s
        2s c2 interrupted
        3s c3 completed
        3s c2 resumed
        4s c2 completed
        4s c1 resumed
    ",
    );
}

#[test]
fn a_call_interrupts_chats_which_resume_in_order_when_it_has_ended() {
    let options = with_interrupt(Channel::Hotline, Channel::Wechat, Interrupt::Hold);
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives wechat
        0s a1 accepts c1
        1s c2 arrives wechat
        1s a1 accepts c2
        2s a1 holds c2
        3s c3 arrives hotline
        4s a1 accepts c3
        5s c4 arrives wechat
        5s a1 unholds c1
        6s a1 completes c3
    ",
    );
    let (_, since) = told.split_once("3s").unwrap();
    assert_told(
        &format!("3s{since}"),
        "
        3s c3 offered to a1
        4s c3 accepted by a1 after 1s
        4s c1 interrupted
        4s c2 interrupted
        5s c4 queued in q
        5s a1 unholds c1: refused interrupted
        6s c3 completed
        6s c2 resumed
        6s c1 resumed
        6s c4 offered to a1
    ",
    );
    let held = |id| {
        story
            .engine
            .contact(contact(id))
            .unwrap()
            .held_since
            .is_some()
    };
    assert!(!held("c1") && held("c2"), "what the agent held stays held");
}

#[test]
fn a_wrap_up_is_interrupted_and_an_offer_is_not() {
    let mut options = with_interrupt(Channel::Hotline, Channel::Wechat, Interrupt::Hold);
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives wechat
        0s c2 arrives hotline
        1s a1 accepts c1
        1s a1 declines c2
        2s a1 completes c1
        3s c3 arrives hotline
        4s a1 accepts c3
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c2 queued in q
        1s c1 accepted by a1 after 1s
        1s c2 offered to a1
        1s c2 declined by a1
        1s c2 queued in q
        2s c1 wrap-up
        3s c3 offered to a1
        4s c3 accepted by a1 after 1s
    ",
    );
    let view = story.engine.agent("a1").unwrap();
    assert_eq!((view.contacts.len(), view.capacity_used), (2, 100));
}

#[test]
fn some_channels_are_never_beside_others() {
    let mut options = with_interrupt(Channel::App, Channel::Wechat, Interrupt::No);
    options.agents[0].capacity = 200;
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives wechat
        0s a1 accepts c1
        1s c2 arrives app
        2s c3 arrives hotline
        3s a1 accepts c3
    ",
    );
    assert!(
        told.ends_with("1s c2 queued in q\n2s c3 offered to a1\n3s c3 accepted by a1 after 1s\n"),
        "{told}"
    );
    let not_beside = Obstacle::NotBeside {
        current: Channel::Wechat,
    };
    assert_eq!(obstacle(&story, "c2"), not_beside);
    assert_told(
        &story.tell("5s a1 completes c1"),
        "
        5s c1 completed
        5s c2 offered to a1
    ",
    );
}

#[test]
fn a_reload_without_interrupts_lets_held_contacts_resume() {
    let options = with_interrupt(Channel::Hotline, Channel::Wechat, Interrupt::Hold);
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives wechat
        0s a1 accepts c1
        1s c2 arrives hotline
        1s a1 accepts c2
    ",
    );
    let configure = switchboard::engine::command::SiteCommand::Configure(plain("a1").into());
    let command = switchboard::engine::command::Command::Site(configure);
    story.command(command).unwrap();
    assert_told(&story.tell("2s time passes"), "1s c1 resumed");
}

#[test]
fn contacts_that_an_open_offer_will_hold_do_not_count_beside_it() {
    let options = with_interrupt(Channel::Hotline, Channel::Wechat, Interrupt::Hold);
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives wechat
        0s a1 accepts c1
        1s c2 arrives hotline
    ",
    );
    assert!(told.ends_with("1s c2 offered to a1\n"), "{told}");
    let agent = story.engine.agent("a1").unwrap();
    assert!(agent.capacity_used <= agent.capacity, "{agent:?}");
}

#[test]
fn a_contact_that_conflicts_with_an_open_offer_does_not_withdraw_it() {
    let mut options = with_interrupt(Channel::Hotline, Channel::App, Interrupt::No);
    options.channels.get_mut(Channel::Hotline).cost = 50;
    options.capacity.reserve = Some(CapacityReserve {
        units: 10,
        tiers: vec![name("diamond")],
    });
    let mut story = Story::new(options.clone());
    story.tell(
        "
        0s a1 on duty
        1s c1 arrives hotline
        1s a1 delivers c1
        1s c2 arrives app
        1s a1 delivers c2
    ",
    );
    options.overtake_max = Millis::from_s(999);
    reload(&mut story, options);
    let told = story.tell(
        "
        3s c1 recognised diamond
        4s a1 accepts c1
        4s a1 accepts c2
    ",
    );
    assert_told(
        &told,
        "
        4s c1 accepted by a1 after 3s
        4s c2 accepted by a1 after 3s
    ",
    );
}

#[test]
fn an_interrupted_customer_joins_no_conference() {
    let mut options = with_interrupt(Channel::Hotline, Channel::Wechat, Interrupt::Hold);
    options.agents.push(agent("a2", "q", ""));
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives wechat
        0s a1 accepts c1
        1s a2 on duty
        2s a1 consults c1 agent a2
        3s a2 accepts c1.2
        4s a2 not_ready break
        5s c2 arrives hotline
        6s a1 accepts c2
        7s a1 confers c1
        8s a1 completes c2
        9s a1 confers c1
    ",
    );
    assert!(
        told.ends_with(
            "6s c1 interrupted\n7s a1 confers c1: refused interrupted\n8s c2 completed\n\
             8s c1 resumed\n9s c1 in conference with a2\n"
        ),
        "{told}"
    );
}
