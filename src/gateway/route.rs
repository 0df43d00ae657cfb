//! Every call there is, and who may make it: the one table that the router,
//! the check of roles and the published description are made from.

use http::Method;

use crate::gateway::auth::role::Role::{Adapter, Admin, Agent, Metrics, Supervisor};
use crate::gateway::auth::role::{Role, Roles};

/// One kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    SubmitContact,
    ListContacts,
    ShowContact,
    PatchContact,
    CancelContact,
    EndContact,
    CallContactBack,
    SayCallbackAnswered,
    SayCallbackFailed,
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
    /// Who may make the call; nobody is named where anyone may.
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
    row(Call::SubmitContact, Method::POST, "/v1/contacts", &[Adapter], "Someone wants to talk"),
    row(Call::ListContacts, Method::GET, "/v1/contacts", &[Supervisor], "A page of contacts"),
    row(Call::ShowContact, Method::GET, "/v1/contacts/{id}", &[Adapter, Supervisor], "A contact as it stands"),
    row(Call::PatchContact, Method::PATCH, "/v1/contacts/{id}", &[Adapter], "Something new is known about a contact"),
    row(Call::CancelContact, Method::POST, "/v1/contacts/{id}/cancel", &[Adapter], "The customer has left, or the contact is called off"),
    row(Call::EndContact, Method::POST, "/v1/contacts/{id}/end", &[Adapter], "The customer, being served, has ended it in the ordinary way"),
    row(Call::CallContactBack, Method::POST, "/v1/contacts/{id}/callback", &[Adapter], "The customer hangs up, keeps the place in line, and is called"),
    row(Call::SayCallbackAnswered, Method::POST, "/v1/contacts/{id}/callback/answered", &[Adapter], "The customer, called first, is on the line"),
    row(Call::SayCallbackFailed, Method::POST, "/v1/contacts/{id}/callback/failed", &[Adapter], "The customer, called first, does not answer"),
    row(Call::SendMessage, Method::POST, "/v1/contacts/{id}/messages", &[Adapter], "Relays a message of the customer to the agent"),
    row(Call::ExplainContact, Method::GET, "/v1/contacts/{id}/explain", &[Supervisor], "Why a contact waits, or why it went where it is"),
    row(Call::AssignContact, Method::POST, "/v1/contacts/{id}/assign", &[Supervisor], "Offers a waiting contact to a named agent"),
    row(Call::RequeueContact, Method::POST, "/v1/contacts/{id}/requeue", &[Supervisor], "Puts a contact back into the line, in its old place"),
    row(Call::ShowCustomer, Method::GET, "/v1/customers/{id}", &[Supervisor, Agent], "The 360° view of a customer"),
    row(Call::PutCustomer, Method::PUT, "/v1/customers/{id}", &[Adapter, Admin], "Writes a customer's profile in full"),
    row(Call::PatchCustomer, Method::PATCH, "/v1/customers/{id}", &[Adapter, Admin], "Changes a customer's profile (RFC 7396)"),
    row(Call::AddCustomerEvent, Method::POST, "/v1/customers/{id}/events", &[Adapter, Admin], "Tells what happened to a customer elsewhere"),
    row(Call::ListQueues, Method::GET, "/v1/queues", &[Supervisor], "All queues as they stand"),
    row(Call::ShowQueue, Method::GET, "/v1/queues/{id}", &[Supervisor], "A queue as it stands"),
    row(Call::PauseQueue, Method::POST, "/v1/queues/{id}/pause", &[Supervisor], "Offers none of a queue's contacts until it is resumed"),
    row(Call::ResumeQueue, Method::POST, "/v1/queues/{id}/resume", &[Supervisor], "Offers a queue's contacts again"),
    row(Call::ListAgents, Method::GET, "/v1/agents", &[Supervisor], "All agents as they stand"),
    row(Call::ShowAgent, Method::GET, "/v1/agents/{id}", &[Supervisor], "An agent as they stand"),
    row(Call::SetPresence, Method::POST, "/v1/agents/{id}/presence", &[Supervisor], "Says for an agent what they want"),
    row(Call::Reload, Method::POST, "/v1/admin/reload", &[Admin], "Takes over the configuration file as it is, or says what that would do; a bad one changes nothing"),
    row(Call::IssueTicket, Method::POST, "/v1/tickets", &[Agent, Supervisor], "A ticket that opens one WebSocket"),
    row(Call::OpenAgentSocket, Method::GET, "/v1/agent", &[Agent], "The WebSocket of an agent's desktop"),
    row(Call::OpenSupervisorSocket, Method::GET, "/v1/supervisor", &[Supervisor], "The WebSocket of a supervisor's board"),
    row(Call::ShowMetrics, Method::GET, "/metrics", &[Metrics, Supervisor], "The metrics in Prometheus' text format"),
    row(Call::ShowHealth, Method::GET, "/healthz", &[], "The process lives"),
    row(Call::ShowReadiness, Method::GET, "/readyz", &[], "The server takes new contacts"),
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

    /// What its query may name.
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
