//! OpenAPI 3.1: each row of the table of calls with its input and output.

use serde_json::{Map, Value, json};

use crate::customer::document::READ_ONLY;
use crate::engine::state::contact::ContactState;
use crate::gateway::auth::role::Role;
use crate::gateway::description::refusals::{is_socket, refusals};
use crate::gateway::description::schemas::Schemas;
use crate::gateway::description::webhook;
use crate::gateway::page::{LIMIT, LIMIT_MAX};
use crate::gateway::route::{Call, ROUTES, Route};
use crate::gateway::visit::KEY_BYTES_MAX;
use crate::wire::described::customer::{CustomerProfile, NewCustomerEvent};
use crate::wire::described::form::NAME_PATTERN;
use crate::wire::problem::ProblemBody;
use crate::wire::reply::agent::{AgentReply, AgentsReply};
use crate::wire::reply::contact::{ContactReply, PageReply};
use crate::wire::reply::queue::{QueueReply, QueuesReply};
use crate::wire::reply::{CustomerReply, ExplanationReply, HealthReply, ReloadReply, TicketReply};
use crate::wire::request::{
    CallbackAnswered, CallbackFailed, CancelContact, ContactPatch, EndContact, NewAssignment,
    NewCallback, NewContact, NewMessage, NewPresence, Nothing,
};

const ABOUT: &str = "Routes customers to people: contacts of every channel to the agent who should \
    take them. What is not well-formed HTTP, or exceeds the limits of a request's head, is refused by \
    the HTTP parser with 400 or 431 and an empty body, whatever the call.";

/// Objects read strictly: unknown members are refused.
const STRICT: [&str; 5] = [
    "ContactIdentities",
    "CustomerFigures",
    "CustomerIdentities",
    "CustomerProfile",
    "NewCustomerEvent",
];

pub(super) fn document() -> Value {
    let mut schemas = Schemas::default();
    let problem = schemas.refer::<ProblemBody<'_>>();
    let mut paths = Map::new();
    for route in &ROUTES {
        let operation = operation(route, &problem, &mut schemas);
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str().to_ascii_lowercase()] = operation;
    }
    paths[Call::IssueTicket.route().path]["options"] = preflight();
    let webhooks = webhook::described(&mut schemas);
    let mut schemas = schemas.into_json();
    for name in STRICT {
        schemas[name]["additionalProperties"] = false.into();
    }
    for name in READ_ONLY {
        schemas["CustomerProfile"]["properties"][name] =
            json!({"readOnly": true, "description": "Ignored in a PUT, refused in a PATCH."});
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Switchboard",
            "description": ABOUT,
            "version": env!("CARGO_PKG_VERSION"),
        },
        "paths": paths,
        "webhooks": webhooks,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "ticket": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Sec-WebSocket-Protocol",
                    "description": "A ticket from POST /v1/tickets, sent beside the subprotocol, bare or after `ticket.`",
                },
            },
        },
    })
}

fn operation(route: &Route, problem: &Value, schemas: &mut Schemas) -> Value {
    let (media_type, reply) = reply(route.call, schemas);
    let mut responses = Map::new();
    for status in statuses(route.call) {
        let content = json!({media_type: {"schema": reply}});
        let mut response = match *status {
            "101" => json!({"description": "Switching to a WebSocket: see /v1/asyncapi.json"}),
            _ => json!({"description": "Done", "content": content}),
        };
        let headers = headers(route, status);
        if !headers.is_empty() {
            response["headers"] = headers.into();
        }
        responses.insert((*status).to_owned(), response);
    }
    for refusal in refusals(route) {
        responses.insert(refusal.status.to_string(), refusal.described(problem));
    }
    let mut operation = json!({
        "operationId": format!("{:?}", route.call),
        "summary": route.summary,
        "parameters": parameters(route),
        "responses": responses,
    });
    if let Some(body) = body(route.call, schemas) {
        let mut content = json!({"application/json": {"schema": body}});
        if route.method == http::Method::PATCH {
            content["application/merge-patch+json"] = json!({"schema": body});
        }
        operation["requestBody"] = json!({"required": needs_body(route.call), "content": content});
    }
    let mut remarks = Vec::new();
    if !route.roles.is_empty() {
        let roles = Role::ALL.into_iter().filter(|role| route.roles.has(*role));
        let roles: Vec<&str> = roles.map(Role::name).collect();
        operation["security"] = security(route.call);
        remarks.push(format!("For: {}.", roles.join(", ")));
        if route.roles.has(Role::Adapter) && route.path.starts_with("/v1/contacts/{id}") {
            let remark = "For an adapter, contacts posted by others do not exist.";
            remarks.push(remark.to_owned());
        }
    }
    remarks.extend(remark(route.call).map(str::to_owned));
    if !remarks.is_empty() {
        operation["description"] = remarks.join(" ").into();
    }
    operation
}

