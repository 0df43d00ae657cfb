//! The bodies of replies, serialised directly from the engine's views.

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
