//! The bodies of replies, written straight from what the engine shows.

pub mod agent;
pub mod change;
pub mod choice;
pub mod contact;
pub mod customer;
pub mod explanation;
pub mod queue;
pub mod reload;
pub mod small;

pub use agent::{AgentReply, AgentsReply};
pub use contact::{ContactReply, PageReply};
pub use customer::{CustomerReply, Known};
pub use explanation::ExplanationReply;
pub use queue::{QueueReply, QueuesReply};
pub use reload::ReloadReply;
pub use small::{HealthReply, TicketReply};
