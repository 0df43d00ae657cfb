//! A request repeated under its key is carried out once.

use crate::domain::{ContactId, Timestamp};
use crate::engine::command::RequestKey;
use crate::engine::event::{Event, SiteEvent};
use crate::engine::refusal::Refusal;
use crate::engine::{Done, Engine, Request};

impl Engine {
    /// The record of an earlier request with this key; a mismatch is refused.
    fn request(
        &self,
        now: Timestamp,
        key: Option<RequestKey>,
    ) -> Result<Option<&Request>, Refusal> {
        let Some(key) = key else {
            return Ok(None);
        };
        // Requests are only forgotten as others come.
        let closed_for = self.configuration().limits.closed_for;
        let known = self.requests.get(&key.key);
        match known.filter(|known| now - known.at < closed_for) {
            Some(known) if known.key.fingerprint != key.fingerprint => {
                Err(Refusal::IdempotencyMismatch)
            }
            known => Ok(known),
        }
    }

    /// The contact of an earlier request.
    pub(in crate::engine) fn repeated(
        &self,
        now: Timestamp,
        key: Option<RequestKey>,
    ) -> Result<Option<ContactId>, Refusal> {
        Ok(self.request(now, key)?.and_then(|known| known.contact))
    }

    /// Carries out a request about one contact unless that was done before.
    pub(in crate::engine) fn once(
        &mut self,
        now: Timestamp,
        key: Option<RequestKey>,
        contact: ContactId,
        act: impl FnOnce(&mut Self) -> Result<(), Refusal>,
    ) -> Result<Done, Refusal> {
        if let Some(contact) = self.repeated(now, key)? {
            return Ok(Done::Contact {
                contact,
                fresh: false,
            });
        }
        act(self)?;
        self.keep_request(now, key, Some(contact));
        Ok(Done::contact(contact))
    }

    /// The same for a request about an agent or a queue.
    pub(in crate::engine) fn once_without_contact(
        &mut self,
        now: Timestamp,
        key: Option<RequestKey>,
        act: impl FnOnce(&mut Self),
    ) -> Result<Done, Refusal> {
        if self.request(now, key)?.is_some() {
            return Ok(Done::Again);
        }
        act(self);
        self.keep_request(now, key, None);
        Ok(Done::Nothing)
    }

    pub(in crate::engine) fn keep_request(
        &mut self,
        now: Timestamp,
        key: Option<RequestKey>,
        contact: Option<ContactId>,
    ) {
        if let Some(key) = key {
            let event = SiteEvent::RequestRemembered { key, contact };
            self.emit(now, Event::Site(event));
        }
    }
}
