//! Rehearsal: days that have not happened, on the very engine that routes.
//!
//! [`world`] drives the engine in virtual time with a [`crowd::Crowd`]. [`queueing`] is the crowd
//! of the textbooks, whose waits are known in closed form, and [`validation`] compares them.
//! [`centre`] is the crowd of a [`workload`] on a drawn [`staff`] with its [`attendance`],
//! [`recorded`] the crowd of a
//! journal; [`policy`] and [`contender`] are what is compared, [`day`] counts what came of it,
//! [`report`] and [`pictures`] show it;
//! [`chart`] draws what came of a rehearsal.
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
pub mod queueing;
pub mod recorded;
pub mod report;
pub mod staff;
pub mod validation;
pub mod workload;
pub mod world;
