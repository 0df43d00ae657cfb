//! HTTP and WebSocket interface: authenticates callers, parses requests strictly and within limits,
//! and serialises the node's answers.
//!
//! Start with [`Gateway::open`]; [`route`] is the table of all calls.
//!
//! **Invariant:** nothing here decides about contacts, and no state is kept here that would be
//! missed after a restart.

pub mod admin;
mod agent_socket;
mod agents;
mod answer;
pub mod auth;
mod contacts;
mod customers;
mod description;
pub mod options;
mod page;
mod queues;
mod remembered;
pub mod route;
mod router;
mod server;
mod socket;
mod steered;
mod stream;
mod supervisor_socket;
mod visit;
pub mod webhook;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::sync::watch;

use crate::gateway::admin::{Admin, Reload};
use crate::gateway::agent_socket::Desktops;
use crate::gateway::agents::Agents;
use crate::gateway::auth::Guard;
use crate::gateway::auth::ticket::Tickets;
use crate::gateway::contacts::Contacts;
use crate::gateway::customers::Customers;
use crate::gateway::description::Description;
use crate::gateway::options::DoorOptions;
use crate::gateway::queues::Queues;
use crate::gateway::remembered::Remembered;
use crate::gateway::route::Call;
use crate::gateway::router::RouterBuilder;
use crate::gateway::server::Server;
use crate::gateway::socket::handshake::Porter;
use crate::gateway::supervisor_socket::Boards;
use crate::gateway::webhook::{Ending, Webhook};
use crate::node::answers::Answers;
use crate::node::handle::Handle;
use crate::node::recognise::Recognise;
use crate::task;
use crate::wire::request::{
    CallbackAnswered, CallbackFailed, CancelContact, EndContact, NewCallback,
};

/// What the gateway serves.
pub struct Behind {
    pub node: Handle,
    /// Looks customers up and gives access to their profiles.
    pub recognise: Recognise,
    pub guard: Arc<Guard>,
    pub reload: Reload,
}

/// Why the gateway could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("cannot listen: {0}")]
    Listen(io::Error),
    #[error("webhook.url: no system certificates to verify https with: {0}")]
    Webhook(io::Error),
}

/// The gateway of one site, before it serves.
pub struct Gateway {
    server: Server,
    node: Handle,
    webhook: Option<Webhook>,
    /// Set when nothing is served any more.
    closed: watch::Sender<bool>,
}

impl Gateway {
    /// Binds the address; serving begins with [`run`](Self::run).
    pub fn open(options: DoorOptions, behind: Behind) -> Result<Self, OpenError> {
        let (stop, stopping) = watch::channel(false);
        let node = behind.node.clone();
        let webhook = options.webhook.clone();
        let (closed, ending) = Ending::new(stopping.clone(), options.end_within());
        let router = router(&options, behind, &stopping);
        let counts = node.connection_counts();
        let server = Server::bind(router, options, counts, stop).map_err(OpenError::Listen)?;
        // Taken even without a webhook, so that nothing queues up for it.
        let waiting = node.webhooks();
        let webhook = webhook.zip(waiting);
        let webhook =
            webhook.map(|(webhook, waiting)| Webhook::new(webhook, &node, waiting, ending));
        Ok(Self {
            server,
            node,
            webhook: webhook.transpose().map_err(OpenError::Webhook)?,
            closed,
        })
    }

    /// The address it listens on, including the port chosen for port 0.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.server.local_addr()
    }

    /// Serves until `stop` completes, then for a bounded time until everything has ended in order.
    /// Stop the site after it.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let webhook = self
            .webhook
            .map(|webhook| task::spawn_lasting("webhook", webhook.into_calling()));
        let node = self.node;
        let stop = async move {
            stop.await;
            node.stop_offering();
        };
        self.server.run(stop).await;
        self.closed.send_replace(true);
        if let Some(webhook) = webhook {
            // Its end is bounded, and a panic has been reported.
            let _ = webhook.await;
        }
    }
}

