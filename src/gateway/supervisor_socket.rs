//! The WebSocket of a supervisor's board: the complete state on connect, then changes, and every
//! escalation as it fires.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use futures_util::SinkExt;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::engine::options::RESERVED_RULES;
use crate::gateway::auth::Caller;
use crate::gateway::auth::role::{Role, Roles};
use crate::gateway::socket::close::Close;
use crate::gateway::socket::handshake::{self, Porter};
use crate::gateway::socket::link::{Link, Outgoing, Upgrading, drain_pause};
use crate::gateway::socket::silence::{Heard, Silence};
use crate::node::handle::Handle;
use crate::node::notice::{EscalationNotice, SharedEscalation};
use crate::node::{BoardView, Watch};
use crate::task;
use crate::wire::frame::{SUPERVISOR_PROTOCOL, SupervisorFrame};
use crate::wire::problem::Problem;
use crate::wire::reply::{AgentReply, QueueReply};
use crate::wire::written::Written;

const WRITE_WITHIN: Duration = Duration::from_secs(5);
/// The most messages that a board, which should only listen, may send.
const SPOKEN_MAX: u32 = 100;

type Changes = broadcast::Receiver<Arc<BoardView>>;

/// Opens boards.
pub(super) struct Boards {
    pub(super) node: Handle,
    pub(super) porter: Arc<Porter>,
    pub(super) stopping: watch::Receiver<bool>,
    pub(super) drain_for: Duration,
}

/// An open board.
struct Board {
    boards: Arc<Boards>,
    caller: Caller,
    heard: Heard,
    silence: Silence,
    ticks: u32,
    spoken: u32,
}

impl Boards {
    #[expect(clippy::unused_async, reason = "every handler is async")]
    pub(super) async fn open(self: Arc<Self>, mut request: Request) -> Result<Response, Problem> {
        let caller = self.porter.admit(&request, Role::Supervisor)?;
        let response = handshake::accept(&request, SUPERVISOR_PROTOCOL)?;
        let upgrading = Upgrading::of(&mut request);
        let board = Board {
            boards: self,
            caller,
            heard: Heard::start(),
            silence: Silence::start(),
            ticks: 0,
            spoken: 0,
        };
        task::spawn("board of a supervisor", board.serve(upgrading));
        Ok(response)
    }
}

impl Board {
    async fn serve(mut self, upgrading: Upgrading) {
        let Some(mut link) = upgrading.finish().await else {
            return;
        };
        let why = self.run(&mut link).await;
        link.close(why).await;
    }

    async fn run(&mut self, link: &mut Link) -> Close {
        let mut escalations = self.boards.node.escalations();
        let mut changes = match self.begin(&mut link.outgoing).await {
            Ok(changes) => changes,
            Err(why) => return why,
        };
        let mut tick = std::pin::pin!(sleep(self.silence.pause()));
        let expires_in = self.caller.expires_in(self.boards.node.clock().wall());
        let mut expiry = std::pin::pin!(async {
            match expires_in {
                Some(span) => sleep(span).await,
                None => pending().await,
            }
        });
        let mut stopping = self.boards.stopping.clone();
        let drain_for = self.boards.drain_for;
        let mut stop = std::pin::pin!(async {
            // If the sender is gone, that means stop as well.
            let _ = stopping.wait_for(|stopping| *stopping).await;
            sleep(drain_pause(drain_for)).await;
        });
        loop {
            let done = tokio::select! {
                biased;
                () = &mut stop => Err(Close::Restarting),
                () = &mut expiry => Err(Close::Unauthorised),
                escalation = escalations.recv() => {
                    self.escalate(escalation, &mut link.outgoing).await
                }
                change = changes.recv() => {
                    self.change(change, &mut changes, &mut link.outgoing).await
                }
                message = link.incoming.next() => self.hear(message),
                () = &mut tick => {
                    let done = self.tick(&mut link.outgoing).await;
                    tick.set(sleep(self.silence.pause()));
                    done
                }
            };
            if let Err(why) = done {
                return why;
            }
        }
    }

