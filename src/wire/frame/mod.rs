//! The frames of the WebSockets: what a desktop asks, what it is told, and
//! what supervisors see.

pub mod ask;
pub mod client;
pub mod command_id;
pub mod supervisor;
pub mod tell;

pub use ask::{Ask, Garbled};
pub use client::ClientFrame;
pub use command_id::CommandId;
pub use supervisor::SupervisorFrame;
pub use tell::{AgentFrame, OfferBody};

/// The subprotocol of an agent's socket.
pub const AGENT_PROTOCOL: &str = "switchboard.agent.v1";
/// The subprotocol of a supervisor's socket.
pub const SUPERVISOR_PROTOCOL: &str = "switchboard.supervisor.v1";

/// The longest message in either direction, in bytes.
pub const FRAME_BYTES_MAX: usize = 64 * 1_024;
