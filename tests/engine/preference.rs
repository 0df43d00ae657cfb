//! Contacts that request an agent, and agents who know the customer.

use switchboard::domain::{Channel, Millis};
use switchboard::engine::options::{CategoryOptions, DirectToManager, Options};

use crate::tell::{Story, assert_told, name, plain, queue, tell};

pub(crate) const SIGN_IN: &str = "
    0s a1 a2 on duty
";

pub(crate) fn told_after_sign_in(options: Options, story: &str) -> String {
    let told = tell(options, &format!("{SIGN_IN}{story}"));
    let lines = told.lines().skip(2).map(|line| format!("{line}\n"));
    lines.collect()
}

#[test]
fn a_contact_that_requests_an_agent_goes_to_that_agent() {
    let told = told_after_sign_in(plain("a1 a2"), "1s c1 arrives app q asks a2");
    assert_told(&told, "1s c1 waits for a2\n 1s c1 offered to a2");
    let told = told_after_sign_in(plain("a1 a2"), "1s c1 arrives app q asks a9");
    assert_told(&told, "1s c1 arrives app q asks a9: refused unknown_agent");
}

#[test]
fn a_busy_agent_is_waited_for_but_not_for_long() {
    let told = told_after_sign_in(
        plain("a1 a2"),
        "
        1s  c1 arrives hotline q asks a2
        1s  a2 delivers c1
        1s  a2 accepts c1
        2s  c2 arrives hotline q asks a2
        3s  c3 arrives hotline q asks a2
        30s a2 completes c1
        31s a2 delivers c2
        32s a2 accepts c2
        63s time passes
        ",
    );
    assert_told(
        &told,
        "
        1s c1 waits for a2
        1s c1 offered to a2
        1s c1 accepted by a2 after 0s
        2s c2 waits for a2
        3s c3 waits for a2
        30s c1 completed
        30s c2 offered to a2
        32s c2 accepted by a2 after 30s
        63s c3 queued in q
        63s c3 offered to a1
        ",
    );
}

#[test]
fn an_absent_agent_is_waited_for_only_if_no_other_will_do() {
    let told = tell(
        plain("a1 a2"),
        "
        0s a1 on duty
        1s  c1 arrives app q asks a2
        2s  c2 arrives app q asks a2 alone
        90s a2 connects
        91s a2 ready
        92s a2 delivers c2.1
        93s a2 declines c2.1
        95s a2 not_ready lunch
        99s a2 ready
        104s time passes
        ",
    );
    let told: Vec<&str> = told.lines().filter(|line| line.contains("c2")).collect();
    assert_told(
        &told.join("\n"),
        "
        2s c2 waits for a2
        91s c2 offered to a2
        93s c2 declined by a2
        93s c2 waits for a2
        103s c2 may go to a2 again
        103s c2 offered to a2
        ",
    );
}

fn to_managers(hold_s: i64) -> Options {
    let mut options = plain("a1 a2");
    options.agents[1].queues.clear();
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    options.direct_to_manager = Some(DirectToManager {
        tiers: vec![name("diamond")],
        channels: vec![Channel::Hotline],
        hold: Millis::from_s(hold_s),
    });
    options
}

#[test]
fn a_diamond_customer_is_put_through_to_the_account_manager() {
    let told = told_after_sign_in(
        to_managers(0),
        "
        1s c1 arrives hotline q tier diamond manager a2
        1s a2 delivers c1
        2s c2 arrives hotline q tier diamond manager a2
        3s c3 arrives app q tier diamond manager a2
        ",
    );
    assert_told(
        &told,
        "
        1s c1 waits for a2
        1s c1 offered to a2
        2s c2 offered to a1
        3s c3 queued in q
        ",
    );
    let told = told_after_sign_in(
        to_managers(0),
        "1s c1 arrives hotline q tier gold manager a2",
    );
    assert_told(&told, "1s c1 offered to a1");
}

