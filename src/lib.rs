//! Switchboard routes customers to people: contacts arrive from an app, a hotline, WeChat and shop
//! counters, and each is offered to the agent who should take it, within the promised time.
//!
//! A decision is a plain function of (state, now, command). Start reading in [`engine`]; everything
//! else carries bytes to it and events away from it.

pub mod cli;
pub mod config;
pub mod customer;
pub mod dice;
pub mod domain;
pub mod engine;
pub mod episode;
pub mod gateway;
pub mod node;
pub mod sim;
pub mod stopwatch;
pub mod store;
pub mod task;
pub mod telemetry;
pub mod wire;
