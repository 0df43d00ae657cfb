//! The board that supervisors watch: all queues and agents, and changes to them.
//!
//! Once a second, while somebody is watching and something has happened, a new snapshot of the
//! engine is compared with the previous one and the differences are broadcast. A watcher first gets
//! the complete current state.
//!
//! **Invariant:** a slow reader skips changes, which its channel reports; nothing waits for a
//! reader.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::broadcast;

use crate::domain::{Millis, Name, Timestamp};
use crate::engine::Engine;
use crate::engine::view::{AgentView, QueueView};
use crate::node::handle::{CallError, Handle};

/// The most agents read in one turn of the loop.
const AGENTS_MAX: usize = 250;
/// How often changes are looked for.
const EVERY: Duration = Duration::from_secs(1);
/// A view younger than this is served to a new watcher unchanged.
const FRESH_FOR: Millis = Millis::from_s(1);
/// The most unread changes per watcher before some are skipped.
const CHANGES_MAX: usize = 16;

/// Queues and agents: all of them, or those that differ.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BoardView {
    pub at: Timestamp,
    pub queues: Vec<QueueView>,
    pub agents: Vec<AgentView>,
    /// Queues no longer in the configuration.
    pub queues_gone: Vec<Name>,
    pub agents_gone: Vec<Name>,
}

/// A supervisor's view: the complete state, then changes.
pub struct Watch {
    pub snapshot: BoardView,
    /// After `Lagged`, watch anew.
    pub changes: broadcast::Receiver<Arc<BoardView>>,
}

pub(super) struct Board {
    known: Mutex<Known>,
    changes: broadcast::Sender<Arc<BoardView>>,
}

/// The board as all watchers know it.
#[derive(Default)]
struct Known {
    at: Option<Timestamp>,
    seq: u64,
    queues: BTreeMap<Name, QueueView>,
    agents: BTreeMap<Name, AgentView>,
}

/// One reading of the engine.
struct Look {
    at: Timestamp,
    seq: u64,
    queues: Vec<QueueView>,
    agents: Vec<AgentView>,
}

impl Default for Board {
    fn default() -> Self {
        Self {
            known: Mutex::default(),
            changes: broadcast::channel(CHANGES_MAX).0,
        }
    }
}

impl Board {
    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().expect("nothing panics under this lock")
    }

    /// Reads again if the last reading is older than `older_than`, and broadcasts the differences.
    async fn refresh(&self, handle: &Handle, older_than: Millis) -> Result<(), CallError> {
        let now = handle.clock().now();
        let (seq, is_fresh) = {
            let known = self.lock();
            let is_fresh = known.at.is_some_and(|at| now - at < older_than);
            (known.seq, is_fresh)
        };
        if is_fresh {
            return Ok(());
        }
        let mut look = handle.read(move |engine| look(engine, now, seq)).await?;
        if let Some(look) = &mut look {
            look.agents = agents(handle).await?;
        }
        let mut known = self.lock();
        match look {
            None => known.at = Some(now),
            Some(look) if look.seq <= known.seq => {}
            Some(look) => {
                let change = known.take(look);
                if !change.is_empty() {
                    // There may be no watchers.
                    let _ = self.changes.send(Arc::new(change));
                }
            }
        }
        Ok(())
    }

    pub(super) async fn watch(&self, handle: &Handle) -> Result<Watch, CallError> {
        self.refresh(handle, FRESH_FOR).await?;
        let known = self.lock();
        Ok(Watch {
            snapshot: known.everything(),
            changes: self.changes.subscribe(),
        })
    }

    /// Looks for changes once a second; returns when the site stops.
    pub(super) async fn keep(&self, handle: &Handle) {
        loop {
            tokio::time::sleep(EVERY).await;
            if self.changes.receiver_count() == 0 {
                continue;
            }
            match self.refresh(handle, Millis::ZERO).await {
                Ok(()) | Err(CallError::Overloaded | CallError::NotDurable(_)) => {}
                Err(CallError::Stopping | CallError::Refused(_)) => return,
            }
        }
    }
}

fn look(engine: &Engine, at: Timestamp, known_seq: u64) -> Option<Look> {
    (engine.seq() > known_seq).then(|| Look {
        at,
        seq: engine.seq(),
        queues: engine.queues(),
        agents: Vec::new(),
    })
}

/// All agents, in portions, because the routing loop waits for each read. Changes made in between
/// are picked up by the next round.
pub(super) async fn agents(handle: &Handle) -> Result<Vec<AgentView>, CallError> {
    let (mut views, mut from) = (Vec::new(), Some(0));
    while let Some(begin) = from {
        let look = handle.read(move |engine| engine.agents_from(begin, AGENTS_MAX));
        let mut page = look.await?;
        views.append(&mut page.views);
        from = page.next;
    }
    Ok(views)
}

impl Known {
    fn everything(&self) -> BoardView {
        BoardView {
            at: self.at.unwrap_or_default(),
            queues: self.queues.values().cloned().collect(),
            agents: self.agents.values().cloned().collect(),
            queues_gone: Vec::new(),
            agents_gone: Vec::new(),
        }
    }

    /// Stores `look` and returns what differs.
    fn take(&mut self, look: Look) -> BoardView {
        self.at = Some(look.at);
        self.seq = look.seq;
        let (queues, queues_gone) = renew(&mut self.queues, look.queues, |queue| &queue.id);
        let (agents, agents_gone) = renew(&mut self.agents, look.agents, |agent| &agent.id);
        BoardView {
            at: look.at,
            queues,
            agents,
            queues_gone,
            agents_gone,
        }
    }
}

impl BoardView {
    fn is_empty(&self) -> bool {
        self.queues.is_empty()
            && self.agents.is_empty()
            && self.queues_gone.is_empty()
            && self.agents_gone.is_empty()
    }
}

/// Replaces `known` by `seen`; returns what differs and the names that are gone.
fn renew<T: Clone + PartialEq>(
    known: &mut BTreeMap<Name, T>,
    seen: Vec<T>,
    id: impl Fn(&T) -> &Name,
) -> (Vec<T>, Vec<Name>) {
    let mut before = std::mem::take(known);
    let mut differs = Vec::new();
    for new in seen {
        let old = before.remove(id(&new));
        if old.as_ref() != Some(&new) {
            differs.push(new.clone());
        }
        known.insert(id(&new).clone(), new);
    }
    (differs, before.into_keys().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renewal_tells_what_differs_and_what_is_gone() {
        let names = ["a", "b", "c"].map(|name| Name::new(name).unwrap());
        let mut known = BTreeMap::new();
        let all: Vec<_> = names.iter().map(|name| (name.clone(), 1)).collect();
        assert_eq!(renew(&mut known, all.clone(), |pair| &pair.0).0, all);
        let seen = vec![(names[0].clone(), 1), (names[1].clone(), 2)];
        let (differs, gone) = renew(&mut known, seen, |pair| &pair.0);
        assert_eq!(differs, [(names[1].clone(), 2)]);
        assert_eq!(gone, [names[2].clone()]);
        assert_eq!(known.len(), 2);
    }
}
