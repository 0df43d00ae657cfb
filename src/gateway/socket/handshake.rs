//! The opening handshake of a WebSocket (RFC 6455 §4.2).

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    CONNECTION, HOST, HeaderName, ORIGIN, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Version};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::gateway::auth::role::Role;
use crate::gateway::auth::ticket::Tickets;
use crate::gateway::auth::{Caller, Guard, forbidden, unauthenticated};
use crate::node::clock::Clock;
use crate::wire::problem::Problem;

/// The optional prefix of a ticket among the subprotocols.
const TICKET: &str = "ticket.";
/// The prefix of every subprotocol supported here; no ticket has it.
const SPOKEN: &str = "switchboard.";

/// Decides who may open a socket.
pub(in crate::gateway) struct Porter {
    pub(in crate::gateway) guard: std::sync::Arc<Guard>,
    pub(in crate::gateway) tickets: std::sync::Arc<Tickets>,
    pub(in crate::gateway) clock: Clock,
    /// Allowed besides the server's own origin.
    pub(in crate::gateway) origins: Vec<String>,
}

impl Porter {
    /// The caller, by header or by ticket, if they have the role.
    pub(in crate::gateway) fn admit(
        &self,
        request: &Request,
        role: Role,
    ) -> Result<Caller, Problem> {
        let headers = request.headers();
        let wall = self.clock.wall();
        let caller = match (ticket(headers), headers.contains_key("authorization")) {
            (Some(ticket), false) if request.uri().query().is_none() => {
                self.check_origin(headers)?;
                self.tickets
                    .redeem(ticket, self.clock.now())
                    .ok_or_else(|| unauthenticated("the ticket is unknown, used or expired"))?
            }
            _ => self.guard.identify(headers, request.uri(), wall)?,
        };
        let roles = crate::gateway::auth::role::Roles::of(&[role]);
        if !self.guard.still_allows(&caller, roles, wall) {
            return Err(forbidden(roles));
        }
        Ok(caller)
    }

    /// Browsers send the origin of the page; other clients send none.
    fn check_origin(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let Some(origin) = headers.get(ORIGIN) else {
            return Ok(());
        };
        let origin = origin.to_str().unwrap_or("");
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let authority = origin.split_once("://").map(|(_, authority)| authority);
        let is_ours = authority.is_some() && authority == host;
        if is_ours || self.origins.iter().any(|known| known == origin) {
            return Ok(());
        }
        let detail = "pages of this origin may not open WebSockets here";
        Err(Problem::new(403, "origin_not_allowed", detail))
    }
}

fn protocols(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let values = values.filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',').map(str::trim))
}

fn ticket(headers: &HeaderMap) -> Option<&str> {
    let other = protocols(headers).find(|protocol| !protocol.starts_with(SPOKEN))?;
    Some(other.strip_prefix(TICKET).unwrap_or(other))
}

/// The answer to a valid handshake that offers `protocol`.
pub(in crate::gateway) fn accept(
    request: &Request,
    protocol: &'static str,
) -> Result<Response, Problem> {
    let headers = request.headers();
    let is_upgrade = request.method() == Method::GET
        && request.version() == Version::HTTP_11
        && has_token(headers, &CONNECTION, "upgrade")
        && has_token(headers, &UPGRADE, "websocket");
    if !is_upgrade || !has_token(headers, &SEC_WEBSOCKET_VERSION, "13") {
        let detail = "this endpoint requires a WebSocket upgrade by GET (Upgrade: websocket, \
                      Sec-WebSocket-Version: 13)";
        return Err(Problem::new(426, "upgrade_required", detail));
    }
    let mut keys = headers.get_all(SEC_WEBSOCKET_KEY).iter();
    let key = keys.next().map(HeaderValue::as_bytes);
    let is_key = |key: &&[u8]| STANDARD.decode(key).is_ok_and(|key| key.len() == 16);
    let (Some(key), None) = (key.filter(is_key), keys.next()) else {
        let detail = "Sec-WebSocket-Key: 16 bytes in base64, once";
        return Err(Problem::new(400, "bad_handshake", detail));
    };
    if !protocols(headers).any(|offered| offered == protocol) {
        let detail = format!("allowed: the subprotocol {protocol} among those offered");
        return Err(Problem::new(400, "subprotocol_required", detail));
    }
    Ok(switching(key, protocol))
}

fn switching(key: &[u8], protocol: &'static str) -> Response {
    let accept = HeaderValue::from_str(&derive_accept_key(key));
    let accept = accept.expect("base64 is visible ASCII");
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let answer = response.headers_mut();
    answer.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    answer.insert(UPGRADE, HeaderValue::from_static("websocket"));
    answer.insert(SEC_WEBSOCKET_ACCEPT, accept);
    answer.insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(protocol));
    response
}

fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).iter();
    let mut tokens = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    tokens.any(|found| found.trim().eq_ignore_ascii_case(token))
}
