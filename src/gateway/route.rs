//! Every call and the roles that may make it. The router, the authorisation check and the published
//! description are built from this table; bodies, query schemas and success statuses are described
//! in `open_api`.

use http::Method;

use crate::gateway::auth::role::Role::{Adapter, Admin, Agent, Metrics, Supervisor};
use crate::gateway::auth::role::{Role, Roles};

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    SubmitContact,
    ListContacts,
    ShowContact,
    PatchContact,
    CancelContact,
    EndContact,
    CallContactBack,
    ReportCallbackAnswered,
    ReportCallbackFailed,
    SendMessage,
    ExplainContact,
    AssignContact,
    RequeueContact,
    ShowCustomer,
    PutCustomer,
    PatchCustomer,
    AddCustomerEvent,
    ListQueues,
    ShowQueue,
    PauseQueue,
    ResumeQueue,
    ListAgents,
    ShowAgent,
    SetPresence,
    Reload,
    IssueTicket,
    OpenAgentSocket,
    OpenSupervisorSocket,
    ShowMetrics,
    ShowHealth,
    ShowReadiness,
    ShowOpenApi,
    ShowAsyncApi,
}

/// A row of the table.
pub struct Route {
    pub call: Call,
    pub method: Method,
    pub path: &'static str,
    /// The roles that may make the call; empty if anyone may.
    pub roles: Roles,
    pub summary: &'static str,
}

const fn row(
    call: Call,
    method: Method,
    path: &'static str,
    roles: &[Role],
    summary: &'static str,
) -> Route {
    Route {
        call,
        method,
        path,
        roles: Roles::of(roles),
        summary,
    }
}

#[rustfmt::skip]
pub const ROUTES: [Route; 33] = [
    row(Call::SubmitContact, Method::POST, "/v1/contacts", &[Adapter], "Submit a contact"),
    row(Call::ListContacts, Method::GET, "/v1/contacts", &[Supervisor], "List contacts, page by page"),
    row(Call::ShowContact, Method::GET, "/v1/contacts/{id}", &[Adapter, Supervisor], "Get a contact"),
    row(Call::PatchContact, Method::PATCH, "/v1/contacts/{id}", &[Adapter], "Update a contact"),
    row(Call::CancelContact, Method::POST, "/v1/contacts/{id}/cancel", &[Adapter], "Cancel a contact"),
    row(Call::EndContact, Method::POST, "/v1/contacts/{id}/end", &[Adapter], "End a contact as completed by the customer"),
    row(Call::CallContactBack, Method::POST, "/v1/contacts/{id}/callback", &[Adapter], "Turn a waiting contact into a callback"),
    row(Call::ReportCallbackAnswered, Method::POST, "/v1/contacts/{id}/callback/answered", &[Adapter], "Report that the customer answered"),
    row(Call::ReportCallbackFailed, Method::POST, "/v1/contacts/{id}/callback/failed", &[Adapter], "Report that the customer did not answer"),
    row(Call::SendMessage, Method::POST, "/v1/contacts/{id}/messages", &[Adapter], "Relay a customer's message to the agent"),
    row(Call::ExplainContact, Method::GET, "/v1/contacts/{id}/explain", &[Supervisor], "Explain why a contact is waiting, or how its agent was chosen"),
    row(Call::AssignContact, Method::POST, "/v1/contacts/{id}/assign", &[Supervisor], "Offer a waiting contact to a named agent"),
    row(Call::RequeueContact, Method::POST, "/v1/contacts/{id}/requeue", &[Supervisor], "Return a contact to its place in line"),
    row(Call::ShowCustomer, Method::GET, "/v1/customers/{id}", &[Supervisor, Agent], "Get the 360° view of a customer"),
    row(Call::PutCustomer, Method::PUT, "/v1/customers/{id}", &[Adapter, Admin], "Create or replace a customer's profile"),
    row(Call::PatchCustomer, Method::PATCH, "/v1/customers/{id}", &[Adapter, Admin], "Change a customer's profile (RFC 7396)"),
    row(Call::AddCustomerEvent, Method::POST, "/v1/customers/{id}/events", &[Adapter, Admin], "Add an event to a customer"),
    row(Call::ListQueues, Method::GET, "/v1/queues", &[Supervisor], "List queues"),
    row(Call::ShowQueue, Method::GET, "/v1/queues/{id}", &[Supervisor], "Get a queue"),
    row(Call::PauseQueue, Method::POST, "/v1/queues/{id}/pause", &[Supervisor], "Pause a queue: none of its contacts is offered until it is resumed"),
    row(Call::ResumeQueue, Method::POST, "/v1/queues/{id}/resume", &[Supervisor], "Resume a queue"),
    row(Call::ListAgents, Method::GET, "/v1/agents", &[Supervisor], "List agents"),
    row(Call::ShowAgent, Method::GET, "/v1/agents/{id}", &[Supervisor], "Get an agent"),
    row(Call::SetPresence, Method::POST, "/v1/agents/{id}/presence", &[Supervisor], "Set an agent's presence"),
    row(Call::Reload, Method::POST, "/v1/admin/reload", &[Admin], "Reload the configuration file, or preview the effects; an invalid file changes nothing"),
    row(Call::IssueTicket, Method::POST, "/v1/tickets", &[Agent, Supervisor], "Issue a ticket that opens one WebSocket"),
    row(Call::OpenAgentSocket, Method::GET, "/v1/agent", &[Agent], "Open the WebSocket of an agent's desktop"),
    row(Call::OpenSupervisorSocket, Method::GET, "/v1/supervisor", &[Supervisor], "Open the WebSocket of a supervisor's board"),
    row(Call::ShowMetrics, Method::GET, "/metrics", &[Metrics, Supervisor], "Metrics in Prometheus' text format"),
    row(Call::ShowHealth, Method::GET, "/healthz", &[], "Liveness"),
    row(Call::ShowReadiness, Method::GET, "/readyz", &[], "Readiness to accept new contacts"),
    row(Call::ShowOpenApi, Method::GET, "/v1/openapi.json", &[], "This description"),
    row(Call::ShowAsyncApi, Method::GET, "/v1/asyncapi.json", &[], "The description of the WebSockets"),
];

impl Call {
    pub fn route(self) -> &'static Route {
        const { &ROUTES }
            .iter()
            .find(|route| route.call == self)
            .expect("every call has its row")
    }

    /// The query parameters it knows.
    pub fn parameters(self) -> &'static [&'static str] {
        if self == Self::ListContacts {
            &["state", "queue", "customer", "limit", "after"]
        } else if self == Self::Reload {
            &["dry_run"]
        } else {
            &[]
        }
    }
}
