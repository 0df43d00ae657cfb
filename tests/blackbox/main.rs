//! The real binary behind real sockets, with a real Redis, asked only what a client can ask, and
//! damaged in the ways in which servers are damaged.
//!
//! `server`, `redis_server`, `http_client` and `desktop` are the tools, `crowd` is a load that
//! remembers every promise; each other module covers one kind of trouble.
//!
//! Longer runs: `SWITCHBOARD_KILLS=500`, `SWITCHBOARD_SOAK_S=3600`,
//! `SWITCHBOARD_FUZZ_FRAMES=1000000`, `SWITCHBOARD_SEED=7`.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that cannot go on has failed, and a client has clocks and tasks of its own"
)]

mod centre;
mod chance;
mod crowd;
mod desktop;
mod disk_full;
mod fuzz;
mod http_client;
mod killed;
mod malformed;
mod one_agent;
mod overload;
mod patience;
mod raw_socket;
#[path = "../profiles/redis_server.rs"]
#[expect(dead_code, reason = "the tests of the profiles need more of it")]
mod redis_server;
mod refused;
mod relay;
mod restarts;
mod secrets;
mod secure_webhook;
mod server;
mod slow_readers;
mod soak;
mod standstill;
mod storm;
