//! Agents: intent, session and health are three facts; capacity is what the
//! held contacts leave; the choice among agents is deterministic.

use switchboard::domain::Millis;
use switchboard::engine::options::Select;

use crate::tell::{Story, agent, assert_told, centre, plain, queue, tell};

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
fn a_lost_socket_takes_open_offers_back_and_leaves_served_contacts_alone() {
    let told = tell(
        plain("a1 a2"),
        "
        0s a1 connects
        0s a1 ready
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
        0s a1 connects
        0s a1 ready
        0s c1 arrives hotline
        1s a1 accepts c1
        10s a2 connects
        10s a2 ready
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
        0s a1 connects
        0s a1 ready
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
        0s a1 connects
        0s a1 ready
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
fn capacity_is_one_pool_over_all_channels() {
    let told = tell(
        plain("a1"),
        "
        0s a1 connects
        0s a1 ready
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
fn the_longest_idle_of_the_least_loaded_is_chosen_and_ties_go_by_name() {
    let told = tell(
        plain("a1 a2 a3"),
        "
        0s a1 connects
        0s a2 connects
        0s a3 connects
        5s a2 ready
        6s a1 ready
        6s a3 ready
        7s c1 arrives app
        7s a2 accepts c1
        8s c2 arrives app
        8s a1 accepts c2
        9s c3 arrives app
        9s a3 accepts c3
        10s c4 arrives app
    ",
    );
    assert_told(
        &told,
        "
        5s a2 ready
        6s a1 ready
        6s a3 ready
        7s c1 offered to a2
        7s c1 accepted by a2 after 0s
        8s c2 offered to a1
        8s c2 accepted by a1 after 0s
        9s c3 offered to a3
        9s c3 accepted by a3 after 0s
        10s c4 offered to a2
    ",
    );
}

#[test]
fn round_robin_goes_round() {
    let mut options = plain("a1 a2 a3");
    options.queues[0].select = Select::RoundRobin;
    let told = tell(
        options,
        "
        0s a1 connects
        0s a2 connects
        0s a3 connects
        0s a1 ready
        0s a2 ready
        0s a3 ready
        1s c1 arrives app
        1s a1 accepts c1
        2s c2 arrives app
        2s a2 accepts c2
        3s c3 arrives app
        3s a3 accepts c3
        4s c4 arrives app
    ",
    );
    assert!(told.ends_with("4s c4 offered to a1\n"), "{told}");
}

#[test]
fn the_best_skilled_is_chosen_where_the_queue_says_so() {
    let mut options = centre(
        vec![queue("q")],
        vec![
            agent("a1", "q", "fibre 2"),
            agent("a2", "q", "fibre 5"),
            agent("a3", "q", "fibre 4"),
        ],
    );
    options.queues[0].requires = crate::tell::skills("fibre 2");
    options.queues[0].select = Select::BestSkill;
    let told = tell(
        options,
        "
        0s a1 connects
        0s a2 connects
        0s a3 connects
        0s a1 ready
        1s a2 ready
        2s a3 ready
        3s c1 arrives hotline
        3s c2 arrives hotline
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s a2 ready
        2s a3 ready
        3s c1 offered to a2
        3s c2 offered to a3
    ",
    );
}

#[test]
fn no_offer_during_wrap_up_and_its_end_takes_the_one_who_waits() {
    let mut options = centre(vec![queue("q"), queue("p")], vec![agent("a1", "q p", "")]);
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let told = tell(
        options,
        "
        0s a1 connects
        0s a1 ready
        0s c1 arrives hotline q
        1s a1 accepts c1
        2s c2 arrives hotline p
        3s a1 completes c1
        4s a1 completes c1
        33s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        1s c1 accepted by a1 after 1s
        2s c2 queued in p
        3s c1 wrap-up
        33s c1 completed
        33s c2 offered to a1
    ",
    );
}

#[test]
fn a_wrap_up_is_extended_once_and_ended_early_when_done() {
    let mut options = plain("a1");
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let told = tell(
        options,
        "
        0s a1 connects
        0s a1 ready
        0s c1 arrives hotline
        0s a1 accepts c1
        1s a1 completes c1
        2s a1 extends c1
        3s a1 extends c1
        40s a1 done c1
        41s a1 done c1
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c1 accepted by a1 after 0s
        1s c1 wrap-up
        2s c1 wrap-up extended
        3s a1 extends c1: refused extended_before
        40s c1 completed
        41s a1 done c1: refused wrong_state
    ",
    );
}

#[test]
fn a_customer_who_ends_the_contact_leaves_the_agent_the_wrap_up() {
    let mut options = plain("a1");
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let told = tell(
        options,
        "
        0s a1 connects
        0s a1 ready
        0s c1 arrives hotline
        0s a1 accepts c1
        9s c1 ends
        39s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c1 accepted by a1 after 0s
        9s c1 wrap-up
        39s c1 completed
    ",
    );
}

#[test]
fn after_a_restart_served_contacts_are_still_with_their_agents() {
    let mut story = Story::new(plain("a1 a2"));
    story.tell(
        "
        0s a1 connects
        0s a1 ready
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
fn the_smaller_of_what_the_agent_and_the_channel_allow_applies() {
    let mut options = plain("a1 a2");
    options.agents[0].capacity = 40;
    options.channels.0[0].max = 3;
    let told = tell(
        options,
        "
        0s a1 connects
        0s a1 ready
        0s c1 arrives app
        0s a1 accepts c1
        0s c2 arrives app
        0s a1 accepts c2
        0s c3 arrives app
        1s a2 connects
        1s a2 ready
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

#[test]
fn the_least_loaded_gets_the_next_one_and_again_while_still_the_least_loaded() {
    let mut options = plain("a1 a2");
    options.queues[0].select = Select::LeastLoad;
    let told = tell(
        options,
        "
        0s a1 connects
        0s a2 connects
        0s a1 ready
        1s a2 ready
        2s c1 arrives app
        2s a1 accepts c1
        3s c2 arrives app
        3s a2 accepts c2
        4s a2 completes c2
        5s c3 arrives app
        5s a2 accepts c3
        6s a2 completes c3
        7s c4 arrives app
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s a2 ready
        2s c1 offered to a1
        2s c1 accepted by a1 after 0s
        3s c2 offered to a2
        3s c2 accepted by a2 after 0s
        4s c2 completed
        5s c3 offered to a2
        5s c3 accepted by a2 after 0s
        6s c3 completed
        7s c4 offered to a2
    ",
    );
}

#[test]
fn the_longest_idle_is_chosen_whatever_the_load_where_the_queue_says_so() {
    let mut options = plain("a1 a2");
    options.queues[0].select = Select::LongestIdle;
    let told = tell(
        options,
        "
        0s a1 connects
        0s a2 connects
        0s a1 ready
        1s a2 ready
        2s c1 arrives app
        2s a1 accepts c1
        3s c2 arrives app
        3s a1 accepts c2
        4s a1 completes c1
        5s c3 arrives app
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        1s a2 ready
        2s c1 offered to a1
        2s c1 accepted by a1 after 0s
        3s c2 offered to a1
        3s c2 accepted by a1 after 0s
        4s c1 completed
        5s c3 offered to a2
    ",
    );
}

#[test]
fn a_second_device_and_a_restart_leave_an_agent_who_is_away_away() {
    let told = tell(
        plain("a1"),
        "
        0s c1 arrives app
        1s a1 connects
        1s a1 ready
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
fn the_first_whose_wrap_up_ends_takes_the_one_who_waits() {
    let mut options = plain("a1 a2");
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let told = tell(
        options,
        "
        0s a1 connects
        0s a1 ready
        0s c1 arrives hotline
        0s a1 accepts c1
        1s a2 connects
        1s a2 ready
        1s c2 arrives hotline
        1s a2 accepts c2
        5s a2 completes c2
        9s a1 completes c1
        10s c3 arrives hotline
        35s a2 accepts c3
        39s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c1 accepted by a1 after 0s
        1s a2 ready
        1s c2 offered to a2
        1s c2 accepted by a2 after 0s
        5s c2 wrap-up
        9s c1 wrap-up
        10s c3 queued in q
        35s c2 completed
        35s c3 offered to a2
        35s c3 accepted by a2 after 25s
        39s c1 completed
    ",
    );
}

#[test]
fn who_drains_with_nothing_but_an_offer_is_not_ready_at_once() {
    let told = tell(
        plain("a1"),
        "
        0s a1 connects
        0s a1 ready
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
fn whoever_is_on_the_line_with_a_lost_agent_is_the_first_for_another_after_the_grace() {
    for channel in ["hotline", "storefront", "app", "wechat"] {
        let told = tell(
            plain("a1 a2"),
            &format!(
                "
                0s a1 connects
                0s a1 ready
                0s c1 arrives {channel}
                1s a1 accepts c1
                2s c2 arrives hotline
                10s a1 lost
                69s time passes
                70s a2 connects
                70s a2 ready
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
fn a_lost_agent_who_is_ready_again_is_not_offered_the_same_contact() {
    let told = tell(
        plain("a1"),
        "
        0s a1 connects
        0s a1 ready
        0s c1 arrives hotline
        1s a1 accepts c1
        10s a1 lost
        80s a1 connects
        80s a1#2 ready
        81s time passes
    ",
    );
    assert!(
        told.ends_with("70s c1 queued in q\n80s a1 ready\n"),
        "{told}"
    );
}
