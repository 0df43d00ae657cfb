//! The doors: HTTP and WebSockets.

mod answer;
pub mod auth;
mod contacts;
mod doors;
pub mod options;
mod page;
pub mod recognise;
mod remembered;
pub mod route;
pub mod server;
mod stream;
mod visit;
