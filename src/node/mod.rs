//! The loop that owns an engine: the only clock, the commit of every batch,
//! recovery, and the fan-out of what has happened.

pub mod board;
pub mod clock;
pub mod handle;
pub mod notice;
pub mod task;
