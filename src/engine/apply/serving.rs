//! What events do to contacts while they are served.

use crate::domain::{ContactId, Timestamp};
use crate::engine::Engine;
use crate::engine::contact::{Held, Service, Stage};
use crate::engine::event::HeldBy;

impl Engine {
    pub(super) fn held(&mut self, contact: ContactId, by: HeldBy, at: Timestamp) {
        let service = self.service_of(contact);
        let held = service.held.get_or_insert(Held {
            since: at,
            by_agent: false,
            interrupted: false,
        });
        *reason(held, by) = true;
    }

    pub(super) fn unheld(&mut self, contact: ContactId, by: HeldBy) {
        let service = self.service_of(contact);
        if let Some(held) = &mut service.held {
            *reason(held, by) = false;
        }
        service.held = service
            .held
            .filter(|held| held.by_agent || held.interrupted);
    }

    /// What is known of a contact that is being served; no index depends on it.
    fn service_of(&mut self, contact: ContactId) -> &mut Service {
        let slot = self.known(contact);
        let Stage::Active(service) = &mut self.contacts[slot].stage else {
            unreachable!("only a contact that is being served is held");
        };
        service
    }
}

fn reason(held: &mut Held, by: HeldBy) -> &mut bool {
    match by {
        HeldBy::Agent => &mut held.by_agent,
        HeldBy::Interruption => &mut held.interrupted,
    }
}
