//! The doors: HTTP and WebSockets.

pub mod admin;
mod agents;
mod answer;
pub mod auth;
mod contacts;
mod customers;
mod doors;
pub mod options;
mod page;
mod queues;
pub mod recognise;
mod remembered;
pub mod route;
pub mod server;
mod stream;
mod visit;
