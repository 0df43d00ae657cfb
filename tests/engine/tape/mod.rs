//! Random tapes checked by an oracle that follows the events with naive means: flat lists, every
//! agent against every contact.
//!
//! After every step: conservation, no more live offers per contact than its rules allow, capacity,
//! the order by `due`, the choice of the agent, the bound on being overtaken, work conservation, no
//! offer to an agent who is not connected and ready, no gaps in any numbering, nothing early; a
//! refusal leaves no mark, crash and replay continue as if nothing had happened, and the same tape
//! gives the same history.
//!
//! A failing seed is a bug report: `TAPE_SEED=n cargo test --test engine tape`.

mod ahead;
mod choice;
mod dice;
mod draw;
mod judge;
mod lore;
mod oracle;
mod player;
mod truth;
mod who;

use std::sync::atomic::{AtomicU64, Ordering};

use player::Player;

const STEPS_PER_TAPE: u64 = 400;

/// Total steps: two million in optimised builds.
fn steps_in_all() -> u64 {
    let asked = std::env::var("TAPE_STEPS")
        .ok()
        .and_then(|steps| steps.parse().ok());
    asked.unwrap_or(if cfg!(debug_assertions) {
        40_000
    } else {
        2_000_000
    })
}

#[test]
fn every_promise_holds_after_every_step_of_any_tape() {
    if let Some(seed) = std::env::var("TAPE_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
    {
        Player::new(seed).play(STEPS_PER_TAPE);
        return;
    }
    let tapes = steps_in_all().div_ceil(STEPS_PER_TAPE);
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= tapes {
                        return;
                    }
                    Player::new(seed).play(STEPS_PER_TAPE);
                }
            });
        }
    });
}

#[test]
fn the_same_tape_gives_the_same_history() {
    for seed in 1_000_000..1_000_020 {
        let (first, second) = (
            Player::new(seed).play(STEPS_PER_TAPE),
            Player::new(seed).play(STEPS_PER_TAPE),
        );
        assert_eq!(first, second, "seed {seed}");
    }
}
