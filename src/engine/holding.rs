//! A customer on hold: by the agent's wish, or because another contact has broken in.
//!
//! A held contact stays `active` and keeps its place in the agent's hands; the time on
//! hold is handling time.

use crate::domain::{ContactId, Timestamp};
use crate::engine::event::{Event, HeldBy};
use crate::engine::refusal::Refusal;
use crate::engine::registry::AgentKey;
use crate::engine::{Done, Engine};

impl Engine {
    /// Repeating it changes nothing.
    pub(super) fn hold_customer(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
    ) -> Result<Done, Refusal> {
        let (_, service) = self.active_with(agent, id)?;
        if !service.is_held_by_agent() {
            let event = Event::ContactHeld {
                contact: id,
                agent,
                by: HeldBy::Agent,
            };
            self.emit(now, event);
        }
        Ok(Done::Contact {
            contact: id,
            fresh: true,
        })
    }

    pub(super) fn unhold_customer(
        &mut self,
        now: Timestamp,
        agent: AgentKey,
        id: ContactId,
    ) -> Result<Done, Refusal> {
        let (_, service) = self.active_with(agent, id)?;
        if service.is_interrupted() {
            return Err(Refusal::Interrupted);
        }
        if service.is_held_by_agent() {
            let event = Event::ContactUnheld {
                contact: id,
                agent,
                by: HeldBy::Agent,
            };
            self.emit(now, event);
        }
        Ok(Done::Contact {
            contact: id,
            fresh: true,
        })
    }
}
