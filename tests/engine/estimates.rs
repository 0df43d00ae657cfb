//! Estimates of the remaining wait, and when there is none.

use switchboard::domain::Millis;
use switchboard::engine::options::{Options, Reserve, Step};
use switchboard::engine::view::{Obstacle, WaitEstimate};

use crate::tell::{Story, agent, centre, contact, hours, name, plain, queue, skills};

pub(crate) fn wait(story: &Story, id: &str) -> WaitEstimate {
    let told = story.engine.contact_as_of(contact(id), story.now);
    told.unwrap().wait
}

/// p50 and p90, in whole seconds.
#[track_caller]
pub(crate) fn seconds(story: &Story, id: &str) -> (i64, i64) {
    let wait = wait(story, id);
    let WaitEstimate::Within { p50, p90 } = wait else {
        panic!("{wait:?}");
    };
    (p50.whole_s(), p90.whole_s())
}

fn covered(after_s: i64, skip_unstaffed: bool) -> Options {
    let mut options = centre(
        vec![queue("vip"), queue("gen")],
        vec![
            agent("v1", "vip", ""),
            agent("g1", "gen", ""),
            agent("g2", "gen", ""),
        ],
    );
    options.queues[0].steps = vec![Step {
        after: Millis::from_s(after_s),
        requires: None,
        also_agents_of: vec![name("gen")],
        skip_unstaffed,
    }];
    options
}

#[test]
fn a_queue_that_another_one_covers_has_an_estimate_while_its_own_agents_are_away() {
    let mut story = Story::new(covered(2, true));
    story.tell(
        "
        0s g1 on duty
        0s c1 arrives hotline gen
        1s g1 accepts c1
        2s c2 arrives hotline vip
    ",
    );
    let explained = story.engine.explain(contact("c2"), story.now).unwrap();
    let mut candidates = explained.candidates.into_iter();
    let of_g1 = candidates.find(|one| one.agent == name("g1"));
    let failed = of_g1.and_then(|one| one.failed);
    assert!(matches!(failed, Some(Obstacle::NoCapacity { .. })));
    let (p50, p90) = seconds(&story, "c2");
    assert!((100..600).contains(&p50) && p50 < p90, "{p50} {p90}");
    let told = story.tell("60s g1 completes c1");
    assert!(told.contains("60s c2 offered to g1"), "{told}");
    // The last agent who could have taken another contact has gone.
    story.tell(
        "
        61s c3 arrives hotline vip
        62s g1 not_ready break
    ",
    );
    assert_eq!(wait(&story, "c3"), WaitEstimate::NobodyStaffed);
}

#[test]
fn nobody_staffed_is_shown_if_no_step_ever_admits_an_agent_present() {
    let mut options = centre(
        vec![queue("q")],
        vec![agent("a1", "q", ""), agent("a2", "q", "broadband 2")],
    );
    options.queues[0].requires = skills("broadband 2");
    options.queues[0].steps = vec![Step {
        after: Millis::from_s(3_000),
        requires: Some(skills("broadband 1")),
        also_agents_of: Vec::new(),
        skip_unstaffed: true,
    }];
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives hotline
    ",
    );
    assert_eq!(wait(&story, "c1"), WaitEstimate::NobodyStaffed);
}

#[test]
fn an_agent_of_a_later_step_takes_it_then_and_not_before() {
    let mut story = Story::new(covered(100, false));
    story.tell(
        "
        0s g1 on duty
        0s  c1 arrives hotline vip
        30s time passes
    ",
    );
    assert_eq!(seconds(&story, "c1"), (70, 70));
    let told = story.tell("100s time passes");
    assert!(told.contains("100s c1 offered to g1"), "{told}");
}

#[test]
fn a_lone_agent_in_wrap_up_is_waited_for_until_it_ends() {
    let mut options = plain("a1");
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s  c1 arrives hotline
        1s  a1 accepts c1
        2s  c2 arrives hotline
        60s a1 completes c1
        70s time passes
    ",
    );
    // 20 s of the wrap-up are left, and past estimates are assumed to be right.
    assert_eq!(seconds(&story, "c2").0, 20);
    story.tell("71s c3 arrives hotline");
    let (third, _) = seconds(&story, "c3");
    assert!(
        third > 150,
        "one wrap-up is over, the next one far: {third}"
    );
    let told = story.tell("90s time passes");
    assert!(told.contains("90s c2 offered to a1"), "{told}");
}

