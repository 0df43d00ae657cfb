//! What both kinds of WebSocket share: how one is opened, over what it runs,
//! when nobody is behind it, and how it is closed.

pub(super) mod close;
pub(super) mod handshake;
pub(super) mod link;
pub(super) mod meter;
pub(super) mod silence;
