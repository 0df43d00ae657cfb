//! Bytes that survive a crash: the journal and the snapshots of one site, and
//! the profiles of its customers.
//!
//! **Invariant:** nothing here knows what a record or a snapshot means.

mod directory;
mod field;
pub mod journal;
pub mod profiles;
pub mod snapshot;

pub use directory::FileError;
pub use directory::Folder;
