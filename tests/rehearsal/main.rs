//! The rehearsal compared with independently known results.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod attendance;
mod centres;
mod centres_replayed;
mod chance;
mod clocks;
mod closing;
mod commands;
mod days;
mod elsewhere;
mod endings;
mod interrupted;
mod plans;
mod replays;
mod reports;
mod returns;
mod rosters;
mod routed;
mod stories;
mod story;
mod validation;
