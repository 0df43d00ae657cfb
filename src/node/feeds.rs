//! The feeds of all agents, by name, and the sessions whose desks are gone.
//!
//! **Invariant:** no guard of the map is held beyond one expression.

use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use dashmap::DashMap;

use crate::domain::Name;
use crate::node::feed::{Arrival, Feed, Orphan, Unseated};
use crate::node::notice::{Ended, SharedNotice};

#[derive(Default)]
pub(super) struct Feeds {
    by_agent: DashMap<Name, Arc<Feed>>,
    orphans: Mutex<Vec<Orphan>>,
    ended_too_slow: AtomicU64,
}

impl Feeds {
    /// The feed of a current or former agent, created on first use.
    pub(super) fn learn(&self, agent: &Name) -> Arc<Feed> {
        let feed = self.by_agent.entry(agent.clone());
        feed.or_insert_with(|| Arc::new(Feed::new(agent.clone())))
            .clone()
    }

    pub(super) fn get(&self, agent: &str) -> Option<Arc<Feed>> {
        self.by_agent.get(agent).map(|feed| Arc::clone(&feed))
    }

    /// Delivers a notice to the agent's ring and desk.
    pub(super) fn push(&self, feed: &Feed, notice: SharedNotice) {
        let pushed = feed.push(notice);
        self.note(feed, pushed);
    }

    /// Delivers the first notice of a session together with its desk.
    pub(super) fn seat(&self, feed: &Feed, session: u64, notice: SharedNotice, arrival: Arrival) {
        let seated = feed.seat(session, notice, arrival);
        self.note(feed, seated);
    }

    fn note(&self, feed: &Feed, outcome: Result<(), (u64, Unseated)>) {
        let Err((session, why)) = outcome else {
            return;
        };
        if why == Unseated::TooSlow {
            self.count_too_slow();
        }
        self.lock_orphans().push(feed.orphan(session));
    }

    /// Sends nothing more to the desk of this session; true if it was seated.
    pub(super) fn detach(&self, agent: &str, session: u64) -> bool {
        self.get(agent).is_some_and(|feed| feed.detach(session))
    }

    pub(super) fn count_too_slow(&self) {
        self.ended_too_slow.fetch_add(1, Ordering::Relaxed);
    }

    /// The sessions to report to the engine: their desks are gone.
    pub(super) fn take_orphans(&self) -> Vec<Orphan> {
        mem::take(&mut *self.lock_orphans())
    }

    fn lock_orphans(&self) -> std::sync::MutexGuard<'_, Vec<Orphan>> {
        self.orphans.lock().expect("nothing panics under this lock")
    }

    pub(super) fn end_all(&self, why: Ended) {
        for feed in &self.by_agent {
            feed.end(why);
        }
    }

    /// Counts the desks and finds those that were dropped silently.
    pub(super) fn survey(&self) -> usize {
        let mut seated = 0;
        for feed in &self.by_agent {
            let looked = feed.look();
            seated += usize::from(looked == Ok(true));
            self.note(&feed, looked.map(|_| ()));
        }
        seated
    }

    /// How many desks were ended for reading too slowly.
    pub(super) fn ended_too_slow(&self) -> u64 {
        self.ended_too_slow.load(Ordering::Relaxed)
    }
}
