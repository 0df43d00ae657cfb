//! The log lines about what supervisors and admins do: who did what to whom.

use std::future::Future;

use crate::domain::Text;
use crate::engine::command::Command;
use crate::engine::{Done, Engine};
use crate::gateway::answer;
use crate::gateway::contacts::by;
use crate::gateway::visit::Visit;
use crate::node::handle::{CallError, Handle};
use crate::task;
use crate::wire::problem::Problem;

/// One act, to be logged once it is durable.
pub(super) struct Act {
    by: Text,
    what: String,
    whom: String,
}

impl Act {
    pub(super) fn new(visit: &Visit, what: impl Into<String>, whom: impl ToString) -> Self {
        Self {
            by: by(visit),
            what: what.into(),
            whom: whom.to_string(),
        }
    }

    /// Carries out a command and returns what `view` makes of it once it is durable. A repeated
    /// request is not logged again.
    pub(super) async fn decide<T: Send + 'static>(
        self,
        node: &Handle,
        command: Command,
        view: impl FnOnce(Done, &Engine) -> T + Send + 'static,
    ) -> Result<Result<T, CallError>, Problem> {
        let view = move |done, engine: &Engine| (done, view(done, engine));
        let reply = match node.begin(command, view) {
            Ok(reply) => reply,
            Err(error) => return Ok(Err(error)),
        };
        let seen = self.log_once(reply, |(done, _)| is_new(done)).await?;
        Ok(seen.map(|(_, seen)| seen))
    }

    /// What `acting` returns; logged if that `is_done`.
    pub(super) async fn log_once<T: Send + 'static, E: Send + 'static>(
        self,
        acting: impl Future<Output = Result<T, E>> + Send + 'static,
        is_done: impl FnOnce(&T) -> bool + Send + 'static,
    ) -> Result<Result<T, E>, Problem> {
        // A separate task: if the client disconnects, the act is logged all the same.
        let acting = task::spawn("steering", async move {
            let outcome = acting.await;
            if outcome.as_ref().is_ok_and(is_done) {
                let Self { by, what, whom } = &self;
                tracing::info!(by = &**by, what, whom, "steered");
            }
            outcome
        });
        acting.await.map_err(|_| answer::unfinished())
    }
}

fn is_new(done: &Done) -> bool {
    !matches!(done, Done::Again | Done::Contact { fresh: false, .. })
}