fn held(wait_s: i64) -> Story {
    let mut options = plain("b1 b2");
    options.direct_wait = Millis::from_s(wait_s);
    let mut story = Story::new(options);
    story.tell(
        "
        0s b1 b2 on duty
        1s c1 arrives hotline q asks b1
        2s b1 accepts c1
        3s c2 arrives hotline q asks b1
    ",
    );
    story
}

#[test]
fn a_contact_held_for_one_agent_waits_no_longer_than_it_is_held_while_another_is_free() {
    let mut story = held(8);
    assert_eq!(seconds(&story, "c2"), (8, 8));
    let told = story.tell("11s time passes");
    assert!(told.contains("11s c2 offered to b2"), "{told}");
}

#[test]
fn a_contact_for_one_agent_only_waits_for_that_agent_and_no_other() {
    let mut story = held(8);
    story.tell("4s c3 arrives hotline q asks b1 alone");
    let (third, _) = seconds(&story, "c3");
    assert!(third > 400, "c2 and c1 come before it: {third}");
    story.tell("20s c2 leaves");
    let (next, _) = seconds(&story, "c3");
    assert!((200..400).contains(&next), "{next}");
    story.tell("30s b1 not_ready break");
    assert_eq!(wait(&story, "c3"), WaitEstimate::NobodyStaffed);
}

#[test]
fn pull_queues_have_no_estimate() {
    let mut options = plain("a1");
    options.queues[0].pull = true;
    let mut story = Story::new(options);
    story.tell("0s c1 arrives storefront");
    assert_eq!(wait(&story, "c1"), WaitEstimate::NobodyStaffed);
    story.tell(
        "
        1s a1 on duty
    ",
    );
    assert_eq!(wait(&story, "c1"), WaitEstimate::NotOffered);
}

#[test]
fn nobody_is_staffed_if_the_only_requested_agent_lacks_the_capacity() {
    let mut options = plain("a1 a2");
    options.agents[1].capacity = 50;
    let mut story = Story::new(options);
    story.tell(
        "
        0s a2 on duty
        0s c1 arrives hotline asks a2 alone
    ",
    );
    assert_eq!(wait(&story, "c1"), WaitEstimate::NobodyStaffed);
}

#[test]
fn neither_talk_nor_time_after_hanging_up_counts_as_patience() {
    let estimate = |on_the_line: &str| {
        let agents = vec![agent("a1", "q", ""), agent("b1", "p", "")];
        let mut story = Story::new(centre(vec![queue("q"), queue("p")], agents));
        story.tell(
            "
            0s a1 on duty
            0s c1 arrives hotline q
            0s a1 accepts c1
            0s c2 arrives app p
            0s c3 arrives hotline q
            0s c4 arrives hotline q
            0s c5 arrives hotline q
            ",
        );
        story.tell(on_the_line);
        story.tell(
            "
            7000s c4 leaves
            7000s c5 leaves
            7000s c6 arrives hotline q
            7000s c7 arrives hotline q
            7000s c8 arrives hotline q
            ",
        );
        seconds(&story, "c8")
    };
    let short = estimate("10s b1 connects\n10s b1 ready\n10s b1 accepts c2");
    let talked = estimate(
        "10s b1 connects
         10s b1 ready
         10s b1 accepts c2
         5000s b1 transfers c2 queue p
         5000s b1 accepts c2",
    );
    assert_eq!(short, talked);
    let called = estimate(
        "10s c2 wants a call 13800000001
         6000s b1 on duty
         6000s b1 accepts c2",
    );
    assert_eq!(short, called);
}

