//! Callers of a development machine: the token is the name.

use crate::domain::{Name, Text};
use crate::gateway::auth::role::{Role, Roles};
use crate::gateway::auth::{Caller, Proof};

const AGENT: &str = "dev-agent:";

/// One caller for each role except agent, made once.
pub(super) struct DevCallers {
    named: [Caller; 4],
    generation: u64,
}

impl DevCallers {
    pub(super) fn new(generation: u64) -> Self {
        let named = [
            ("dev-adapter", Role::Adapter),
            ("dev-supervisor", Role::Supervisor),
            ("dev-admin", Role::Admin),
            ("dev-metrics", Role::Metrics),
        ];
        Self {
            named: named.map(|(name, role)| caller(name, role, None, generation)),
            generation,
        }
    }

    pub(super) fn identify(&self, token: &str) -> Option<Caller> {
        if let Some(agent) = token.strip_prefix(AGENT) {
            let agent = Name::new(agent).ok()?;
            return Some(caller(token, Role::Agent, Some(agent), self.generation));
        }
        self.named
            .iter()
            .find(|caller| *caller.name == *token)
            .cloned()
    }
}

fn caller(name: &str, role: Role, agent: Option<Name>, generation: u64) -> Caller {
    Caller {
        name: Text::from(name),
        roles: Roles::of(&[role]),
        agent,
        expires_at: None,
        proof: Proof::Dev,
        generation,
    }
}
