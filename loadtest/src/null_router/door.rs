//! The HTTP side: receives contacts and upgrades agents' sockets.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State as Extracted};
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::contact::{Contact, NewContact, State};
use super::hub::Hub;
use super::session;
use crate::clock::wall_ms;
use crate::task;

const SUBPROTOCOL: &str = "switchboard.agent.v1";

pub(super) fn router(hub: Arc<Hub>) -> Router {
    Router::new()
        .route("/v1/contacts", post(take_in))
        .route("/v1/contacts/{id}", get(forgotten))
        .route("/v1/agent", get(seat))
        .route("/healthz", get(async || "ok"))
        .route("/readyz", get(async || "ok"))
        .with_state(hub)
}

async fn take_in(Extracted(hub): Extracted<Arc<Hub>>, headers: HeaderMap, body: Bytes) -> Response {
    if bearer(&headers) != Some("dev-adapter") {
        return problem(StatusCode::UNAUTHORIZED, "unauthorized", "not an adapter");
    }
    let new: NewContact<'_> = match serde_json::from_slice(&body) {
        Ok(new) => new,
        Err(error) => {
            let detail = error.to_string();
            return problem(StatusCode::UNPROCESSABLE_ENTITY, "malformed", &detail);
        }
    };
    let contact = Arc::new(Contact::take_in(new, wall_ms()));
    if hub.place(Arc::clone(&contact)).is_err() {
        return problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "full",
            "too many contacts wait",
        );
    }
    let location = format!("/v1/contacts/{}", contact.id);
    reply(StatusCode::CREATED, &contact.show(State::Queued, None))
        .header(header::LOCATION, location)
        .body_or_fault()
}

/// Contacts are not looked up here; see the invariant of the module above.
async fn forgotten() -> Response {
    problem(StatusCode::NOT_FOUND, "unknown_contact", "not remembered")
}

async fn seat(Extracted(hub): Extracted<Arc<Hub>>, mut request: Request) -> Response {
    let headers = request.headers();
    let Some(agent) = bearer(headers).and_then(|token| token.strip_prefix("dev-agent:")) else {
        return problem(StatusCode::UNAUTHORIZED, "unauthorized", "not an agent");
    };
    let agent: Arc<str> = agent.into();
    let Some(key) = headers.get(header::SEC_WEBSOCKET_KEY) else {
        return problem(StatusCode::BAD_REQUEST, "not_a_websocket", "no key");
    };
    let accept = derive_accept_key(key.as_bytes());
    let upgrade = hyper::upgrade::on(&mut request);
    task::spawn(async move {
        if let Ok(upgraded) = upgrade.await {
            session::serve(upgraded, agent, hub).await;
        }
    });
    Reply(
        Response::builder()
            .status(StatusCode::SWITCHING_PROTOCOLS)
            .header(header::CONNECTION, "upgrade")
            .header(header::UPGRADE, "websocket"),
        Body::empty(),
    )
    .header(header::SEC_WEBSOCKET_ACCEPT, accept)
    .header(header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL.to_owned())
    .body_or_fault()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ")
}

#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    status: u16,
    code: &'static str,
    detail: &'a str,
}

fn problem(status: StatusCode, code: &'static str, detail: &str) -> Response {
    let body = Problem {
        r#type: "about:blank",
        status: status.as_u16(),
        code,
        detail,
    };
    let mut response = reply(status, &body).body_or_fault();
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let seconds = HeaderValue::from_static("1");
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    response
}

/// A response under construction, with the body it will have.
struct Reply(http::response::Builder, Body);

fn reply(status: StatusCode, body: &impl Serialize) -> Reply {
    let body = serde_json::to_vec(body).expect("our own types have only string keys");
    let head = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/json");
    Reply(head, Body::from(body))
}

impl Reply {
    fn header(self, name: header::HeaderName, value: String) -> Self {
        Self(self.0.header(name, value), self.1)
    }

    fn body_or_fault(self) -> Response {
        self.0.body(self.1).unwrap_or_else(|_| {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        })
    }
}
