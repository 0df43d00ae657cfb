//! The engine from outside: stories in text, transcripts out, and random
//! tapes against an oracle.
#![expect(
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    reason = "a test that cannot go on has failed"
)]

mod agents;
mod callbacks;
mod contacts;
mod counters;
mod hours;
mod offers;
mod overflow;
mod peers;
mod preference;
mod promises;
mod reloads;
mod steering;
mod tape;
mod tell;
mod waiting;
