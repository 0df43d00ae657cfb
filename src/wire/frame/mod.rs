//! The frames of the WebSockets: from and to an agent's desktop, and to supervisors.

pub mod agent;
pub mod command;
pub mod command_id;
pub mod supervisor;

pub use agent::{AgentFrame, OfferBody};
pub use command::{Ask, Garbled};
pub use command_id::CommandId;
pub use supervisor::SupervisorFrame;

/// The subprotocol of an agent's socket.
pub const AGENT_PROTOCOL: &str = "switchboard.agent.v1";
/// The subprotocol of a supervisor's socket.
pub const SUPERVISOR_PROTOCOL: &str = "switchboard.supervisor.v1";

/// The longest message that is read, in bytes. An offer is not longer either, if its contact is
/// not. Frames that list contacts or agents can be longer.
pub const FRAME_BYTES_MAX: usize = 64 * 1_024;
