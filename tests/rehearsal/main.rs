//! The rehearsal compared with independently known results.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod attendance;
mod centres;
mod chance;
mod clocks;
mod commands;
mod days;
mod plans;
mod replays;
mod rosters;
mod stories;
mod validation;
