//! Agents who connect, leave and are lost: intent and session are independent, and the fate of
//! their contacts follows from both.

use switchboard::domain::Timestamp;
use switchboard::engine::command::{Command, SiteCommand};

use crate::tell::{Story, agent, assert_told, centre, plain, queue, skills, tell};

#[test]
fn connecting_and_reconnecting_never_make_anyone_ready() {
    let told = tell(
        plain("a1"),
        "
        0s c1 arrives app
        1s a1 connects
        2s a1 ready
        3s a1 not_ready lunch
        4s a1 lost
        5s a1 connects
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        2s a1 ready
        2s c1 offered to a1
        3s c1 withdrawn from a1
        3s a1 not_ready (lunch)
        3s c1 queued in q
        4s a1 lost
    ",
    );
}

#[test]
fn a_lost_socket_withdraws_open_offers_and_leaves_served_contacts_alone() {
    let told = tell(
        plain("a1 a2"),
        "
        0s a1 on duty
        0s c1 arrives app
        1s a1 accepts c1
        2s c2 arrives app
        3s a1 lost
        60s a1 connects
        61s a1#2 completes c1
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        1s c1 accepted by a1 after 1s
        2s c2 offered to a1
        3s c2 withdrawn from a1
        3s a1 lost
        3s c2 queued in q
        60s c2 offered to a1
        61s c1 completed
    ",
    );
}

#[test]
fn after_the_grace_period_served_contacts_go_back_with_their_age() {
    let told = tell(
        plain("a1 a2"),
        "
        0s a1 on duty
        0s c1 arrives hotline
        1s a1 accepts c1
        10s a2 on duty
        11s c2 arrives hotline
        11s a2 accepts c2
        12s c3 arrives hotline
        20s a1 lost
        80s time passes
        81s a2 completes c2
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        1s c1 accepted by a1 after 1s
        10s a2 ready
        11s c2 offered to a2
        11s c2 accepted by a2 after 0s
        12s c3 queued in q
        20s a1 lost
        80s a1 gone
        80s a1 not_ready (lost)
        80s c1 lost by a1
        80s c1 queued in q
        81s c2 completed
        81s c1 offered to a2
    ",
    );
}

#[test]
fn the_newest_login_wins_and_the_older_one_is_refused() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        1s c1 arrives hotline
        2s a1 connects
        2500ms a1 accepts c1
        3s a1#2 accepts c1.2
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s c1 offered to a1
        2s c1 withdrawn from a1
        2s c1 queued in q
        2s c1 offered to a1
        2500ms a1 accepts c1: refused stale_session
        3s c1 accepted by a1 after 2s
    ",
    );
}

#[test]
fn a_draining_agent_finishes_and_is_then_not_ready() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        0s c1 arrives app
        1s a1 accepts c1
        2s a1 drains
        3s c2 arrives app
        4s a1 completes c1
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        1s c1 accepted by a1 after 1s
        2s a1 draining (end_of_shift)
        3s c2 queued in q
        4s c1 completed
        4s a1 not_ready (end_of_shift)
    ",
    );
}

#[test]
fn after_a_restart_served_contacts_are_still_with_their_agents() {
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 accepts c1
        4s c2 arrives app
    ",
    );
    let told = story.tell(
        "
        5s restart
        6s a1 connects
        7s a1#2 completes c1
    ",
    );
    assert_told(
        &told,
        "
        5s c2 withdrawn from a1
        5s a1 lost
        5s c2 queued in q
        6s c2 offered to a1
        7s c1 completed
    ",
    );
}

#[test]
fn a_grace_period_that_a_restart_interrupts_begins_anew() {
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 accepts c1
        5s a1 lost
    ",
    );
    // Nothing runs until long after the grace period has passed.
    story.now = Timestamp(200_000);
    let restart = Command::Site(SiteCommand::Restart);
    story.command(restart).unwrap();
    let told = story.tell(
        "
        259s a1 connects
        260s a1#2 lost
        319s restart
        378s time passes
        379s a2 on duty
    ",
    );
    assert_told(
        &told,
        "
        200s a1 lost
        260s a1 lost
        319s a1 lost
        379s a1 gone
        379s a1 not_ready (lost)
        379s c1 lost by a1
        379s c1 queued in q
        379s a2 ready
        379s c1 offered to a2
    ",
    );
}

