//! Switchboard routes customers to people.

pub mod store;
