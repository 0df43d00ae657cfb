//! Data that survives a crash: the journal and the snapshots of one site, and the profiles of its
//! customers.
//!
//! **Invariant:** to `journal` and `snapshot`, records and states are opaque bytes.

mod directory;
mod field;
pub mod journal;
pub mod profiles;
pub mod snapshot;

pub use directory::FileError;
pub use directory::Folder;
