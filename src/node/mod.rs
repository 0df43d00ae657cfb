//! The shell around one engine: the clock, the loop that decides, the commit of every batch,
//! recovery, and the fan-out of events.
//!
//! ```text
//! Handle ──► inbox ──► turns ──► pipeline ──► committer ──► answers, feeds, metrics
//! (gateway)           (engine)  (not durable) (journal)
//! ```
//!
//! Start at [`site`]; [`handle`] is what the gateway holds. `turns` reads the clock, decides and
//! goes on; `committer` writes what has gathered and then releases it in order.
//!
//! **Invariant:** nothing is sent, not even the reply to a read, before everything it could depend
//! on is durable. No domain state is kept here except the engine itself.

pub mod answers;
mod backlog;
mod board;
pub mod clock;
mod committer;
mod escalations;
mod feed;
mod feeds;
pub mod filing;
pub mod handle;
mod hung;
pub mod log;
mod missed;
pub mod notice;
mod outgoing;
mod pipeline;
mod reading;
pub mod recognise;
pub mod recovery;
pub mod scrapes;
mod shared;
pub mod site;
mod snapshots;
mod standstill;
mod tell;
mod turns;
pub mod unread;
pub mod webhook_queue;

pub use board::{BoardView, Watch};
pub use feed::Login;
pub use missed::{Missed, Unresumed};
pub use turns::check_size;
