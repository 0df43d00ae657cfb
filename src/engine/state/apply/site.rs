//! What events do to the site as a whole.

use crate::domain::Timestamp;
use crate::engine::Engine;
use crate::engine::event::SiteEvent;

impl Engine {
    pub(super) fn fold_site(&mut self, event: &SiteEvent, at: Timestamp) {
        match event {
            SiteEvent::Configured { options } => self.configured(options),
            SiteEvent::RequestRemembered { key, contact } => self.remember(*key, *contact, at),
            SiteEvent::HistoryFiled { closed_upto } => self.filed_upto = *closed_upto,
            SiteEvent::EscalationsTold { upto_seq } => self.escalations_told(*upto_seq),
        }
    }
}
