//! Which agents are connected and ready, and whose turn it is. Nothing else is decided here.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tokio::sync::mpsc;

use super::contact::Contact;
use super::desk::Desk;

/// Contacts on the way to one agent; beyond this the next agent gets it.
const INBOX_MAX: usize = 256;
/// Contacts that no agent could take; beyond this 503.
const WAITING_MAX: usize = 1_000_000;

/// No agent can take the contact, and no more may wait.
pub(super) struct Full;

#[derive(Default)]
pub(super) struct Hub {
    ready: RwLock<Vec<Seat>>,
    turn: AtomicUsize,
    waiting: Mutex<VecDeque<Arc<Contact>>>,
    waiting_len: AtomicUsize,
    agents: Mutex<BTreeMap<String, Registered>>,
}

struct Seat {
    agent: Arc<str>,
    inbox: mpsc::Sender<Arc<Contact>>,
}

struct Registered {
    desk: Arc<tokio::sync::Mutex<Desk>>,
    /// Dropping the last sender of a session is how a newer login ends it.
    inbox: mpsc::Sender<Arc<Contact>>,
    seated: bool,
}

/// What a session gets when it starts.
pub(super) struct Login {
    pub(super) desk: Arc<tokio::sync::Mutex<Desk>>,
    pub(super) inbox: mpsc::Receiver<Arc<Contact>>,
}

impl Hub {
    /// Makes this the session of `agent`; an older one ends.
    pub(super) fn log_in(&self, agent: &Arc<str>) -> Login {
        let (sender, inbox) = mpsc::channel(INBOX_MAX);
        let mut agents = lock(&self.agents);
        let registered = agents
            .entry(agent.as_ref().to_owned())
            .or_insert_with(|| Registered {
                desk: Arc::new(tokio::sync::Mutex::new(Desk::new(Arc::clone(agent)))),
                inbox: sender.clone(),
                seated: false,
            });
        self.unseat(agent, registered);
        registered.inbox = sender;
        Login {
            desk: Arc::clone(&registered.desk),
            inbox,
        }
    }

    pub(super) fn make_ready(&self, agent: &Arc<str>) {
        let mut agents = lock(&self.agents);
        let Some(registered) = agents.get_mut(agent.as_ref()) else {
            return;
        };
        if !registered.seated {
            registered.seated = true;
            let mut ready = self.ready.write().unwrap_or_else(PoisonError::into_inner);
            ready.push(Seat {
                agent: Arc::clone(agent),
                inbox: registered.inbox.clone(),
            });
        }
    }

    pub(super) fn make_unready(&self, agent: &Arc<str>) {
        if let Some(registered) = lock(&self.agents).get_mut(agent.as_ref()) {
            self.unseat(agent, registered);
        }
    }

    fn unseat(&self, agent: &Arc<str>, registered: &mut Registered) {
        if registered.seated {
            registered.seated = false;
            let mut ready = self.ready.write().unwrap_or_else(PoisonError::into_inner);
            ready.retain(|seat| seat.agent != *agent);
        }
    }

    /// Gives the contact to the agent whose turn it is, or queues it.
    pub(super) fn place(&self, mut contact: Arc<Contact>) -> Result<(), Full> {
        let ready = self.ready.read().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..ready.len() {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed) % ready.len();
            match ready[turn].inbox.try_send(contact) {
                Ok(()) => return Ok(()),
                Err(
                    mpsc::error::TrySendError::Full(back) | mpsc::error::TrySendError::Closed(back),
                ) => contact = back,
            }
        }
        // Still under the lock: an agent who becomes ready later sees this contact waiting.
        let mut waiting = lock(&self.waiting);
        if waiting.len() == WAITING_MAX {
            return Err(Full);
        }
        waiting.push_back(contact);
        self.waiting_len.store(waiting.len(), Ordering::Release);
        Ok(())
    }

    /// The contact that has waited longest.
    pub(super) fn next_waiting(&self) -> Option<Arc<Contact>> {
        if self.waiting_len.load(Ordering::Acquire) == 0 {
            return None;
        }
        let mut waiting = lock(&self.waiting);
        let contact = waiting.pop_front();
        self.waiting_len.store(waiting.len(), Ordering::Release);
        contact
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