    async fn begin(&self, outgoing: &mut Outgoing) -> Result<Changes, Close> {
        let watch = self.boards.node.watch().await;
        let Watch { snapshot, changes } = watch.map_err(|_| Close::Restarting)?;
        let frame = SupervisorFrame::Snapshot {
            at: Written(snapshot.at),
            queues: snapshot.queues.iter().map(QueueReply::from).collect(),
            agents: snapshot.agents.iter().map(AgentReply::from).collect(),
        };
        tell(outgoing, &frame).await?;
        Ok(changes)
    }

    async fn change(
        &self,
        change: Result<Arc<BoardView>, RecvError>,
        changes: &mut Changes,
        outgoing: &mut Outgoing,
    ) -> Result<(), Close> {
        match change {
            Ok(change) => tell(outgoing, &update(&change)).await,
            // It reads too slowly for single changes: send the complete state again.
            Err(RecvError::Lagged(_)) => {
                *changes = self.begin(outgoing).await?;
                Ok(())
            }
            Err(RecvError::Closed) => Err(Close::Restarting),
        }
    }

    async fn escalate(
        &self,
        escalation: Result<SharedEscalation, RecvError>,
        outgoing: &mut Outgoing,
    ) -> Result<(), Close> {
        match escalation {
            Ok(notice) => tell(outgoing, &frame_of(&notice)).await,
            Err(RecvError::Lagged(missed)) => {
                tracing::warn!(
                    missed,
                    "a supervisor's board fell behind and missed escalations"
                );
                Ok(())
            }
            Err(RecvError::Closed) => Err(Close::Restarting),
        }
    }

    fn hear(&mut self, message: Option<Result<Message, Error>>) -> Result<(), Close> {
        let message = message.ok_or(Close::Gone)??;
        self.heard.note();
        match message {
            Message::Close(_) => Err(Close::Gone),
            Message::Binary(_) => Err(Close::Binary),
            Message::Pong(_) => Ok(()),
            Message::Text(_) | Message::Ping(_) | Message::Frame(_) => {
                self.spoken += 1;
                (self.spoken <= SPOKEN_MAX)
                    .then_some(())
                    .ok_or(Close::Policy)
            }
        }
    }

    async fn tick(&mut self, outgoing: &mut Outgoing) -> Result<(), Close> {
        self.ticks += 1;
        // Tolerates a browser's occasional keep-alive pings, but not a flood.
        self.spoken = self.spoken.saturating_sub(10);
        if self.silence.is_over(self.heard.age()) {
            return Err(Close::Gone);
        }
        let now = self.boards.node.clock().wall();
        let roles = Roles::of(&[Role::Supervisor]);
        let guard = &self.boards.porter.guard;
        if !guard.still_allows(&self.caller, roles, now) {
            return Err(Close::Unauthorised);
        }
        if self.ticks.is_multiple_of(2) {
            let ping = outgoing.send(Message::Ping(bytes::Bytes::new()));
            timeout(WRITE_WITHIN, ping)
                .await
                .map_err(|_| Close::TooSlow)??;
        }
        Ok(())
    }
}

fn update(change: &BoardView) -> SupervisorFrame<'_> {
    SupervisorFrame::Update {
        at: Written(change.at),
        queues: change.queues.iter().map(QueueReply::from).collect(),
        agents: change.agents.iter().map(AgentReply::from).collect(),
        queues_gone: Written(&change.queues_gone),
        agents_gone: Written(&change.agents_gone),
    }
}

async fn tell(outgoing: &mut Outgoing, frame: &SupervisorFrame<'_>) -> Result<(), Close> {
    let text = Message::Text(frame.to_json().into());
    let sent = timeout(WRITE_WITHIN, outgoing.send(text)).await;
    Ok(sent.map_err(|_| Close::TooSlow)??)
}

fn frame_of(notice: &EscalationNotice) -> SupervisorFrame<'_> {
    let queue = Written(&notice.queue);
    let (contact, at) = (Written(notice.contact), Written(notice.at));
    if RESERVED_RULES.contains(&notice.rule.as_str()) {
        SupervisorFrame::Notice {
            kind: Written(&notice.rule),
            queue,
            contact,
            at,
        }
    } else {
        SupervisorFrame::Escalation {
            rule: Written(&notice.rule),
            queue,
            contact,
            at,
            notify: notice.notifies_supervisors,
        }
    }
}
