//! What the journal promises, tested on real files: crashes, rot, full disks, two processes.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod appending;
mod crash;
mod damage;
mod disk;
mod measured;
mod process;
mod property;
mod segments;
mod snapshots;
mod support;
