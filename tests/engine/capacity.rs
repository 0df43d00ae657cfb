//! Limits on capacity: one pool over all channels, categories, a part reserved for some tiers.

use switchboard::engine::options::{CapacityReserve, CategoryOptions};
use switchboard::engine::view::Obstacle;

use crate::reloads::reload;
use crate::tell::{Story, assert_told, contact, name, plain, tell};

pub(crate) fn obstacle(story: &Story, id: &str) -> Obstacle {
    let explanation = story.engine.explain(contact(id), story.now).unwrap();
    explanation.candidates[0].failed.clone().unwrap()
}

#[test]
fn capacity_is_one_pool_over_all_channels() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 accepts c1
        1s c2 arrives hotline
        2s a1 completes c1
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c1 accepted by a1 after 0s
        1s c2 queued in q
        2s c1 completed
        2s c2 offered to a1
    ",
    );
}

#[test]
fn the_smaller_of_what_the_agent_and_the_channel_allow_applies() {
    let mut options = plain("a1 a2");
    options.agents[0].capacity = 40;
    options.channels.0[0].max = 3;
    let told = tell(
        options,
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 accepts c1
        0s c2 arrives app
        0s a1 accepts c2
        0s c3 arrives app
        1s a2 on duty
        1s a2 accepts c3
        2s c4 arrives app
        2s a2 accepts c4
        3s c5 arrives app
        3s a2 accepts c5
        4s c6 arrives app
    ",
    );
    assert!(
        told.contains("0s c3 queued in q"),
        "40 of capacity are two texts:\n{told}"
    );
    assert!(told.contains("3s c5 accepted by a2"), "{told}");
    assert!(
        told.ends_with("4s c6 queued in q\n"),
        "the channel allows three:\n{told}"
    );
}

/// How many of seven complaints, each costing 20, an agent with capacity 100 gets.
fn held(category_max: Option<u32>, channel_max: Option<u32>) -> usize {
    let mut options = plain("a1");
    options.queues[0].topics = vec![name("complaint")];
    let categories = category_max.map(|max| CategoryOptions {
        name: name("hard"),
        max,
        topics: vec![name("complaint")],
    });
    options.capacity.categories = categories.into_iter().collect();
    options.channels.0[0].cost = 20;
    // Without a limit on the channel, the capacity decides.
    options.channels.0[0].max = channel_max.unwrap_or(5);
    let arrivals = (1..=7).map(|n| format!("{n}s c{n} arrives app topic complaint\n"));
    let story = format!(
        "0s a1 connects\n0s a1 ready\n{}",
        arrivals.collect::<String>()
    );
    let accepts = (1..=7).map(|n| format!("8s a1 accepts c{n}\n"));
    let told = tell(options, &(story + &accepts.collect::<String>()));
    told.matches(" accepted by a1").count()
}

#[test]
fn of_several_limits_the_smallest_applies_and_if_one_is_not_set_the_next() {
    assert_eq!(held(Some(2), Some(3)), 2, "the category's");
    assert_eq!(held(Some(4), Some(3)), 3, "the channel's");
    assert_eq!(held(None, Some(3)), 3, "the channel's alone");
    assert_eq!(held(None, None), 5, "the agent's capacity");
}

#[test]
fn no_agent_has_more_of_a_category_than_allowed() {
    let mut options = plain("a1");
    options.queues[0].topics = vec![name("complaint"), name("billing")];
    options.capacity.categories = vec![CategoryOptions {
        name: name("hard"),
        max: 1,
        topics: vec![name("complaint")],
    }];
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives app topic complaint
        0s a1 accepts c1
        1s c2 arrives app topic complaint
        2s c3 arrives app topic billing
        2s a1 accepts c3
    ",
    );
    assert!(
        told.ends_with("1s c2 queued in q\n2s c3 offered to a1\n2s c3 accepted by a1 after 0s\n"),
        "{told}"
    );
    let full = Obstacle::CategoryFull {
        category: name("hard"),
        max: 1,
    };
    assert_eq!(obstacle(&story, "c2"), full);
    let told = story.tell("3s c1 topic billing");
    assert_told(&told, "3s c2 offered to a1");
}

