//! Operators' calls: configuration, metrics, health, tickets.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use tokio::sync::watch;

use crate::engine::shown::foresee::Effects;
use crate::gateway::answer;
use crate::gateway::auth::ticket::Tickets;
use crate::gateway::page::{check_names, duplicate_parameter, pairs};
use crate::gateway::remembered::Remembered;
use crate::gateway::route::Call;
use crate::gateway::steered::Act;
use crate::gateway::visit::Visit;
use crate::node::handle::Handle;
use crate::wire::json;
use crate::wire::problem::Problem;
use crate::wire::reply::reload::{EffectsReply, ReloadReply};
use crate::wire::reply::{HealthReply, TicketReply};
use crate::wire::request::Nothing;
use crate::wire::written::Written;

/// Whether a reload is applied or only previewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    Earnest,
    /// Reports what it would do and changes nothing.
    DryRun,
}

/// What a reload did, or would do.
#[derive(Clone, Debug)]
pub struct ReloadDone {
    pub summary: String,
    /// None if routing is unaffected.
    pub effects: Option<Effects>,
}

/// The outcome of a reload, or one line per fault.
pub type Reloaded = Result<ReloadDone, Vec<String>>;

/// Reloads the configuration file; provided by the code that first read it.
pub type Reload =
    Arc<dyn Fn(Manner) -> Pin<Box<dyn Future<Output = Reloaded> + Send>> + Send + Sync>;

const METRICS_TEXT: HeaderValue =
    HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
const TICKETS_RETRY_S: u32 = 5;
const NOT_READY_RETRY_S: u32 = 2;

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
        let manner = manner(visit.request.uri().query().unwrap_or(""))?;
        let steered = Act::new(&visit, "reload", "the configuration");
        let act = async {
            let reload = Arc::clone(&self.reload);
            // The future is made in the task, so that a panic of the reload ends only that.
            let reloading = async move { reload(manner).await };
            let reloaded = match manner {
                Manner::Earnest => steered.log_once(reloading, |_| true).await?,
                Manner::DryRun => reloading.await,
            };
            let outcome = reloaded.map_err(|faults| {
                let detail = "the configuration is unchanged";
                let mut problem = Problem::new(422, "bad_configuration", detail);
                problem.more.faults = faults;
                problem
            })?;
            let reply = ReloadReply {
                summary: &outcome.summary,
                dry_run: manner == Manner::DryRun,
                effects: outcome.effects.as_ref().map(EffectsReply::from),
            };
            Ok(answer::json(StatusCode::OK, &reply))
        };
        let key = visit.request_key(&body)?;
        match manner {
            Manner::Earnest => self.remembered.once(key, act).await,
            // A repeat of it does no harm, and the next answer may differ.
            Manner::DryRun => act.await,
        }
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
                let detail = "too many unused tickets";
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
        let text = Bytes::from_owner(self.node.scrape().await);
        Ok(answer::typed(StatusCode::OK, METRICS_TEXT, text))
    }

    #[expect(clippy::unused_async, reason = "every handler is async")]
    pub(super) async fn health(self: Arc<Self>, _request: Request) -> Result<Response, Problem> {
        Ok(answer::json(StatusCode::OK, &HealthReply { status: "ok" }))
    }

    #[expect(clippy::unused_async, reason = "every handler is async")]
    pub(super) async fn readiness(self: Arc<Self>, _request: Request) -> Result<Response, Problem> {
        let not_ready = |code, detail| {
            let problem = Problem::new(503, code, detail);
            Err(problem.with_retry_after_s(NOT_READY_RETRY_S))
        };
        if *self.stopping.borrow() {
            not_ready("stopping", "the server is stopping")
        } else if !self.node.takes_contacts() {
            not_ready(
                "no_new_contacts",
                "new contacts are not accepted at the moment",
            )
        } else {
            Ok(answer::json(StatusCode::OK, &HealthReply { status: "ok" }))
        }
    }
}

fn manner(query: &str) -> Result<Manner, Problem> {
    check_names(query, Call::Reload)?;
    let mut asked = None;
    for (_, value) in pairs(query) {
        let value = value?;
        if asked.is_some() {
            return Err(duplicate_parameter("dry_run"));
        }
        asked = Some(match &*value {
            "true" => Manner::DryRun,
            "false" => Manner::Earnest,
            _ => {
                return Err(Problem::bad_value(
                    "dry_run",
                    &format!("{value:?}"),
                    "true, false",
                ));
            }
        });
    }
    Ok(asked.unwrap_or(Manner::Earnest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dry_run_is_asked_for_in_so_many_words() {
        assert_eq!(manner("").unwrap(), Manner::Earnest);
        assert_eq!(manner("dry_run=true").unwrap(), Manner::DryRun);
        assert_eq!(manner("dry_run=false").unwrap(), Manner::Earnest);
        for (query, code) in [
            ("dry_run=yes", "bad_value"),
            ("dry_run", "bad_value"),
            ("dryrun=true", "unknown_field"),
            ("dry_run=true&dry_run=true", "duplicate_field"),
        ] {
            assert_eq!(manner(query).unwrap_err().code, code, "{query}");
        }
        let twice = manner("dry_run=true&dry_run=false").unwrap_err();
        assert_eq!(
            (twice.status, twice.more.field.as_deref()),
            (400, Some("dry_run"))
        );
    }
}
