//! The doors: HTTP and WebSockets.
