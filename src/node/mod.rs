//! The loop that owns an engine: the only clock, the commit of every batch,
//! recovery, and the fan-out of what has happened.

pub mod answers;
mod board;
pub mod clock;
mod committer;
mod feed;
mod feeds;
mod filing;
pub mod handle;
pub mod log;
pub mod notice;
mod outgoing;
mod pipeline;
pub mod recognise;
pub mod recovery;
mod shared;
pub mod site;
mod snapshots;
pub mod task;
mod tell;
mod turns;

pub use board::{BoardView, Watch};
