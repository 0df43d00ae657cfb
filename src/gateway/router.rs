//! Builds the router from the table of calls: each call is mounted with its handler, behind the
//! authorisation check.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{MethodFilter, on};
use http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Method, StatusCode};
use tower_http::cors::CorsLayer;

use crate::gateway::answer;
use crate::gateway::answer::IDEMPOTENT_REPLAY;
use crate::gateway::auth::{Guard, carries_a_token, forbidden};
use crate::gateway::page::check_names;
use crate::gateway::route::{Call, ROUTES};
use crate::gateway::visit::{IDEMPOTENCY_KEY, Visit};
use crate::node::clock::Clock;
use crate::wire::problem::Problem;

/// How long a browser may cache the preflight for tickets.
const PREFLIGHT_FOR: Duration = Duration::from_secs(600);

/// A router under construction.
pub(super) struct RouterBuilder {
    router: Router,
    guard: Arc<Guard>,
    clock: Clock,
    /// Pages of these origins may ask for a ticket.
    origins: Vec<HeaderValue>,
    opened: Vec<Call>,
}

impl RouterBuilder {
    pub(super) fn new(guard: Arc<Guard>, clock: Clock, origins: &[String]) -> Self {
        let origins = origins.iter().map(|origin| HeaderValue::from_str(origin));
        Self {
            router: Router::new(),
            guard,
            clock,
            origins: origins.flatten().collect(),
            opened: Vec::with_capacity(ROUTES.len()),
        }
    }

    /// Mounts a call that requires a role; `behind` answers authorised callers.
    pub(super) fn open<S, F>(
        self,
        call: Call,
        behind: &Arc<S>,
        answer: impl Fn(Arc<S>, Visit) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        S: Send + Sync + 'static,
        F: Future<Output = Result<Response, Problem>> + Send,
    {
        let roles = call.route().roles;
        assert!(!roles.is_empty(), "{call:?} requires no role");
        let (guard, clock) = (Arc::clone(&self.guard), self.clock.clone());
        let behind = Arc::clone(behind);
        let checked = move |request: Request| {
            let caller = guard
                .identify(request.headers(), request.uri(), clock.wall())
                .and_then(|caller| {
                    let is_allowed = caller.roles.meets(roles);
                    is_allowed.then_some(caller).ok_or_else(|| forbidden(roles))
                })
                .and_then(|caller| {
                    let query = request.uri().query().unwrap_or("");
                    check_names(query, call).map(|()| caller)
                });
            outcome(caller.map(|caller| {
                let visit = Visit { caller, request };
                answer(Arc::clone(&behind), visit)
            }))
        };
        self.mount(call, checked)
    }

    /// Mounts a call that checks its caller itself, or that anyone may make.
    pub(super) fn open_to_anyone<S, F>(
        self,
        call: Call,
        behind: &Arc<S>,
        answer: impl Fn(Arc<S>, Request) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        S: Send + Sync + 'static,
        F: Future<Output = Result<Response, Problem>> + Send,
    {
        let behind = Arc::clone(behind);
        let is_guarded = !call.route().roles.is_empty();
        let checked = move |request: Request| {
            let query = request.uri().query().unwrap_or("");
            // A token there is refused by the code that checks the caller, with its own message.
            let named = if is_guarded && carries_a_token(query) {
                Ok(())
            } else {
                check_names(query, call)
            };
            outcome(named.map(|()| answer(Arc::clone(&behind), request)))
        };
        self.mount(call, checked)
    }

    fn mount<F>(
        mut self,
        call: Call,
        answer: impl Fn(Request) -> F + Clone + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Response> + Send,
    {
        let route = call.route();
        let mut mounted = on(filter(&route.method), answer);
        if call == Call::IssueTicket && !self.origins.is_empty() {
            // The CORS layer answers the preflight, but the method must be routed.
            let asked = mounted.options(async || StatusCode::NO_CONTENT);
            mounted = asked.layer(for_pages(self.origins.clone()));
        }
        self.router = self.router.route(route.path, mounted);
        self.opened.push(call);
        self
    }

    /// The router; every call of the table must be mounted.
    pub(super) fn close(self) -> Router {
        for route in &ROUTES {
            assert!(
                self.opened.contains(&route.call),
                "{:?} is not mounted",
                route.call
            );
        }
        self.router
            .fallback(async || answer::problem(&Problem::new(404, "not_found", "no such path")))
            .method_not_allowed_fallback(async || {
                let detail = "this path does not support the method; see the Allow header";
                answer::problem(&Problem::new(405, "method_not_allowed", detail))
            })
    }
}

/// Of a request that was passed on, or refused before that.
async fn outcome<F>(passed_on: Result<F, Problem>) -> Response
where
    F: Future<Output = Result<Response, Problem>>,
{
    let outcome = match passed_on {
        Ok(answer) => answer.await,
        Err(problem) => Err(problem),
    };
    outcome.unwrap_or_else(|problem| answer::problem(&problem))
}

/// A page that may open a WebSocket here needs a ticket first.
fn for_pages(origins: Vec<HeaderValue>) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::POST])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, IDEMPOTENCY_KEY])
        .expose_headers([RETRY_AFTER, IDEMPOTENT_REPLAY])
        .max_age(PREFLIGHT_FOR)
}

fn filter(method: &Method) -> MethodFilter {
    MethodFilter::try_from(method.clone()).expect("the table has ordinary methods")
}
