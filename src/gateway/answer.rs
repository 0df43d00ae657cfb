//! HTTP responses.

use axum::body::Body;
use axum::response::Response;
use http::header::{
    CONNECTION, CONTENT_TYPE, HeaderName, LOCATION, RETRY_AFTER, SEC_WEBSOCKET_VERSION, UPGRADE,
    WWW_AUTHENTICATE,
};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use crate::engine::refusal::Refusal;
use crate::node::handle::CallError;
use crate::wire::problem::{PROBLEM_JSON, Problem};

/// Marks the repetition of an earlier answer.
pub(super) const IDEMPOTENT_REPLAY: HeaderName = HeaderName::from_static("idempotent-replay");

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const OVERLOADED_RETRY_S: u32 = 1;
const NOT_DURABLE_RETRY_S: u32 = 5;

pub(super) fn json(status: StatusCode, reply: &impl Serialize) -> Response {
    let mut text = Vec::with_capacity(1_024);
    serde_json::to_writer(&mut text, reply).expect("a reply is text and numbers");
    typed(status, JSON, text)
}

pub(super) fn typed(
    status: StatusCode,
    media_type: HeaderValue,
    body: impl Into<Body>,
) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

/// 201 if it is new, 200 and a mark for a repeat.
pub(super) fn made(is_fresh: bool, reply: &impl Serialize) -> Response {
    if is_fresh {
        json(StatusCode::CREATED, reply)
    } else {
        repeated(json(StatusCode::OK, reply))
    }
}

/// 200, with a mark for a repeat.
pub(super) fn done(is_fresh: bool, reply: &impl Serialize) -> Response {
    let response = json(StatusCode::OK, reply);
    if is_fresh {
        response
    } else {
        repeated(response)
    }
}

pub(super) fn repeated(mut response: Response) -> Response {
    let yes = HeaderValue::from_static("true");
    response.headers_mut().insert(IDEMPOTENT_REPLAY, yes);
    response
}

pub(super) fn located(mut response: Response, path: &str) -> Response {
    if let Ok(path) = HeaderValue::from_str(path) {
        response.headers_mut().insert(LOCATION, path);
    }
    response
}

pub(super) fn problem(problem: &Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let media_type = HeaderValue::from_static(PROBLEM_JSON);
    let mut response = typed(status, media_type, problem.to_json());
    let headers = response.headers_mut();
    if let Some(seconds) = problem.retry_after_s {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    match problem.status {
        401 => {
            let bearer = HeaderValue::from_static(r#"Bearer realm="switchboard""#);
            headers.insert(WWW_AUTHENTICATE, bearer);
        }
        // RFC 9110 §15.5.22 and RFC 6455 §4.4: the protocol expected here.
        426 => {
            headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        }
        // The rest of the body is not read.
        408 | 413 => {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        _ => {}
    }
    response
}

/// The last response on a connection whose framing cannot be trusted.
pub(super) fn last_problem(problem: &Problem) -> Response {
    let mut response = self::problem(problem);
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(CONNECTION, close);
    response
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Refused(refusal) => Self::from(&refusal),
            CallError::Overloaded => Self::new(503, "overloaded", error.to_string())
                .with_retry_after_s(OVERLOADED_RETRY_S),
            CallError::NotDurable(_) => Self::new(503, "not_durable", error.to_string())
                .with_retry_after_s(NOT_DURABLE_RETRY_S),
            CallError::Stopping => Self::new(503, "stopping", error.to_string())
                .with_retry_after_s(NOT_DURABLE_RETRY_S),
        }
    }
}

/// Work begun for a caller did not complete.
pub(super) fn unfinished() -> Problem {
    let detail = "internal server error; details are in the server log";
    Problem::new(500, "internal", detail)
}

/// The path names an unknown contact, agent or queue.
pub(super) fn nothing_there(code: &'static str, what: &'static str) -> Problem {
    Problem::new(404, code, what)
}

/// Maps an unknown name in the path to 404, where in a body it would be a bad value.
pub(super) fn named_by_path(error: CallError) -> Problem {
    match error {
        CallError::Refused(refusal @ (Refusal::UnknownAgent(_) | Refusal::UnknownQueue(_))) => {
            Problem::new(404, refusal.code(), refusal.to_string())
        }
        error @ (CallError::Refused(_)
        | CallError::Overloaded
        | CallError::NotDurable(_)
        | CallError::Stopping) => error.into(),
    }
}
