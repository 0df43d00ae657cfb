//! The agents that a contact is meant for.

use crate::domain::Timestamp;
use crate::engine::state::contact::rare::Usual;
use crate::engine::state::registry::AgentKey;

/// The agents that a contact waits for, or would rather have; all of it ends when it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, minicbor::Encode, minicbor::Decode)]
pub struct Meant {
    /// It waits for this agent alone: decided each time it is queued.
    #[n(0)]
    pub direct: Option<AgentKey>,
    /// When `direct` ends and anyone may take it.
    #[n(1)]
    pub direct_until: Option<Timestamp>,
    /// The agent who had it before it returned to its queue: preferred there.
    #[n(2)]
    pub owner_before: Option<AgentKey>,
    /// The agent who takes nothing else until there is room for it: as long as it is in line, and
    /// the agent available.
    #[n(3)]
    pub room_kept_by: Option<AgentKey>,
}

impl Usual for Meant {
    const USUAL: &'static Self = &Self {
        direct: None,
        direct_until: None,
        owner_before: None,
        room_kept_by: None,
    };
}

impl Meant {
    /// Anyone may take it, now or after its time with one agent.
    pub fn allows_others(&self) -> bool {
        self.direct.is_none() || self.direct_until.is_some()
    }

    /// Waits for one agent, until an instant or for as long as it takes, or for anyone.
    pub(in crate::engine) fn only(&mut self, direct: Option<AgentKey>, until: Option<Timestamp>) {
        (self.direct, self.direct_until) = (direct, until);
    }

    pub(in crate::engine) fn anyone(&mut self) {
        self.only(None, None);
    }
}
