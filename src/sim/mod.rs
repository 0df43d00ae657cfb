//! Rehearsal: simulated and replayed days, on the production engine.
//!
//! [`world`] drives the engine in virtual time with a [`crowd::Crowd`]: that of a [`workload`]
//! ([`centre`], on a drawn [`staff`] with its [`attendance`]) or of a journal ([`recorded`]).
//! [`policy`] and [`contender`] define what is compared; [`day`] counts the results, and
//! [`report`], [`pictures`] and [`chart`] show them. `tests/rehearsal/validation` checks engine and
//! world against known results of queueing theory.
//!
//! **Invariant:** no clock and no I/O; the same seed gives the same report, byte for byte.

mod arrivals;
pub mod attendance;
pub mod centre;
pub mod chart;
pub mod contender;
pub mod crowd;
pub mod day;
mod desk;
pub mod dice;
pub mod erlang;
pub mod pictures;
pub mod plan;
pub mod policy;
pub mod promise;
pub mod recorded;
pub mod report;
pub mod staff;
pub mod workload;
pub mod world;
