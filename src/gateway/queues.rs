//! The calls about queues.

use std::sync::Arc;

use axum::response::Response;
use http::StatusCode;

use crate::domain::{Name, Text};
use crate::engine::command::{Command, RequestKey, SiteCommand};
use crate::engine::{Done, Engine};
use crate::gateway::answer;
use crate::gateway::contacts::by;
use crate::gateway::steered::Act;
use crate::gateway::visit::Visit;
use crate::node::handle::Handle;
use crate::wire::json;
use crate::wire::problem::Problem;
use crate::wire::reply::{QueueReply, QueuesReply};
use crate::wire::request::Nothing;

pub(super) struct Queues {
    pub(super) node: Handle,
}

impl Queues {
    pub(super) async fn list(self: Arc<Self>, _visit: Visit) -> Result<Response, Problem> {
        let views = self.node.read(|engine| engine.queues()).await?;
        Ok(answer::json(StatusCode::OK, &QueuesReply::from(&*views)))
    }

    pub(super) async fn show(self: Arc<Self>, mut visit: Visit) -> Result<Response, Problem> {
        let id = visit.id().await?;
        let view = self.node.read(move |engine| engine.queue(&id)).await?;
        let view = view.ok_or_else(unknown)?;
        Ok(answer::json(StatusCode::OK, &QueueReply::from(&view)))
    }

    pub(super) async fn pause(self: Arc<Self>, visit: Visit) -> Result<Response, Problem> {
        self.steer(visit, "pause", |queue, by, key| SiteCommand::Pause {
            queue,
            by,
            key,
        })
        .await
    }

    pub(super) async fn resume(self: Arc<Self>, visit: Visit) -> Result<Response, Problem> {
        self.steer(visit, "resume", |queue, by, key| SiteCommand::Resume {
            queue,
            by,
            key,
        })
        .await
    }

    async fn steer(
        &self,
        mut visit: Visit,
        what: &str,
        command: impl FnOnce(Name, Text, Option<RequestKey>) -> SiteCommand,
    ) -> Result<Response, Problem> {
        let queue = Name::new(&visit.id().await?).map_err(|_| unknown())?;
        let body = visit.json_or_nothing().await?;
        let Nothing {} = json::read(&body)?;
        let key = visit.request_key(&body)?;
        let act = Act::new(&visit, what, &queue);
        let command = Command::Site(command(queue.clone(), by(&visit), key));
        let view = move |done, engine: &Engine| (done, engine.queue(queue.as_str()));
        let decided = act.decide(&self.node, command, view).await?;
        let (done, view) = decided.map_err(answer::named_by_path)?;
        let view = view.ok_or_else(unknown)?;
        Ok(answer::done(done != Done::Again, &QueueReply::from(&view)))
    }
}

fn unknown() -> Problem {
    answer::nothing_there("unknown_queue", "no such queue in the configuration")
}
