//! The profiles of customers: both stores behave alike, and neither delays routing, whatever
//! happens to it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod customers;
mod foreign;
mod healing;
mod importing;
mod killed;
mod logged;
mod measured;
#[expect(dead_code, reason = "the tests of the node need more of it")]
mod proxy;
mod redis_server;
mod rot;
mod rotten;
mod suite;
