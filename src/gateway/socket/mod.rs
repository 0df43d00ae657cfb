//! What both kinds of WebSocket share: the handshake, the connection, the detection of silent
//! clients, and the close.

pub(super) mod close;
pub(super) mod handshake;
pub(super) mod link;
pub(super) mod meter;
pub(super) mod silence;
