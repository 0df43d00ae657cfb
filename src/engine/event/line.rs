//! Where a contact waits, and for whom.

use crate::domain::Timestamp;
use crate::engine::event::Labels;
use crate::engine::state::registry::{AgentKey, QueueKey};

#[derive(Clone, Debug, PartialEq, minicbor::Encode, minicbor::Decode)]
pub enum LineEvent {
    #[n(0)]
    Scheduled {
        #[n(0)]
        until: Timestamp,
    },
    /// Enters a line: newly, again, or in another queue.
    #[n(1)]
    Queued {
        #[n(0)]
        queue: QueueKey,
        #[n(1)]
        step: u32,
        #[n(2)]
        due: Timestamp,
        /// Waits for this agent alone,
        #[n(3)]
        direct: Option<AgentKey>,
        /// until this time, and then for anyone.
        #[n(4)]
        direct_until: Option<Timestamp>,
        /// By a new topic it belongs to another queue, which cannot take it yet.
        #[n(5)]
        stays_for_now: bool,
    },
    /// Moved from one queue to another without having been answered in between.
    #[n(2)]
    Moved {
        #[n(0)]
        from: QueueKey,
        #[n(1)]
        labels: Labels,
        /// It goes on waiting for the one agent that it waited for.
        #[n(2)]
        keeps_agent: bool,
        /// It loses the boosts by the rules of the queue that it leaves.
        #[n(3)]
        loses_boost: bool,
    },
    #[n(3)]
    StepTaken {
        #[n(0)]
        step: u32,
    },
    /// It waits, and no registered agent could ever take it, whatever step it reaches.
    #[n(4)]
    Unroutable {
        #[n(0)]
        labels: Labels,
    },
    /// An agent could take it again, after a reload or a move.
    #[n(5)]
    Routable,
    /// As long as this contact is in line, the agent takes none of another class.
    #[n(6)]
    RoomKept {
        #[n(0)]
        agent: AgentKey,
    },
    /// Idle agents are no longer reserved for others from this contact: it has waited too long.
    #[n(7)]
    AgentsLetGo,
    /// This agent may be offered this contact again early.
    #[n(8)]
    CooldownLifted {
        #[n(0)]
        agent: AgentKey,
    },
    /// Another agent could take the contact: the cooldown goes on.
    #[n(9)]
    CooldownKept {
        #[n(0)]
        agent: AgentKey,
        /// When that is checked again; none just before its end: never.
        #[n(1)]
        lift_at: Option<Timestamp>,
    },
}
