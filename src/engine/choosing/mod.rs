//! Choosing: which contact goes to which agent.
//!
//! `seeking` matches contacts and agents. `matching` finds the best agent, whom `ranking` tells by
//! `cost`; `turn` finds the contact that is due first. `room` keeps room for contacts that would
//! never fit otherwise, and `reserve` keeps agents for some tiers; `preference` asks for one agent,
//! `fan_out` asks several. `choice` and `shortlist` remember why.

pub mod choice;
pub mod cost;
pub(super) mod fan_out;
pub(super) mod matching;
pub(super) mod preference;
pub(super) mod ranking;
pub(super) mod reserve;
pub(super) mod room;
pub(super) mod seeking;
pub(super) mod shortlist;
pub(super) mod turn;
