//! The calls about agents.

use std::sync::Arc;

use axum::response::Response;
use http::StatusCode;

use crate::domain::Name;
use crate::engine::command::{Act, AgentCommand, Command};
use crate::engine::{Done, Engine};
use crate::gateway::answer;
use crate::gateway::contacts::by;
use crate::gateway::steered;
use crate::gateway::visit::{BODY_BYTES_MAX, Visit};
use crate::node::handle::Handle;
use crate::wire::json;
use crate::wire::problem::Problem;
use crate::wire::reply::{AgentReply, AgentsReply};
use crate::wire::request::NewPresence;

/// The reason when a supervisor gives none.
const BY_SUPERVISOR: &str = "supervisor";

pub(super) struct Agents {
    pub(super) node: Handle,
}

impl Agents {
    pub(super) async fn list(self: Arc<Self>, _visit: Visit) -> Result<Response, Problem> {
        let views = self.node.agents().await?;
        Ok(answer::json(StatusCode::OK, &AgentsReply::from(&*views)))
    }

    pub(super) async fn show(self: Arc<Self>, mut visit: Visit) -> Result<Response, Problem> {
        let id = visit.id().await?;
        let view = self.node.read(move |engine| engine.agent(&id)).await?;
        let view = view.ok_or_else(unknown)?;
        Ok(answer::json(StatusCode::OK, &AgentReply::from(&view)))
    }

    pub(super) async fn set_presence(
        self: Arc<Self>,
        mut visit: Visit,
    ) -> Result<Response, Problem> {
        let agent = Name::new(&visit.id().await?).map_err(|_| unknown())?;
        let body = visit.json(BODY_BYTES_MAX).await?;
        let presence = json::read::<NewPresence>(&body)?;
        let key = visit.request_key(&body)?;
        let intent = presence.into_intention(BY_SUPERVISOR);
        let steered = steered::Act::new(&visit, format!("presence {}", intent.name()), &agent);
        let command = Command::Agent(AgentCommand {
            agent: agent.clone(),
            act: Act::Intend {
                intent,
                by: by(&visit),
                key,
            },
        });
        let view = move |done, engine: &Engine| (done, engine.agent(agent.as_str()));
        let decided = steered.decide(&self.node, command, view).await?;
        let (done, view) = decided.map_err(answer::named_by_path)?;
        let view = view.ok_or_else(unknown)?;
        Ok(answer::done(done != Done::Again, &AgentReply::from(&view)))
    }
}

fn unknown() -> Problem {
    answer::nothing_there("unknown_agent", "no such agent in the configuration")
}
