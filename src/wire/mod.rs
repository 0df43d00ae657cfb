//! All formats that clients rely on: request and response bodies, the frames of the WebSockets,
//! problems.
//!
//! **Invariant:** nothing here does I/O; a body that has been read is valid, and a reply is
//! serialised directly from the engine's views.

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