#[test]
fn a_second_device_and_a_restart_leave_an_agent_who_is_away_away() {
    let told = tell(
        plain("a1"),
        "
        0s c1 arrives app
        1s a1 on duty
        1s a1 accepts c1
        2s a1 not_ready lunch
        3s c2 arrives app
        4s a1 connects
        5s restart
        6s a1 connects
        70s a1#3 ready
    ",
    );
    assert_told(
        &told,
        "
        0s c1 queued in q
        1s a1 ready
        1s c1 offered to a1
        1s c1 accepted by a1 after 1s
        2s a1 not_ready (lunch)
        3s c2 queued in q
        5s a1 lost
        70s a1 ready
        70s c2 offered to a1
    ",
    );
}

#[test]
fn an_agent_who_drains_with_only_an_offer_is_not_ready_at_once() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        1s c1 arrives hotline
        2s a1 drains
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s c1 offered to a1
        2s c1 withdrawn from a1
        2s a1 not_ready (end_of_shift)
        2s c1 queued in q
    ",
    );
}

#[test]
fn a_customer_on_the_line_with_a_lost_agent_is_first_for_another_after_the_grace() {
    for channel in ["hotline", "storefront", "app", "wechat"] {
        let told = tell(
            plain("a1 a2"),
            &format!(
                "
                0s a1 on duty
                0s c1 arrives {channel}
                1s a1 accepts c1
                2s c2 arrives hotline
                10s a1 lost
                69s time passes
                70s a2 on duty
            "
            ),
        );
        let (_, since) = told.split_once("10s a1 lost\n").unwrap();
        assert!(
            since.starts_with(
                "70s a1 gone\n70s a1 not_ready (lost)\n70s c1 lost by a1\n70s c1 queued in q\n"
            ),
            "nothing before the grace is over, on {channel}:\n{told}"
        );
        assert!(
            since.ends_with("70s a2 ready\n70s c1 offered to a2\n"),
            "{told}"
        );
    }
}

#[test]
fn a_lost_agent_who_is_ready_again_is_offered_the_same_contact_while_all_others_are_busy() {
    let told = tell(
        plain("a1 a2"),
        "
        0s a1 on duty
        0s c1 arrives hotline
        1s a1 accepts c1
        10s a1 lost
        11s a2 on duty
        11s c2 arrives hotline
        12s a2 accepts c2
        80s a1 connects
        80s a1#2 ready
    ",
    );
    assert!(
        told.ends_with("80s c1 may go to a1 again\n80s a1 ready\n80s c1 offered to a1\n"),
        "{told}"
    );
}

#[test]
fn a_lost_agent_gets_the_contact_back_when_nobody_else_is_there() {
    let told = tell(
        plain("a1"),
        "
        0s a1 on duty
        0s c1 arrives hotline
        1s a1 accepts c1
        10s a1 lost
        72s a1 connects
        72s a1#2 ready
        81s time passes
    ",
    );
    assert!(
        told.ends_with("72s a1 ready\n80s c1 may go to a1 again\n80s c1 offered to a1\n"),
        "{told}"
    );
}

#[test]
fn an_agent_who_is_not_offered_a_queues_contacts_is_not_available_to_it() {
    let mut options = centre(
        vec![queue("q")],
        vec![agent("a1", "q", "fibre 5"), agent("a2", "q", "")],
    );
    options.queues[0].requires = skills("fibre 5");
    let mut story = Story::new(options);
    let available = |story: &Story| {
        let queue = story.engine.queue("q").unwrap();
        (queue.staffed, queue.available)
    };
    story.tell("0s a2 connects\n 0s a2 ready");
    assert_eq!(available(&story), (1, 0), "without the skill");
    story.tell("1s a1 connects\n 1s a1 ready");
    assert_eq!(available(&story), (2, 1));
    story.tell("2s pause q");
    assert_eq!(available(&story), (2, 0), "nothing is offered");
    story.tell("3s resume q\n 4s c1 arrives hotline\n 5s a1 accepts c1");
    assert_eq!(available(&story), (2, 0), "a1 is full");
}

#[test]
fn contacts_of_a_lost_agent_are_requeued_in_order_of_due() {
    let told = tell(
        plain("a1 a2 a3"),
        "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
        1s a2 on duty
        1s c2 arrives app
        1s a2 accepts c2
        2s a1 transfers c1 agent a2
        2s a1 not_ready break
        3s a2 lost
        4s a3 on duty
        63s time passes
    ",
    );
    assert!(told.contains("63s c1 offered to a3"), "{told}");
    assert!(told.ends_with("63s c2 queued in q\n"), "{told}");
}