#[test]
fn capacity_reserved_for_some_tiers_is_not_used_by_others() {
    let mut options = plain("a1");
    options.capacity.reserve = Some(CapacityReserve {
        units: 60,
        tiers: vec![name("diamond")],
    });
    let mut story = Story::new(options);
    let told = story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 accepts c1
        1s c2 arrives app
        1s a1 accepts c2
        2s c3 arrives app
        3s c4 arrives app tier diamond
        3s a1 accepts c4
    ",
    );
    assert!(
        told.ends_with("2s c3 queued in q\n3s c4 offered to a1\n3s c4 accepted by a1 after 0s\n"),
        "{told}"
    );
    let kept = Obstacle::CapacityKept {
        used: 40,
        open: 40,
        cost: 20,
    };
    assert_eq!(obstacle(&story, "c3"), kept);
    let told = story.tell(
        "
        4s c2 recognised diamond
        4s a1 accepts c3
        5s a1 completes c1
        5s a1 completes c2
        5s a1 completes c3
        5s a1 completes c4
        6s c5 arrives hotline
    ",
    );
    assert!(told.starts_with("4s c3 offered to a1\n"), "{told}");
    assert!(
        told.ends_with("6s c5 offered to a1\n"),
        "an agent with nothing in hand takes one of any size:\n{told}"
    );
}

#[test]
fn an_offer_that_no_longer_fits_is_withdrawn() {
    let mut options = plain("a1");
    options.capacity.categories = vec![CategoryOptions {
        name: name("hard"),
        max: 1,
        topics: vec![name("complaint")],
    }];
    options.capacity.reserve = Some(CapacityReserve {
        units: 60,
        tiers: vec![name("diamond")],
    });
    let mut story = Story::new(options.clone());
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app topic complaint
        0s a1 accepts c1
        1s c2 arrives app
    ",
    );
    let told = story.tell("2s c2 topic complaint\n 3s a1 accepts c2");
    assert!(told.contains("2s c2 queued in q"), "{told}");
    assert!(told.ends_with("refused stale_offer\n"), "{told}");
    let told = story.tell(
        "
        4s c3 arrives app
        4s a1 accepts c3
        5s c4 arrives app tier diamond
        5s a1 accepts c4
        6s c5 arrives app tier diamond
        7s c5 recognised basic
        8s a1 accepts c5
    ",
    );
    assert!(told.contains("7s c5 queued in q"), "{told}");
    assert!(told.ends_with("refused stale_offer\n"), "{told}");
    story.tell("9s c6 arrives app tier diamond");
    options.agents[0].capacity = 60;
    reload(&mut story, options);
    let told = story.tell("10s a1 accepts c6");
    assert!(told.contains("9s c6 queued in q"), "{told}");
    assert!(told.ends_with("refused stale_offer\n"), "{told}");
}

#[test]
fn capacity_that_a_contact_in_hand_will_need_is_not_offered() {
    let mut options = plain("a1");
    options.capacity.categories = vec![CategoryOptions {
        name: name("hard"),
        max: 1,
        topics: vec![name("complaint")],
    }];
    options.capacity.reserve = Some(CapacityReserve {
        units: 60,
        tiers: vec![name("diamond")],
    });
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app tier diamond
        0s a1 accepts c1
        1s c2 arrives app topic complaint
    ",
    );
    let told = story.tell("2s c1 topic complaint\n 3s a1 accepts c2");
    assert_told(
        &told,
        "
        2s c2 withdrawn from a1
        2s c2 queued in q
        3s a1 accepts c2: refused stale_offer
    ",
    );
    let told = story.tell(
        "
        4s c3 arrives app
        4s c4 arrives app
        5s c1 recognised basic
        5s a1 accepts c4
        5s a1 accepts c3
    ",
    );
    assert_told(
        &told,
        "
        4s c3 offered to a1
        4s c4 offered to a1
        5s c4 withdrawn from a1
        5s c4 queued in q
        5s a1 accepts c4: refused stale_offer
        5s c3 accepted by a1 after 1s
    ",
    );
}
