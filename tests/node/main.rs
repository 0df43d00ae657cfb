//! The node with the real engine and the real journal, through its handle.
#![expect(
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    reason = "a test that cannot go on has failed"
)]

mod bench;
mod centre;
mod desks;
mod durability;
mod gate;
mod metrics;
mod restarts;
mod supervisors;
