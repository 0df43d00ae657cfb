//! What users of other routers have complained about, and where it is told that it does not
//! happen here: one line for each scenario, with the stories that tell it.

use switchboard::domain::Millis;

use crate::tell::{agent, assert_told, centre, plain, queue, tell};

type Scenario = (u32, &'static str, &'static [&'static str]);

#[rustfmt::skip]
const SCENARIOS: &[Scenario] = &[
    (1, "many contacts and one free agent make one offer",
        &["offers::one_agent_and_many_contacts_make_one_offer"]),
    (3, "of two accepts one wins",
        &["escalations::several_are_asked_at_once_and_whoever_is_late_hears_that_it_is_taken", "fan_out::whoever_accepts_first_has_it_and_the_others_come_too_late", "offers::of_two_who_accept_one_wins_and_the_other_keeps_their_capacity", "offers::a_late_accept_is_stale_and_gives_nobody_a_second_assignment"]),
    (5, "the smallest limit applies, and where one is not set the next",
        &["capacity::of_several_limits_the_smallest_applies_and_where_one_is_not_set_the_next", "capacity::the_smaller_of_what_the_agent_and_the_channel_allow_applies", "capacity::capacity_is_one_pool_over_all_channels"]),
    (6, "a freed slot takes the oldest",
        &["order::a_freed_slot_takes_the_oldest_before_a_newcomer"]),
    (9, "who has waited for long enough outranks anyone fresh",
        &["order::a_head_start_is_worth_its_seconds_and_no_more"]),
    (10, "who cannot be served holds up nobody",
        &["order::the_first_in_line_whom_nobody_can_serve_holds_up_nobody"]),
    (11, "the longest idle is chosen, ties by the order of the configuration",
        &["choosing::the_longest_idle_is_chosen_whatever_the_load_where_the_queue_says_so", "choosing::the_longest_idle_of_the_least_loaded_is_chosen_and_ties_go_by_the_configuration"]),
    (12, "the least busy again while least busy, and a rotation rotates",
        &["choosing::the_least_loaded_gets_the_next_one_and_again_while_still_the_least_loaded", "choosing::round_robin_goes_round"]),
    (13, "a preferred agent is preferred and never blocks",
        &["peers::the_account_manager_is_preferred_to_who_has_been_idle_for_longer", "peers::an_account_manager_who_is_away_or_full_holds_up_nobody", "peers::a_preferred_agent_is_held_for_within_the_hold_and_only_if_about_to_be_free", "preference::a_manager_who_takes_notes_is_waited_for", "preference::who_is_waited_for_and_leaves_is_waited_for_no_longer"]),
    (14, "a step widens at its time without any other event",
        &["steps::a_step_widens_at_its_time_and_not_before_without_any_other_event"]),
    (15, "nothing escalates after the answer or after the last step",
        &["triggers::escalations_fire_at_their_time_once_and_stop_when_answered", "steps::no_step_is_taken_after_the_answer_or_after_the_last_one"]),
    (16, "an unanswered offer gives both back",
        &["offers::an_unanswered_offer_goes_back_to_its_old_place_in_line", "strikes::strikes_come_by_degrees_until_the_agent_is_not_ready"]),
    (17, "releasing one contact frees nobody who has another",
        &["offers::a_release_of_one_contact_does_not_free_an_agent_who_has_another"]),
    (18, "an end that is never told frees the agent all the same, and supervisors hear of it",
        &["unended::an_agent_whose_contact_is_never_said_to_end_is_free_after_the_longest_that_anything_lasts", "supervisors::an_end_that_nobody_reports_is_told_and_counted", "agents::after_the_grace_period_served_contacts_go_back_with_their_age", "peers::what_is_never_ended_is_taken_from_an_agent_who_has_gone"]),
    (19, "who has left rings nobody and is counted once",
        &["offers::an_abandoned_contact_rings_nobody_later_and_is_counted_once", "offers::an_agent_whose_customer_left_is_free_at_once"]),
    (21, "a lost socket has its grace",
        &["agents::a_lost_socket_takes_open_offers_back_and_leaves_served_contacts_alone", "agents::after_the_grace_period_served_contacts_go_back_with_their_age"]),
    (22, "nothing but the agent makes an agent ready",
        &["agents::connecting_and_reconnecting_never_make_anyone_ready", "agents::a_second_device_and_a_restart_leave_an_agent_who_is_away_away"]),
    (23, "who may not take it is offered nothing",
        &["peers::the_busy_the_absent_the_unskilled_and_the_strangers_are_offered_nothing", "steering::a_paused_queue_offers_nothing_and_a_resumed_one_the_oldest_first", "presence::an_agent_of_no_known_intention_is_offered_nothing"]),
    (24, "a wrap-up counts for every queue",
        &["wrap_up::no_offer_during_wrap_up_and_its_end_takes_the_one_who_waits", "wrap_up::the_first_whose_wrap_up_ends_takes_the_one_who_waits", "peers::a_wrap_up_of_one_queue_keeps_the_agent_from_every_other"]),
    (25, "who leaves while it rings loses the offer once",
        &["offers::an_agent_who_leaves_ready_loses_the_offer_once_and_the_next_agent_gets_it"]),
    (27, "nothing is lost by being the same",
        &["order::two_contacts_of_one_instant_are_both_queued_and_both_served"]),
    (29, "a promise is broken once, and moves with the configuration",
        &["triggers::a_promise_is_broken_once_and_not_for_those_who_left", "reloads::a_reload_moves_the_promise_and_the_place_of_those_who_wait", "predictions::a_reload_of_the_target_is_a_new_prediction"]),
    (29, "the clock of the next answer runs from message to answer, and ends with the contact",
        &["responses::the_clock_runs_from_the_first_message_to_the_first_answer", "responses::an_answer_that_does_not_come_is_late_once", "responses::what_is_over_needs_no_answer", "responses::a_reload_moves_the_running_clock_and_what_was_late_stays_late", "responses::the_clock_stands_still_while_the_queue_is_closed_and_new_hours_move_it"]),
    (30, "every limit has its answer, and nobody who is being offered is moved",
        &["overflow::each_limit_has_its_own_answer_at_its_own_time_and_once", "arrivals::a_full_queue_and_unknown_names_are_refused", "triggers::an_escalation_moves_on_but_never_one_who_is_being_offered", "triggers::whoever_comes_while_nobody_is_staffed_goes_on_at_once"]),
    (30, "off hours each queue does what it is configured to do, once",
        &["hours::who_comes_while_it_is_closed_waits_for_it_to_open", "hours::a_closed_queue_may_turn_away_with_a_text", "hours::another_queue_may_take_over_while_it_is_closed", "hours::what_is_ordered_for_the_opening_ages_from_there", "hours::closing_takes_nobody_away_and_gives_nobody_out", "overflow::a_queue_that_takes_over_may_be_closed_itself"]),
    (31, "a transfer queues without the agent it came from",
        &["transfers::a_transfer_to_a_full_house_queues_without_the_previous_agent_who_is_free"]),
    (33, "a reload loses nothing and offers nothing to who was removed",
        &["steering::a_reload_loses_nothing_and_offers_nothing_to_a_removed_agent", "reloads::a_removed_agent_finishes_what_is_at_hand_or_is_lost_with_it", "reloads::a_queue_that_is_left_out_drains_what_is_offered_and_served_and_takes_nothing_new"]),
    (34, "any tape keeps every promise",
        &["tape::every_promise_holds_after_every_step_of_any_tape"]),
];

const SOURCES: [(&str, &str); 25] = [
    ("agents", include_str!("agents.rs")),
    ("arrivals", include_str!("arrivals.rs")),
    ("capacity", include_str!("capacity.rs")),
    ("choosing", include_str!("choosing.rs")),
    ("escalations", include_str!("../gateway/escalations.rs")),
    ("fan_out", include_str!("fan_out.rs")),
    ("hours", include_str!("hours.rs")),
    ("offers", include_str!("offers.rs")),
    ("order", include_str!("order.rs")),
    ("overflow", include_str!("overflow.rs")),
    ("peers", include_str!("peers.rs")),
    ("predictions", include_str!("predictions.rs")),
    ("preference", include_str!("preference.rs")),
    ("presence", include_str!("../gateway/steering.rs")),
    ("reloads", include_str!("reloads.rs")),
    ("responses", include_str!("responses.rs")),
    ("steering", include_str!("steering.rs")),
    ("steps", include_str!("steps.rs")),
    ("strikes", include_str!("strikes.rs")),
    ("transfers", include_str!("transfers.rs")),
    ("supervisors", include_str!("../gateway/supervisors.rs")),
    ("tape", include_str!("tape/mod.rs")),
    ("triggers", include_str!("triggers.rs")),
    ("unended", include_str!("unended.rs")),
    ("wrap_up", include_str!("wrap_up.rs")),
];

#[test]
fn every_scenario_is_told_by_a_story_that_there_is() {
    for (number, what, stories) in SCENARIOS {
        assert!(!stories.is_empty(), "{number}: {what}");
        for story in *stories {
            let (file, test) = story.split_once("::").unwrap();
            let source = SOURCES.iter().find(|(name, _)| *name == file);
            let (_, source) = source.unwrap_or_else(|| panic!("{number}: no file {file}"));
            let told = |opening: &str| source.contains(&format!("{opening}fn {test}()"));
            let there = told("#[test]\n") || told("worker_threads = 2)]\nasync ");
            assert!(there, "{number}, {what}: no story {story}");
        }
    }
}

#[test]
fn the_account_manager_is_preferred_to_who_has_been_idle_for_longer() {
    let told = tell(
        plain("a1 a2"),
        "
        0s a1 connects
        0s a1 ready
        60s a2 connects
        60s a2 ready
        61s c1 arrives hotline manager a2
        62s c2 arrives hotline manager a2
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        60s a2 ready
        61s c1 offered to a2
        62s c2 offered to a1
    ",
    );
}

#[test]
fn an_account_manager_who_is_away_or_full_holds_up_nobody() {
    let told = tell(
        plain("a1 a2 a3"),
        "
        0s a1 connects
        0s a1 ready
        0s a2 connects
        0s a2 ready
        1s c1 arrives hotline manager a1
        1s a1 accepts c1
        2s c2 arrives hotline manager a1
        2s a2 accepts c2
        3s c3 arrives hotline manager a3
        4s c4 arrives hotline
        9s a2 completes c2
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s a2 ready
        1s c1 offered to a1
        1s c1 accepted by a1 after 0s
        2s c2 offered to a2
        2s c2 accepted by a2 after 0s
        3s c3 queued in q
        4s c4 queued in q
        9s c2 completed
        9s c3 offered to a2
    ",
    );
}

#[test]
fn a_preferred_agent_is_held_for_within_the_hold_and_only_if_about_to_be_free() {
    let mut options = plain("a1 a2 a3");
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    options.queues[0].prefer = Some(Millis::from_s(10));
    let told = tell(
        options,
        "
        0s a1 connects
        0s a1 ready
        0s a2 connects
        0s a2 ready
        1s c1 arrives hotline manager a2
        1s a2 delivers c1
        1s a2 accepts c1
        2s c2 arrives hotline manager a3
        2s a1 delivers c2
        3s a1 declines c2 for 300s
        4s c3 arrives hotline manager a2
        5s a1 delivers c3
        5s a1 accepts c3
        20s a2 completes c1
        20s a1 completes c3
        21s a1 done c3
        22s c4 arrives hotline manager a2
        33s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s a2 ready
        1s c1 waits for a2
        1s c1 offered to a2
        1s c1 accepted by a2 after 0s
        2s c2 offered to a1
        3s c2 declined by a1
        3s c2 queued in q
        4s c3 offered to a1
        5s c3 accepted by a1 after 1s
        20s c1 wrap-up
        20s c3 wrap-up
        21s c3 completed
        22s c4 waits for a2
        32s c4 queued in q
        32s c4 offered to a1
    ",
    );
}

#[test]
fn what_is_never_ended_is_taken_from_an_agent_who_has_gone() {
    let told = tell(
        plain("a1"),
        "
        0s a1 connects
        0s a1 ready
        0s c1 arrives hotline
        0s a1 accepts c1
        10s a1 lost
        300s a1 connects
        300s c1 leaves
        301s a1#2 ready
        302s c2 arrives hotline
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c1 accepted by a1 after 0s
        10s a1 lost
        70s a1 gone
        70s a1 not_ready (lost)
        70s c1 lost by a1
        70s c1 queued in q
        80s c1 may go to a1 again
        300s c1 abandoned
        301s a1 ready
        302s c2 offered to a1
    ",
    );
}

#[test]
fn the_busy_the_absent_the_unskilled_and_the_strangers_are_offered_nothing() {
    let options = centre(
        vec![queue("q"), queue("p")],
        vec![
            agent("away", "q", "fibre 3"),
            agent("busy", "q", "fibre 3"),
            agent("drains", "q", "fibre 3"),
            agent("novice", "q", "fibre 1"),
            agent("other", "p", "fibre 3"),
        ],
    );
    let told = tell(
        options,
        "
        0s away connects
        0s busy connects
        0s busy ready
        0s c1 arrives hotline q
        0s busy accepts c1
        0s drains connects
        0s drains ready
        0s c2 arrives app q
        0s drains accepts c2
        0s drains drains
        0s novice connects
        0s novice ready
        0s other connects
        0s other ready
        1s c3 arrives app q requires fibre=2
        600s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s busy ready
        0s c1 offered to busy
        0s c1 accepted by busy after 0s
        0s drains ready
        0s c2 offered to drains
        0s c2 accepted by drains after 0s
        0s drains draining (end_of_shift)
        0s novice ready
        0s other ready
        1s c3 queued in q
    ",
    );
}

#[test]
fn a_wrap_up_of_one_queue_keeps_the_agent_from_every_other() {
    let mut options = centre(vec![queue("q"), queue("p")], vec![agent("a1", "q p", "")]);
    options.queues[0].wrap_up = Some(Millis::from_s(30));
    let told = tell(
        options,
        "
        0s a1 connects
        0s a1 ready
        0s c1 arrives hotline q
        0s a1 accepts c1
        5s c2 arrives hotline p
        10s a1 completes c1
        40s time passes
    ",
    );
    assert_told(
        &told,
        "
        0s a1 ready
        0s c1 offered to a1
        0s c1 accepted by a1 after 0s
        5s c2 queued in p
        10s c1 wrap-up
        40s c1 completed
        40s c2 offered to a1
    ",
    );
}
