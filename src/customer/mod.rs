//! Customers: the profile that people and billing systems write, the history that the router keeps,
//! and the parts that routing uses.
//!
//! Start reading in [`profile`]; [`document`] is its JSON form, [`import`] its form as a row of a
//! file, and [`recognise()`] selects what the engine uses.
//!
//! **Invariant:** nothing here reads a clock, does I/O or draws a random number.

pub mod document;
pub mod event;
mod field;
pub mod history;
pub mod id;
pub mod import;
pub mod malformed;
pub mod merge;
pub mod profile;
pub mod recognise;
#[cfg(test)]
mod tests;
pub mod tiers;
pub mod value;

pub use event::CustomerEvent;
pub use history::HistoryEntry;
pub use id::CustomerId;
pub use malformed::{Faults, Malformed};
pub use profile::Profile;
pub use recognise::{TierSource, recognise};
pub use tiers::Tiers;
pub use value::CustomerValue;
