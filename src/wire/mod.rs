//! Every byte that clients rely on: bodies of requests and replies, the frames
//! of the WebSockets, problems.
//!
//! **Invariant:** nothing here does I/O; a body that has been read is valid, a
//! reply is written straight from what the engine shows.

pub mod code;
pub mod described;
pub mod document;
pub mod frame;
pub mod given;
mod given_many;
pub mod json;
pub mod problem;
pub mod reply;
pub mod request;
pub mod status;
pub mod webhook;
pub mod words;
pub mod written;
