//! Which agent a contact is offered to: the choice is deterministic, by the queue's method.

use switchboard::domain::{Channel, Millis};
use switchboard::engine::options::{Interrupt, Interrupts, Select};

use crate::tell::{agent, assert_told, centre, plain, queue, skills, tell};

#[test]
fn the_longest_idle_of_the_least_loaded_is_chosen_and_ties_go_by_the_configuration() {
    let told = tell(
        plain("a3 a2 a1"),
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
        8s a3 accepts c2
        9s c3 arrives app
        9s a1 accepts c3
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
        8s c2 offered to a3
        8s c2 accepted by a3 after 0s
        9s c3 offered to a1
        9s c3 accepted by a1 after 0s
        10s c4 offered to a2
    ",
    );
}

#[test]
fn the_least_loaded_gets_the_next_and_again_while_still_least_loaded() {
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
fn the_longest_idle_is_chosen_whatever_the_load_if_the_queue_says_so() {
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
fn parking_a_contact_or_helping_counts_as_recent_work() {
    let mut options = plain("a1 a2");
    options.queues[0].select = Select::LongestIdle;
    options.queues[0].park_max = Millis::from_s(3_600);
    let before = "
        0s a1 on duty
        0s c1 arrives hotline
        0s a1 accepts c1
    ";
    let parked = format!(
        "{before}
        1s a2 connects
        50s a2 ready
        100s a1 parks c1
        101s c2 arrives hotline
    "
    );
    let told = tell(options.clone(), &parked);
    assert!(told.ends_with("101s c2 offered to a2\n"), "{told}");
    options = plain("a1 a2 a3");
    options.queues[0].select = Select::LongestIdle;
    let helped = format!(
        "{before}
        1s a2 on duty
        2s a1 consults c1 agent a2
        2s a2 accepts c1.2
        50s a3 connects
        60s a3 ready
        100s a1 ends consult c1
        101s c2 arrives hotline
    "
    );
    let told = tell(options, &helped);
    assert!(told.ends_with("101s c2 offered to a3\n"), "{told}");
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
fn the_best_skilled_is_chosen_if_the_queue_says_so() {
    let mut options = centre(
        vec![queue("q")],
        vec![
            agent("a1", "q", "fibre 2"),
            agent("a2", "q", "fibre 5"),
            agent("a3", "q", "fibre 4"),
        ],
    );
    options.queues[0].requires = skills("fibre 2");
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
fn nobody_is_interrupted_while_a_hardly_slower_agent_is_free() {
    let mut options = plain("a1 a2");
    let mut interrupts = Interrupts::default();
    *interrupts.0.get_mut(Channel::Hotline).get_mut(Channel::App) = Interrupt::Hold;
    options.capacity.interrupts = Some(interrupts);
    let told = tell(
        options,
        "
        0s a1 on duty
        0s c1 arrives app
        0s a1 accepts c1
        9s a2 on duty
        9s c2 arrives hotline
    ",
    );
    assert!(told.contains("9s c2 offered to a2"), "{told}");
}
