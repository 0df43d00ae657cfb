//! Shows agents what has changed or become known of a contact.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::event::{Because, Event, ServiceEvent};
use crate::engine::state::contacts::Slot;
use crate::engine::state::registry::AgentKey;

impl Engine {
    /// To its agent.
    pub(in crate::engine) fn show(&mut self, slot: Slot, because: Because, now: Timestamp) {
        self.show_to(self.contact_at(slot).agent(), slot, because, now);
    }

    /// To an agent who was asked for help.
    pub(in crate::engine) fn show_helper(&mut self, slot: Slot, now: Timestamp) {
        let helper = self.consult_at(slot).map(|consult| consult.agent);
        self.show_to(helper, slot, Because::Updated, now);
    }

    /// To agents with a further offer of it.
    pub(in crate::engine) fn show_beside(&mut self, slot: Slot, now: Timestamp) {
        self.show_to(self.offered_beside(slot), slot, Because::Updated, now);
    }

    pub(in crate::engine) fn show_to(
        &mut self,
        agents: impl IntoIterator<Item = AgentKey>,
        slot: Slot,
        because: Because,
        now: Timestamp,
    ) {
        let contact = self.contact_at(slot).id;
        for agent in agents {
            let event = ServiceEvent::Shown { because };
            self.emit(now, Event::Service(contact, agent, event));
        }
    }
}
