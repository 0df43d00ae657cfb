//! The node with the real engine and the real journal, through its handle.
#![expect(
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    reason = "a test that cannot go on has failed"
)]

mod centre;
mod customers;
mod desks;
mod durability;
mod filing;
mod gate;
#[path = "../profiles/logged.rs"]
mod logged;
mod measured;
mod metrics;
#[expect(dead_code, reason = "the tests of the profiles need more of it")]
#[path = "../profiles/proxy.rs"]
mod proxy;
#[path = "../profiles/redis_server.rs"]
#[expect(dead_code, reason = "the tests of the profiles need more of it")]
mod redis_server;
mod restarts;
mod room;
#[path = "../profiles/rot.rs"]
mod rot;
mod snapshots;
mod supervisors;
