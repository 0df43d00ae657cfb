//! Bytes that survive.

pub mod profiles;