#[test]
fn a_call_waits_for_the_end_of_the_only_chat_in_hand_and_a_chat_behind_it_for_that_of_the_call() {
    let mut options = plain("a1");
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s  c1 arrives app
        1s  a1 accepts c1
        2s  c2 arrives hotline
        60s a1 completes c1
        70s time passes
    ",
    );
    assert_eq!(seconds(&story, "c2").0, 20);
    let told = story.tell("90s time passes");
    assert!(told.contains("90s c2 offered to a1"), "{told}");
    story.tell(
        "
        91s  a1 accepts c2
        92s  c3 arrives hotline
        93s  c4 arrives app
        200s a1 completes c2
        210s time passes
    ",
    );
    let (call, _) = seconds(&story, "c3");
    assert!(
        call <= 20,
        "what is learned is that waits are shorter: {call}"
    );
    let (chat, _) = seconds(&story, "c4");
    assert!(chat > 150, "c3 takes a1 before: {chat}");
}

#[test]
fn agents_reserved_for_others_are_waited_for_until_they_are_released() {
    let mut options = plain("a1 a2 a3");
    options.overtake_max = Millis::from_s(600);
    options.queues[0].reserve = Some(Reserve {
        agents: 2,
        tiers: vec![name("gold")],
    });
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 a2 on duty
        0s c1 arrives hotline
    ",
    );
    assert_eq!(seconds(&story, "c1"), (600, 600));
    story.tell(
        "
        1s c2 arrives hotline tier gold
        1s a1 accepts c2
        2s a3 on duty
    ",
    );
    let (p50, _) = seconds(&story, "c1");
    assert!(p50 < 600, "c2 will end before: {p50}");
}

#[test]
fn nobody_is_staffed_if_it_fits_into_the_capacity_of_no_agent_who_is_there() {
    let mut options = centre(
        vec![queue("q"), queue("p")],
        vec![agent("a1", "q", ""), agent("a2", "q p", "")],
    );
    options.agents[0].capacity = 60;
    options.queues[0].steps = vec![Step {
        after: Millis::from_s(300),
        requires: None,
        also_agents_of: vec![name("p")],
        skip_unstaffed: false,
    }];
    let mut story = Story::new(options);
    story.tell("0s a1 on duty\n 1s c1 arrives hotline");
    assert_eq!(wait(&story, "c1"), WaitEstimate::NobodyStaffed);
    story.tell("2s a2 on duty\n 2s a2 accepts c1\n 3s c2 arrives hotline");
    assert_ne!(wait(&story, "c2"), WaitEstimate::NobodyStaffed);
}

#[test]
fn agents_beyond_the_kept_ones_are_counted_across_all_groups() {
    let mut options = plain("a0");
    options.queues[0].reserve = Some(Reserve {
        agents: 1,
        tiers: vec![name("gold")],
    });
    let one = |number: usize| agent(&format!("a{number}"), "q", &format!("s{number} 1"));
    options.agents = (0..40).map(one).collect();
    let mut story = Story::new(options);
    for number in [1, 3, 5, 7, 9, 11] {
        story.tell(&format!(
            "
            0s a{number} connects
            0s a{number} ready
            0s c{number} arrives hotline tier gold
            0s a{number} accepts c{number}
        "
        ));
    }
    story.tell("1s c12 arrives hotline");
    let wait = wait(&story, "c12");
    assert!(matches!(wait, WaitEstimate::Within { .. }), "{wait:?}");
}

#[test]
fn a_wait_beyond_closing_has_only_an_upper_bound() {
    let mut options = plain("a1");
    options.hours = vec![hours("short", "00:00-00:10 00:20-00:40")];
    options.queues[0].hours = Some(name("short"));
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s  c1 arrives hotline
        1s  a1 accepts c1
        10s c2 arrives hotline
    ",
    );
    let (p50, p90) = seconds(&story, "c2");
    assert!(p50 < 590 && p90 < 590, "{p50} {p90}");
    let over_s = 600 - (p50 + p90) / 2;
    story.tell(&format!(
        "{over_s}s c2 leaves\n {over_s}s c3 arrives hotline"
    ));
    let (p50, p90) = seconds(&story, "c3");
    assert!(p50 < 600 - over_s && p90 > 1_200 - over_s, "{p50} {p90}");
    story.tell("580s c3 leaves\n 580s c4 arrives hotline");
    assert_eq!(wait(&story, "c4"), WaitEstimate::Closed);
}