#[test]
fn a_manager_in_wrap_up_is_waited_for() {
    let busy = "
        1s  c1 arrives hotline q tier diamond manager a2
        1s  a2 delivers c1
        1s  a2 accepts c1
        5s  c2 arrives hotline q tier diamond manager a2
        6s  a1 delivers c2
        6s  a1 accepts c2
        10s a2 completes c1
        11s c3 arrives hotline q tier diamond manager a2
    ";
    let begun = "
        1s c1 waits for a2
        1s c1 offered to a2
        1s c1 accepted by a2 after 0s
        5s c2 offered to a1
        6s c2 accepted by a1 after 1s
        10s c1 wrap-up
    ";
    // An agent serving a contact is not waited for; one in wrap-up is, briefly.
    let told = told_after_sign_in(to_managers(10), &format!("{busy} 15s a2 done c1"));
    let ends = "11s c3 waits for a2\n 15s c1 completed\n 15s c3 offered to a2";
    assert_told(&told, &format!("{begun}{ends}"));
    let told = told_after_sign_in(to_managers(10), &format!("{busy} 22s a1 completes c2"));
    let ends = "11s c3 waits for a2\n 21s c3 queued in q\n 22s c2 wrap-up";
    assert_told(&told, &format!("{begun}{ends}"));
    let told = told_after_sign_in(to_managers(0), &format!("{busy} 12s time passes"));
    assert_told(&told, &format!("{begun} 11s c3 queued in q"));
}

#[test]
fn a_manager_who_has_no_room_after_the_wrap_up_either_is_not_waited_for() {
    let chats = "
        1s c1 arrives wechat q asks a2
        1s a2 accepts c1
        2s c2 arrives wechat q asks a2
        2s a2 accepts c2
        3s a2 completes c1
    ";
    let told = |then: &str| {
        let story = format!("{chats}{then} 5s c3 arrives hotline q tier diamond manager a2");
        let told = told_after_sign_in(to_managers(60), &story);
        told.lines().last().map(str::to_owned)
    };
    assert_eq!(told("").as_deref(), Some("5s c3 offered to a1"));
    let both = "4s a2 completes c2\n";
    assert_eq!(told(both).as_deref(), Some("5s c3 waits for a2"));
}

#[test]
fn a_queue_may_prefer_those_who_know_the_customer() {
    let mut options = plain("a1 a2");
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let story = "
        1s  c1 arrives hotline q last a2
        2s  a2 delivers c1
        2s  a2 accepts c1
        3s  c2 arrives hotline q last a2
        4s  a1 delivers c2
        4s  a1 accepts c2
        8s  a1 completes c2
        9s  a2 completes c1
        10s c3 arrives hotline q last a2 manager a1
        18s a2 done c1
        20s time passes
    ";
    options.queues[0].prefer = Some(Millis::from_s(10));
    assert_told(
        &told_after_sign_in(options, story),
        "
        1s c1 waits for a2
        1s c1 offered to a2
        2s c1 accepted by a2 after 1s
        3s c2 offered to a1
        4s c2 accepted by a1 after 1s
        8s c2 wrap-up
        9s c1 wrap-up
        10s c3 waits for a1
        18s c1 completed
        20s c3 queued in q
        20s c3 offered to a2
        ",
    );
}

#[test]
fn no_contact_waits_for_an_agent_who_is_never_offered_such_contacts() {
    let mut options = plain("a1 a2");
    options.agents[1].capacity = 50;
    assert_told(
        &told_after_sign_in(options, "1s c1 arrives hotline q asks a2"),
        "1s c1 offered to a1",
    );
}

#[test]
fn no_contact_waits_for_an_agent_at_the_limit_of_its_category() {
    let mut options = plain("a1 a2");
    options.queues[0].prefer = Some(Millis::from_s(30));
    options.queues[0].topics = vec![name("complaint")];
    options.capacity.categories = vec![CategoryOptions {
        name: name("hard"),
        max: 1,
        topics: vec![name("complaint")],
    }];
    let story = "
        1s c1 arrives app topic complaint last a2
        1s a2 delivers c1
        1s a2 accepts c1
        2s c2 arrives app topic complaint last a2
        2s a1 delivers c2
    ";
    assert_told(
        &told_after_sign_in(options, story),
        "
        1s c1 waits for a2
        1s c1 offered to a2
        1s c1 accepted by a2 after 0s
        2s c2 offered to a1
        ",
    );
}

