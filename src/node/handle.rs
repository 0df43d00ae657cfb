//! How the gateway reaches the engine: one bounded inbox, and answers once they are durable.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use rustix::rand::GetRandomFlags;
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::time::timeout;

use crate::domain::{ContactId, Millis, Name};
use crate::engine::command::{AgentCommand, Command, ContactCommand, DeskAct, SiteCommand};
use crate::engine::options::Options;
use crate::engine::refusal::Refusal;
use crate::engine::shown::foresee::Effects;
use crate::engine::view::AgentView;
use crate::engine::{Done, Engine};
use crate::node::board::{self, Watch};
use crate::node::clock::Clock;
use crate::node::feed::{Arrival, Login};
use crate::node::hung::HUNG_MIN;
use crate::node::missed::{Missed, Unresumed};
use crate::node::notice::{Ended, SharedEscalation};
use crate::node::pipeline::Pipeline;
use crate::node::scrapes::Rendered;
use crate::node::shared::Shared;
use crate::node::turns::check_size;
use crate::node::unread::Notices;
use crate::node::webhook_queue::WebhookQueue;
use crate::store::journal::Hindrance;
use crate::telemetry::{Connections, Webhooks};

/// The most envelopes waiting in the inbox; further ones are refused as overload.
pub const INBOX_MAX: usize = 4_096;

/// How long a scrape waits for the engine's census.
const COUNT_WITHIN: Duration = Duration::from_secs(2);

/// Something that leaves the node once everything before it is durable.
pub type Effect = Box<dyn FnOnce() + Send>;

/// Runs on the engine's task right after the decision, builds what the caller will see, and returns
/// the effect that sends it.
pub type Continuation = Box<dyn FnOnce(Result<Done, Refusal>, &Engine) -> Effect + Send>;

/// Runs on the engine's task between two decisions.
pub type Look = Box<dyn FnOnce(&Engine) -> Effect + Send>;

pub enum Envelope {
    Decide {
        command: Command,
        then: Continuation,
    },
    Read(Look),
    /// A desktop that is seated when its welcome is delivered.
    Connect(Connecting),
    /// The metrics ask for the engine's own census.
    Count(oneshot::Sender<()>),
}

/// A desktop that is connecting.
pub struct Connecting(pub(super) Box<Arrival>);

/// Why a call failed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The inbox is full: 503 with `Retry-After`.
    #[error("the router is overloaded")]
    Overloaded,
    /// No new contacts, or no commands at all, can be made durable at the moment: 503 with
    /// `Retry-After`.
    #[error("{0}")]
    NotDurable(Hindrance),
    #[error("the router is stopping")]
    Stopping,
}

/// A cloneable handle to one site's engine.
#[derive(Clone)]
pub struct Handle {
    inbox: mpsc::Sender<Envelope>,
    shared: Arc<Shared>,
    pipeline: Pipeline,
}

impl Handle {
    pub(super) fn new(
        inbox: mpsc::Sender<Envelope>,
        shared: Arc<Shared>,
        pipeline: Pipeline,
    ) -> Self {
        Self {
            inbox,
            shared,
            pipeline,
        }
    }

    /// The site of this engine.
    pub fn site(&self) -> &Name {
        &self.shared.site
    }

    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// False while new contacts are refused because the journal cannot be extended or the disk does
    /// not respond.
    pub fn takes_contacts(&self) -> bool {
        !self.shared.is_hindered() && !self.inbox.is_closed() && self.oldest_commit() <= HUNG_MIN
    }

    /// How long the oldest decision has been waiting to become durable; zero if none is.
    pub(super) fn oldest_commit(&self) -> Millis {
        let since = self.pipeline.oldest();
        since.map_or(Millis::ZERO, |since| self.clock().now() - since)
    }

    pub(super) fn is_full(&self) -> bool {
        self.shared.is_full()
    }

    /// An id for a contact about to be submitted.
    pub fn new_contact_id(&self) -> ContactId {
        let ms = u64::try_from(self.clock().now().0).unwrap_or(0);
        let chance: [u8; 10] = random();
        let id = uuid::Builder::from_unix_timestamp_millis(ms, &chance);
        ContactId(id.into_uuid().as_u128())
    }

