//! Configuration, metrics, health, tickets: the calls of those who run it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;
use http::{HeaderValue, StatusCode};
use tokio::sync::watch;

use crate::gateway::answer;
use crate::gateway::auth::ticket::Tickets;
use crate::gateway::remembered::Remembered;
use crate::gateway::visit::Visit;
use crate::node::handle::Handle;
use crate::wire::json;
use crate::wire::problem::Problem;
use crate::wire::reply::{HealthReply, ReloadReply, TicketReply};
use crate::wire::request::Nothing;
use crate::wire::written::Written;

/// What became of a reload: a summary, or a line for each fault.
pub type Reloaded = Result<String, Vec<String>>;

/// Takes over the configuration file as it is; given by whoever read it first.
pub type Reload = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Reloaded> + Send>> + Send + Sync>;

const METRICS_TEXT: HeaderValue =
    HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
const TICKETS_RETRY_S: u32 = 5;

pub(super) struct Admin {
    pub(super) node: Handle,
    pub(super) reload: Reload,
    pub(super) tickets: Arc<Tickets>,
    pub(super) remembered: Remembered,
    pub(super) stopping: watch::Receiver<bool>,
}

impl Admin {
    pub(super) async fn reload(self: Arc<Self>, mut visit: Visit) -> Result<Response, Problem> {
        let body = visit.json_or_nothing().await?;
        let Nothing {} = json::read(&body)?;
        let act = async {
            let summary = (self.reload)().await.map_err(|faults| {
                let detail = "the configuration stays as it was";
                let mut problem = Problem::new(422, "bad_configuration", detail);
                problem.more.faults = faults;
                problem
            })?;
            let reply = ReloadReply { summary: &summary };
            Ok(answer::json(StatusCode::OK, &reply))
        };
        self.remembered.once(visit.request_key(&body)?, act).await
    }

    pub(super) async fn issue_ticket(
        self: Arc<Self>,
        mut visit: Visit,
    ) -> Result<Response, Problem> {
        let body = visit.json_or_nothing().await?;
        let Nothing {} = json::read(&body)?;
        let key = visit.request_key(&body)?;
        let caller = visit.caller;
        let act = async {
            let ticket = self.tickets.issue(caller, self.node.clock().now());
            let ticket = ticket.ok_or_else(|| {
                let detail = "too many tickets are out";
                Problem::new(503, "too_many_tickets", detail).with_retry_after_s(TICKETS_RETRY_S)
            })?;
            let reply = TicketReply {
                ticket: &ticket.text,
                expires_at: Written(ticket.expires_at),
            };
            Ok(answer::json(StatusCode::CREATED, &reply))
        };
        self.remembered.once(key, act).await
    }

    pub(super) async fn metrics(self: Arc<Self>, _visit: Visit) -> Result<Response, Problem> {
        let text = self.node.scrape().await;
        Ok(answer::typed(StatusCode::OK, METRICS_TEXT, text))
    }

    #[expect(clippy::unused_async, reason = "what answers a call is asynchronous")]
    pub(super) async fn health(self: Arc<Self>, _request: Request) -> Result<Response, Problem> {
        Ok(answer::json(StatusCode::OK, &HealthReply { status: "ok" }))
    }

    #[expect(clippy::unused_async, reason = "what answers a call is asynchronous")]
    pub(super) async fn readiness(self: Arc<Self>, _request: Request) -> Result<Response, Problem> {
        let (status, reason) = if *self.stopping.borrow() {
            (StatusCode::SERVICE_UNAVAILABLE, "stopping")
        } else if !self.node.takes_contacts() {
            (StatusCode::SERVICE_UNAVAILABLE, "no_new_contacts")
        } else {
            (StatusCode::OK, "ok")
        };
        Ok(answer::json(status, &HealthReply { status: reason }))
    }
}
