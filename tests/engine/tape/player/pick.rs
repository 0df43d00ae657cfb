//! The subject of the next command: mostly a sensible one, sometimes any.

use switchboard::domain::{ContactId, Name};
use switchboard::engine::state::registry::AgentKey;

use super::{Place, Player};

impl Player {
    /// Mostly the current session.
    pub(super) fn session_of(&mut self, agent: AgentKey) -> u64 {
        let session = self
            .oracle
            .desks
            .get(&agent)
            .and_then(|desk| desk.session)
            .unwrap_or(1);
        if self.dice.once_in(30) {
            session.saturating_sub(1)
        } else {
            session
        }
    }

    pub(super) fn any_agent(&mut self) -> AgentKey {
        let count = self.oracle.registry.agents.all().len();
        AgentKey(u32::try_from(self.dice.roll(count as u64)).unwrap())
    }

    pub(super) fn any_queue(&mut self) -> Name {
        self.dice
            .pick(self.oracle.registry.queues.all())
            .unwrap()
            .clone()
    }

    /// Mostly one that is parked.
    pub(super) fn parked_or_any(&mut self, any: ContactId) -> ContactId {
        let parked: Vec<ContactId> = self
            .oracle
            .contacts
            .iter()
            .filter(|(_, known)| matches!(known.place, Place::Parked { woken: false, .. }))
            .map(|(id, _)| *id)
            .collect();
        let chosen = self.dice.pick(&parked).copied();
        chosen.filter(|_| !self.dice.once_in(4)).unwrap_or(any)
    }

    /// Mostly one of the newest.
    pub(super) fn any_contact(&mut self) -> ContactId {
        let newest = u64::try_from(self.contacts).unwrap().max(1);
        let back = self.dice.roll(newest.min(25));
        ContactId(u128::from(newest - back))
    }
}