    /// Carries out a command and returns what `view` makes of it once it is durable.
    pub async fn decide<T: Send + 'static>(
        &self,
        command: Command,
        view: impl FnOnce(Done, &Engine) -> T + Send + 'static,
    ) -> Result<T, CallError> {
        self.begin(command, view)?.await
    }

    /// Hands a command in at once; its reply follows later. Replies arrive in the order in which
    /// the commands were handed in.
    pub fn begin<T: Send + 'static>(
        &self,
        command: Command,
        view: impl FnOnce(Done, &Engine) -> T + Send + 'static,
    ) -> Result<Reply<T>, CallError> {
        let (answer, reply) = oneshot::channel();
        let then: Continuation = Box::new(move |outcome, engine| {
            let outcome = outcome.map(|done| view(done, engine));
            // The caller may be gone; the command has been carried out all the same.
            Box::new(move || drop(answer.send(outcome)))
        });
        let is_new = matches!(
            &command,
            Command::Contact(ContactCommand::Submit { .. })
                | Command::ByAdapter {
                    command: ContactCommand::Submit { .. },
                    ..
                }
        );
        if is_new && self.shared.is_hindered() {
            return Err(CallError::NotDurable(self.shared.hindrance()));
        }
        self.post(Envelope::Decide { command, then })?;
        Ok(Reply(reply))
    }

    /// Reads the engine and returns once everything read is durable.
    pub async fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, CallError> {
        let (answer, reply) = oneshot::channel();
        self.post(Envelope::Read(Box::new(move |engine| {
            let seen = look(engine);
            Box::new(move || drop(answer.send(seen)))
        })))?;
        reply.await.map_err(|_| CallError::Stopping)
    }

    /// The effects of a configuration; refused for the same reasons as applying it.
    pub async fn foresee(&self, options: Arc<Options>) -> Result<Effects, CallError> {
        let foreseen = self.read(move |engine| {
            check_size(&options)?;
            engine.foresee_reload(&options)
        });
        foreseen.await?.map_err(CallError::Refused)
    }

    /// A desktop of `agent` asks to connect; none if there is no such agent. Agents removed from
    /// the configuration may still connect to finish their contacts.
    pub async fn announce(&self, agent: &Name) -> Result<Option<Login>, CallError> {
        let Some(feed) = self.shared.feeds.get(agent.as_str()) else {
            return Ok(None);
        };
        let login = feed.announce();
        if feed.is_configured() {
            return Ok(Some(login));
        }
        let agent = agent.clone();
        let look = move |engine: &Engine| engine.agent(agent.as_str()).is_some();
        Ok(self.read(look).await?.then_some(login))
    }

    /// Seats a desktop; an older one gives way, and one that a newer one has overtaken is refused
    /// with [`Refusal::StaleSession`]. The first notice is the welcome.
    pub async fn connect(&self, login: Login) -> Result<Desk, CallError> {
        let token = u128::from_ne_bytes(random());
        let (arrival, reply) = Arrival::new(login, format!("{token:032x}"));
        self.post(Envelope::Connect(Connecting(Box::new(arrival))))?;
        reply.await.map_err(|_| CallError::Stopping)?
    }

    /// The socket of this session is gone. Waits if the inbox is full, because the agent's offers
    /// have to go to others.
    pub async fn lose(&self, agent: &Name, session: u64) {
        self.shared.feeds.detach(agent.as_str(), session);
        self.tell_lost(agent, session).await;
    }

    /// The desktop did not read what was sent to it: it is lost, and counted as too slow.
    pub async fn lose_too_slow(&self, agent: &Name, session: u64) {
        if self.shared.feeds.detach(agent.as_str(), session) {
            self.shared.feeds.count_too_slow();
        }
        self.tell_lost(agent, session).await;
    }

    async fn tell_lost(&self, agent: &Name, session: u64) {
        let then: Continuation = Box::new(|_, _| Box::new(|| {}));
        let command = Command::Agent(AgentCommand {
            agent: agent.clone(),
            act: DeskAct::Lose.of(session),
        });
        // A site that is stopping loses all desks anyway.
        let _ = self.inbox.send(Envelope::Decide { command, then }).await;
    }

    /// Nobody is offered anything any more, because the desktops are about to be closed. A site that
    /// is too busy to hear it goes on as before.
    pub fn stop_offering(&self) {
        let then: Continuation = Box::new(|_, _| Box::new(|| {}));
        let command = Command::Site(SiteCommand::Stop);
        let _ = self.post(Envelope::Decide { command, then });
    }

    /// What a reconnecting desktop missed: the notices after `last_seq`, or after what was sent to
    /// desktops before if that is less, and before this session's welcome. Fails if they are not all
    /// held, or `token` is not that of the last session in which a desktop has worked, or of one of
    /// the newest connections since; then send `DeskAct::Resync`.
    pub fn resume(
        &self,
        agent: &str,
        session: u64,
        token: &str,
        last_seq: u64,
    ) -> Result<Missed, Unresumed> {
        let feed = self.shared.feeds.get(agent);
        let feed = feed.ok_or(Unresumed::UNKNOWN)?;
        feed.resume(session, token, last_seq)
    }

    /// The desktop of this session has sent a command and gets what it lacks: from the next session
    /// on, older ones cannot be resumed.
    pub fn has_worked(&self, agent: &str, session: u64) {
        if let Some(feed) = self.shared.feeds.get(agent) {
            feed.has_worked(session);
        }
    }

    /// The desktop of this session has seen every notice up to `seq`. If that may include a
    /// customer's messages, the number up to which they were read is to be reported to the engine,
    /// and then to be [`Self::reported`]. Fails with the newest number sent if `seq` is above it.
    pub fn ack(&self, agent: &str, session: u64, seq: u64) -> Result<Option<u64>, u64> {
        let feed = self.shared.feeds.get(agent);
        feed.map_or(Err(0), |feed| feed.ack(session, seq))
    }

    /// The engine is told that messages up to this number have been read.
    pub fn reported(&self, agent: &str, upto: u64) {
        if let Some(feed) = self.shared.feeds.get(agent) {
            feed.reported(upto);
        }
    }

    /// All agents, read without holding up routing.
    pub async fn agents(&self) -> Result<Vec<AgentView>, CallError> {
        board::agents(self).await
    }

    /// Escalations for supervisors, as they fire.
    pub fn escalations(&self) -> broadcast::Receiver<SharedEscalation> {
        self.shared.escalations.subscribe()
    }

    /// The queue of webhook calls since the start, for the first caller. Once it is dropped, no
    /// calls are queued.
    pub fn webhooks(&self) -> Option<WebhookQueue> {
        self.shared.take_webhooks()
    }

    pub fn webhook_counts(&self) -> Webhooks {
        Webhooks::new(&self.shared.telemetry)
    }

    pub fn connection_counts(&self) -> Connections {
        Connections::new(&self.shared.telemetry)
    }

    /// All queues and agents, then changes to them.
    pub async fn watch(&self) -> Result<Watch, CallError> {
        self.shared.board.watch(self).await
    }

    /// The metrics in Prometheus' text format, including a current census unless the site is
    /// overloaded, stuck or stopping.
    pub async fn scrape(&self) -> Rendered {
        let (taken_up, done) = oneshot::channel();
        if self.post(Envelope::Count(taken_up)).is_ok() {
            // The numbers are needed most when a site is in trouble.
            let _ = timeout(COUNT_WITHIN, done).await;
        }
        self.shared.scrapes.ask().await
    }

    /// Broadcasts changes to supervisors until the site stops.
    pub(super) async fn keep_board(self) {
        self.shared.board.keep(&self).await;
    }

    fn post(&self, envelope: Envelope) -> Result<(), CallError> {
        if self.shared.is_full() {
            return Err(CallError::NotDurable(self.shared.hindrance()));
        }
        self.inbox.try_send(envelope).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => CallError::Overloaded,
            mpsc::error::TrySendError::Closed(_) => CallError::Stopping,
        })
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rustix::rand::getrandom(&mut bytes, GetRandomFlags::empty())
        .expect("the kernel gives a few random bytes at once");
    bytes
}

/// The pending answer to a command that was handed in.
pub struct Reply<T>(oneshot::Receiver<Result<T, Refusal>>);

impl<T> Future for Reply<T> {
    type Output = Result<T, CallError>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = ready!(Pin::new(&mut self.0).poll(cx));
        Poll::Ready(match answer {
            Ok(outcome) => outcome.map_err(CallError::Refused),
            Err(_) => Err(CallError::Stopping),
        })
    }
}

/// One connected desktop and its notices, the welcome first.
pub struct Desk {
    pub agent: Name,
    pub session: u64,
    /// Allows the agent to resume this stream after losing the socket.
    pub resume_token: String,
    /// The oldest session before that the desktop may be about to resume.
    pub resumes_from: Option<u64>,
    pub notices: Notices,
    /// Why the stream ended, once `notices` is closed.
    pub ended: oneshot::Receiver<Ended>,
}
