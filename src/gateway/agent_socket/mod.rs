//! The WebSocket of an agent's desktop.
//!
//! One task per socket holds two halves: the [`reader`] turns frames into commands, the [`writer`]
//! sends answers and notices. The session itself lives in the node; at its end the task reports the
//! session as lost.
//!
//! **Invariant:** every queue here is bounded, and nothing that must survive a reconnect is kept
//! here.

mod command;
mod frame;
mod pace;
mod reader;
mod under_way;
mod writer;

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use tokio::sync::watch;

use crate::domain::Name;
use crate::engine::command::CommandKey;
use crate::engine::refusal::Refusal;
use crate::gateway::auth::role::{Role, Roles};
use crate::gateway::auth::{Caller, forbidden};
use crate::gateway::socket::close::Close;
use crate::gateway::socket::handshake::{self, Porter};
use crate::gateway::socket::link::{Link, Upgrading};
use crate::gateway::socket::silence::Heard;
use crate::node::Login;
use crate::node::answers::{Answers, Session};
use crate::node::handle::{CallError, Desk, Handle};
use crate::node::notice::SharedNotice;
use crate::node::recognise::Recognise;
use crate::task;
use crate::wire::code::is_known;
use crate::wire::frame::{AGENT_PROTOCOL, CommandId};
use crate::wire::problem::Problem;
use under_way::UnderWay;
use writer::Writer;

/// Opens desktops.
pub(super) struct Desktops {
    pub(super) node: Handle,
    pub(super) porter: Arc<Porter>,
    pub(super) recognise: Recognise,
    pub(super) answers: Answers<CommandKey, Answer>,
    pub(super) stopping: watch::Receiver<bool>,
    pub(super) drain_for: Duration,
    pub(super) reconnect_jitter_ms: u64,
}

/// The result of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Ok,
    /// Boxed: most commands are carried out, and many answers are remembered.
    Refused(Box<Refused>),
}

/// Why a command was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    code: &'static str,
    detail: Cow<'static, str>,
}

impl Answer {
    fn refused(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        debug_assert!(is_known(code), "{code} is not among the codes");
        Self::Refused(Box::new(Refused {
            code,
            detail: detail.into(),
        }))
    }

    /// Nothing was decided; the command may be repeated.
    fn fault(fault: &CallError) -> Self {
        let code = match fault {
            CallError::Stopping => "stopping",
            CallError::Overloaded | CallError::NotDurable(_) | CallError::Refused(_) => {
                "overloaded"
            }
        };
        Self::refused(code, fault.to_string())
    }
}

/// What the reader hands to the writer.
enum Out {
    Answer {
        /// None if the id could not be read.
        cmd: Option<CommandId>,
        answer: Answer,
    },
    /// The previous session is resumed: the notices it missed.
    Resumed {
        cmd: CommandId,
        missed: Vec<SharedNotice>,
    },
}

/// One agent's open socket, as both halves see it.
struct Desktop {
    desktops: Arc<Desktops>,
    caller: Caller,
    agent: Name,
    session: u64,
    answers: Session<CommandKey, Answer>,
    under_way: UnderWay,
    heard: Heard,
    /// It has resumed, or was sent the messages written before it connected.
    knows_all: AtomicBool,
    has_worked: AtomicBool,
}

impl Desktops {
    pub(super) async fn open(self: Arc<Self>, mut request: Request) -> Result<Response, Problem> {
        let caller = self.porter.admit(&request, Role::Agent)?;
        let agent = caller.agent.clone();
        let agent = agent.ok_or_else(|| forbidden(Roles::of(&[Role::Agent])))?;
        let response = handshake::accept(&request, AGENT_PROTOCOL)?;
        let Some(login) = self.node.announce(&agent).await? else {
            let detail = "no such agent in the configuration";
            return Err(Problem::new(403, "unknown_agent", detail));
        };
        let upgrading = Upgrading::of(&mut request);
        let begin = self.begin(caller, agent, login, upgrading);
        task::spawn("desktop, opening", begin);
        Ok(response)
    }

    async fn begin(
        self: Arc<Self>,
        caller: Caller,
        agent: Name,
        login: Login,
        upgrading: Upgrading,
    ) {
        let Some(link) = upgrading.finish().await else {
            return;
        };
        let desk = match self.node.connect(login).await {
            Ok(desk) => desk,
            Err(CallError::Refused(Refusal::StaleSession)) => {
                return link.close(Close::Replaced).await;
            }
            Err(CallError::Refused(_)) => return link.close(Close::Unauthorised).await,
            Err(CallError::Overloaded | CallError::NotDurable(_) | CallError::Stopping) => {
                return link.close(Close::Restarting).await;
            }
        };
        let desktop = Desktop {
            answers: self.answers.begin(&agent, desk.session, desk.resumes_from),
            desktops: self,
            caller,
            agent,
            session: desk.session,
            under_way: UnderWay::default(),
            heard: Heard::start(),
            knows_all: AtomicBool::new(false),
            has_worked: AtomicBool::new(false),
        };
        // A separate task, so that an open socket does not reserve room for its opening.
        task::spawn("desktop", desktop.run(link, desk));
    }
}

impl Desktop {
    #[expect(
        clippy::manual_async_fn,
        reason = "an `async fn` reserves room for its arguments twice, in every open socket"
    )]
    fn run(self, mut link: Link, desk: Desk) -> impl Future<Output = ()> + Send {
        async move {
            let writer = Writer::new(&self, desk);
            let why = tokio::select! {
                biased;
                why = self.read(&mut link.incoming) => why,
                why = writer.run(&mut link.outgoing) => why,
            };
            // Boxed, because every open socket reserves room for it and few are ending.
            Box::pin(self.end(link, why)).await;
        }
    }

    async fn end(&self, link: Link, why: Close) {
        let node = &self.desktops.node;
        match why {
            Close::Replaced => {}
            Close::TooSlow => node.lose_too_slow(&self.agent, self.session).await,
            Close::Gone
            | Close::Unauthorised
            | Close::Restarting
            | Close::TooBig
            | Close::Garbled
            | Close::Binary
            | Close::Protocol
            | Close::Policy
            | Close::Internal => node.lose(&self.agent, self.session).await,
        }
        // Waits for the commands in progress, however long they take, so that their answers are
        // stored for repeats.
        tokio::join!(self.finish(), link.close(why));
    }
}
