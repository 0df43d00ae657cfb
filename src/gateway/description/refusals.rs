//! The statuses with which a call can be refused.

use serde_json::{Map, Value, json};

use crate::gateway::description::open_api::header;
use crate::gateway::route::{Call, Route};
use crate::wire::problem::PROBLEM_JSON;

/// A status, and what it means for a call.
pub(super) struct Refusal {
    pub(super) status: u16,
    means: &'static str,
}

impl Refusal {
    pub(super) fn described(&self, problem: &Value) -> Value {
        let mut headers = Map::new();
        let retry = || header("Seconds after which a retry may succeed", "integer");
        match self.status {
            401 => {
                headers.insert("WWW-Authenticate".to_owned(), header("Bearer", "string"));
            }
            409 | 429 | 503 | 504 => {
                headers.insert("Retry-After".to_owned(), retry());
            }
            426 => {
                headers.insert("Upgrade".to_owned(), header("websocket", "string"));
                let version = header("13", "string");
                headers.insert("Sec-WebSocket-Version".to_owned(), version);
            }
            _ => {}
        }
        json!({
            "description": self.means,
            "headers": headers,
            "content": {PROBLEM_JSON: {"schema": problem}},
        })
    }
}

/// The statuses with which a call can be refused: those of authentication and parsing, and its own.
pub(super) fn refusals(route: &Route) -> Vec<Refusal> {
    let mut found = vec![
        (400, "Malformed request"),
        (422, "Invalid parameter or value"),
        (500, "Internal server error"),
        (503, "Not available at the moment"),
        (504, "Timed out; the request may still be carried out"),
    ];
    if !route.roles.is_empty() {
        found.push((401, "Unknown or invalid credentials"));
        found.push((403, "Not allowed for this caller"));
    }
    if route.path.contains("{id}") {
        found.push((404, "Not found"));
    }
    if takes_a_body(route) {
        found.push((408, "The body did not arrive in time"));
        found.push((413, "The body is too large"));
        found.push((415, "Unsupported media type or encoding of the body"));
    }
    if is_socket(route.call) {
        found.push((426, "WebSocket upgrade required"));
    }
    found.extend(own(route));
    let found = found.into_iter();
    found
        .map(|(status, means)| Refusal { status, means })
        .collect()
}

fn takes_a_body(route: &Route) -> bool {
    [http::Method::POST, http::Method::PUT, http::Method::PATCH].contains(&route.method)
}

pub(super) fn is_socket(call: Call) -> bool {
    [Call::OpenAgentSocket, Call::OpenSupervisorSocket].contains(&call)
}

/// The statuses for reasons specific to a call.
fn own(route: &Route) -> Vec<(u16, &'static str)> {
    let mut found = Vec::new();
    let is_about_contacts = route.path.starts_with("/v1/contacts");
    if is_about_contacts && takes_a_body(route) {
        found.push((409, "Conflict with the current state"));
        found.push((
            410,
            "Carried out before, and its contact has been forgotten since",
        ));
    }
    let alone = [
        (Call::SubmitContact, 429, "The queue is full"),
        (
            Call::SendMessage,
            429,
            "Too many messages are waiting for the agent",
        ),
        (
            Call::PutCustomer,
            409,
            "An identity belongs to another customer",
        ),
        (
            Call::PatchCustomer,
            409,
            "An identity belongs to another customer",
        ),
        (
            Call::Reload,
            409,
            "The first request with this key is still in progress",
        ),
        (
            Call::IssueTicket,
            409,
            "The first request with this key is still in progress",
        ),
    ];
    let alone = alone.into_iter().filter(|(call, _, _)| *call == route.call);
    found.extend(alone.map(|(_, status, means)| (status, means)));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::route::ROUTES;

    #[test]
    fn who_is_asked_for_a_token_may_be_refused_without_one() {
        for route in &ROUTES {
            let statuses = refusals(route);
            let has = |status| statuses.iter().any(|refusal| refusal.status == status);
            assert_eq!(has(401), !route.roles.is_empty(), "{}", route.path);
            assert_eq!(has(404), route.path.contains("{id}"), "{}", route.path);
            let mut once: Vec<u16> = statuses.iter().map(|refusal| refusal.status).collect();
            once.sort_unstable();
            assert!(once.is_sorted_by(|one, next| one < next), "{}", route.path);
        }
    }
}
