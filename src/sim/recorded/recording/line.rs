//! Reads from a journal which contacts are in line since when, and their targets.

use std::collections::BTreeMap;

use super::{Open, Recording};
use crate::domain::{ContactId, Name, Timestamp};
use crate::engine::options::Options;
use crate::engine::state::registry::QueueKey;
use crate::sim::day::{Wait, WaitEnd};
use crate::sim::promise::Promise;
use crate::sim::recorded::{Fate, RecordedWait, StillWaiting};

pub(super) fn promises(options: &Options) -> BTreeMap<Name, Promise> {
    let queues = options.queues.iter();
    queues
        .map(|queue| (queue.id.clone(), Promise::of(options, &queue.id)))
        .collect()
}

impl Recording {
    pub(super) fn promise(&self, queue: &Name) -> Promise {
        self.promises.get(queue).cloned().unwrap_or_default()
    }

    /// A transferred contact is now in its next queue.
    pub(super) fn settle(&mut self, contact: ContactId, queue: QueueKey) {
        if self.open.get(&contact).is_none_or(|open| !open.is_settling) {
            return;
        }
        let queue = self.queue(queue);
        let promise = self.promise(&queue);
        if let Some(leg) = self.last_leg(contact) {
            leg.queue = queue;
            leg.promise = promise;
        }
    }

    /// The target that counts is that of the queue in which it is answered, at that time.
    pub(super) fn is_promised(&mut self, contact: ContactId, queue: QueueKey) {
        let promise = self.promise(&self.queue(queue));
        if let Some(leg) = self.last_leg(contact)
            && leg.fate == Fate::Open
        {
            leg.promise = promise;
        }
    }

    pub(super) fn is_put_off(&mut self, contact: ContactId, until: Timestamp) {
        let Some(open) = self.open.get_mut(&contact) else {
            return;
        };
        open.waits = false;
        open.is_put_off = true;
        open.in_line_since = until;
        if let Some(leg) = self.last_leg(contact)
            && leg.fate == Fate::Open
        {
            leg.queued_at = until;
        }
    }

    /// The contact joins the line, or goes straight to an agent, if it had not done so before.
    pub(super) fn comes_in(&mut self, contact: ContactId) {
        if let Some(open) = self.open.get_mut(&contact)
            && open.is_put_off
        {
            open.is_put_off = false;
            open.waits = true;
        }
    }

    /// `in_time` is the engine's verdict, which counts from its arrival.
    pub(super) fn wait_is_over(
        &mut self,
        contact: ContactId,
        outcome: WaitEnd,
        in_time: bool,
        at: Timestamp,
    ) {
        let Some(open) = self.open.get_mut(&contact).filter(|open| open.waits) else {
            return;
        };
        open.waits = false;
        let (at_matter, queued_at) = (open.matter, open.in_line_since);
        let is_aged = open.is_aged;
        let matter = &self.matters[at_matter];
        let Some(leg) = matter.legs.last() else {
            return;
        };
        let in_time = if is_aged {
            at <= leg.promise.until(queued_at)
        } else {
            in_time
        };
        self.waits.push(RecordedWait {
            matter: at_matter,
            queued_at,
            wait: Wait {
                queued_at_ms: 0,
                tier: matter.tier,
                channel: matter.intake.channel,
                // A supervisor may have assigned it before its scheduled time.
                ms: (at - queued_at).0.max(0),
                outcome,
                in_time: outcome == WaitEnd::Answered && in_time,
            },
        });
    }

    pub(super) fn waiting(&self) -> Vec<StillWaiting> {
        let those = self.open.values().filter(|open| open.waits);
        let still = |open: &Open| {
            let since = open.in_line_since;
            let leg = self.matters[open.matter].legs.last();
            StillWaiting {
                matter: open.matter,
                since,
                promised_at: leg.map_or(since, |leg| leg.promise.until(since)),
            }
        };
        let mut waiting: Vec<StillWaiting> = those.map(still).collect();
        waiting.sort_unstable();
        waiting
    }
}