fn router(options: &DoorOptions, behind: Behind, stopping: &watch::Receiver<bool>) -> Router {
    let router = RouterBuilder::new(
        Arc::clone(&behind.guard),
        behind.node.clock().clone(),
        &options.origins,
    );
    let remembered = Remembered::default();
    let tickets = Arc::new(Tickets::default());
    let router = contacts(router, &behind);
    let router = customers(router, &behind);
    let router = queues_and_agents(router, &behind);
    let router = sockets(router, &behind, options, &tickets, stopping);
    let admin = Arc::new(Admin {
        node: behind.node,
        reload: behind.reload,
        tickets,
        remembered,
        stopping: stopping.clone(),
    });
    let description = Arc::new(Description::new());
    router
        .open(Call::Reload, &admin, Admin::reload)
        .open(Call::IssueTicket, &admin, Admin::issue_ticket)
        .open(Call::ShowMetrics, &admin, Admin::metrics)
        .open_to_anyone(Call::ShowHealth, &admin, Admin::health)
        .open_to_anyone(Call::ShowReadiness, &admin, Admin::readiness)
        .open_to_anyone(Call::ShowOpenApi, &description, Description::open_api)
        .open_to_anyone(Call::ShowAsyncApi, &description, Description::async_api)
        .close()
}

fn contacts(router: RouterBuilder, behind: &Behind) -> RouterBuilder {
    let contacts = Arc::new(Contacts {
        node: behind.node.clone(),
        recognise: behind.recognise.clone(),
    });
    router
        .open(Call::SubmitContact, &contacts, Contacts::submit)
        .open(Call::ListContacts, &contacts, Contacts::list)
        .open(Call::ShowContact, &contacts, Contacts::show)
        .open(Call::PatchContact, &contacts, Contacts::patch)
        .open(
            Call::CancelContact,
            &contacts,
            Contacts::ask::<CancelContact>,
        )
        .open(Call::EndContact, &contacts, Contacts::ask::<EndContact>)
        .open(
            Call::CallContactBack,
            &contacts,
            Contacts::ask_briefly::<NewCallback>,
        )
        .open(
            Call::ReportCallbackAnswered,
            &contacts,
            Contacts::ask_briefly::<CallbackAnswered>,
        )
        .open(
            Call::ReportCallbackFailed,
            &contacts,
            Contacts::ask_briefly::<CallbackFailed>,
        )
        .open(Call::SendMessage, &contacts, Contacts::message)
        .open(Call::ExplainContact, &contacts, Contacts::explain)
        .open(Call::AssignContact, &contacts, Contacts::assign)
        .open(Call::RequeueContact, &contacts, Contacts::requeue)
}

fn customers(router: RouterBuilder, behind: &Behind) -> RouterBuilder {
    let customers = Arc::new(Customers {
        node: behind.node.clone(),
        profiles: behind.recognise.profiles().cloned(),
        writes: Customers::writes(),
    });
    router
        .open(Call::ShowCustomer, &customers, Customers::show)
        .open(Call::PutCustomer, &customers, Customers::put)
        .open(Call::PatchCustomer, &customers, Customers::patch)
        .open(Call::AddCustomerEvent, &customers, Customers::add_event)
}

fn queues_and_agents(router: RouterBuilder, behind: &Behind) -> RouterBuilder {
    let queues = Arc::new(Queues {
        node: behind.node.clone(),
    });
    let agents = Arc::new(Agents {
        node: behind.node.clone(),
    });
    router
        .open(Call::ListQueues, &queues, Queues::list)
        .open(Call::ShowQueue, &queues, Queues::show)
        .open(Call::PauseQueue, &queues, Queues::pause)
        .open(Call::ResumeQueue, &queues, Queues::resume)
        .open(Call::ListAgents, &agents, Agents::list)
        .open(Call::ShowAgent, &agents, Agents::show)
        .open(Call::SetPresence, &agents, Agents::set_presence)
}

fn sockets(
    router: RouterBuilder,
    behind: &Behind,
    options: &DoorOptions,
    tickets: &Arc<Tickets>,
    stopping: &watch::Receiver<bool>,
) -> RouterBuilder {
    let porter = Arc::new(Porter {
        guard: Arc::clone(&behind.guard),
        tickets: Arc::clone(tickets),
        clock: behind.node.clock().clone(),
        origins: options.origins.clone(),
    });
    let desktops = Arc::new(Desktops {
        node: behind.node.clone(),
        porter: Arc::clone(&porter),
        recognise: behind.recognise.clone(),
        answers: Answers::default(),
        stopping: stopping.clone(),
        drain_for: options.drain_for,
        reconnect_jitter_ms: u64::try_from(options.reconnect_jitter.0).unwrap_or(0),
    });
    let boards = Arc::new(Boards {
        node: behind.node.clone(),
        porter,
        stopping: stopping.clone(),
        drain_for: options.drain_for,
    });
    router
        .open_to_anyone(Call::OpenAgentSocket, &desktops, Desktops::open)
        .open_to_anyone(Call::OpenSupervisorSocket, &boards, Boards::open)
}
