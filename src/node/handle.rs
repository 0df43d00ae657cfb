//! How the doors reach the engine: one bounded inbox, answers after the
//! journal has them.

use tokio::sync::{mpsc, oneshot};

use crate::domain::{Name, Timestamp};
use crate::engine::command::Command;
use crate::engine::refusal::Refusal;
use crate::engine::{Done, Engine};
use crate::node::notice::{Ended, SharedNotice};

/// Something that leaves the node once everything before it is durable.
pub type Effect = Box<dyn FnOnce() + Send>;

/// Runs on the engine's task right after the decision, makes what the caller
/// will see, and returns the sending of it.
pub type Then = Box<dyn FnOnce(Result<Done, Refusal>, &Engine, Timestamp) -> Effect + Send>;

pub enum Envelope {
    Decide { command: Command, then: Then },
    Read(Box<dyn FnOnce(&Engine, Timestamp) -> Effect + Send>),
}

/// Why a call came to nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The inbox is full: 503 with `Retry-After`.
    #[error("the router is overloaded")]
    Overloaded,
    /// New contacts cannot be made durable for now: 503 with `Retry-After`.
    #[error("the journal has no space for new contacts")]
    NotDurable,
    #[error("the router is stopping")]
    Stopping,
}

/// A cloneable way to one site's engine.
#[derive(Clone)]
pub struct Handle {
    inbox: mpsc::Sender<Envelope>,
}

impl Handle {
    pub fn new(inbox: mpsc::Sender<Envelope>) -> Self {
        Self { inbox }
    }

    /// Decides, and answers with what `view` makes of it once it is durable.
    pub async fn decide<T: Send + 'static>(
        &self,
        command: Command,
        view: impl FnOnce(Done, &Engine, Timestamp) -> T + Send + 'static,
    ) -> Result<T, CallError> {
        let (answer, reply) = oneshot::channel();
        let then: Then = Box::new(move |outcome, engine, now| {
            let outcome = outcome.map(|done| view(done, engine, now));
            // The caller may have gone; the command has happened all the same.
            Box::new(move || drop(answer.send(outcome)))
        });
        self.post(Envelope::Decide { command, then })?;
        Ok(reply.await.map_err(|_| CallError::Stopping)??)
    }

    /// Looks, and answers once everything that was seen is durable.
    pub async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Engine, Timestamp) -> T + Send + 'static,
    ) -> Result<T, CallError> {
        let (answer, reply) = oneshot::channel();
        self.post(Envelope::Read(Box::new(move |engine, now| {
            let seen = look(engine, now);
            Box::new(move || drop(answer.send(seen)))
        })))?;
        reply.await.map_err(|_| CallError::Stopping)
    }

    pub fn site(&self) -> &Name {
        unimplemented!()
    }
    pub fn clock(&self) -> &crate::node::clock::Clock {
        unimplemented!()
    }
    pub fn takes_contacts(&self) -> bool {
        unimplemented!()
    }
    pub fn new_contact_id(&self) -> crate::domain::ContactId {
        unimplemented!()
    }
    #[expect(clippy::unused_async, reason = "a stub")]
    pub async fn connect(&self, _agent: Name) -> Result<Desk, CallError> {
        unimplemented!()
    }
    #[expect(clippy::unused_async, reason = "a stub")]
    pub async fn lose(&self, _agent: &Name, _session: u64) {
        unimplemented!()
    }
    pub fn resume(
        &self,
        _agent: &str,
        _session: u64,
        _token: &str,
        _last_seq: u64,
    ) -> Option<Vec<SharedNotice>> {
        unimplemented!()
    }
    pub fn ack(&self, _agent: &str, _seq: u64) {
        unimplemented!()
    }
    pub fn escalations(
        &self,
    ) -> tokio::sync::broadcast::Receiver<crate::node::notice::EscalationNotice> {
        unimplemented!()
    }
    #[expect(clippy::unused_async, reason = "a stub")]
    pub async fn watch(&self) -> Result<crate::node::board::Watch, CallError> {
        unimplemented!()
    }
    #[expect(clippy::unused_async, reason = "a stub")]
    pub async fn scrape(&self) -> String {
        unimplemented!()
    }

    fn post(&self, envelope: Envelope) -> Result<(), CallError> {
        self.inbox.try_send(envelope).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => CallError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => CallError::Stopping,
        })
    }
}

/// One connected desktop: its notices, the welcome first.
pub struct Desk {
    pub agent: Name,
    pub session: u64,
    /// Lets the agent resume this stream after a lost socket.
    pub resume_token: String,
    pub notices: mpsc::Receiver<SharedNotice>,
    /// Why the stream ended, once `notices` is closed.
    pub ended: oneshot::Receiver<Ended>,
}
