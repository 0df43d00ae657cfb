//! The requests that were carried out, and are remembered for a while.

use crate::domain::{ContactId, Timestamp};
use crate::engine::command::RequestKey;
use crate::engine::state::apply::contacts::FORGOTTEN_AT_ONCE;
use crate::engine::{Engine, Request};

impl Engine {
    pub(super) fn remember(&mut self, key: RequestKey, contact: Option<ContactId>, at: Timestamp) {
        if let Some(known) = self.requests.get(&key.key) {
            // It was about to be forgotten.
            let ages = &mut self.request_ages;
            let first = ages.partition_point(|(since, _)| *since < known.at);
            let mut same = ages.range(first..);
            if let Some(at) = same.position(|(_, known)| *known == key.key) {
                ages.remove(first + at);
            }
        }
        self.requests.insert(key.key, Request { key, contact, at });
        self.request_ages.push_back((at, key.key));
        let limits = self.configuration().limits;
        // One for each contact that may be known, open ones included.
        let most = limits
            .open_contacts_max
            .saturating_add(limits.closed_contacts_max);
        for _ in 0..FORGOTTEN_AT_ONCE {
            let Some((since, oldest)) = self.request_ages.front().copied() else {
                return;
            };
            let crowded = self.request_ages.len() > most.max(1) as usize;
            if !crowded && at - since < limits.closed_for {
                return;
            }
            self.request_ages.pop_front();
            self.requests.remove(&oldest);
        }
    }
}