/// A socket can also be opened with a ticket.
fn security(call: Call) -> Value {
    let mut ways = vec![json!({"bearer": []})];
    if is_socket(call) {
        ways.push(json!({"ticket": []}));
    }
    ways.into()
}

fn remark(call: Call) -> Option<&'static str> {
    let remarks = [
        (
            Call::Reload,
            "A dry run changes nothing and is not remembered: its Idempotency-Key only has to be \
             well-formed.",
        ),
        (
            Call::ShowReadiness,
            "While a server that stops has older connections open, a new one gets 503 `stopping`; \
             after that, new connections are refused.",
        ),
    ];
    let found = remarks.into_iter().find(|(about, _)| *about == call);
    found.map(|(_, remark)| remark)
}

/// The CORS preflight of a page that wants a ticket.
fn preflight() -> Value {
    json!({
        "operationId": "AskForTickets",
        "summary": "CORS preflight for tickets",
        "description": "Only if server.origins lists pages; otherwise 405.",
        "responses": {"200": {
            "description": "What a page of a listed origin may do",
            "headers": {
                "Access-Control-Allow-Origin": header("The origin, if it is listed", "string"),
                "Access-Control-Allow-Methods": header("POST", "string"),
                "Access-Control-Allow-Headers": header("The headers that a page may send", "string"),
                "Access-Control-Max-Age": header("Seconds", "integer"),
                "Vary": header("Origin and the requested method and headers", "string"),
            },
        }},
    })
}

/// The headers of a success.
fn headers(route: &Route, status: &str) -> Map<String, Value> {
    let mut headers = Map::new();
    if route.call == Call::IssueTicket {
        for (name, description) in [
            (
                "Access-Control-Allow-Origin",
                "The origin of the page, if it is listed",
            ),
            (
                "Access-Control-Expose-Headers",
                "The headers that a page may read",
            ),
            ("Vary", "If server.origins lists pages"),
        ] {
            headers.insert(name.to_owned(), header(description, "string"));
        }
    }
    if route.call == Call::SubmitContact {
        let location = header("The path of the contact", "string");
        headers.insert("Location".to_owned(), location);
    }
    if route.method == http::Method::POST && status == "200" {
        let replay = header("`true` if this repeats an earlier answer", "string");
        headers.insert("Idempotent-Replay".to_owned(), replay);
    }
    headers
}

pub(super) fn header(description: &str, kind: &str) -> Value {
    json!({"description": description, "schema": {"type": kind}})
}

