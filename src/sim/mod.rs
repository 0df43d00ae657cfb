//! Rehearsal: simulated days that compare ways of routing.
//!
//! [`chart`] draws what a rehearsal found.

pub mod chart;