#[test]
fn an_awaited_agent_who_leaves_is_no_longer_waited_for() {
    let told = told_after_sign_in(
        plain("a1 a2"),
        "
        1s c1 arrives hotline q asks a2
        1s a2 delivers c1
        1s a2 accepts c1
        2s c2 arrives hotline q asks a2
        5s a2 drains
        ",
    );
    assert_told(
        &told,
        "
        1s c1 waits for a2
        1s c1 offered to a2
        1s c1 accepted by a2 after 0s
        2s c2 waits for a2
        5s a2 draining (end_of_shift)
        5s c2 queued in q
        5s c2 offered to a1
        ",
    );
}

#[test]
fn a_contact_for_one_agent_only_stays_so_after_an_early_offer() {
    let mut story = Story::new(plain("a1 a2 a3"));
    let told = story.tell(
        "
        0s a1 a3 on duty
        1s c1 arrives app q asks a2 alone at 60s
        2s assign c1 a1
        3s a1 declines c1
        60s time passes
    ",
    );
    assert!(told.contains("60s c1 waits for a2"), "{told}");
    assert!(!told.contains("60s c1 offered"), "{told}");
}

#[test]
fn a_contact_moved_away_from_its_requested_agent_is_not_sent_back() {
    let mut options = plain("a1 a2");
    options.queues.push(queue("p"));
    options.agents[1].queues = vec![name("p")];
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s a1 connects
        0s a2 on duty
        1s c1 arrives hotline q asks a1 alone phone 13800138000
        2s c1 wants a call
        3s a1 ready
        4s a1 accepts c1
        5s a1 transfers c1 queue p
        6s a2 accepts c1.2
        7s a2 reaches nobody c1
        700s time passes
    ",
    );
    assert!(told.contains("607s c1 offered to a2"), "{told}");
}

#[test]
fn a_customer_who_is_recognised_late_is_put_through_to_the_account_manager() {
    let late = "
        1s c1 arrives hotline q
        1s a1 delivers c1
        2s c2 arrives hotline q
        3s c2 recognised diamond a2
        4s c1 recognised diamond a2
    ";
    let told = told_after_sign_in(to_managers(0), late);
    assert_told(
        &told,
        "
        1s c1 offered to a1
        2s c2 queued in q
        3s c2 waits for a2
        3s c2 offered to a2
        ",
    );
    // Nobody is put through by what changes nothing, or waits for longer each time.
    let told = told_after_sign_in(
        to_managers(10),
        "
        1s  c1 arrives hotline q tier diamond manager a2
        1s  a2 delivers c1
        1s  a2 accepts c1
        2s  c2 arrives hotline q
        2s  a1 delivers c2
        2s  a1 accepts c2
        3s  c3 arrives hotline q
        4s  a2 completes c1
        5s  c3 recognised diamond a2
        15s time passes
        16s c3 recognised diamond a2
        ",
    );
    let told: Vec<&str> = told.lines().filter(|line| line.contains("c3")).collect();
    assert_told(
        &told.join("\n"),
        "
        3s c3 queued in q
        5s c3 waits for a2
        15s c3 queued in q
        ",
    );
}

#[test]
fn a_customer_who_is_recognised_late_is_offered_to_an_agent_who_knows_them() {
    let mut options = plain("a1 a2");
    options.queues[0].prefer = Some(Millis::from_s(20));
    options.queues[0].wrap_up = Some(Millis::from_s(10));
    let told = told_after_sign_in(
        options,
        "
        1s  c1 arrives hotline q
        1s  a1 accepts c1
        1s  c2 arrives hotline q
        1s  a2 accepts c2
        2s  c3 arrives hotline q
        3s  a2 completes c2
        4s  c3 recognised gold a2
        5s  a1 completes c1
        5s  a1 done c1
        13s time passes
        ",
    );
    let told: Vec<&str> = told.lines().filter(|line| line.contains("c3")).collect();
    assert_told(
        &told.join("\n"),
        "
        2s c3 queued in q
        4s c3 waits for a2
        13s c3 offered to a2
        ",
    );
}
