//! Missed offers: strikes, by degrees, and what clears them.

use switchboard::domain::Channel;

use crate::tell::{Story, assert_told, plain, tell};

#[test]
fn any_accept_clears_the_strikes() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 delivers c1
        50s a1 delivers c1.2
        51s a1 accepts c1.2
        60s c2 arrives app
        60s a1 delivers c2
        80s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        20s c1 not answered by a1
        20s a1 app cooling_down
        20s c1 queued in q
        30s c1 may go to a1 again
        50s a1 app ok
        50s c1 offered to a1
        51s c1 accepted by a1 after 51s
        60s c2 offered to a1
        80s c2 not answered by a1
        80s a1 app cooling_down
        80s c2 queued in q
    ",
    );
}

#[test]
fn strikes_come_by_degrees_until_the_agent_is_not_ready() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 delivers c1
        0s c2 arrives wechat
        1s a1 delivers c2
        22s c3 arrives storefront
        22s a1 delivers c3
        43s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c2 offered to a1
        20s c1 not answered by a1
        20s a1 app cooling_down
        20s c1 queued in q
        21s c2 not answered by a1
        21s a1 wechat suspended
        21s c2 queued in q
        22s c3 offered to a1
        30s c1 may go to a1 again
        31s c2 may go to a1 again
        42s c3 not answered by a1
        42s a1 storefront suspended
        42s a1 not_ready (no_answer)
        42s c3 queued in q
    ",
    );
}

#[test]
fn strikes_expire_from_the_last_one_however_long_ago_the_first_was() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 delivers c1
        25s c1 leaves
        700s c2 arrives app
        700s a1 delivers c2
        725s c2 leaves
        760s c3 arrives app
        760s a1 delivers c3
        781s time passes
    ",
    );
    let health: Vec<&str> = told
        .lines()
        .filter(|line| line.contains("a1 app"))
        .collect();
    assert_eq!(
        health,
        [
            "20s a1 app cooling_down",
            "50s a1 app ok",
            "720s a1 app cooling_down",
            "750s a1 app ok",
            "780s a1 app suspended",
        ]
    );
}

#[test]
fn of_the_contacts_freed_by_the_third_strike_the_one_due_first_goes_to_another_agent_first() {
    let mut options = plain("a1 a2");
    options.agents[1].capacity = 20;
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 delivers c1
        20s c1 leaves
        22s c2 arrives storefront
        22s a1 delivers c2
        42s c2 leaves
        52s c3 arrives app
        52s a1 delivers c3
        53s c4 arrives wechat
        53s a1 delivers c4
    ",
    );
    let told = story.tell("60s a2 connects\n 60s a2 ready\n 72s time passes");
    assert_told(
        &told,
        "
        60s a2 ready
        72s c3 not answered by a1
        72s a1 app suspended
        72s c4 withdrawn from a1
        72s a1 not_ready (no_answer)
        72s c3 offered to a2
        72s c4 queued in q
    ",
    );
}

#[test]
fn offers_that_end_together_all_end_before_the_agent_is_offered_anybody_else() {
    let mut options = plain("a1");
    let app = options.channels.get_mut(Channel::App);
    (app.cost, app.max) = (50, 2);
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives storefront
        0s a1 delivers c1
        20s c1 leaves
        60s c2 arrives app
        61s c3 arrives app
        61s a1 delivers c2
        61s a1 delivers c3
        62s c4 arrives wechat
    ",
    );
    let told = story.tell("81s time passes");
    assert_told(
        &told,
        "
        81s c2 not answered by a1
        81s c3 not answered by a1
        81s a1 app suspended
        81s a1 app suspended
        81s a1 not_ready (no_answer)
        81s c2 queued in q
        81s c3 queued in q
    ",
    );
}

#[test]
fn agents_freed_together_take_the_contact_due_first_and_not_each_other_s() {
    let mut options = plain("a1 a2");
    let app = options.channels.get_mut(Channel::App);
    (app.cost, app.max) = (100, 1);
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s a2 on duty
        1s c1 arrives app
        1s c2 arrives hotline
        1s a1 delivers c1
        1s a2 delivers c2
        2s c3 arrives hotline tier diamond
    ",
    );
    let told = story.tell("21s time passes");
    assert_told(
        &told,
        "
        21s c1 not answered by a1
        21s c2 not answered by a2
        21s a1 app cooling_down
        21s a2 hotline cooling_down
        21s c1 queued in q
        21s c2 queued in q
        21s c3 offered to a1
        21s c1 offered to a2
    ",
    );
}

#[test]
fn a_request_for_help_ends_together_with_an_offer() {
    let mut options = plain("a1 a2");
    let app = options.channels.get_mut(Channel::App);
    (app.cost, app.max) = (50, 2);
    options.agents[1].capacity = 50;
    let mut story = Story::new(options);
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives storefront
        0s a1 delivers c1
        20s c1 leaves
        51s a2 on duty
        52s c2 arrives app q asks a2
        52s a2 accepts c2
        60s c3 arrives app
        60s a1 delivers c3
        60s a2 consults c2 agent a1
        60s a1 delivers c2.2
        61s c4 arrives wechat
    ",
    );
    let told = story.tell("80s time passes");
    assert!(told.contains("80s a1 not_ready (no_answer)"), "{told}");
    assert!(!told.contains("offered to"), "{told}");
    assert!(told.ends_with("80s c3 queued in q\n"), "{told}");
}

#[test]
fn a_missed_assignment_does_not_end_a_suspension() {
    let mut options = plain("a1");
    options.agents[0].capacity = 200;
    let told = tell(
        options,
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 delivers c1
        20s c1 leaves
        55s c2 arrives hotline
        55s a1 delivers c2
        75s c2 leaves
        80s c3 arrives app
        80s a1 accepts c3
        90s c4 arrives hotline
        90s assign c4 a1
        90s a1 delivers c4
        200s time passes
    ",
    );
    assert!(told.contains("75s a1 hotline suspended"), "{told}");
    let (_, after) = told.split_once("75s a1 hotline suspended").unwrap();
    assert!(!after.contains("a1 hotline ok"), "{told}");
    assert_eq!(after.matches("c4 offered to a1").count(), 1, "{told}");
}
