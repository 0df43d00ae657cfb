//! The gateway on real sockets, with the real node, engine, journal and store.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod callbacks;
mod centre;
mod client;
mod contacts;
mod customers;
mod described;
mod desktop;
mod desktop_frames;
mod desktop_life;
mod direct;
mod escalations;
mod framing;
mod hours;
mod keys;
mod logged;
mod malformed;
mod overflow;
mod reloaded;
mod repeated;
mod replayed;
mod responses;
mod resume;
mod roles;
mod serving;
mod slow;
mod steered;
mod steering;
mod stopping;
mod supervisors;
mod tickets;
mod webhooks;