fn parameters(route: &Route) -> Vec<Value> {
    let mut parameters = Vec::new();
    if route.path.contains("{id}") {
        parameters.push(parameter("id", "path", true, json!({"type": "string"})));
    }
    if route.method == http::Method::POST {
        let key = json!({"type": "string", "maxLength": KEY_BYTES_MAX});
        parameters.push(parameter("Idempotency-Key", "header", false, key));
    }
    if route.call == Call::ListContacts {
        let states = ContactState::ALL.map(ContactState::name);
        for (name, schema) in [
            ("state", json!({"type": "string", "enum": states})),
            ("queue", json!({"type": "string", "pattern": NAME_PATTERN})),
            ("customer", json!({"type": "string"})),
            ("after", json!({"type": "string"})),
        ] {
            parameters.push(parameter(name, "query", false, schema));
        }
        let limit =
            json!({"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT});
        parameters.push(parameter("limit", "query", false, limit));
    }
    if route.call == Call::Reload {
        let dry_run = json!({"type": "boolean", "default": false});
        parameters.push(parameter("dry_run", "query", false, dry_run));
    }
    parameters
}

pub(super) fn parameter(name: &str, place: &str, is_needed: bool, schema: Value) -> Value {
    json!({"name": name, "in": place, "required": is_needed, "schema": schema})
}

/// Whether a body is required.
fn needs_body(call: Call) -> bool {
    let can_be_empty = [
        Call::CallContactBack,
        Call::ReportCallbackAnswered,
        Call::ReportCallbackFailed,
        Call::RequeueContact,
        Call::PauseQueue,
        Call::ResumeQueue,
        Call::Reload,
        Call::IssueTicket,
    ];
    !can_be_empty.contains(&call)
}

fn body(call: Call, schemas: &mut Schemas) -> Option<Value> {
    Some(match call {
        Call::SubmitContact => schemas.refer::<NewContact>(),
        Call::PatchContact => schemas.refer::<ContactPatch>(),
        Call::CancelContact => schemas.refer::<CancelContact>(),
        Call::EndContact => schemas.refer::<EndContact>(),
        Call::CallContactBack => schemas.refer::<NewCallback>(),
        Call::ReportCallbackAnswered => schemas.refer::<CallbackAnswered>(),
        Call::ReportCallbackFailed => schemas.refer::<CallbackFailed>(),
        Call::SendMessage => schemas.refer::<NewMessage>(),
        Call::AssignContact => schemas.refer::<NewAssignment>(),
        Call::SetPresence => schemas.refer::<NewPresence>(),
        Call::RequeueContact
        | Call::PauseQueue
        | Call::ResumeQueue
        | Call::Reload
        | Call::IssueTicket => schemas.refer::<Nothing>(),
        Call::PutCustomer | Call::PatchCustomer => schemas.refer::<CustomerProfile>(),
        Call::AddCustomerEvent => schemas.refer::<NewCustomerEvent>(),
        Call::ListContacts
        | Call::ShowContact
        | Call::ExplainContact
        | Call::ShowCustomer
        | Call::ListQueues
        | Call::ShowQueue
        | Call::ListAgents
        | Call::ShowAgent
        | Call::OpenAgentSocket
        | Call::OpenSupervisorSocket
        | Call::ShowMetrics
        | Call::ShowHealth
        | Call::ShowReadiness
        | Call::ShowOpenApi
        | Call::ShowAsyncApi => return None,
    })
}

/// The media type and the schema of the response.
fn reply(call: Call, schemas: &mut Schemas) -> (&'static str, Value) {
    let schema = match call {
        Call::SubmitContact
        | Call::ShowContact
        | Call::PatchContact
        | Call::CancelContact
        | Call::EndContact
        | Call::CallContactBack
        | Call::ReportCallbackAnswered
        | Call::ReportCallbackFailed
        | Call::SendMessage
        | Call::AssignContact
        | Call::RequeueContact => schemas.refer::<ContactReply<'_>>(),
        Call::ListContacts => schemas.refer::<PageReply<'_>>(),
        Call::ExplainContact => schemas.refer::<ExplanationReply<'_>>(),
        Call::ShowCustomer | Call::PutCustomer | Call::PatchCustomer | Call::AddCustomerEvent => {
            schemas.refer::<CustomerReply<'_>>()
        }
        Call::ListQueues => schemas.refer::<QueuesReply<'_>>(),
        Call::ShowQueue | Call::PauseQueue | Call::ResumeQueue => schemas.refer::<QueueReply<'_>>(),
        Call::ListAgents => schemas.refer::<AgentsReply<'_>>(),
        Call::ShowAgent | Call::SetPresence => schemas.refer::<AgentReply<'_>>(),
        Call::Reload => schemas.refer::<ReloadReply<'_>>(),
        Call::IssueTicket => schemas.refer::<TicketReply<'_>>(),
        Call::ShowHealth | Call::ShowReadiness => schemas.refer::<HealthReply>(),
        Call::ShowMetrics => return ("text/plain", json!({"type": "string"})),
        Call::OpenAgentSocket
        | Call::OpenSupervisorSocket
        | Call::ShowOpenApi
        | Call::ShowAsyncApi => json!({"type": "object"}),
    };
    ("application/json", schema)
}

/// The statuses of success.
fn statuses(call: Call) -> &'static [&'static str] {
    match call {
        Call::SubmitContact
        | Call::SendMessage
        | Call::PutCustomer
        | Call::AddCustomerEvent
        | Call::IssueTicket => &["201", "200"],
        Call::OpenAgentSocket | Call::OpenSupervisorSocket => &["101"],
        Call::ListContacts
        | Call::ShowContact
        | Call::PatchContact
        | Call::CancelContact
        | Call::EndContact
        | Call::CallContactBack
        | Call::ReportCallbackAnswered
        | Call::ReportCallbackFailed
        | Call::ExplainContact
        | Call::AssignContact
        | Call::RequeueContact
        | Call::ShowCustomer
        | Call::PatchCustomer
        | Call::ListQueues
        | Call::ShowQueue
        | Call::PauseQueue
        | Call::ResumeQueue
        | Call::ListAgents
        | Call::ShowAgent
        | Call::SetPresence
        | Call::Reload
        | Call::ShowMetrics
        | Call::ShowHealth
        | Call::ShowReadiness
        | Call::ShowOpenApi
        | Call::ShowAsyncApi => &["200"],
    }
}

#[cfg(test)]
mod tests;
